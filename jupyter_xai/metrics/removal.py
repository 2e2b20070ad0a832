"""What happens when k units are removed at once, and which k to remove.

Methods are compared at an equal number of removed units only: metrics over different numbers favour
whoever keeps more text (arXiv:2601.03089).
"""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.masking import CONFIDENCE

_LISTED = 10_000


def top_k(total: ArrayLike, k: int) -> NDArray[np.int64]:
    """The k units that support the response most.

    Parameters
    ----------
    total : float [n]
        Signed scores; NaN marks a unit that was not scored and is never chosen.
    k : int
        At least 1, at most n.

    Returns
    -------
    int64 [k], or fewer where fewer are scored
        Highest score first; equal scores in the order of the units.

    Raises
    ------
    XaiError
        When k is out of range.

    Examples
    --------
    >>> top_k([0.5, -3.0, 2.0, 0.5], 3).tolist()
    [2, 0, 3]
    """
    scores = np.asarray(total, dtype=np.float64)
    _check(len(scores), k)
    order = np.argsort(-scores, kind="stable")
    return order[: min(k, int((~np.isnan(scores)).sum()))]


def random_sets(n: int, k: int, draws: int, seed: int) -> NDArray[np.int64]:
    """Sets of k units by chance: what any choice of k must beat.

    Parameters
    ----------
    n, k : int
        Number of units, and of units in a set (1 to n).
    draws : int
        Number of sets.
    seed : int

    Returns
    -------
    int64 [sets, k]
        Distinct sets, each in increasing order: ``draws`` of them, or all C(n, k) where there are
        fewer.

    Raises
    ------
    XaiError
        When k is out of range.

    Examples
    --------
    >>> sorted(random_sets(3, 2, draws=10, seed=0).tolist())
    [[0, 1], [0, 2], [1, 2]]
    """
    _check(n, k)
    rng = np.random.default_rng([seed, n, k])
    if comb(n, k) <= _LISTED:
        return rng.permutation(np.array(list(combinations(range(n), k))))[:draws]
    found: dict[tuple[int, ...], None] = {}
    while len(found) < draws:
        chosen = np.sort(rng.choice(n, size=k, replace=False))
        found.setdefault(tuple(int(unit) for unit in chosen))
    return np.array(list(found), dtype=np.int64).reshape(-1, k)


def drop(full: ArrayLike, removed: ArrayLike) -> NDArray[np.float64]:
    """How much of the value is lost: v(everything) - v(without the removed units).

    Parameters
    ----------
    full : float [...]
        Value with nothing removed.
    removed : float [sets, ...]
        Values without each set of units.

    Returns
    -------
    float64 [sets, ...]
        In the units of the value (nats for ``logprob``); positive when the response fits less well.

    Examples
    --------
    >>> drop(-1.0, [-3.0, -0.5]).tolist()
    [2.0, -0.5]
    """
    return np.asarray(full, dtype=np.float64) - np.asarray(removed, dtype=np.float64)


def spread(samples: ArrayLike) -> tuple[float, float, float]:
    """Mean of samples and the percentiles between which the middle 90 % of them lie.

    Parameters
    ----------
    samples : float [N]
        NaN is left out; without any number all three are NaN.

    Returns
    -------
    mean, low, high : float
        Percentiles 5 and 95, linearly interpolated.

    Examples
    --------
    >>> [round(number, 6) for number in spread([0.0, 10.0, 20.0])]
    [10.0, 1.0, 19.0]
    """
    numbers = np.asarray(samples, dtype=np.float64).ravel()
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers):
        return np.nan, np.nan, np.nan
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(numbers, [tail, 1 - tail])
    return float(numbers.mean()), float(low), float(high)


def _check(n: int, k: int) -> None:
    if not 1 <= k <= n:
        msg = Worded(
            Option("k", k),
            f" is not allowed: the prompt has {n} units that can be removed; give 1 to {n}",
        )
        raise XaiError(msg)
