"""Games that are played from a formula, counting what they are asked."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any, cast

import numpy as np

from games import Game
from jupyter_xai import methods
from jupyter_xai.errors import Interrupted
from jupyter_xai.game.budget import Cost
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.methods.base import Attribution, GameMethod


class Table:
    """What `MaskingGame` offers to a method that plays, with values from a formula.

    Attributes
    ----------
    asked : list of tuple
        The removed sources of every mask that was not known, in order.
    stop_after : int, optional
        So many masks are evaluated, then the run is interrupted.
    """

    value = "text"
    m = 1

    def __init__(self, formula: Game, n: int, stop_after: int | None = None) -> None:
        self.n = n
        self.cost = Cost()
        self.asked: list[tuple[int, ...]] = []
        self.calls: list[int] = []
        self.stop_after = stop_after
        self._formula = formula

    def values(
        self,
        masks: np.ndarray,
        *,
        on_progress: Callable[[int, int], None] | None = None,
        count_reused: bool = True,
    ) -> np.ndarray:
        rows = [tuple(np.flatnonzero(~mask).tolist()) for mask in masks]
        new = [row for row in dict.fromkeys(rows) if row and row not in self.asked]
        self.calls.append(len(new))
        for done, row in enumerate(new):
            if self.stop_after is not None and len(self.asked) >= self.stop_after:
                self.stop_after = None
                raise Interrupted
            self.asked.append(row)
            if on_progress is not None:
                on_progress(done + 1, len(new))
        found = np.asarray(self._formula(masks), dtype=np.float64)
        return np.stack([found / 2, found], axis=1)

    def known(self, masks: np.ndarray) -> np.ndarray:
        return np.array([tuple(np.flatnonzero(~mask).tolist()) in self.asked for mask in masks])

    def settle(self, masks: np.ndarray, values: np.ndarray) -> np.ndarray:
        return values

    def value_without(self, chosen: tuple[int, ...]) -> float:
        """Nothing is counted."""
        mask = np.ones((1, self.n), dtype=bool)
        mask[0, list(chosen)] = False
        return float(self._formula(mask)[0])

    def best(self, k: int) -> float:
        """The lowest value by trying all sets of k."""
        return min(self.value_without(each) for each in combinations(range(self.n), k))


def played(
    table: Table, k: int, perturbations: int | None = None, seed: int = 0, **settings: Any
) -> Attribution:
    """The joint method's result for a table."""
    method = methods.get("joint", **settings)
    assert isinstance(method, GameMethod)
    return method.play(
        cast(MaskingGame, table),
        k=k,
        perturbations=perturbations,
        seed=seed,
        on_progress=lambda done, total: None,
    )


def pairs(n: int, seed: int) -> Game:
    """Pairs of sources that stand in for each other, one counting most, and some noise."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(n)
    worth = np.sort(rng.uniform(1, 5, size=n // 2))[::-1]
    alone = rng.normal(size=n) * 0.2

    def formula(masks: np.ndarray) -> np.ndarray:
        either = [masks[:, order[2 * j]] | masks[:, order[2 * j + 1]] for j in range(n // 2)]
        return masks @ alone + sum(w * e for w, e in zip(worth, either, strict=True))

    return formula
