"""Guided search for the sets whose removal lowers a value most, many candidates at a time.

The swaps of XPrompt's Algorithm 1 (Chang et al. 2024, arXiv:2405.20404), corrected: sets always
have k distinct members, none is evaluated twice, and only eligible sources are drawn. Several
chains search every size of set at once, and what is found for one size is tried for its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np

from jupyter_xai.masking import Values
from jupyter_xai.methods.joint.board import Board, Set
from jupyter_xai.methods.joint.guidance import draw_distinct

_BATCH = 32
"""Candidates for the asked size that are evaluated together."""

_BATCH_OF_OTHERS = 4
_EXTENSIONS = 8
"""How many sources are tried beside the best set of the size below, each time that it changes."""

_ENUMERATED_AT_ONCE = 256

_FIRST_BATCHES = 4
_FIRST_BATCH = 8
FIRST_LOOK = _FIRST_BATCHES * _FIRST_BATCH
"""How many sets `first_look` evaluates at most."""
_TRIES = 16
"""How often a chain looks for a start that has anything new around it."""


@dataclass(frozen=True)
class Plan:
    """How to search.

    Attributes
    ----------
    asked : int
        The size of set that most evaluations go to.
    worth : float64 [n]
        Standardised worth of each source, for starts and for drawing swaps.
    guided_start, guided_swaps : bool
        False searches without guidance there: for ablations.
    temperature : float
    chains : int
    seed : int
    """

    asked: int
    worth: Values
    guided_start: bool
    guided_swaps: bool
    temperature: float
    chains: int
    seed: int


class SizeSearch:
    """The chains that search sets of one size.

    Parameters
    ----------
    board : Board
    size : int
    plan : Plan
    """

    def __init__(self, board: Board, size: int, plan: Plan) -> None:
        self.size = size
        self._board = board
        self._rng = np.random.default_rng([plan.seed, board.n, size])
        flat = np.zeros(board.n)
        self._start_weights = plan.worth / plan.temperature if plan.guided_start else flat
        self._swap_weights = plan.worth / plan.temperature if plan.guided_swaps else flat
        self._guided_start = plan.guided_start
        self._hints: list[Set] = []
        self._hinted: dict[int, Set] = {}
        self._settled: set[int] = set()
        self._chains = self._starts(plan.chains)

    def propose(self, count: int) -> list[Set]:
        """New sets to evaluate: what neighbouring sizes suggest, starts of chains, their swaps."""
        hints = [hint for hint in dict.fromkeys(self._hints) if hint not in self._board.values]
        self._hints = hints[count:]
        found = dict.fromkeys(hints[:count])
        # Chains share alike; what some cannot use goes to the first that can.
        for share in (max(1, (count - len(found)) // len(self._chains)), count):
            for current in self._chains:
                wanted = min(share, count - len(found))
                if current in self._board.values:
                    found |= dict.fromkeys(self._swaps(current, wanted, found))
                elif wanted:
                    found[current] = None
        return list(found)

    def advance(self) -> None:
        """Move every chain to the best set that is known around it, as long as that is better."""
        values = self._board.values
        for index, current in enumerate(self._chains):
            if current not in values:
                continue
            while True:
                near = [each for each in self._neighbours(current) if each in values]
                better = min(near, key=values.__getitem__, default=current)
                if values[better] >= values[current]:
                    break
                current = better
            self._chains[index] = current

    def renew(self) -> None:
        """Move chains on that stand where another stands, or where nothing is new around them."""
        taken: set[Set] = set()
        for index, current in enumerate(self._chains):
            if current in taken or self._is_exhausted(current):
                self._settled.add(index)
                self._chains[index] = current = self._fresh_start()
            taken.add(current)

    def hint(self, other: int) -> None:
        """Learn from the best set of the size below or above, once for each that becomes best."""
        best = self._board.best(other)
        if best is None or self._hinted.get(other) == best:
            return
        self._hinted[other] = best
        if other == self.size + 1:
            self._hints += combinations(best, self.size)
        else:
            outside = [i for i in range(self._board.n) if i not in best]
            order = sorted(outside, key=lambda i: -self._swap_weights[i])
            self._hints += [_as_set([*best, i]) for i in order[:_EXTENSIONS]]

    @property
    def is_settled(self) -> bool:
        """Whether every chain has once come to where nothing around it is better or new."""
        return not self._hints and len(self._settled) == len(self._chains)

    def _starts(self, chains: int) -> list[Set]:
        """The size's top by worth first, then draws by worth; without guidance all by chance."""
        top = np.argsort(-self._start_weights, kind="stable")[: self.size]
        starts = [_as_set(top.tolist())] if self._guided_start else []
        while len(starts) < chains:
            starts.append(self._drawn())
        return starts

    def _drawn(self) -> Set:
        return _as_set(draw_distinct(self._start_weights, self.size, self._rng))

    def _fresh_start(self) -> Set:
        """The best set with two members exchanged, or another draw, with something new around."""
        start = self._drawn()
        for turn in range(_TRIES):
            best = self._board.best(self.size)
            start = self._drawn() if best is None or turn % 2 else self._kicked(best)
            if not self._is_exhausted(start):
                break
        return start

    def _kicked(self, chosen: Set) -> Set:
        outside = [i for i in range(self._board.n) if i not in chosen]
        count = min(2, self.size, len(outside))
        out = draw_distinct(-self._swap_weights[list(chosen)], count, self._rng)
        into = draw_distinct(self._swap_weights[outside], count, self._rng)
        kept = [member for place, member in enumerate(chosen) if place not in out]
        return _as_set([*kept, *(outside[place] for place in into)])

    def _swaps(self, current: Set, count: int, taken: dict[Set, None]) -> list[Set]:
        """Draw swaps whose sets are new.

        The one that goes back is drawn by exp(-worth / temperature) among the members, the one that
        is removed instead by exp(worth / temperature) among the others.
        """
        board = self._board
        inside = list(current)
        outside = [i for i in range(board.n) if i not in current]
        weights = self._swap_weights[outside][None, :] - self._swap_weights[inside][:, None]
        new = [
            (self._swapped(current, out, into), weights[row, column])
            for row, out in enumerate(inside)
            for column, into in enumerate(outside)
        ]
        new = [each for each in new if each[0] not in board.values and each[0] not in taken]
        if not new:
            return []
        drawn = draw_distinct(np.array([weight for _, weight in new]), count, self._rng)
        return [new[place][0] for place in drawn]

    def _neighbours(self, current: Set) -> Iterator[Set]:
        for out in current:
            for into in range(self._board.n):
                if into not in current:
                    yield self._swapped(current, out, into)

    @staticmethod
    def _swapped(current: Set, out: int, into: int) -> Set:
        return _as_set([into if member == out else member for member in current])

    def _is_exhausted(self, current: Set) -> bool:
        values = self._board.values
        return current in values and all(each in values for each in self._neighbours(current))


