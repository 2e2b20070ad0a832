"""The linear datamodelling score: do the scores predict what a random half of the prompt does?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jupyter_xai.masking import CONFIDENCE, Masks, Values, pair_ids
from jupyter_xai.metrics.solver import Solver

FEWEST_MASKS = 16
"""Below so many masks no score is given."""

FOLDS = 5
_RESAMPLES = 200


def lds(scores: ArrayLike, masks: ArrayLike, values: ArrayLike) -> float | None:
    """Spearman correlation between the sum of the kept units' scores and the value.

    Park et al. 2023 (arXiv:2303.14186, equation 4), as ContextCite uses it for prompts
    (arXiv:2409.00729, section 4.1). The masks should not have been used to compute the scores.

    Parameters
    ----------
    scores : float [n]
    masks : bool [R, n]
    values : float [R]
        The value of each mask; rows that are not finite are left out.

    Returns
    -------
    float or None
        -1 to 1, ties sharing their mean rank; None where it is not defined: scores with NaN,
        fewer than two masks, or predictions or values that are all equal.

    Examples
    --------
    >>> masks = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=bool)
    >>> round(lds([2.0, 1.0], masks, [0.0, 5.0, 1.0, 9.0]), 6)
    1.0
    """
    predicted = np.asarray(masks, dtype=np.float64) @ np.asarray(scores, dtype=np.float64)
    return _spearman(predicted, np.asarray(values, dtype=np.float64))


def lds_interval(
    scores: ArrayLike, masks: Masks, values: ArrayLike, seed: int
) -> tuple[float, float] | None:
    """Ends of the 90 % interval of `lds`, by bootstrap over the masks, complements together.

    Parameters
    ----------
    scores : float [n]
    masks : bool [R, n]
    values : float [R]
    seed : int

    Returns
    -------
    (float, float) or None
        Percentiles 5 and 95 over 200 resamples; None where `lds` is.

    Examples
    --------
    >>> masks = np.array([[0, 0], [1, 1], [1, 0], [0, 1]], dtype=bool)
    >>> lds_interval([2.0, 1.0], masks, [0.0, 9.0, 5.0, 1.0], seed=0)
    (1.0, 1.0)
    """
    predicted = np.asarray(masks, dtype=np.float64) @ np.asarray(scores, dtype=np.float64)
    actual = np.asarray(values, dtype=np.float64)
    if _spearman(predicted, actual) is None:
        return None
    pair = pair_ids(masks)
    members = [np.flatnonzero(pair == each) for each in range(int(pair.max()) + 1)]
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(_RESAMPLES):
        drawn = rng.integers(len(members), size=len(members))
        rows = np.concatenate([members[each] for each in drawn])
        found.append(_spearman(predicted[rows], actual[rows]))
    tail = (1 - CONFIDENCE) / 2
    # Resamples in which nothing varies have no rank correlation.
    known = [each for each in found if each is not None]
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)


def cross_fitted_lds(
    method: Solver, masks: Masks, values: Values, lengths: Sequence[int], seed: int
) -> tuple[float | None, int]:
    """LDS of a method on the whole response, from masks that were evaluated anyway.

    The masks are dealt into 5 folds, complements together; the values of each fold are predicted
    by the method's solution to the other four, as sum (z_i - 1/2) score_i: the masks of a fold
    average one half, so the folds can be ranked together. The full and the empty mask are in every
    fit and never predicted.

    Parameters
    ----------
    method : Solver
    masks : bool [R, n]
    values : float64 [R, m + 1]
        Only the last column is used.
    lengths : sequence of int, length m + 1
    seed : int
        Deals the folds.

    Returns
    -------
    score : float or None
        As `lds`; None as well with fewer than 16 masks, or where the method cannot score every
        unit without a fold (leave-one-out).
    count : int
        Number of masks predicted.

    Examples
    --------
    >>> from jupyter_xai import masking, methods
    >>> masks = masking.every(5)
    >>> values = masks @ np.array([[3.0], [1.0], [0.0], [-1.0], [2.0]])
    >>> score, count = cross_fitted_lds(methods.get("linear"), masks, values, [1], seed=0)
    >>> score > 0.95, count
    (True, 30)
    """
    kept = masks.sum(axis=1)
    dealt = np.flatnonzero((kept > 0) & (kept < masks.shape[1]))
    if len(dealt) < FEWEST_MASKS:
        return None, len(dealt)
    fold = np.full(len(masks), -1)
    fold[dealt] = _deal(masks[dealt], seed)
    target = values[:, -1:]
    predicted = np.full(len(masks), np.nan)
    for each in range(FOLDS):
        fitted, held = fold != each, fold == each
        found = method.solve(
            masks[fitted], target[fitted], lengths=lengths[-1:], seed=seed, intervals=False
        )
        scores = found.scores[:, 0]
        if np.isnan(scores).any():
            return None, len(dealt)
        predicted[held] = (masks[held] - 0.5) @ scores
    return _spearman(predicted[dealt], target[dealt, 0]), len(dealt)


def _deal(masks: Masks, seed: int) -> NDArray[np.int64]:
    """Fold of each mask, equal in size but for one pair."""
    pair = pair_ids(masks)
    order = np.random.default_rng(seed).permutation(int(pair.max()) + 1)
    return (order % FOLDS)[pair]


def _spearman(predicted: NDArray[np.float64], actual: NDArray[np.float64]) -> float | None:
    from scipy.stats import rankdata

    if not np.isfinite(predicted).all():
        return None
    finite = np.isfinite(actual)
    if finite.sum() < 2:
        return None
    first, second = (rankdata(each[finite]) for each in (predicted, actual))
    first, second = first - first.mean(), second - second.mean()
    length = np.sqrt((first @ first) * (second @ second))
    return float(first @ second / length) if length > 0 else None
