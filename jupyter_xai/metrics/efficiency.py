"""Efficiency: how many model calls a method needs for scores of a given quality."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from jupyter_xai.masking import Masks, Values
from jupyter_xai.metrics.lds import lds
from jupyter_xai.metrics.solver import Solver


def lds_by_calls(
    method: Solver,
    masks: Masks,
    values: Values,
    calls: Sequence[int],
    fresh: Masks,
    fresh_values: ArrayLike,
    *,
    length: int = 1,
    seed: int = 0,
) -> list[float | None]:
    """LDS of a method on the whole response, after so many calls of its plan.

    Plans are nested, so that one evaluated plan serves all numbers of calls.

    Parameters
    ----------
    method : Solver
    masks : bool [R, n]
        A plan of the method.
    values : float64 [R]
        Value of the whole response for each of its masks.
    calls : sequence of int
        Numbers of masks to solve from, 1 to R.
    fresh : bool [F, n]
        Masks that are not in the plan.
    fresh_values : float [F]
    length : int
        Response tokens (or 1 for text values).
    seed : int

    Returns
    -------
    list of float or None
        As `lds`; None where so few masks give no scores.

    Examples
    --------
    >>> from jupyter_xai import masking, methods
    >>> method, weights = methods.get("shap"), np.array([4.0, 1.0, 8.0, -16.0, 2.0])
    >>> masks, fresh = method.plan(5, 31, seed=0), masking.every(5)
    >>> found = lds_by_calls(method, masks, masks @ weights, [32], fresh, fresh @ weights)
    >>> round(found[0], 6)
    1.0
    """
    column = np.asarray(values, dtype=np.float64)[:, None]
    found = []
    for count in calls:
        solved = method.solve(
            masks[:count], column[:count], lengths=[length], seed=seed, intervals=False
        )
        found.append(lds(solved.scores[:, 0], fresh, fresh_values))
    return found


def calls_to_reach(
    calls: Sequence[int], scores: Sequence[float | None], target: float
) -> int | None:
    """The smallest number of calls from which the score stays at the target or above it.

    Parameters
    ----------
    calls : sequence of int
        Increasing.
    scores : sequence of float or None
        Such as from `lds_by_calls`; None counts as below.
    target : float

    Returns
    -------
    int or None
        None when the last score is below the target.

    Examples
    --------
    >>> calls_to_reach([8, 16, 32, 64], [0.7, 0.9, 0.85, 0.95], 0.8)
    16
    """
    reached = None
    for count, score in zip(calls, scores, strict=True):
        if score is None or score < target:
            reached = None
        elif reached is None:
            reached = count
    return reached
