"""Agreement with the truth, where it is known which units matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jupyter_xai.metrics.removal import top_k

THRESHOLD = 0.5
"""gSMILE's: a unit counts as found from half the largest score upwards."""


@dataclass(frozen=True)
class Agreement:
    """How well scores find the units that matter. All between 0 and 1, 1 is best.

    Attributes
    ----------
    accuracy : float
        Share of units that are rightly found or rightly left, at gSMILE's threshold.
    f1 : float
        F1 of the found units, at gSMILE's threshold; 0 when no true unit is found.
    best_f1 : float
        F1 at the best of all thresholds: what the ranking alone could reach.
    auroc : float or None
        Probability that a unit that matters has a higher score than one that does not, ties
        counting half; 0.5 by chance. None when all units matter, or none.
    """

    accuracy: float
    f1: float
    best_f1: float
    auroc: float | None


def agreement(scores: ArrayLike, truth: ArrayLike) -> Agreement:
    """Accuracy, F1 and AUROC of scores against the units that matter.

    gSMILE, section 4.4.1 and Table 1 (ATT ACC, ATT F1, ATT AUROC): scores are divided by the
    largest positive one, and a unit counts as found from `THRESHOLD` upwards. Without a positive
    score nothing is found.

    Parameters
    ----------
    scores : float [n]
        Signed; NaN marks a unit without score, which ranks below all others.
    truth : bool [n]
        Which units matter.

    Raises
    ------
    ValueError
        When lengths differ or there are no units.

    Examples
    --------
    >>> found = agreement([4.0, 1.0, 3.0, -2.0], [1, 1, 0, 0])
    >>> found.accuracy, found.f1, found.best_f1, found.auroc
    (0.5, 0.5, 0.8, 0.75)
    """
    from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

    numbers, matters = _checked(scores, truth)
    largest = numbers.max()
    found = numbers >= THRESHOLD * largest if largest > 0 else np.zeros_like(matters)
    best = [
        float(f1_score(matters, numbers >= cut, zero_division=0))  # type: ignore[arg-type]
        for cut in np.unique(numbers)
    ]
    mixed = bool(matters.any() and not matters.all())
    return Agreement(
        accuracy=float(accuracy_score(matters, found)),
        f1=float(f1_score(matters, found, zero_division=0)),  # type: ignore[arg-type]
        best_f1=max(best),
        auroc=float(roc_auc_score(matters, numbers)) if mixed else None,
    )


def recall_at_k(scores: ArrayLike, truth: ArrayLike, k: int) -> float | None:
    """Share of the units that matter which are among the top k.

    Parameters
    ----------
    scores : float [n]
    truth : bool [n]
    k : int
        1 to n.

    Returns
    -------
    float or None
        0 to 1, but at most k over the number of units that matter; None when none does.

    Raises
    ------
    XaiError
        When k is out of range.

    Examples
    --------
    >>> recall_at_k([4.0, 1.0, 3.0, -2.0], [1, 1, 0, 0], k=2)
    0.5
    """
    matters = np.asarray(truth, dtype=bool)
    chosen = top_k(scores, k)
    return float(matters[chosen].sum() / matters.sum()) if matters.any() else None


def _checked(scores: ArrayLike, truth: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    numbers, matters = np.array(scores, dtype=np.float64), np.asarray(truth, dtype=bool)
    if numbers.ndim != 1 or not len(numbers) or numbers.shape != matters.shape:
        msg = f"shapes {numbers.shape} and {matters.shape} must be one equal length"
        raise ValueError(msg)
    unscored = np.isnan(numbers)
    numbers[unscored] = -1.0 if unscored.all() else min(numbers[~unscored].min(), 0.0) - 1.0
    return numbers, matters
