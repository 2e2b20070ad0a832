"""Joint search: what batching saves, evaluations to the optimum, and its sets beside rivals'."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from itertools import combinations, islice
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from support import subject
from support.report import Table, Target, seconds
from support.timing import interleaved

import jupyter_xai as xai
from jupyter_xai import masking, methods, metrics
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.methods.base import Attribution, GameMethod, MaskMethod
from jupyter_xai.models.base import Sampling
from jupyter_xai.models.local.transformers import TransformersModel

_EVALUATIONS = 200
_STORY = "Write a story in which a farmer meets her cow. Set it in a desert."
_FACT = (
    "Holric always wears red. Tamper likes to eat dumplings. Almper has a house in Carnton. "
    "What colour does Holric wear?"
)
_FAMILIES = ("stories", "facts")
_PROMPTS = 8
_K = 3
_MOST_UNITS = 14
_LAST = 400
_FORMS: dict[str, dict[str, str]] = {
    "ours": {},
    "ours, random start": {"start": "random"},
    "ours, uniform swaps": {"swaps": "uniform"},
    "the paper's Algorithm 1": {"variant": "paper"},
    "its authors' code": {"variant": "code"},
}


class Recording(MaskingGame):
    """Remembers every mask that it was asked for."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.seen: list[NDArray[np.bool_]] = []
        super().__init__(*arguments, **options)

    def values(self, masks: NDArray[np.bool_], **options: Any) -> NDArray[np.float64]:
        self.seen.extend(masks)
        return super().values(masks, **options)


def measure(options: argparse.Namespace) -> tuple[list[Table], list[Target]]:
    """All tables."""
    tutor = xai.load("tutor")
    assert isinstance(tutor, TransformersModel)
    large = TransformersModel(subject.model(), subject.tokenizer(), name="61 M Llama shape")
    tables, targets = speed(
        [
            ("tutor, a story", tutor, _STORY, None, 2.0),
            ("tutor, a fact", tutor, _FACT, None, 2.0),
            ("61 M shape", large, subject.PROMPT, subject.RESPONSE, 1.5),
        ],
        options.repetitions,
    )
    games = [game for family in _FAMILIES for game in games_of(tutor, family)]
    return (
        [*tables, evaluations(games), ordering(games)],
        targets,
    )


def speed(
    subjects: Sequence[tuple[str, TransformersModel, str, str | None, float]], repetitions: int
) -> tuple[list[Table], list[Target]]:
    """A search, and its evaluations one by one; nothing is known beforehand."""
    title = f"Joint search over words, {_EVALUATIONS} evaluations, k = {_K}"
    table = Table(title, ("", "words", "the search", "one by one", "", "gradient and search alone"))
    targets = []
    for name, model, text, given, bar in subjects:
        prompt = model.prompt(text, units="word")
        response = (
            model.respond(prompt, Sampling()) if given is None else model.supplied(prompt, given)
        )
        first = Recording(model, prompt, response, ledger=Ledger())
        play(first, _K, _EVALUATIONS, certify=False)
        masks = np.unique(np.array(first.seen), axis=0)

        def fresh(
            model: TransformersModel = model, prompt: Any = prompt, response: Any = response
        ) -> MaskingGame:
            return MaskingGame(model, prompt, response, ledger=Ledger())

        def one_by_one(fresh: Any = fresh, masks: NDArray[np.bool_] = masks) -> NDArray[np.float64]:
            game = fresh()
            return np.concatenate([game.values(mask[None]) for mask in masks])

        def known(game: MaskingGame = first) -> Attribution:
            return play(game, _K, _EVALUATIONS, certify=False)

        found = interleaved(
            {
                "search": lambda fresh=fresh: play(fresh(), _K, _EVALUATIONS, certify=False),
                "one by one": one_by_one,
                "known": known,
            },
            repetitions,
            between=lambda: None,
        )
        batched, single, alone = (found[each][0] for each in ("search", "one by one", "known"))
        ratio = single / batched
        table.add(
            name,
            str(len(prompt.document.sources)),
            seconds(batched),
            seconds(single),
            f"{ratio:.2f} x",
            seconds(alone),
        )
        targets.append(Target(f"joint: search in batches, {name}", ratio, bar, "x"))
    return [table], targets


def games_of(model: TransformersModel, family: str) -> list[MaskingGame]:
    """Held-out prompts of the tutor over words, few enough that all sets can be tried."""
    games = []
    for sample in xai.tutor.samples(family, 300, seed=23):
        prompt = model.prompt(sample.prompt, units="word")
        if _K < len(prompt.document.sources) <= _MOST_UNITS:
            response = model.respond(prompt, Sampling())
            games.append(MaskingGame(model, prompt, response, ledger=Ledger()))
    return list(islice(games, _PROMPTS))


