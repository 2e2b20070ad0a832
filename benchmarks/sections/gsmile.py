"""gSMILE: its p-values beside the model's answers, and its overhead over LIME."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from support import subject
from support.report import Table, Target, seconds
from support.timing import timed

from jupyter_xai import distance, embeddings, methods
from jupyter_xai.game import MaskingGame
from jupyter_xai.ledger import Ledger
from jupyter_xai.methods.base import MaskMethod
from jupyter_xai.models.base import Sampling
from jupyter_xai.models.transformers import TransformersModel

_PERTURBATIONS = 64
_NEW_TOKENS = 32
_WARM = "A house stands near the sea."


@dataclass(frozen=True)
class Answers:
    """A game whose perturbed prompts are all answered.

    Attributes
    ----------
    game : MaskingGame
    masks : bool [R, n]
        gSMILE's plan.
    seconds : float
        What the model's calls took.
    """

    game: MaskingGame
    masks: Any
    seconds: float


def measure(options: argparse.Namespace) -> tuple[list[Table], list[Target]]:
    """Both tables, on the 61 million shape."""
    model = TransformersModel(subject.model(), subject.tokenizer(), name="61 M Llama shape")
    answers = answered(model)
    print(f"model calls: {answers.seconds:.2f} s", file=sys.stderr, flush=True)
    return overhead(answers, options.repetitions)


def answered(model: TransformersModel) -> Answers:
    """Let the model answer gSMILE's perturbations of the subject's prompt, over its words."""
    sampling = Sampling(max_new_tokens=_NEW_TOKENS)
    prompt = model.prompt(subject.PROMPT, units="word")
    # Warms up, and is no part of what is timed.
    response = model.respond(prompt, sampling)
    game = MaskingGame(
        model, prompt, response, value="text", sampling=sampling, ledger=Ledger(), distance="wmd"
    )
    gsmile = methods.get("gsmile")
    assert isinstance(gsmile, MaskMethod)
    masks = gsmile.plan(game.n, _PERTURBATIONS, seed=0)
    game.values(masks)
    return Answers(game, masks, game.cost.seconds)


def overhead(answers: Answers, repetitions: int) -> tuple[list[Table], list[Target]]:
    """LIME with cosine and gSMILE on the same masks and the same cached answers.

    Embeddings of texts and words are forgotten before each turn, the embedding model stays loaded.
    """
    embeddings.embed([_WARM])
    works = {
        ("LIME", "cosine"): _scored(answers, "lime", "cosine"),
        ("LIME", "wmd"): _scored(answers, "lime", "wmd"),
        ("gSMILE", "wmd"): _scored(answers, "gsmile", "wmd"),
        ("gSMILE", "cosine"): _scored(answers, "gsmile", "cosine", input_distance="cosine"),
    }
    times: dict[tuple[str, str], list[float]] = {name: [] for name in works}
    for turn in range(repetitions + 1):
        for name, work in works.items():
            embeddings._known.clear()
            distance.word_vector.cache_clear()
            took, _ = timed(work)
            if turn:
                times[name].append(took)

    def share(name: tuple[str, str], base: tuple[str, str]) -> float:
        """Per cent of the whole that one takes more than the other, turn by turn."""
        pairs = zip(times[name], times[base], strict=True)
        whole = answers.seconds + median(times[base])
        return 100 * median(took - other for took, other in pairs) / whole

    columns = ("", "distances", "model calls", "the method", "over LIME with the same")
    table = Table(f"Overhead over LIME: {_PERTURBATIONS} perturbations", columns)
    for name, kind in works:
        more = "" if name == "LIME" else f"{share((name, kind), ('LIME', kind)):+.2f} %"
        took = f"{median(times[name, kind]):.3f} s"
        table.add(name, kind, seconds(answers.seconds), took, more)
    ours = ("gSMILE", "wmd")
    return [table], [
        Target(
            f"gsmile: overhead over LIME with {kind}",
            share(ours, ("LIME", kind)),
            3,
            "%",
            least=False,
        )
        for kind in ("cosine", "wmd")
    ]


def _scored(answers: Answers, name: str, kind: str, **settings: Any) -> Callable[[], object]:
    """Scores and intervals by a method from answers that are known."""
    game = answers.game

    def work() -> object:
        again = MaskingGame(
            game.model,
            game.prompt,
            game.response,
            value="text",
            distance=kind,
            sampling=game.sampling,
            ledger=game._ledger,
        )
        method = methods.get(name, **settings)
        assert isinstance(method, MaskMethod)
        method = method.reading(again)
        values = again.values(answers.masks)
        found = method.solve(answers.masks, values, lengths=again.lengths, seed=0)
        assert not again.cost.generations
        return found

    return work
