"""Fidelity: how near a surrogate's predictions are to what the model did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jupyter_xai.errors import XaiError


@dataclass(frozen=True)
class Fidelity:
    """The fidelity figures of gSMILE (section 4.4.5). Errors are 0 for a perfect surrogate.

    Attributes
    ----------
    weighted_mse, weighted_mae : float
        Weighted mean of squared and of absolute errors, equations 19 and 20 (WMSE, WMAE).
    mean_l1, mean_l2 : float
        Unweighted mean of absolute and of squared errors, equations 21 and 22.
    r2 : float or None
        Share of the variance that is explained, equation 16: 1 at best, 0 as good as the mean, and
        negative when worse. None where the model's values are all equal.
    weighted_r2 : float or None
        The same, weighted, equation 17.
    adjusted_weighted_r2 : float or None
        Adjusted for the number of features, equation 18; None as well for N <= n + 1.
    """

    weighted_mse: float
    weighted_mae: float
    mean_l1: float
    mean_l2: float
    r2: float | None
    weighted_r2: float | None
    adjusted_weighted_r2: float | None


def fidelity(
    actual: ArrayLike,
    predicted: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    features: int,
    variant: Literal["corrected", "paper"] = "corrected",
) -> Fidelity:
    """Compare a surrogate's predictions with what the model did.

    gSMILE, equations 16 to 22. Equation 17 as printed weights the mean of the model's values but
    neither of its two sums; ``corrected`` weights these, too.

    Parameters
    ----------
    actual, predicted : float [N]
        The model's value and the surrogate's prediction for each perturbation.
    weights : float [N], optional
        0 or more, not all 0; equal unless given.
    features : int
        Features of the surrogate, n.
    variant : str
        ``corrected``, or ``paper`` for equation 17 as printed.

    Raises
    ------
    XaiError
        For an unknown variant.
    ValueError
        When lengths differ, nothing is given, or weights are negative or all 0.

    Examples
    --------
    >>> found = fidelity([0.0, 1.0, 2.0], [0.0, 1.0, 1.0], [1.0, 1.0, 2.0], features=1)
    >>> found.weighted_mse, round(found.weighted_r2, 3), round(found.mean_l1, 3)
    (0.5, 0.273, 0.333)
    """
    if variant not in ("corrected", "paper"):
        msg = f"unknown variant {variant!r}; choose corrected or paper"
        raise XaiError(msg)
    values, errors, w = _checked(actual, predicted, weights)
    mean = w @ values / w.sum()
    in_sums = w if variant == "corrected" else np.ones_like(w)
    left, whole = float(in_sums @ errors**2), float(in_sums @ (values - mean) ** 2)
    weighted = _explained(left, whole, values)
    count = len(values)
    adjusted = None
    if weighted is not None and count > features + 1:
        adjusted = 1 - (1 - weighted) * (count - 1) / (count - features - 1)
    squares = float((errors**2).sum())
    return Fidelity(
        weighted_mse=float(w @ errors**2 / w.sum()),
        weighted_mae=float(w @ np.abs(errors) / w.sum()),
        mean_l1=float(np.abs(errors).mean()),
        mean_l2=squares / count,
        r2=_explained(squares, float(((values - values.mean()) ** 2).sum()), values),
        weighted_r2=weighted,
        adjusted_weighted_r2=adjusted,
    )


def _checked(
    actual: ArrayLike, predicted: ArrayLike, weights: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Values, errors and weights as float64 [N]."""
    values = np.asarray(actual, dtype=np.float64)
    guesses = np.asarray(predicted, dtype=np.float64)
    w = np.ones_like(values) if weights is None else np.asarray(weights, dtype=np.float64)
    if values.ndim != 1 or not len(values) or not values.shape == guesses.shape == w.shape:
        msg = f"shapes {values.shape}, {guesses.shape} and {w.shape} must be one equal length"
        raise ValueError(msg)
    if (w < 0).any() or not w.sum() > 0:
        msg = "weights must be 0 or more, and not all 0"
        raise ValueError(msg)
    return values, values - guesses, w


def _explained(left: float, whole: float, values: NDArray[np.float64]) -> float | None:
    """1 - left / whole; None where rounding is all that varies."""
    rounding = len(values) * (1e-14 * float(np.abs(values).max())) ** 2
    return float(1 - left / whole) if whole > rounding else None
