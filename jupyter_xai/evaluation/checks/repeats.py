"""What only further explanations tell: whether scores stay when the seed or the prompt changes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jupyter_xai import metrics
from jupyter_xai.evaluation.checks.measure import Measure

if TYPE_CHECKING:
    from jupyter_xai.explanation.result import Result

SEEDS = 4
"""Runs besides the one that is measured."""

_DRAWS = 50


def consistency(totals: Sequence[NDArray[np.float64]], seed: int) -> list[Measure]:
    """Spread of scores over seeds, and of the same scores when each run is shuffled.

    Parameters
    ----------
    totals : sequence of float64 [n], at least two
        Scores for the whole response, one run each.
    seed : int
        Seeds the shuffles.
    """
    runs = np.stack(totals).astype(np.float64)
    rng = np.random.default_rng(seed)
    shuffled = [rng.permuted(runs, axis=1) for _ in range(_DRAWS)]
    taus = _taus(runs)
    return [
        Measure(
            "deviation over seeds",
            None,
            _deviation(runs),
            random=metrics.spread([_deviation(each) for each in shuffled]),
        ),
        Measure(
            "Kendall over seeds",
            None,
            float(np.mean(taus)) if taus else None,
            low=min(taus, default=None),
            high=max(taus, default=None),
            random=metrics.spread([np.mean(_taus(each) or [np.nan]) for each in shuffled]),
        ),
    ]


def stability(before: Result, after: Result, edit: str, k: int, seed: int) -> Measure:
    """Jaccard index of the top k before and after an edit, and of shuffled scores.

    Parameters
    ----------
    before, after : Result
    edit : str
        What was done to the prompt.
    k : int
    seed : int
        Seeds the shuffles.
    """

    def jaccard(scores: NDArray[np.float64]) -> float:
        return metrics.stability(
            before.total, scores, k, units_before=before.sources, units_after=after.sources
        )

    rng = np.random.default_rng(seed)
    shuffled = [jaccard(rng.permutation(after.total)) for _ in range(_DRAWS)]
    random = metrics.spread(shuffled)
    return Measure("stability", k, jaccard(after.total), random=random, on=edit)


def _deviation(runs: NDArray[np.float64]) -> float:
    """Mean standard deviation of a score, over the largest score in size."""
    largest = float(np.nanmax(np.abs(runs), initial=0.0))
    return metrics.consistency(runs).mean_deviation / largest if largest > 0 else 0.0


def _taus(runs: NDArray[np.float64]) -> list[float]:
    found = [metrics.kendall_tau(one, two) for one, two in combinations(runs, 2)]
    return [each for each in found if each is not None]
