"""Whoever watches a run: sees its progress and its first scores, and may stop it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from time import perf_counter
from typing import Any

from jupyter_xai.environment import in_kernel, unattended
from jupyter_xai.errors import Interrupted
from jupyter_xai.text.formatting import amount, lasting

Progress = Callable[[int, int, str], None]
"""Told ``(done, total, what)`` now and then; ``what`` is a word or two for the reader."""

TRANSIENT = "jupyter_xai"
"""Where an output says how far its cell's run is; it is not saved (see `progress_record`)."""

PATIENCE = 2.0
"""Seconds after which a run says how far it is; what will take longer is announced."""

_BETWEEN = 0.5


def progress_record(state: str, *, request: int = 0, **fields: Any) -> dict[str, Any]:
    """How far a run is, as front ends read it: the widget's ``progress``."""
    empty = {"done": 0, "total": 0, "seconds": 0.0, "seconds_left": None, "message": ""}
    return {"request": request, "state": state, **empty, **fields}


class Watcher:
    """Watches nothing; others override what they want to see.

    Attributes
    ----------
    cancel : threading.Event
        Set it, from any thread, to stop the run.
    wants_updates : bool
        Whether explanations are made while masks arrive.
    wants_estimate : bool
        Whether the cost of the run is estimated once the response is there.
    paid : float or None
        Money that the run has cost so far, where the model has prices.
    aside : str
        What else is worth telling of how far the run is.
    """

    wants_updates = False
    wants_estimate = False

    paid: float | None = None
    aside: str = ""

    def __init__(self) -> None:
        self.cancel = threading.Event()

    def expects(self, seconds: float | None, brief: str) -> None:
        """The run is estimated to take so long, if that is known, and so many calls."""

    def updated(self, result: Any) -> None:
        """A better result is there, by what was evaluated so far."""

    def progressed(self, done: int, total: int, what: str) -> None:
        """So many of so many; ``what`` is being done, in a word or two."""

    def tell(self, done: int, total: int, what: str = "") -> None:
        """What runs call.

        Raises
        ------
        Interrupted
            When the run is to stop.
        """
        if self.cancel.is_set():
            raise Interrupted
        self.progressed(done, total, what)


class Told(Watcher):
    """Hands progress to a function."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    def progressed(self, done: int, total: int, what: str) -> None:
        self._progress(done, total, what)


class TimeLeft:
    """How long a run will still take, from how fast its present part goes.

    Parameters
    ----------
    clock : callable
        Tells the seconds.
    """

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._what: str | None = None
        self._began = self._first = self._ends = 0.0

    def expect(self, seconds: float | None) -> None:
        """The whole is estimated to take so long from now on."""
        self._ends = 0.0 if seconds is None else self._clock() + seconds

    def told(self, done: int, total: int, what: str) -> float | None:
        """Seconds left after so many of so many; None while nothing is known."""
        now = self._clock()
        if what != self._what:
            # What was known before this part began took no time in it.
            self._what, self._began, self._first = what, now, done
        gone = done - self._first
        if gone > 0:
            return (now - self._began) / gone * (total - done)
        return self._ends - now if self._ends > now else None


class Line(Watcher):
    """Counts on one line, from the second second on: of the cell, or of standard error."""

    wants_estimate = True

    def __init__(self) -> None:
        super().__init__()
        self._started = perf_counter()
        self._said = 0.0
        self._left = TimeLeft()
        self._write: _CellLine | _TerminalLine = _CellLine() if in_kernel() else _TerminalLine()

    @staticmethod
    def is_seen() -> bool:
        """Whether somebody can see it: in terminals and notebooks, not in logs."""
        return not unattended() if in_kernel() else sys.stderr.isatty()

    def expects(self, seconds: float | None, brief: str) -> None:
        self._left.expect(seconds)
        if seconds is not None and seconds > PATIENCE:
            self._said = perf_counter() - self._started
            record = progress_record("running", message=brief)
            self._write.line(f"jupyter-xai: {brief}", record)

    def progressed(self, done: int, total: int, what: str) -> None:
        left = self._left.told(done, total, what) if total else None
        now = perf_counter() - self._started
        if now < PATIENCE or now - self._said < _BETWEEN:
            return
        self._said = now
        ending = f", {self.aside}" if self.aside else ""
        ending += "" if self.paid is None else f", paid {amount(self.paid)}"
        ending += "" if left is None else f", about {lasting(left)} left"
        far = f"{done}/{total}" if total else str(done)
        record = progress_record(
            "running", done=done, total=total, seconds=now, seconds_left=left, message=what
        )
        self._write.line(f"jupyter-xai: {what or 'evaluating'} {far}, {now:.0f} s{ending}", record)

    def close(self) -> None:
        """Clear the line, or in a cell say how long it took."""
        if self._said:
            self._write.last(f"jupyter-xai: {perf_counter() - self._started:.0f} s")

    def clear(self) -> None:
        """Leave nothing behind, for what is drawn next."""
        if self._said:
            self._write.clear()


class _TerminalLine:
    """A line of standard error, written over."""

    def __init__(self) -> None:
        self._width = 0

    def line(self, text: str, record: dict[str, Any]) -> None:
        del record
        sys.stderr.write("\r" + text.ljust(self._width))
        sys.stderr.flush()
        self._width = len(text)

    def last(self, text: str) -> None:
        del text
        self.clear()

    def clear(self) -> None:
        sys.stderr.write("\r" + " " * self._width + "\r")
        sys.stderr.flush()


class _CellLine:
    """A small output of the cell, updated: standard error would be a red band in a notebook."""

    def __init__(self) -> None:
        self._handle: Any = None

    def line(self, text: str, record: dict[str, Any]) -> None:
        from IPython.display import display

        # Front ends that know nothing of the record pass over it, and nobody saves it.
        told = {"raw": True, "transient": {TRANSIENT: record}}
        if self._handle is None:
            self._handle = display({"text/plain": text}, display_id=True, **told)
        else:
            self._handle.update({"text/plain": text}, **told)

    def last(self, text: str) -> None:
        self._handle.update({"text/plain": text}, raw=True)

    def clear(self) -> None:
        # Without any form of it, nothing is drawn: an empty text would leave its row.
        if self._handle is not None:
            self._handle.update({}, raw=True)


def watcher_of(progress: bool | Progress | Watcher | None) -> Watcher:
    """Who watches: what was given, or a `Line` where it is wanted or, by default, seen."""
    if isinstance(progress, Watcher):
        return progress
    if callable(progress):
        return Told(progress)
    seen = Line.is_seen() if progress is None else progress
    return Line() if seen else Watcher()
