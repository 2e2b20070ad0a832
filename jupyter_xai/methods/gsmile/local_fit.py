"""Linear surrogates that heed perturbations the more, the nearer they are to the prompt.

The weight of a perturbation is exp(-(distance / width)^2), gSMILE's equation 4. Its paper leaves
the width open. A tiny one makes every weighted figure look good, since it leaves few perturbations
that count. So `choose_widths` asks how well *all* perturbations are predicted, each by a fit
without it and unweighted, and only among widths that leave enough of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.masking import Values

Surrogate = Literal["linear", "bayesian-ridge"]
SURROGATES = ("linear", "bayesian-ridge")

_FACTORS = (8.0, 4.0, 2.8, 2.0, 1.4, 1.0, 0.7, 0.5, 0.35, 0.25)
"""Widths that are tried, in medians of the distances: from nearly equal weights to local ones."""

_BETTER = 1e-6


@dataclass(frozen=True)
class Fit:
    """A surrogate for c columns.

    Attributes
    ----------
    intercept : float64 [c]
    coefficients : float64 [n, c]
    deviation : float64 [n, c], optional
        Posterior standard deviation of each coefficient, for Bayesian ridge.
    """

    intercept: Values
    coefficients: Values
    deviation: Values | None = None

    def predict(self, features: Values) -> Values:
        """Predictions [R, c]."""
        return self.intercept + features @ self.coefficients


def kernel_weights(distance: Values, width: float) -> Values:
    """exp(-(distance / width)^2): gSMILE, equations 4 and 12.

    Examples
    --------
    >>> kernel_weights(np.array([0.0, 1.0]), 1.0).round(3).tolist()
    [1.0, 0.368]
    """
    return np.exp(-((distance / width) ** 2))


def effective_size(weights: Values) -> float:
    """How many equally weighted perturbations are worth as much: (sum w)^2 / sum w^2 (Kish 1965).

    Examples
    --------
    >>> effective_size(np.array([1.0, 1.0, 0.0]))
    2.0
    """
    return float(weights.sum() ** 2 / (weights**2).sum())


def fewest_effective(n: int) -> int:
    """The effective size that a fit of n units should have: 2 (n + 1)."""
    return 2 * (n + 1)


def fit(surrogate: Surrogate, features: Values, targets: Values, weights: Values) -> Fit:
    """Fit scikit-learn's ``LinearRegression`` or ``BayesianRidge`` with sample weights.

    Parameters
    ----------
    surrogate : str
    features : float64 [R, n]
    targets : float64 [R, c]
    weights : float64 [R]

    Examples
    --------
    >>> masks = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    >>> fit("linear", masks, masks[:, :1] * 2, np.ones(3)).coefficients.round(6).tolist()
    [[2.0], [0.0]]
    """
    from sklearn.linear_model import BayesianRidge, LinearRegression

    if surrogate == "linear":
        model = LinearRegression().fit(features, targets, sample_weight=weights)
        # scikit-learn leaves negative zeros.
        return Fit(np.atleast_1d(model.intercept_), np.atleast_2d(model.coef_).T + 0.0)
    models = [BayesianRidge().fit(features, each, sample_weight=weights) for each in targets.T]
    return Fit(
        np.array([float(model.intercept_) for model in models]),
        np.stack([model.coef_ for model in models], axis=1),
        np.stack([np.sqrt(np.diag(model.sigma_)) for model in models], axis=1),
    )


def carried_errors(features: Values, weights: Values, errors: Values) -> Values:
    """Standard errors of the coefficients that follow from those of the targets.

    The weighted linear regression is linear in its targets, so that independent errors add up in
    squares.

    Parameters
    ----------
    features : float64 [R, n]
    weights : float64 [R]
    errors : float64 [R, c]
        Standard errors of the targets.

    Returns
    -------
    float64 [n, c]

    Examples
    --------
    >>> masks = np.array([[1.0], [0.0]])
    >>> carried_errors(masks, np.ones(2), np.array([[3.0], [4.0]])).round(6).tolist()
    [[5.0]]
    """
    share = fit("linear", features, np.eye(len(features)), weights).coefficients
    return np.sqrt(share**2 @ errors**2)


def choose_widths(features: Values, targets: Values, distance: Values) -> Values:
    """For each column the kernel width whose fit predicts left-out perturbations best.

    The figure is the unweighted R2 of leave-one-out predictions of the weighted linear regression,
    over widths whose weights have an effective size of at least 2 (n + 1); where none has, the
    widest is taken. Of widths that are equally good the widest is taken.

    Parameters
    ----------
    features : float64 [R, n]
    targets : float64 [R, c]
    distance : float64 [R]

    Returns
    -------
    float64 [c]
        In units of the distance.
    """
    apart = distance[distance > 0]
    widths = np.array(_FACTORS) * (np.median(apart) if len(apart) else 1.0)
    enough = fewest_effective(features.shape[1])
    eligible = [w for w in widths if effective_size(kernel_weights(distance, w)) >= enough]
    chosen = np.full(targets.shape[1], widths[0])
    if len(eligible) < 2:
        return chosen
    best = np.full(targets.shape[1], np.inf)
    spread = ((targets - targets.mean(axis=0)) ** 2).sum(axis=0)
    for width in eligible:
        missed = (_left_out(features, targets, kernel_weights(distance, width)) ** 2).sum(axis=0)
        better = missed < best - _BETTER * spread
        best[better], chosen[better] = missed[better], width
    return chosen


def _left_out(features: Values, targets: Values, weights: Values) -> Values:
    """Error of each row's prediction by the fit without that row, in closed form: [R, c]."""
    root = np.sqrt(weights)[:, None]
    design = np.column_stack([np.ones(len(features)), features])
    rows = design * root
    gram = rows.T @ rows
    gram[np.diag_indices_from(gram)] += 1e-12 * np.trace(gram)
    half = np.linalg.solve(gram, rows.T)
    leverage = np.einsum("rn,nr->r", rows, half)
    errors = targets - design @ (half @ (targets * root))
    room = 1 - leverage
    # A row that alone decides a coefficient cannot be predicted without it.
    return np.where(room[:, None] > 1e-9, errors / np.maximum(room, 1e-9)[:, None], np.inf)


def held_out_folds(rows: int, full: int, *, exhaustive: bool, seed: int) -> list[NDArray[np.int64]]:
    """Rows to set aside: 20 % once, or five folds where all perturbations are there.

    The full prompt, which every fit has, is never set aside.

    Returns
    -------
    list of int64 arrays
        Empty where there are too few rows.
    """
    if rows - 1 < 10:
        return []
    others = np.delete(np.arange(rows), full)
    folds = np.array_split(np.random.default_rng([seed, rows]).permutation(others), 5)
    return folds if exhaustive else folds[:1]
