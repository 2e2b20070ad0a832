"""One job at a time on a thread of its own; the newest request wins."""

from __future__ import annotations

import threading
from collections.abc import Callable

from jupyter_xai.progress import Watcher


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
