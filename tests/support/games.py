"""Games with known answers, and Shapley values straight from their definition."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from math import factorial

import numpy as np

from jupyter_xai import methods
from jupyter_xai.masking import every
from jupyter_xai.methods.base import MaskMethod

Game = Callable[[np.ndarray], np.ndarray]
"""Masks [R, n] to values [R]."""


def shapley_by_permutations(game: Game, n: int) -> np.ndarray:
    """Mean marginal contribution over all n! orders: slow, and shares no code with the package."""
    worth = {row.tobytes(): value for row, value in zip(every(n), game(every(n)), strict=True)}
    scores = np.zeros(n)
    for order in permutations(range(n)):
        kept = np.zeros(n, dtype=bool)
        before = worth[kept.tobytes()]
        for unit in order:
            kept[unit] = True
            after = worth[kept.tobytes()]
            scores[unit] += after - before
            before = after
    return scores / factorial(n)


def shapley_by_subsets(game: Game, n: int) -> np.ndarray:
    """The textbook sum over subsets, one unit at a time."""
    values = game(every(n))
    rows = np.arange(2**n)
    size = every(n).sum(axis=1)
    weight = np.array([factorial(s) * factorial(n - s - 1) / factorial(n) for s in range(n)])
    scores = np.zeros(n)
    for unit in range(n):
        without = rows[(rows >> unit & 1) == 0]
        scores[unit] = weight[size[without]] @ (values[without | 1 << unit] - values[without])
    return scores


def random_game(n: int, seed: int) -> Game:
    """A value for every mask by chance: the game without any structure."""
    table = np.random.default_rng(seed).normal(size=2**n)
    return lambda masks: table[masks @ (1 << np.arange(n))]


def additive(n: int, seed: int, noise: float = 0.05) -> Game:
    """Units that add up, and the noise of a model on top."""
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=n) * rng.choice([0.1, 1, 3], size=n)
    rough = random_game(n, seed + 1)
    return lambda masks: masks @ weights + noise * rough(masks)


def interacting(n: int, seed: int) -> Game:
    """Additive, and 2 n groups of two to four units that count only together."""
    rng = np.random.default_rng(seed)
    base = additive(n, seed, noise=0)
    groups = [rng.choice(n, rng.integers(2, 5), replace=False) for _ in range(2 * n)]
    worth = rng.normal(size=2 * n) * 1.5
    return lambda masks: (
        base(masks)
        + sum(w * masks[:, group].all(axis=1) for w, group in zip(worth, groups, strict=True))
    )


def largest(n: int, seed: int) -> Game:
    """Only the best kept unit counts: units stand in for each other."""
    weights = np.abs(np.random.default_rng(seed).normal(size=n))
    return lambda masks: (masks * weights).max(axis=1) + masks[:, :2].all(axis=1)


def threshold(n: int, seed: int) -> Game:
    """A jump, as when an argmax changes: nothing smooth about it."""
    rng = np.random.default_rng(seed)
    weights = np.abs(rng.normal(size=n))
    bar = weights.sum() * rng.uniform(0.3, 0.7)
    return lambda masks: 5.0 * (masks @ weights > bar) + 0.2 * masks @ weights


GAMES = (additive, interacting, largest, threshold)


class Texts:
    """The texts of a prompt of n words, for methods that read them."""

    def __init__(self, n: int, answers: Callable[[str], str] | None = None) -> None:
        names = ("warm", "places", "please", "no", "city", "money", "rest", "sea")
        self.words = [names[i] if i < len(names) else f"{names[i % 8]}{i}" for i in range(n)]
        self._answers = answers
        self.response_text = answers(" ".join(self.words)) if answers else "Go to the sea."

    def prompt_texts(self, masks: np.ndarray) -> list[str]:
        return [
            " ".join(word for word, kept in zip(self.words, row, strict=True) if kept)
            for row in masks
        ]

    draws = 0

    def value_errors(self, masks: np.ndarray) -> None:
        return None

    @property
    def has_answers(self) -> bool:
        return self._answers is not None

    def answer_texts(self, masks: np.ndarray) -> list[str]:
        assert self._answers is not None
        return [self._answers(text) for text in self.prompt_texts(masks)]

    def answer_samples(self, masks: np.ndarray) -> list[tuple[str, ...]]:
        return [(text,) for text in self.answer_texts(masks)]


def made(name: str, n: int, **settings: object) -> MaskMethod:
    """A method that knows the texts of a prompt of n words."""
    method = methods.get(name, **settings)
    assert isinstance(method, MaskMethod)
    return method.reading(Texts(n))
