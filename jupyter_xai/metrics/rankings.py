"""Whether two explanations say the same: rank correlation and common top units."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import numpy as np
from numpy.typing import ArrayLike

from jupyter_xai.metrics.removal import top_k


def kendall_tau(first: ArrayLike, second: ArrayLike) -> float | None:
    """Kendall's tau-b of two rankings of the same units.

    Kendall 1945: pairs in the same order less pairs in opposite order, over the geometric mean of
    the numbers of pairs that are not tied in either.

    Parameters
    ----------
    first, second : float [n]
        Scores. Units without score (NaN) in either are left out.

    Returns
    -------
    float or None
        -1 to 1, 0 by chance; None with fewer than two units or where all scores are equal.

    Examples
    --------
    >>> round(kendall_tau([3.0, 2.0, 1.0], [30.0, 10.0, 20.0]), 3)
    0.333
    """
    from scipy.stats import kendalltau

    one, two = _pair(first, second)
    both = ~(np.isnan(one) | np.isnan(two))
    one, two = one[both], two[both]
    if len(one) < 2 or np.ptp(one) == 0 or np.ptp(two) == 0:
        return None
    return float(kendalltau(one, two)[0])  # type: ignore[arg-type]


def top_k_overlap(first: ArrayLike, second: ArrayLike, k: int) -> float:
    """Share of the top k that two explanations have in common.

    Parameters
    ----------
    first, second : float [n]
        Scores of the same units.
    k : int
        1 to n.

    Returns
    -------
    float
        0 to 1; by chance k / n.

    Raises
    ------
    XaiError
        When k is out of range.

    Examples
    --------
    >>> top_k_overlap([3.0, 2.0, 1.0], [3.0, 1.0, 2.0], k=2)
    0.5
    """
    one, two = _pair(first, second)
    common = set(top_k(one, k).tolist()) & set(top_k(two, k).tolist())
    return len(common) / k


def jaccard(first: Iterable[Hashable], second: Iterable[Hashable]) -> float:
    """Jaccard index of two sets: common members over all members (gSMILE, equation 15).

    Returns
    -------
    float
        0 to 1; 1 for two empty sets.

    Examples
    --------
    >>> jaccard({1, 2, 3}, {2, 3, 4})
    0.5
    """
    one, two = set(first), set(second)
    return len(one & two) / len(one | two) if one or two else 1.0


def _pair(first: ArrayLike, second: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    one, two = (np.asarray(each, dtype=np.float64) for each in (first, second))
    if one.ndim != 1 or one.shape != two.shape:
        msg = f"scores of shapes {one.shape} and {two.shape} must be one equal length"
        raise ValueError(msg)
    return one, two