def evaluations(games: Sequence[MaskingGame]) -> Table:
    """How many sets are evaluated until the best of k is among them."""
    title = (
        f"Evaluations until the best set of {_K} words is found, {len(games)} prompts of "
        f"{min(game.n for game in games)} to {max(game.n for game in games)} words"
    )
    table = Table(title, ("", "median", "mean", f"found within {_LAST}"))
    needed: dict[str, list[int | None]] = {name: [] for name in _FORMS}
    for game in games:
        full = float(game.values(np.ones((1, game.n), np.bool_))[0, -1])
        every = np.array(list(combinations(range(game.n), _K)))
        best = full - float(game.values(masking.without(game.n, every))[:, -1].min())
        noise = 1e-4 + (game.noise() or 0.0)
        for name, settings in _FORMS.items():
            # Walks go through one size after another: all they may evaluate goes to this one.
            sizes = 5 if "variant" in settings else 1
            found = play(game, _K, sizes * _LAST, certify=False, **settings)
            steps = found.details["trace"].get(str(_K), [])
            before = _before(found, settings)
            reached = [spent - before for spent, drop in steps if drop >= best - noise]
            needed[name].append(reached[0] if reached and reached[0] <= _LAST else None)
        print(f"{game.n} words: {needed}", file=sys.stderr, flush=True)
    for name, counts in needed.items():
        counted = [_LAST if count is None else count for count in counts]
        share = sum(count is not None for count in counts) / len(counts)
        table.add(name, f"{median(counted):.0f}", f"{np.mean(counted):.0f}", f"{100 * share:.0f} %")
    return table


def _before(found: Attribution, settings: dict[str, str]) -> int:
    """What walks spent on the smaller sizes: it does not help them with the asked one."""
    if "variant" not in settings:
        return 0
    return sum(found.details["certificate"][str(k)]["evaluated"] for k in range(1, _K))


def ordering(games: Sequence[MaskingGame]) -> Table:
    """PR and KL when the choice of each method is removed."""
    title = f"Removing the k words that each method chooses: mean over {len(games)} prompts"
    table = Table(title, ("", *(f"{what}, k = {k}" for k in (1, 2, 3) for what in ("PR", "KL"))))
    rows: dict[str, list[list[float]]] = {}
    for game in games:
        tokens = game.retarget("token")
        found = play(game, _K, _EVALUATIONS)
        assert found.sets is not None
        scores = {
            "leave-one-out": planned(game, "leave-one-out"),
            "integrated-gradients": play_other(game, "integrated-gradients"),
        }
        chosen = {"joint": [tuple(found.sets[k]) for k in (1, 2, 3)]} | {
            name: [tuple(metrics.top_k(total, k).tolist()) for k in (1, 2, 3)]
            for name, total in scores.items()
        }
        for name, sets in chosen.items():
            masks = np.concatenate([masking.without(game.n, each) for each in sets])
            everything = np.ones((1, game.n), np.bool_)
            values = tokens.values(np.concatenate([everything, masks]))[:, :-1]
            ratio = metrics.probability_ratio(values[0], values[1:])
            divergence = game.divergences(masks).mean(axis=1)
            row = [each for pair in zip(ratio, divergence, strict=True) for each in pair]
            rows.setdefault(name, []).append(row)
    for name, measured in rows.items():
        table.add(name, *(f"{mean:.3f}" for mean in np.mean(measured, axis=0)))
    return table


def planned(game: MaskingGame, name: str) -> NDArray[np.float64]:
    """Total scores of a method of masks."""
    method = methods.get(name)
    assert isinstance(method, MaskMethod)
    masks = method.plan(game.n, None, 0)
    values = game.values(masks)
    return method.solve(masks, values, lengths=game.lengths, seed=0).scores[:, -1]


def play_other(game: MaskingGame, name: str) -> NDArray[np.float64]:
    """Total scores of a method that plays by itself."""
    return _played(name, game, 1, None).scores[:, -1]


def _played(
    name: str, game: MaskingGame, k: int, perturbations: int | None, **settings: Any
) -> Attribution:
    method = methods.get(name, **settings)
    assert isinstance(method, GameMethod)
    return method.play(
        game, k=k, perturbations=perturbations, seed=0, on_progress=lambda done, total: None
    )


play = partial(_played, "joint")
