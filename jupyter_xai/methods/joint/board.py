"""What a search for sets knows: what removing sets did, and how much it may still ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from jupyter_xai.errors import Interrupted
from jupyter_xai.masking import Masks

if TYPE_CHECKING:
    from jupyter_xai.game.asker import Counting
    from jupyter_xai.game.masking_game import MaskingGame
    from jupyter_xai.masking import Values

Set = tuple[int, ...]
"""Sources that are removed together, in increasing order."""


def quiet(done: int, total: int) -> None:
    """Tell nobody."""


class Board:
    """Values of sets by their removal, each evaluated once, within a budget.

    Parameters
    ----------
    game : MaskingGame
    budget : int
        How many sets may be evaluated; the whole prompt is not counted.
    on_progress : callable
        Told ``(done, budget)``; may raise `Interrupted`.

    Attributes
    ----------
    n, budget : int
    values : dict of Set to float
        Value of the whole response without each evaluated set.
    trace : dict of int to list of (int, float)
        For every size of set the best drop so far, each time that it got better, after how many
        evaluations of any size.
    """

    def __init__(self, game: MaskingGame, budget: int, on_progress: Counting = quiet) -> None:
        self.n = game.n
        self.values: dict[Set, float] = {}
        self.trace: dict[int, list[tuple[int, float]]] = {}
        self._game = game
        self.budget = budget
        self._on_progress = on_progress
        self._best: dict[int, Set] = {}
        self._visited: dict[int, int] = {}
        self.full = float(game.values(np.ones((1, game.n), np.bool_))[0, -1])

    @property
    def spent(self) -> int:
        """How many sets were evaluated."""
        return len(self.values)

    @property
    def left(self) -> int:
        """How many more may be evaluated."""
        return self.budget - len(self.values)

    def best(self, size: int) -> Set | None:
        """The evaluated set of a size whose removal lowers the value most; the first of equals."""
        return self._best.get(size)

    def drop(self, chosen: Set) -> float:
        """By how much the removal of an evaluated set lowers the value."""
        return self.full - self.values[chosen]

    def unvisited(self, size: int) -> int:
        """How many sets of a size were not evaluated."""
        return comb(self.n, size) - self._visited.get(size, 0)

    def evaluate(self, sets: Iterable[Set], *, most: int | None = None) -> None:
        """Evaluate those sets that are new, as many as the budget allows.

        Parameters
        ----------
        sets : iterable of Set
            The first come first.
        most : int, optional
            Evaluate no more than this.

        Raises
        ------
        Interrupted, KeyboardInterrupt
            After what the model gave has been noted.
        """
        allowed = self.left if most is None else min(self.left, most)
        new = [each for each in dict.fromkeys(sets) if each not in self.values][: max(0, allowed)]
        if not new:
            return
        masks, base = self.masks(new), self.spent
        total = self.budget
        try:
            found = self._game.values(
                masks, on_progress=lambda done, _: self._on_progress(base + done, total)
            )
        except (Interrupted, KeyboardInterrupt):
            known = self._game.known(masks)
            if known.any():
                found = self._game.values(masks[known], count_reused=False)
                self._note([new[i] for i in np.flatnonzero(known)], found[:, -1])
            raise
        self._note(new, found[:, -1])

    def settle(self) -> None:
        """Measure relative distances by the answers to the prompt without each single source."""
        singles = [(i,) for i in range(self.n) if (i,) in self.values]
        before = np.array([[self.values[single]] * (self._game.m + 1) for single in singles])
        after = self._game.settle(self.masks(singles), before)[:, -1]
        if not np.array_equal(after, before[:, -1]):
            self._best.pop(1)
            self._visited[1] = 0
            self.trace[1] = []
            self._note(singles, after)

    def rows(self, sets: Sequence[Set]) -> Values:
        """Values of evaluated sets for every response unit and the whole: float64 [sets, m + 1]."""
        # They were counted when they were searched.
        return self._game.values(self.masks(sets), count_reused=False)

    def masks(self, sets: Sequence[Set]) -> Masks:
        """What is kept when each set is removed: bool [sets, n]."""
        masks = np.ones((len(sets), self.n), np.bool_)
        for row, chosen in zip(masks, sets, strict=True):
            row[list(chosen)] = False
        return masks

    def _note(self, sets: Sequence[Set], values: Values) -> None:
        for each, value in zip(sets, values.tolist(), strict=True):
            size = len(each)
            self.values[each] = value
            self._visited[size] = self._visited.get(size, 0) + 1
            best = self._best.get(size)
            if best is None or value < self.values[best]:
                self._best[size] = each
                self.trace.setdefault(size, []).append((self.spent, self.full - value))
