"""Weighted ridge regression on masks, and its bootstrap over the pairs in which masks are drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.masking import CONFIDENCE, Masks, Values, pair_ids
from jupyter_xai.methods.base import full_row

RESAMPLES = 100
FEWEST_MASKS = 8
"""Below so many masks no interval is given."""

_AFFORDABLE = 3e7
# Multiplications in one refit; all refits of this size take about a second.
_TINY = 1e-10


def weighted_ridge(features: Values, targets: Values, weights: Values, penalty: float) -> Values:
    """Coefficients of a weighted ridge regression with an intercept that is not penalised.

    Minimises sum_r w_r (y_r - a - x_r b)^2 + penalty |b|^2, as scikit-learn's ``Ridge`` does with
    ``sample_weight``. Where that has no single solution, because the penalty is zero and rows are
    few, the shortest one is approached.

    Parameters
    ----------
    features : float64 [R, n]
    targets : float64 [R, c]
    weights : float64 [R]
        0 or more, not all 0.
    penalty : float
        0 or more.

    Returns
    -------
    float64 [n, c]

    Examples
    --------
    >>> masks = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    >>> weighted_ridge(masks, masks @ np.array([[2.0], [-1.0]]), np.ones(3), 0).round(6).tolist()
    [[2.0], [-1.0]]
    """
    total = weights.sum()
    centred = features - weights @ features / total
    weighted = centred * weights[:, None]
    gram = centred.T @ weighted
    # Keeps the system solvable where a unit never varies.
    gram[np.diag_indices_from(gram)] += penalty + _TINY * max(float(np.trace(gram)), _TINY)
    return np.linalg.solve(gram, weighted.T @ (targets - weights @ targets / total))


def is_affordable(masks: Masks, columns: int) -> bool:
    """Whether refitting so many columns to resampled masks keeps nobody waiting."""
    rows, n = masks.shape
    return rows * n * (n + columns) <= _AFFORDABLE


def bootstrap_ends(
    masks: Masks, targets: Values, weights: Values, penalty: float, seed: int
) -> NDArray[np.float64]:
    """Ends of 90 % percentile intervals of `weighted_ridge`.

    Masks are resampled as they were drawn, pairs of complements together; the full mask, which is
    not drawn, stays in every refit.

    Parameters
    ----------
    masks : bool [R, n]
    targets : float64 [R, c]
    weights : float64 [R]
    penalty : float
    seed : int

    Returns
    -------
    float64 [2, n, c]
    """
    pair = pair_ids(masks)
    full = full_row(masks)
    drawn = np.flatnonzero(np.arange(pair.max() + 1) != pair[full])
    rng = np.random.default_rng([seed, len(masks)])
    counts = np.ones((RESAMPLES, pair.max() + 1))
    counts[:, drawn] = rng.multinomial(len(drawn), np.full(len(drawn), 1 / len(drawn)), RESAMPLES)
    features = masks.astype(np.float64)
    refits = [weighted_ridge(features, targets, weights * row[pair], penalty) for row in counts]
    tail = (1 - CONFIDENCE) / 2
    return np.quantile(refits, [tail, 1 - tail], axis=0)
