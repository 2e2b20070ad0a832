"""Jobs that a view shows: one at a time on a thread of its own, the newest request wins."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any, Protocol

from jupyter_xai.explanation.result import Result
from jupyter_xai.progress import PATIENCE, TimeLeft, Watcher
from jupyter_xai.text.formatting import amount

_BETWEEN = 0.1
"""Seconds between two progress messages."""


class Job(Watcher):
    """Something to compute.

    Attributes
    ----------
    request : int
        Which request it answers.
    stale : bool
        True once a newer request has taken its place; its results are of no interest any more.
    """

    def __init__(self, request: int) -> None:
        super().__init__()
        self.request = request
        self.stale = False


class Worker:
    """Runs jobs one after the other in a daemon thread that lives while there is work.

    Parameters
    ----------
    run : callable
        Does one job. It looks at ``job.cancel`` and must not raise.
    """

    def __init__(self, run: Callable[[Job], None]) -> None:
        self._run = run
        self._changed = threading.Condition()
        self._current: Job | None = None
        self._next: Job | None = None
        self._thread: threading.Thread | None = None

    def submit(self, job: Job) -> None:
        """Run this job as soon as possible: the running one is cancelled, a waiting one dropped."""
        with self._changed:
            self._next = job
            if self._current is not None:
                self._current.stale = True
                self._current.cancel.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="xai", daemon=True)
                self._thread.start()

    def cancel(self) -> Job | None:
        """Stop the running job, which keeps what it has; forget the waiting one and return it."""
        with self._changed:
            dropped, self._next = self._next, None
            if self._current is not None:
                self._current.cancel.set()
            return dropped

    def if_wanted(self, job: Job, publish: Callable[[], None]) -> None:
        """Publish something, unless a newer request has come meanwhile."""
        with self._changed:
            if not job.stale:
                publish()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until no job is left; False when that took longer than ``timeout`` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._thread is None, timeout)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._current, self._next = self._next, None
                job = self._current
                if job is None:
                    self._thread = None
                    self._changed.notify_all()
                    return
            self._run(job)


class Say(Protocol):
    """Tells a view how far a job is: its state, and what else is known of it."""

    def __call__(self, job: Job, state: str, /, **fields: Any) -> None: ...


class ShownJob(Job):
    """A job whose progress and first scores a view shows.

    Parameters
    ----------
    request : int
    publish : callable
        Shows a result, unless the job is stale.
    say : callable
        Tells how far the job is.
    """

    wants_updates = True
    wants_estimate = True

    def __init__(self, request: int, publish: Callable[[Job, Result], None], say: Say) -> None:
        super().__init__(request)
        self._publish = publish
        self._say = say
        self._started = perf_counter()
        self._said = -_BETWEEN
        self._left = TimeLeft()

    def expects(self, seconds: float | None, brief: str) -> None:
        self._left.expect(seconds)
        if seconds is not None and seconds > PATIENCE:
            self._tell(0, 0, brief, None)

    def updated(self, result: Result) -> None:
        self._publish(self, result)

    def progressed(self, done: int, total: int, what: str) -> None:
        left = self._left.told(done, total, what)
        if perf_counter() - self._started - self._said >= _BETWEEN:
            self._tell(done, total, what, left)

    def _tell(self, done: int, total: int, what: str, left: float | None) -> None:
        self._said = perf_counter() - self._started
        paid = "" if self.paid is None else f"paid {amount(self.paid)}"
        self._say(
            self,
            "running",
            done=done,
            total=total,
            seconds=round(self._said, 2),
            seconds_left=None if left is None else round(left, 1),
            message=" · ".join(part for part in (what, paid) if part),
        )


class AskedJob(ShownJob):
    """A job that the reader asked for."""

    def __init__(
        self, asked: Mapping[str, Any], publish: Callable[[Job, Result], None], say: Say
    ) -> None:
        super().__init__(int(asked.get("id", 0)), publish, say)
        self.asked = asked


class ForegroundJob(ShownJob):
    """A run in the main thread, such as a cell's.

    Parameters
    ----------
    publish, say
        As `ShownJob`.
    finish : callable
        Shows the end of the run.
    """

    def __init__(
        self,
        publish: Callable[[Job, Result], None],
        say: Say,
        finish: Callable[[ForegroundJob, Result], None],
    ) -> None:
        super().__init__(0, publish, say)
        self._finish = finish

    def finished(self, result: Result) -> None:
        """Show the end of the run."""
        self._finish(self, result)
