"""gSMILE: its p-values beside the model's answers, and its overhead over LIME.

Times are processor seconds of this process, all threads together, so that other work on the machine
is not counted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import process_time
from typing import Any

import numpy as np
from support import subject
from support.report import Table, Target, seconds

from jupyter_xai import methods
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.methods.base import MaskMethod
from jupyter_xai.methods.gsmile.masked_texts import MaskedTexts
from jupyter_xai.methods.gsmile.permutation_test import Tested
from jupyter_xai.models.base import Sampling
from jupyter_xai.models.load import load
from jupyter_xai.models.local.transformers import TransformersModel
from jupyter_xai.text import distance, embeddings

_PERTURBATIONS = 64
_NEW_TOKENS = 32
_WARM = "A house stands near the sea."
_TUTOR_PROMPT = "I want to rest by the sea. No busy cities, though. My budget is flexible."
_ALPHA = 0.05
_NOMINAL = 100_000
_PLAINLY = 60
"""Draws of each text that are done plainly."""

_CHECKED = 4_000
"""Draws without stopping, with which decisions are compared."""


@dataclass(frozen=True)
class Answers:
    """A game whose perturbed prompts are all answered.

    Attributes
    ----------
    game : MaskingGame
    masks : bool [R, n]
        gSMILE's plan.
    seconds : float
        Of the model's calls.
    """

    game: MaskingGame
    masks: Any
    seconds: float


def measure(options: argparse.Namespace) -> tuple[list[Table], list[Target]]:
    """Both tables; targets are those of the 61 million shape."""
    built = TransformersModel(subject.model(), subject.tokenizer(), name="61 M Llama shape")
    models = {"61 M shape": (built, subject.PROMPT), "tutor": (load("tutor"), _TUTOR_PROMPT)}
    tested = Table(
        f"WMD with p-values, {_PERTURBATIONS} perturbations, level {_ALPHA}",
        ("", "model calls", "WMD, p-values", "texts", "draws", "plainly", "to ours", "otherwise"),
    )
    targets: list[Target] = []
    answers: dict[str, Answers] = {}
    for name, (model, text) in models.items():
        answers[name] = answered(model, text)
        print(f"{name}: calls {answers[name].seconds:.2f} s", file=sys.stderr, flush=True)
        found = significance(answers[name], options.repetitions)
        tested.add(name, *found.cells())
        if model is built:
            targets += found.targets()
    tables, more = overhead(answers["61 M shape"], options.repetitions)
    return [tested, *tables], [*targets, *more]


def answered(model: TransformersModel, text: str) -> Answers:
    """Let the model answer gSMILE's perturbations of a prompt, over its words."""
    sampling = Sampling(max_new_tokens=_NEW_TOKENS)
    prompt = model.prompt(text, units="word")
    # Warms up, and is no part of what is timed.
    response = model.respond(prompt, sampling)
    game = MaskingGame(
        model, prompt, response, value="text", sampling=sampling, ledger=Ledger(), distance="wmd"
    )
    gsmile = methods.get("gsmile")
    assert isinstance(gsmile, MaskMethod)
    masks = gsmile.plan(game.n, _PERTURBATIONS, seed=0)
    started = process_time()
    game.answer_texts(masks)
    return Answers(game, masks, process_time() - started)


@dataclass(frozen=True)
class Significance:
    """What testing the answers took.

    Attributes
    ----------
    calls, ours : float
        Seconds of the model's calls; of distances and tests with them, all embeddings included.
    plain : float
        Seconds of as many draws as are nominal, for each text, done plainly.
    draws : list of int
        How many were needed for each distinct text.
    otherwise : int
        Decisions that differ from those of many draws without stopping, where these are clear.
    """

    calls: float
    ours: float
    plain: float
    draws: list[int]
    otherwise: int

    def cells(self) -> list[str]:
        drawn = f"{median(self.draws):.0f}, most {max(self.draws):,}"
        plain, ratio = f"{self.plain:,.0f} s", f"{self.plain / self.ours:,.0f} x"
        mine = f"{self.ours:.3f} s"
        texts = str(len(self.draws))
        return [seconds(self.calls), mine, texts, drawn, plain, ratio, str(self.otherwise)]

    def targets(self) -> list[Target]:
        share, faster = self.ours / self.calls, self.plain / self.ours
        otherwise = "gsmile: decisions that differ from those of all draws"
        return [
            Target("gsmile: p-values to the model's calls", share, 1, "x", least=False),
            Target("gsmile: p-values faster than Algorithm 1 done plainly", faster, 200, "x"),
            Target(otherwise, self.otherwise, 0, "decisions", least=False),
        ]


def significance(answers: Answers, repetitions: int) -> Significance:
    """Test the answers by words, by our way and plainly.

    The plain way is timed on some draws of every text, and multiplied: all of them would take
    hours. What it would decide is told by our distances, from more draws and without stopping.
    """
    game, masks = answers.game, answers.masks
    how: dict[str, Any] = {"alpha": _ALPHA, "draws": _NOMINAL, "variant": "corrected", "seed": 0}

    def work() -> list[Tested]:
        game.values(masks)
        return MaskedTexts(game).answer_tests(masks, stopping="decision", **how)

    took, tests = [], work()
    for _ in range(repetitions):
        embeddings._known.clear()
        distance.word_vector.cache_clear()
        took.append(_spent(work))
    texts = dict(zip(game.answer_texts(masks), tests, strict=True))
    plain = sum(plain_seconds(game.response.text, text) for text in texts)
    checked: dict[str, Any] = {**how, "draws": _CHECKED}
    many = MaskedTexts(game).answer_tests(masks, stopping="never", **checked)
    unclear = 3 * (_ALPHA * (1 - _ALPHA) / _CHECKED) ** 0.5
    otherwise = sum(
        (quick.p <= _ALPHA) != (slow.p <= _ALPHA)
        for quick, slow in zip(tests, many, strict=True)
        if abs(slow.p - _ALPHA) > unclear
    )
    draws = [test.draws for test in texts.values()]
    return Significance(answers.seconds, median(took), plain, draws, otherwise)


def plain_seconds(first: str, second: str) -> float:
    """Seconds of all nominal draws for two texts, by a loop over Algorithm 1's lines."""
    import ot

    x, y = distance.words(first), distance.words(second) or [""]
    names = list(dict.fromkeys([*x, *y]))
    cost = distance.word_costs(names, names)
    pool = np.array([names.index(word) for word in [*x, *y]])
    shares = np.full(len(x), 1 / len(x)), np.full(len(y), 1 / len(y))
    rng = np.random.default_rng(0)

    def draw() -> None:
        drawn = rng.permutation(pool)
        ot.emd2(*shares, cost[np.ix_(drawn[: len(x)], drawn[len(x) :])])

    draw()
    return _spent(lambda: [draw() for _ in range(_PLAINLY)]) * _NOMINAL / _PLAINLY


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
            took = _spent(work)
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


def _spent(work: Callable[[], object]) -> float:
    started = process_time()
    work()
    return process_time() - started


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
            ledger=game.ledger,
        )
        method = methods.get(name, **settings)
        assert isinstance(method, MaskMethod)
        method = method.reading(again)
        values = again.values(answers.masks)
        found = method.solve(answers.masks, values, lengths=again.lengths, seed=0)
        assert not again.cost.generations
        return found

    return work
