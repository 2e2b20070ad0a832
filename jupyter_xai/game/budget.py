"""What a run may ask of a model at most."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import NamedTuple, NoReturn, Protocol

from jupyter_xai.errors import Interrupted, Option, Worded, XaiError
from jupyter_xai.models.prices import Bill

Clock = Callable[[], float]
"""Seconds since some fixed moment."""


class Limit(NamedTuple):
    """One of a budget's limits, as settings name it."""

    limit: str
    most: float

    def __str__(self) -> str:
        return f"{self.limit}={self.most:g}"


class BudgetSpent(Interrupted):
    """A run may ask no more; whoever catches it keeps what was evaluated so far.

    Attributes
    ----------
    limit : Limit
        What was reached.
    """

    def __init__(self, limit: Limit) -> None:
        super().__init__(Worded(Option(limit.limit, _short(limit.most)), " is used up"))
        self.limit = limit


class Counted(Protocol):
    """What was asked of a model so far."""

    forwards: int
    backwards: int
    generations: int
    tokens: int
    money: float
    seconds: float


class Budget:
    """The most calls, seconds, tokens and money of one run.

    A call is a prompt that the model scores or answers, or a pass back through it. The answer that
    is explained is none: without it there is nothing to explain. What the ledger knows is none
    either.

    Parameters
    ----------
    max_forwards : int, optional
        Most calls; no limit unless given.
    max_seconds : float, optional
        No call is begun that is not expected to end within so many seconds from now on.
    clock : callable
        Tells the seconds.
    max_tokens : int, optional
        Most tokens read and written. No call is begun that might take more than what is left.
    max_cost : float, optional
        Most money, likewise.

    Examples
    --------
    >>> from jupyter_xai.game.budget import Cost
    >>> Budget(max_forwards=3).room(8, Cost(forwards=1))
    2
    """

    def __init__(
        self,
        max_forwards: int | None = None,
        max_seconds: float | None = None,
        clock: Clock = perf_counter,
        *,
        max_tokens: int | None = None,
        max_cost: float | None = None,
    ) -> None:
        self._max_forwards = max_forwards
        self._max_seconds = max_seconds
        self._max_tokens = max_tokens
        self._max_cost = max_cost
        self._a_call = self._before = Bill()
        self._clock = clock
        self._started = clock()
        self.reached = None

    reached: Limit | None
    """The limit that stopped the run; None while none did."""

    @property
    def is_limited(self) -> bool:
        """Whether there is any limit."""
        limits = (self._max_forwards, self._max_seconds, self._max_tokens, self._max_cost)
        return any(limit is not None for limit in limits)

    def expect(self, a_call: Bill) -> None:
        """A call may take as much as this."""
        known = self._a_call
        self._a_call = Bill(max(known.tokens, a_call.tokens), max(known.money, a_call.money))

    def begin(self, paid: Bill) -> None:
        """So much was paid for the answer that is explained."""
        self._before = paid

    def refuse_answer(self, bill: Bill) -> None:
        """Refuse to ask for the answer that is explained, when it may take more than all.

        Raises
        ------
        XaiError
            Names what it may take.
        """
        for name, most, needed in (
            ("max_tokens", self._max_tokens, bill.tokens),
            ("max_cost", self._max_cost, bill.money),
        ):
            if most is not None and needed > most:
                msg = Worded(
                    Option(name, _short(most)),
                    f" is less than the answer to the whole prompt may take ({needed:.3g}); "
                    "raise it, or lower ",
                    Option("max_new_tokens"),
                )
                raise XaiError(msg)

    def room(self, wanted: int, cost: Counted) -> int:
        """How many of so many calls may be made now.

        Parameters
        ----------
        wanted : int
            At least 1.
        cost : Counted
            What was asked so far; it tells how long a call takes. Before the first, one is allowed.

        Raises
        ------
        BudgetSpent
            When it is none.
        """
        room = wanted
        if self._max_forwards is not None:
            room = min(room, self._max_forwards - _calls(cost))
            if room < 1:
                self._stop("max_forwards", self._max_forwards)
        if self._max_seconds is not None:
            left, each = self._seconds_left(), _seconds_a_call(cost)
            room = min(room, int(left / each) if each else 1)
            if left <= 0 or room < 1:
                self._stop("max_seconds", self._max_seconds)
        for name, most, left, each in self._paid(cost):
            room = min(room, int(left / each) if each else room)
            if room < 1:
                self._stop(name, most)
        return room

    def reserve(self, calls: int, cost: Counted) -> None:
        """Refuse to begin what would not come to its end.

        Raises
        ------
        BudgetSpent
            When fewer calls than these may be made.
        """
        if self._max_forwards is not None and self._max_forwards - _calls(cost) < calls:
            self._stop("max_forwards", self._max_forwards)
        if self._max_seconds is not None and self._seconds_left() < calls * _seconds_a_call(cost):
            self._stop("max_seconds", self._max_seconds)
        for name, most, left, each in self._paid(cost):
            if calls * each > left:
                self._stop(name, most)

    def check_time(self) -> None:
        """Between two batches of one call.

        Raises
        ------
        BudgetSpent
            When the time is over.
        """
        if self._max_seconds is not None and self._seconds_left() <= 0:
            self._stop("max_seconds", self._max_seconds)

    def _paid(self, cost: Counted) -> Iterator[tuple[str, float, float, float]]:
        """Limits of what is paid: name, the most, what is left, and the most a call may take."""
        before, each = self._before, self._a_call
        if self._max_tokens is not None:
            left = self._max_tokens - before.tokens - cost.tokens
            yield "max_tokens", self._max_tokens, left, each.tokens
        if self._max_cost is not None:
            yield "max_cost", self._max_cost, self._max_cost - before.money - cost.money, each.money

    def _seconds_left(self) -> float:
        assert self._max_seconds is not None
        return self._max_seconds - (self._clock() - self._started)

    def _stop(self, limit: str, most: float) -> NoReturn:
        self.reached = Limit(limit, most)
        raise BudgetSpent(self.reached)


def _short(most: float) -> float:
    """Whole numbers without their zeros."""
    return int(most) if most == int(most) else most


def _calls(cost: Counted) -> int:
    return cost.forwards + cost.backwards + cost.generations


def _seconds_a_call(cost: Counted) -> float:
    return cost.seconds / max(1, _calls(cost))


@contextmanager
def needed_whole() -> Iterator[None]:
    """For what was asked for by name: a budget that ends before it is an error.

    Raises
    ------
    XaiError
        In the place of `BudgetSpent`.
    """
    try:
        yield
    except BudgetSpent as spent:
        what = " before this was measured; explain with a larger budget, or none"
        msg = Worded(spent.args[0], what)
        raise XaiError(msg) from None


@dataclass
class Cost:
    """What was asked of a model, counted where it is asked."""

    forwards: int = 0
    backwards: int = 0
    generations: int = 0
    tokens: int = 0
    reused: int = 0
    seconds: float = 0.0
    money: float = 0.0
