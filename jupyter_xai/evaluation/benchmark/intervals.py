"""How sure a mean over prompts is: the bootstrap over prompts."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

CONFIDENCE = 0.95
"""Nominal coverage of the intervals of means over prompts."""

RESAMPLES = 2000


def mean_interval(numbers: ArrayLike, seed: int = 0) -> tuple[float, float, float]:
    """Mean, and the ends of its 95 % interval by the percentile bootstrap (Efron 1979).

    Parameters
    ----------
    numbers : float [N]
        One a prompt; NaN is left out.
    seed : int

    Returns
    -------
    mean, low, high : float
        All NaN without numbers; the ends NaN with a single one.

    Examples
    --------
    >>> mean_interval([1.0, 1.0, 1.0])
    (1.0, 1.0, 1.0)
    """
    known = np.asarray(numbers, dtype=np.float64)
    known = known[~np.isnan(known)]
    if not len(known):
        return np.nan, np.nan, np.nan
    if len(known) == 1:
        return float(known[0]), np.nan, np.nan
    drawn = np.random.default_rng(seed).integers(len(known), size=(RESAMPLES, len(known)))
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(known[drawn].mean(axis=1), [tail, 1 - tail])
    return float(known.mean()), float(low), float(high)
