"""Many small LASSO problems at once, for bootstrap refits that must not keep a reader waiting."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_SMALL = 1e-6


def batch_lasso(
    features: NDArray[Any],
    targets: NDArray[Any],
    weights: NDArray[Any],
    alpha: float,
    *,
    tolerance: float = 1e-3,
    iterations: int = 100,
) -> NDArray[Any]:
    """Standardise, fit and rescale one LASSO for every weighting of the rows and every target.

    For each weighting w (summing to 1) and target y this minimises

        1/2 sum_r w_r (y_r - a - x_r b)^2 + alpha |b|_1

    where x is standardised under w, and gives b in the units of the features as they came. With
    equal weights that is scikit-learn's ``StandardScaler`` followed by ``Lasso``. All are solved
    together by accelerated proximal gradients (FISTA; Beck and Teboulle 2009) with adaptive
    restarts (O'Donoghue and Candes 2015).

    Parameters
    ----------
    features : float [R, n]
    targets : float [R, c]
    weights : float [B, R]
        Rows sum to 1.
    alpha : float
        Weight of the penalty.
    tolerance : float
        Stops when no standardised coefficient moves by more than this share of the largest one.
    iterations : int
        Stops at the latest here.

    Returns
    -------
    float [B, n, c]
        In the precision of ``features``.

    Examples
    --------
    >>> masks = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 0.0]])
    >>> batch_lasso(masks, masks[:, :1] * 2, np.full((1, 4), 0.25), 0.1).round(3)[0, :, 0].tolist()
    [1.8, 0.0]
    """
    dtype = features.dtype
    weights = weights.astype(dtype)
    targets = targets.astype(dtype)
    mean = (weights @ features)[:, None, :]
    # Rows of a weighted, centred copy of the features for each weighting: [B, R, n].
    rows = np.sqrt(weights)[:, :, None] * (features - mean)
    deviation = np.sqrt((rows**2).sum(axis=1))[:, :, None]
    # A feature that is constant under a weighting keeps a coefficient of zero.
    deviation = np.where(deviation <= _SMALL, 1, deviation)
    rows /= deviation.transpose(0, 2, 1)
    rows[np.abs(rows) <= _SMALL] = 0
    centred = targets - (weights @ targets)[:, None, :]
    link = rows.transpose(0, 2, 1) @ (np.sqrt(weights)[:, :, None] * centred)
    return _fista(rows, link, alpha, tolerance, iterations) / deviation


def _fista(
    rows: NDArray[Any], link: NDArray[Any], alpha: float, tolerance: float, iterations: int
) -> NDArray[Any]:
    """Minimise 1/2 |X b|^2 - b'c + alpha |b|_1 for every X of [B, R, n] and c of [B, n, c]."""
    across = rows.transpose(0, 2, 1)
    few = rows.shape[1] < rows.shape[2]
    square = rows @ across if few else across @ rows
    bound = np.maximum(np.linalg.eigvalsh(square)[:, -1], _SMALL)[:, None, None]
    threshold = alpha / bound
    found = np.zeros_like(link)
    ahead, momentum = found, 1.0
    for _ in range(iterations):
        slope = across @ (rows @ ahead) if few else square @ ahead
        step = ahead + (link - slope) / bound
        step -= np.clip(step, -threshold, threshold)
        change = step - found
        against = ((ahead - step) * change).sum(axis=1, keepdims=True) > 0
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = step + np.where(against, 0, (momentum - 1) / following).astype(step.dtype) * change
        found, momentum = step, following
        if np.abs(change).max() <= tolerance * np.abs(found).max():
            break
    return found
