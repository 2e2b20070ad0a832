"""Do two bags of words, or two samples of answers, differ by more than chance?

The statistic is the Wasserstein distance between the two; the null hypothesis is that both come
from one pool. gSMILE's Algorithm 1 draws both new samples from the pool independently of each
other, so that they overlap: neither a permutation nor a bootstrap, and it rejects true nulls.
Here the pool is split at random, which is a permutation test, and drawing stops early.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, lgamma, log, log1p
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.text.distance import transport

Variant = Literal["corrected", "paper"]
Stopping = Literal["decision", "p-value", "never"]

VARIANTS = ("corrected", "paper")
STOPPING = ("decision", "p-value", "never")
RISK = 1e-3
"""How often, at most, ``decision`` decides otherwise than all draws together would."""

EXCEEDANCES = 20
"""After so many draws beyond the observed distance ``p-value`` stops."""

_BLOCK = 32


@dataclass(frozen=True)
class Tested:
    """What a test found.

    Attributes
    ----------
    distance : float
        Between the two samples.
    p : float
        0 to 1. With ``decision`` it is only as exact as the decision needs.
    draws : int
        How many were needed.
    """

    distance: float
    p: float
    draws: int


def permutation_test(
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    cost: NDArray[np.float64],
    *,
    seed: int | list[int],
    draws: int = 100_000,
    variant: Variant = "corrected",
    stopping: Stopping = "p-value",
    alpha: float = 0.05,
    order: float = 1.0,
) -> Tested:
    """Test whether two samples come from one pool.

    Parameters
    ----------
    first, second : int64 [V]
        How often each of V places (words, or answers) occurs in each sample.
    cost : float64 [V, V]
        A metric between the places.
    seed : int or list of int
    draws : int
        How many are made at most, at least 1.
    variant : str
        ``corrected``: random splits of the pool, p = (1 + #{>=}) / (1 + draws).
        ``paper``: Algorithm 1 of gSMILE as printed, p = #{>} / draws, never stopping early.
    stopping : str
        ``p-value``: after 20 draws that reach the observed distance, p = 20 / draws (Besag and
        Clifford 1991): a valid p-value.
        ``decision``: once p is known to lie above or below ``alpha``: when alpha leaves the
        confidence sequence of Robbins (1970) for p (Ding, Gandy and Hahn 2020). At most 1 in 1,000
        decisions differ from that of endless drawing (Gandy 2009 bounds the same risk).
        ``never``: after ``draws``.
    alpha : float
        Level for ``decision``, between 0 and 1.
    order : float
        Of the Wasserstein distance.

    Examples
    --------
    >>> cost = np.ones((2, 2)) - np.eye(2)
    >>> found = permutation_test(np.array([9, 0]), np.array([0, 9]), cost, seed=0, draws=999)
    >>> found.distance, found.p
    (1.0, 0.001)
    """
    sizes = int(first.sum()), int(second.sum())
    pool = first + second
    distance = _between(sizes, cost, order)
    observed = distance(first, second)
    rng = np.random.default_rng(seed)
    # Sums of the same costs in another order may differ in their last digits.
    slack = 1e-9 * max(observed, float(cost.max(initial=0.0)) * 1e-3)
    beyond = done = 0
    while done < draws:
        block = min(_BLOCK, draws - done)
        # Counting is several times quicker for the length of a text.
        one = rng.multivariate_hypergeometric(pool, sizes[0], size=block, method="count")
        if variant == "paper":
            other = rng.multivariate_hypergeometric(pool, sizes[1], size=block, method="count")
        else:
            other = pool - one
        for x, y in zip(one, other, strict=True):
            found = distance(x, y)
            done += 1
            if variant == "paper":
                beyond += found > observed + slack
                continue
            beyond += found >= observed - slack
            if stopping == "p-value" and beyond == EXCEEDANCES:
                return Tested(observed, beyond / done, done)
            if stopping == "decision" and is_decided(beyond, done, alpha):
                return Tested(observed, (1 + beyond) / (1 + done), done)
    p = beyond / done if variant == "paper" else (1 + beyond) / (1 + done)
    return Tested(observed, p, done)


def _between(
    sizes: tuple[int, int], cost: NDArray[np.float64], order: float
) -> Callable[[NDArray[np.int64], NDArray[np.int64]], float]:
    """The Wasserstein distance of two samples of these sizes.

    Samples of one size are matched one to one, which is some times quicker than transport.
    """
    from scipy.optimize import linear_sum_assignment

    if sizes[0] != sizes[1]:
        return lambda x, y: transport(x / sizes[0], y / sizes[1], cost, order)
    # Divided by the largest, or powers of a high order would overflow.
    farthest = float(cost.max(initial=0.0)) or 1.0
    powers = (cost / farthest) ** order
    places = np.arange(len(cost))

    def matched(x: NDArray[np.int64], y: NDArray[np.int64]) -> float:
        # What both have in common need not move, as long as the cost is a metric.
        common = np.minimum(x, y) if order == 1 else 0
        pairs = powers[np.repeat(places, x - common)[:, None], np.repeat(places, y - common)]
        work = float(pairs[linear_sum_assignment(pairs)].sum())
        return farthest * (work / sizes[0]) ** (1 / order)

    return matched


def is_decided(beyond: int, done: int, alpha: float, risk: float = RISK) -> bool:
    """Whether so many exceedances tell on which side of alpha the p-value lies.

    Robbins' confidence sequence (1970): whatever p is, the chance that (done + 1) times the
    binomial probability of the exceedances under p ever falls to ``risk`` is at most ``risk``.

    Examples
    --------
    >>> is_decided(0, 100, 0.05), is_decided(0, 300, 0.05), is_decided(30, 60, 0.05)
    (False, True, True)
    """
    chance = (
        lgamma(done + 2)
        - lgamma(beyond + 1)
        - lgamma(done - beyond + 1)
        + beyond * log(alpha)
        + (done - beyond) * log1p(-alpha)
    )
    return exp(min(chance, 0.0)) <= risk
