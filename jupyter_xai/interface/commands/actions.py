"""The commands about many prompts: ``compare``, ``evaluate --data``, ``study`` and ``train``.

They are the same in a notebook and in a terminal but for how a model's name is looked up.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from jupyter_xai.errors import XaiError
from jupyter_xai.methods.energy.configs import CONFIGS
from jupyter_xai.studies import SIZES

Named = Callable[[str], Any]
"""From a model's name to what `jupyter_xai.load` takes."""


def add_compare(compare: argparse.ArgumentParser) -> None:
    """What differs: methods, models or wordings; all else is as for ``explain``."""
    add = compare.add_argument
    add("--methods", metavar="NAMES", help="methods to compare, such as linear,shap")
    add("--models", metavar="NAMES", help="models to compare")
    add(
        "--wording",
        dest="prompts",
        action="append",
        metavar="TEXT",
        help="a wording to compare; twice or more",
    )


def add_data(evaluate: argparse.ArgumentParser) -> None:
    """What many prompts are evaluated by."""
    add = evaluate.add_argument
    add("--data", metavar="DATA", help="many prompts: a .jsonl or .csv file, or tutor:FAMILY")
    add("--methods", metavar="NAMES", help="for --data: methods, such as linear,shap")
    add("--models", metavar="NAMES", help="for --data: models (default: tutor)")
    add("--measures", metavar="NAMES", help="for --data: such as auroc,lds,drop@3")
    add("--perturbations", "-p", metavar="N,N", help="for --data: budgets, such as 8,32,all")
    add("-n", type=int, default=10, help="for --data: prompts of each tutor's family")
    add("--seed", type=int, default=0, help="for --data: which prompts, and the methods' draws")
    add("--units", default="sentence", help="for --data: pieces of the prompts")
    add("--folder", metavar="FOLDER", help="for --data: keep what is finished, and go on from it")
    add("--csv", metavar="FILE", help="for --data: write all numbers")


def add_study(study: argparse.ArgumentParser) -> None:
    """Which study, of which model."""
    add = study.add_argument
    add("study", nargs="?", metavar="NAME", help="a study; without one they are listed")
    add("--model", "-m", metavar="NAME", help="what to study (default: tutor)")
    add("--size", choices=SIZES, default="small", help="small takes seconds, full up to minutes")
    add("--seed", type=int, default=0, help="seed of all draws (default: 0)")


def add_train(train: argparse.ArgumentParser, *, notebook: bool) -> None:
    """What an interpreter is trained on, and how."""
    add = train.add_argument
    where = "a .jsonl or .csv file" + (", or a variable" if notebook else "")
    add("--prompts", metavar="FILE", help=f"{where}: prompt, and response, human, other if known")
    add("--family", action="append", metavar="NAME", help="prompts of the tutor, such as travel")
    add("--model", "-m", metavar="NAME", help="whose answers to learn (default: tutor)")
    add("--config", metavar="NAME", help=f"size: {', '.join(CONFIGS)} (default: tiny)")
    add("-k", type=int, help="how many sentences it learns to choose")
    add("--steps", type=int, metavar="N", help="steps of training")
    add("--max-queries", type=int, metavar="N", help="ask the model at most so often")
    add("-n", type=int, help="prompts of each of the tutor's families (default: 50)")
    add("--seed", type=int, help="which of these, and seed of all draws (default: 0)")
    add("--device", metavar="NAME", help="cpu or cuda (default: cuda where there is one)")
    add("--embeddings", metavar="NAME", help="a sentence encoder (default: the bundled one)")
    add("--out", metavar="FOLDER", help="keep it there; the same command goes on from there")
    add("--set", action="append", metavar="KEY=VALUE", help="another setting, such as batch=32")
    if notebook:
        add("--output", "-o", metavar="NAME", help="a variable to keep the interpreter in")


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
    from jupyter_xai.interface.commands import parser
    from jupyter_xai.training.train import train_interpreter

    families = [f"tutor:{name}" for said in parsed.family or () for name in listed(said) or ()]
    if (prompts is None) is not bool(families):
        msg = "give what to train on: either --prompts FILE or --family NAME, such as travel"
        raise XaiError(msg)
    parser.refuse_arguments(others, "jupyter_xai.training.train", "train_interpreter", "training")
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
        As `jupyter_xai.interface.commands.parser.options` reads them.
    named : callable
    """
    from jupyter_xai.interface.comparison import compare as run

    models = listed(parsed.models)
    model = None if models or parsed.model is None else named(parsed.model)
    if parsed.models and parsed.model:
        msg = "give either --model or --models, not both"
        raise XaiError(msg)
    return run(
        prompt,
        model,
        methods=listed(parsed.methods),
        models=None if models is None else {name: named(name) for name in models},
        prompts=parsed.prompts,
        **options,
    )


def evaluate(parsed: argparse.Namespace, data: Any, named: Named) -> Any:
    """Run ``evaluate --data``."""
    from jupyter_xai.evaluation.benchmark.evaluate import evaluate as run

    chosen: dict[str, Any] = {}
    if parsed.methods is not None:
        chosen["methods"] = listed(parsed.methods)
    if parsed.measures is not None:
        chosen["metrics"] = listed(parsed.measures)
    if parsed.models is not None:
        chosen["models"] = {name: named(name) for name in listed(parsed.models) or ()}
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


def listed(text: str | None) -> list[str] | None:
    """Names that are separated by commas.

    Examples
    --------
    >>> listed("linear, shap")
    ['linear', 'shap']
    """
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def _budgets(text: str | None) -> list[Any] | None:
    names = listed(text)
    if names is None:
        return None
    unknown = [name for name in names if name != "all" and not name.isdecimal()]
    if unknown or not names:
        msg = f"--perturbations takes numbers and all, such as 8,32,all, not {text!r}"
        raise XaiError(msg)
    return [name if name == "all" else int(name) for name in names]
