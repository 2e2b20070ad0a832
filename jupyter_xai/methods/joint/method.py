"""Joint attribution: the k sources whose removal, all together, lowers the response most."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from jupyter_xai.errors import Interrupted, Option, Worded, XaiError, above_zero
from jupyter_xai.masking import Values, possible
from jupyter_xai.methods.base import Attribution, GameMethod, check_perturbations
from jupyter_xai.methods.counts import Counts
from jupyter_xai.methods.joint.board import Board, Set
from jupyter_xai.methods.joint.guidance import Guidance, gradient
from jupyter_xai.methods.joint.printed import Walk, printed, programmed
from jupyter_xai.methods.joint.search import FIRST_LOOK, Plan, first_look, search

if TYPE_CHECKING:
    from jupyter_xai.game.asker import Counting
    from jupyter_xai.game.masking_game import MaskingGame

VARIANTS = ("default", "paper", "code")
_STARTS = ("guided", "random")
_SWAPS = ("guided", "uniform")
_SIZES = 5
"""Sets are looked for up to this size, or the asked one, so that a slider of k moves freely."""


@dataclass(frozen=True)
class Joint(GameMethod):
    """Joint attribution, XPrompt (Chang et al. 2024, arXiv:2405.20404): a search for sets.

    Looks for the k sources without which the value of the whole response is lowest (eq. 3), for
    every k from 1 on. Sources that stand in for each other, of which leave-one-out sees none, are
    found together. A source's score is what it adds when the best set of the asked size is gone:
    v(all but S, with it) - v(all but S, without it), for the members of S as for the others.

    Parameters
    ----------
    variant : str
        ``default``: see `jupyter_xai.methods.joint.search`. ``paper`` and ``code``: Algorithm 1 as
        it is printed, and as its authors programmed it, see `jupyter_xai.methods.joint.printed`.
    start, swaps : str
        ``random`` and ``uniform`` search without guidance, as in the paper's Table 4.
    guidance_temperature : float
        How evenly the default draws its starts and swaps: by exp(worth / temperature), worths being
        standardised. Above 0.
    chains : int
        How many sets of each size are moved at once, at least 1.
    certify : bool
        Whether all sets of a size are evaluated where the perturbations allow it, which proves
        that the best was found.

    Raises
    ------
    XaiError
        For a setting that is out of range.

    Examples
    --------
    >>> from jupyter_xai import explain
    >>> e = explain("Be brief. Be kind. Be quick.", str.upper, method="joint", k=2)
    >>> e.sets[2], e.record["method"]["exact"]
    ((0, 2), True)
    """

    name: ClassVar[str] = "joint"
    title: ClassVar[str] = "Joint attribution (XPrompt)"
    summary: ClassVar[str] = (
        "Searches for the k units that matter most when all of them are removed together; finds "
        "units that stand in for each other."
    )
    needs: ClassVar = ("logprob", "text")

    formula: ClassVar[str] = "p + 1 prompts; 2 forwards and 1 backward where there are gradients"

    variant: str = "default"
    start: str = "guided"
    swaps: str = "guided"
    guidance_temperature: float = 1.0
    chains: int = 4
    certify: bool = True

    def __post_init__(self) -> None:
        for name, allowed in (("variant", VARIANTS), ("start", _STARTS), ("swaps", _SWAPS)):
            if getattr(self, name) not in allowed:
                msg = f"unknown {name} {getattr(self, name)!r}; choose one of {', '.join(allowed)}"
                raise XaiError(msg)
        above_zero(self.guidance_temperature, "guidance_temperature", example=1.0)
        if isinstance(self.chains, bool) or not isinstance(self.chains, int) or self.chains < 1:
            msg = Worded(
                Option("chains", self.chains), " is not allowed; give a whole number of at least 1"
            )
            raise XaiError(msg)
        if not isinstance(self.certify, bool):
            msg = Worded(Option("certify", self.certify), " is not allowed; give True or False")
            raise XaiError(msg)

    def most(self, n: int) -> int:
        """All masks but the full one."""
        return possible(n) - 1

    def default_perturbations(self, n: int) -> int:
        """All up to 8 units; then 256, and 8 for each unit from 32 units on, at most 2,048."""
        return min(self.most(n), max(256, 8 * n), 2048)

    def cost(self, n: int, m: int, perturbations: int | None = None) -> Counts:
        """As many masks as may be evaluated, and the gradient that guides."""
        wanted = perturbations or self.default_perturbations(n)
        return Counts(masks=1 + wanted, forwards=2, backwards=1)

    def play(
        self,
        game: MaskingGame,
        *,
        k: int,
        perturbations: int | None,
        seed: int,
        on_progress: Counting,
        on_scores: Callable[[Attribution], None] | None = None,
    ) -> Attribution:
        """Search, then evaluate what the scores of the asked set need."""
        n = game.n
        if not 1 <= k <= n:
            msg = Worded(
                Option("k", k), f" is not allowed: the prompt has {n} units; give 1 to {n}"
            )
            raise XaiError(msg)
        budget = check_perturbations(perturbations, default=self.default_perturbations(n))
        board = Board(game, budget, on_progress)
        hunt = _Hunt(self, game, board, k, seed)
        try:
            hunt.look_at_singles()
            if on_scores is not None:
                on_scores(hunt.attribution())
            hunt.search()
            hunt.complete_scores()
        except (Interrupted, KeyboardInterrupt):
            return hunt.attribution(stopped=True)
        return hunt.attribution()


class _Hunt:
    """One game of `Joint`."""

    def __init__(self, method: Joint, game: MaskingGame, board: Board, k: int, seed: int) -> None:
        self._method = method
        self._game = game
        self._board = board
        self._k = k
        self._seed = seed
        self._sizes = list(range(1, min(game.n, max(k, _SIZES)) + 1))
        self._guidance: Guidance | None = None
        self._walked: dict[int, Set] = {}
        self._searched: dict[int, float] = {}

    def look_at_singles(self) -> None:
        """Evaluate each source by itself, all sets of size 1: they guide the search, too.

        Where that would take more than half of all evaluations, the worthiest by the gradient are
        taken, or some by chance. The paper's forms guide by the gradient alone where there is one.
        """
        n, board = self._game.n, self._board
        by_gradient = gradient(self._game)
        self._guidance = by_gradient
        if by_gradient is not None and self._method.variant != "default":
            return
        if by_gradient is None:
            order = np.random.default_rng([self._seed, n]).permutation(n)
        else:
            order = np.argsort(-by_gradient.worth, kind="stable")
            if 2 * (n + FIRST_LOOK) <= board.left:
                size = Guidance(np.abs(by_gradient.worth), by_gradient.source)
                first_look(board, self._plan(size, chains=1))
        all_of_them = 2 * n <= board.left
        board.evaluate(
            [(int(i),) for i in (range(n) if all_of_them else order)],
            most=None if all_of_them else -(-board.left // 2),
        )
        board.settle()
        alone = self._by_leaving_out()
        self._guidance = alone if by_gradient is None else by_gradient.with_other(alone)

    def search(self) -> None:
        """Look for the best set of every size."""
        guidance, method = self._guidance, self._method
        assert guidance is not None
        if method.variant == "default":
            plan = self._plan(guidance)
            self._searched = search(
                self._board, self._sizes, plan, reserve=self._reserve, certify=method.certify
            )
            return
        self._walk(guidance)

    def _plan(self, guidance: Guidance, chains: int | None = None) -> Plan:
        method = self._method
        return Plan(
            asked=self._k,
            worth=guidance.standardised(),
            guided_start=method.start == "guided",
            guided_swaps=method.swaps == "guided",
            temperature=method.guidance_temperature,
            chains=chains or method.chains,
            seed=self._seed,
        )

    def complete_scores(self) -> None:
        """Evaluate the sets that the scores of the asked set need, as far as there is budget."""
        chosen = self.sets().get(self._k)
        if chosen is not None:
            self._board.evaluate(self._missing(chosen, self._in_order(chosen)))

    def sets(self) -> dict[int, Set]:
        """The best set of every size that was looked at."""
        if self._method.variant != "default":
            return dict(self._walked)
        found = {size: self._board.best(size) for size in self._sizes}
        return {size: best for size, best in found.items() if best is not None}

    def attribution(self, *, stopped: bool = False) -> Attribution:
        """What is known so far."""
        sets, board = self.sets(), self._board
        scores, joint = self._scores(sets.get(self._k))
        certificate = {str(size): self._certificate(size, best) for size, best in sets.items()}
        proven = joint and certificate.get(str(self._k), {}).get("proven", False)
        return Attribution(
            scores,
            exact=bool(proven),
            notes=tuple(self._notes(sets, joint)),
            details={
                "guidance": None if self._guidance is None else self._guidance.source,
                "certificate": certificate,
                "trace": {
                    str(size): [[spent, drop] for spent, drop in board.trace.get(size, [])]
                    for size in sets
                },
            },
            sets=sets,
            used=board.spent,
            stopped=stopped,
        )

    def _walk(self, guidance: Guidance) -> None:
        """The walks of the paper or of its authors' code, one size after the other."""
        method, board = self._method, self._board
        worth = np.nan_to_num(guidance.worth)
        paper = method.variant == "paper"
        if paper and self._game.value == "logprob":
            # Of p itself: it underflows for long responses, as in the paper.
            worth = worth * np.exp(board.full)
        walk = Walk(worth, method.start == "guided", method.swaps == "guided", self._seed)
        steps = max(1, (board.left - self._reserve()) // len(self._sizes))
        for size in self._sizes:
            end = (printed if paper else programmed)(board, size, steps, walk)
            if end in board.values:
                self._walked[size] = end

    def _by_leaving_out(self) -> Guidance:
        values, full = self._board.values, self._board.full
        worth = [full - values.get((i,), np.nan) for i in range(self._game.n)]
        return Guidance(np.array(worth), "leave-one-out")

    def _reserve(self) -> int:
        """Evaluations to keep for the scores: of all sources, or of the set's members alone."""
        n, chosen = self._game.n, self._board.best(self._k)
        if chosen is None:
            chosen = tuple(range(self._k))
        affordable = [count for count in (self._k, n) if 3 * count <= self._board.budget]
        wanted = self._in_order(chosen)[: max(affordable, default=0)]
        return len(self._missing(chosen, wanted))

    def _in_order(self, chosen: Set) -> list[int]:
        return [*chosen, *(i for i in range(self._game.n) if i not in chosen)]

    def _missing(self, chosen: Set, sources: Sequence[int]) -> list[Set]:
        """What is not evaluated yet of the sets that the scores of some sources need."""
        needed = (each for i in sources for each in _with_and_without(chosen, i))
        return [each for each in dict.fromkeys(needed) if each and each not in self._board.values]

    def _scores(self, chosen: Set | None) -> tuple[Values, bool]:
        """Scores by the asked set; by leaving one out while that set's are not known."""
        known = self._board.values.keys() | {()}
        joint = chosen is not None and all(
            set(_with_and_without(chosen, i)) <= known for i in chosen
        )
        base = chosen if joint and chosen is not None else ()
        scores = np.full((self._game.n, self._game.m + 1), np.nan)
        pairs = {i: _with_and_without(base, i) for i in range(self._game.n)}
        pairs = {i: pair for i, pair in pairs.items() if set(pair) <= known}
        if pairs:
            kept = self._board.rows([pair[0] for pair in pairs.values()])
            gone = self._board.rows([pair[1] for pair in pairs.values()])
            scores[list(pairs)] = kept - gone
        return scores, joint

    def _certificate(self, size: int, chosen: Set) -> Mapping[str, Any]:
        """Whether all sets of a size were evaluated, and how far off the search had been."""
        board = self._board
        proven = board.unvisited(size) == 0
        best = board.best(size)
        assert best is not None
        return {
            "sets": comb(self._game.n, size),
            "evaluated": comb(self._game.n, size) - board.unvisited(size),
            "proven": proven and board.values[chosen] <= board.values[best],
            "drop": board.drop(chosen),
            "gap": self._searched.get(size, board.values[chosen]) - board.values[best]
            if proven
            else None,
        }

    def _notes(self, sets: Mapping[int, Set], joint: bool) -> list[str]:
        notes = []
        if sets and not joint:
            notes.append(
                "scores are those of leaving one unit out: too few perturbations for those of the "
                "set"
            )
        short = [size for size, chosen in sets.items() if len(chosen) < size]
        if short:
            sizes = ", ".join(map(str, short))
            notes.append(f"the authors' code took a unit twice: its sets for k = {sizes} are short")
        return notes


def _with_and_without(chosen: Set, source: int) -> tuple[Set, Set]:
    """The set without a source, and the set with it."""
    others = tuple(member for member in chosen if member != source)
    return others, tuple(sorted((*others, source)))
