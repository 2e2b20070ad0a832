"""Integrated gradients for all sentences of a response, beside Captum's and Inseq's."""

from __future__ import annotations

import argparse
import sys
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from support import peers, subject
from support.report import Table, Target, seconds
from support.timing import timed

from jupyter_xai import methods
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.methods.base import GameMethod
from jupyter_xai.models.local.transformers import TransformersModel

_STEPS = 20
_RESPONSE = f"{subject.RESPONSE} The weather in May is fine for us."

Scores = NDArray[np.float64]


def measure(options: argparse.Namespace) -> tuple[list[Table], list[Target]]:
    """One table, on the 61 million shape: all from the unknown token, by Gauss-Legendre."""
    model = TransformersModel(subject.model(), subject.tokenizer(), name="61 M Llama shape")
    prompt = model.prompt(subject.PROMPT)
    response = model.supplied(prompt, _RESPONSE)
    source, ids = prompt.token_source, response.ids
    assert source is not None
    assert ids is not None
    columns = MaskingGame(model, prompt, response, ledger=Ledger()).columns

    def ours() -> Scores:
        game = MaskingGame(model, prompt, response, ledger=Ledger())
        method = methods.get("integrated-gradients", steps=_STEPS, most_steps=_STEPS)
        assert isinstance(method, GameMethod)
        return method.play(
            game, k=1, perturbations=None, seed=0, on_progress=lambda done, total: None
        ).scores

    def by_unit(tokens: Scores) -> Scores:
        rows = np.stack([tokens[source == i].sum(axis=0) for i in range(source.max() + 1)])
        return np.stack([rows[:, column].sum(axis=1) for column in columns], axis=1)

    ours()
    times, scores = zip(*(timed(ours) for _ in range(options.repetitions)), strict=True)
    own = median(times)
    print(f"jupyter-xai: {own:.2f} s", file=sys.stderr, flush=True)
    n, m = scores[0].shape
    title = f"Integrated gradients, {_STEPS} steps, {n} sentences by {m - 1}, {len(ids)} tokens"
    table = Table(title, ("", "time", "to ours", "largest difference", ""))
    table.add("jupyter-xai", seconds(own), "1.00 x", "", "")
    targets = []
    peer: dict[str, Any] = {
        "Captum's LLMGradientAttribution": lambda: peers.captum_integrated_gradients(
            model.model, model.tokenizer, subject.PROMPT, ids, steps=_STEPS
        ),
        "Inseq": lambda: peers.inseq_integrated_gradients(
            model.model, model.tokenizer, subject.PROMPT, _RESPONSE, steps=_STEPS
        ),
    }
    for name, work in peer.items():
        ratio = None
        try:
            # Long enough that one run is fair.
            time, tokens = timed(work)
        except Exception as error:
            reason = f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
            table.add(name, "not measured", "", "", reason)
        else:
            print(f"{name}: {time:.2f} s", file=sys.stderr, flush=True)
            ratio = time / own
            difference, note = "", "magnitudes from another baseline: not comparable"
            if tokens is not None:
                difference, note = f"{np.abs(by_unit(tokens) - scores[-1]).max():.1e}", ""
            table.add(name, seconds(time), f"{ratio:.2f} x", difference, note)
        targets.append(Target(f"integrated gradients: times faster than {name}", ratio, 8, "x"))
    return [table], targets