def first_look(board: Board, plan: Plan) -> None:
    """A short search for the asked size alone, before anything else is known.

    Parameters
    ----------
    board : Board
    plan : Plan
        With a gradient's magnitude as worth: where sources are redundant the slope at the whole
        prompt often has the wrong sign, but a source that moves the value is worth a look.
    """
    chains = SizeSearch(board, plan.asked, plan)
    for _ in range(_FIRST_BATCHES):
        board.evaluate(chains.propose(_FIRST_BATCH))
        chains.advance()
        chains.renew()


def search(
    board: Board, sizes: Sequence[int], plan: Plan, *, reserve: Callable[[], int], certify: bool
) -> dict[int, float]:
    """Look for the best set of every size, until the budget is spent or nothing is new.

    Parameters
    ----------
    board : Board
        Where everything that is found is noted.
    sizes : sequence of int
        In increasing order, the asked one among them; no larger than n.
    plan : Plan
    reserve : callable
        How many evaluations to leave for others, as things stand.
    certify : bool
        Whether all sets of a size are evaluated where the budget allows, the asked size first.

    Returns
    -------
    dict of int to float
        For each size of which all sets were evaluated the best value before that was done.
    """
    if plan.guided_start:
        _greedy(board, sizes, plan, reserve())
    searches = [SizeSearch(board, size, plan) for size in sizes]
    searches.sort(key=lambda each: (each.size != plan.asked, each.size))
    found: dict[int, float] = {}
    while board.left > reserve():
        candidates: list[Set] = []
        for each in searches:
            if plan.guided_start:
                each.hint(each.size - 1)
                each.hint(each.size + 1)
            candidates += each.propose(_BATCH if each.size == plan.asked else _BATCH_OF_OTHERS)
        if not candidates:
            break
        board.evaluate(candidates, most=board.left - reserve())
        for each in searches:
            each.advance()
            each.renew()
        if certify and searches[0].is_settled:
            for each in searches:
                if each.is_settled and each.size not in found:
                    _enumerate(board, each.size, reserve(), found)
    return found


def _greedy(board: Board, sizes: Sequence[int], plan: Plan, reserve: int) -> None:
    """The sets of whoever removes one source after another, and of who takes the largest drops.

    Up to the asked size: what is beyond it is not worth as much.

    Where trying every source would take more than half of what may be spent, only the worthiest are
    tried.
    """
    larger = [size for size in sizes if 1 < size <= plan.asked]
    if not larger:
        return
    tried = max(_EXTENSIONS, (board.left - reserve) // (2 * len(larger)))
    singles = sorted(
        (i for i in range(board.n) if (i,) in board.values), key=lambda i: board.values[i,]
    )
    order = np.argsort(-plan.worth, kind="stable").tolist()
    for size in larger:
        best = board.best(size - 1)
        if best is None:
            return
        outside = [i for i in order if i not in best][:tried]
        top = [_as_set(singles[:size])] if len(singles) >= size else []
        board.evaluate([*top, *(_as_set([*best, i]) for i in outside)], most=board.left - reserve)


def _enumerate(board: Board, size: int, reserve: int, found: dict[int, float]) -> None:
    """Evaluate all sets of a size that are not known yet, if the budget allows."""
    best = board.best(size)
    if best is None or board.unvisited(size) > board.left - reserve:
        return
    found[size] = board.values[best]
    new = (each for each in combinations(range(board.n), size) if each not in board.values)
    while chunk := list(islice(new, _ENUMERATED_AT_ONCE)):
        board.evaluate(chunk)


def _as_set(members: Iterable[int]) -> Set:
    return tuple(sorted(members))
