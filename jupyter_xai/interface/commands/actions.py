"""The commands about many prompts: ``compare``, ``evaluate --data``, ``study`` and ``train``.

They are the same in a notebook and in a terminal but for how a model's name is looked up.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from jupyter_xai.errors import XaiError
from jupyter_xai.interface.commands.arguments import names_in

Named = Callable[[str], Any]
"""From a model's name to what `jupyter_xai.load` takes."""


def train(parsed: argparse.Namespace, prompts: Any, model: Any, others: dict[str, Any]) -> Any:
    """Run ``train``.

    Parameters
    ----------
    parsed : Namespace
    prompts
        What ``--prompts`` names; None where it was not said.
    model
        What `jupyter_xai.load` takes; None for the tutor.
    others : dict
        Settings of training, as ``--set`` gave them.
    """
    from jupyter_xai.interface.commands import arguments
    from jupyter_xai.interface.interpreter import train_interpreter

    families = [f"tutor:{name}" for said in parsed.family or () for name in names_in(said) or ()]
    if (prompts is None) is not bool(families):
        msg = "give what to train on: either --prompts FILE or --family NAME, such as travel"
        raise XaiError(msg)
    arguments.refuse_arguments(
        others, "jupyter_xai.training.train", "train_interpreter", "training"
    )
    names = ("config", "k", "steps", "max_queries", "n", "seed", "device", "embeddings")
    chosen = {name: getattr(parsed, name) for name in names}
    chosen = {name: value for name, value in chosen.items() if value is not None}
    return train_interpreter(
        model, families if prompts is None else prompts, folder=parsed.out, **{**others, **chosen}
    )


def compare(parsed: argparse.Namespace, prompt: Any, options: dict[str, Any], named: Named) -> Any:
    """Run ``compare``.

    Parameters
    ----------
    parsed : Namespace
    prompt : str, list of messages or None
        None where wordings are given.
    options : dict
        As `jupyter_xai.interface.commands.arguments.options` reads them.
    named : callable
    """
    from jupyter_xai.interface.comparison import compare as run

    models = names_in(parsed.models)
    model = None if models or parsed.model is None else named(parsed.model)
    if parsed.models and parsed.model:
        msg = "give either --model or --models, not both"
        raise XaiError(msg)
    return run(
        prompt,
        model,
        methods=names_in(parsed.methods),
        models=None if models is None else {name: named(name) for name in models},
        prompts=parsed.prompts,
        **options,
    )


def evaluate(parsed: argparse.Namespace, data: Any, named: Named) -> Any:
    """Run ``evaluate --data``."""
    from jupyter_xai.evaluation.benchmark.evaluate import evaluate as run

    chosen: dict[str, Any] = {}
    if parsed.methods is not None:
        chosen["methods"] = names_in(parsed.methods)
    if parsed.measures is not None:
        chosen["metrics"] = names_in(parsed.measures)
    if parsed.models is not None:
        chosen["models"] = {name: named(name) for name in names_in(parsed.models) or ()}
    found = run(
        data,
        perturbations=_budgets(parsed.perturbations),
        seeds=[parsed.seed],
        n=parsed.n,
        seed=parsed.seed,
        units=parsed.units,
        folder=parsed.folder,
        **chosen,
    )
    if parsed.csv is not None:
        found.save(parsed.csv)
    return found


def study(parsed: argparse.Namespace, named: Named) -> Any:
    """Run ``study``, or give the list of studies as text."""
    from jupyter_xai import studies

    if parsed.study is None:
        return studies.listed()
    model = None if parsed.model is None else named(parsed.model)
    return studies.study(parsed.study, model, size=parsed.size, seed=parsed.seed)


def _budgets(text: str | None) -> list[Any] | None:
    names = names_in(text)
    if names is None:
        return None
    unknown = [name for name in names if name != "all" and not name.isdecimal()]
    if unknown or not names:
        msg = f"--perturbations takes numbers and all, such as 8,32,all, not {text!r}"
        raise XaiError(msg)
    return [name if name == "all" else int(name) for name in names]
