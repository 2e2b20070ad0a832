"""Fair timings: warm, interleaved, and the median of several."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter
from typing import TypeVar

Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds that some work takes, and what it gives."""
    gc.collect()
    started = perf_counter()
    result = work()
    return perf_counter() - started, result


def interleaved(
    works: Mapping[str, Callable[[], Result]],
    repetitions: int,
    between: Callable[[], object],
) -> dict[str, tuple[float, Result]]:
    """Median seconds and the last result of each.

    The contestants take turns, so that a slow moment of the machine meets all of them. A first
    turn warms up and is not counted. ``between`` is called before every turn that counts.
    Progress goes to standard error.
    """
    taken: dict[str, list[float]] = {name: [] for name in works}
    results: dict[str, Result] = {}
    for turn in range(repetitions + 1):
        if turn:
            between()
        for name, work in works.items():
            duration, results[name] = timed(work)
            print(f"{name}: {duration:.2f} s", file=sys.stderr, flush=True)
            if turn:
                taken[name].append(duration)
    return {name: (median(taken[name]), results[name]) for name in works}
