"""Consistency: how much scores vary when nothing but the seed changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Consistency:
    """Spread of each unit's score over repeated runs; 0 for a method that always says the same.

    Attributes
    ----------
    variance, deviation : float64 [n]
        Variance (with S - 1 in the denominator) and its root, in units of the score.
    mean_variance, mean_deviation : float
        Their means over units.
    """

    variance: NDArray[np.float64]
    deviation: NDArray[np.float64]
    mean_variance: float
    mean_deviation: float


def consistency(runs: ArrayLike) -> Consistency:
    """Variance and standard deviation of the scores over runs.

    gSMILE, section 5.2.4 and Table 4, which repeat a run ten times.

    Parameters
    ----------
    runs : float [S, n]
        Scores of the same units from S runs, at least two.

    Raises
    ------
    ValueError
        With fewer than two runs or no unit.

    Examples
    --------
    >>> found = consistency([[1.0, 0.0], [3.0, 0.0]])
    >>> found.variance.tolist(), found.mean_variance
    ([2.0, 0.0], 1.0)
    """
    scores = np.asarray(runs, dtype=np.float64)
    if scores.ndim != 2 or len(scores) < 2 or not scores.shape[1]:
        msg = f"runs of shape {scores.shape} must be [S, n] with S at least 2 and n at least 1"
        raise ValueError(msg)
    variance = scores.var(axis=0, ddof=1)
    deviation = np.sqrt(variance)
    return Consistency(variance, deviation, float(variance.mean()), float(deviation.mean()))
