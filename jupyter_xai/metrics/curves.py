"""What happens along a whole ranking: deletion and insertion curves, and what they add up to.

A curve holds the value after so many units of the ranking are removed (deletion) or put into an
empty prompt (insertion). Curves are compared over the same numbers of units only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jupyter_xai.masking import Masks

_SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)
"""ERASER's bins, section 5."""


@dataclass(frozen=True)
class Areas:
    """What the curves of one ranking add up to, in units of the value.

    Attributes
    ----------
    deletion : float
        AOPC of the deletion curve: mean of v(everything) - v(without the top units). High is good.
    insertion : float
        The same of the insertion curve: mean of v(only the top units) - v(nothing). High is good.
    difference : float
        Mean of the insertion curve less that of the deletion curve. High is good; 0 is what a
        random ranking can expect.
    """

    deletion: float
    insertion: float
    difference: float


def ranked(total: ArrayLike) -> NDArray[np.int64]:
    """All units from the highest score to the lowest; ties in order, units without score last.

    Examples
    --------
    >>> ranked([0.5, np.nan, 2.0, 0.5]).tolist()
    [2, 0, 3, 1]
    """
    return np.argsort(-np.asarray(total, dtype=np.float64), kind="stable")


def curve_sizes(n: int, steps: int = 10) -> NDArray[np.int64]:
    """Numbers of units at which a curve is measured, from 0 to n.

    Parameters
    ----------
    n : int
        Number of units.
    steps : int
        Every size is taken up to so many units; above, as many that are evenly spaced.

    Examples
    --------
    >>> curve_sizes(4).tolist(), curve_sizes(100, 4).tolist()
    ([0, 1, 2, 3, 4], [0, 25, 50, 75, 100])
    """
    return np.unique(np.round(np.linspace(0, n, min(n, steps) + 1)).astype(np.int64))


def comprehensiveness_sizes(n: int) -> NDArray[np.int64]:
    """ERASER's numbers of units: 1, 5, 10, 20 and 50 % of them, at least one, none twice.

    Examples
    --------
    >>> comprehensiveness_sizes(10).tolist(), comprehensiveness_sizes(100).tolist()
    ([1, 2, 5], [1, 5, 10, 20, 50])
    """
    return np.unique([max(1, round(share * n)) for share in _SHARES]).astype(np.int64)


def deletion_masks(ranking: ArrayLike, sizes: ArrayLike) -> Masks:
    """Masks that remove the first units of a ranking.

    Parameters
    ----------
    ranking : int [n]
        All units, the most important first.
    sizes : int [K]
        How many are removed, for each mask.

    Returns
    -------
    bool [K, n]

    Examples
    --------
    >>> deletion_masks([2, 0, 1], [0, 1, 2]).astype(int).tolist()
    [[1, 1, 1], [1, 1, 0], [0, 1, 0]]
    """
    order = np.asarray(ranking, dtype=np.int64)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place[None, :] >= np.asarray(sizes, dtype=np.int64)[:, None]


def insertion_masks(ranking: ArrayLike, sizes: ArrayLike) -> Masks:
    """Masks that keep nothing but the first units of a ranking.

    Examples
    --------
    >>> insertion_masks([2, 0, 1], [0, 1]).astype(int).tolist()
    [[0, 0, 0], [0, 0, 1]]
    """
    return ~deletion_masks(ranking, sizes)


def areas(deletion: ArrayLike, insertion: ArrayLike) -> Areas:
    """Area over the perturbation curve (AOPC) of both curves, and their difference.

    Samek et al. 2017 (arXiv:1509.06321, equation 12): AOPC is the mean of v(everything) less the
    curve, over all its points, the first one included. The insertion curve and the difference are
    those of RISE (Petsiuk et al. 2018, arXiv:1806.07421, section 4.2).

    Parameters
    ----------
    deletion, insertion : float [K]
        Values at the same sizes: the deletion curve begins with everything kept, the insertion
        curve with nothing.

    Examples
    --------
    >>> areas([6.0, 3.0, 1.0, 0.0], [0.0, 3.0, 5.0, 6.0])
    Areas(deletion=3.5, insertion=3.5, difference=1.0)
    """
    down, up = (np.asarray(each, dtype=np.float64) for each in (deletion, insertion))
    if down.ndim != 1 or not len(down) or down.shape != up.shape:
        msg = f"curves of shapes {down.shape} and {up.shape} must have one equal length"
        raise ValueError(msg)
    return Areas(
        deletion=float((down[0] - down).mean()),
        insertion=float((up - up[0]).mean()),
        difference=float((up - down).mean()),
    )


def comprehensiveness(full: float, without: ArrayLike) -> float:
    """How much is lost without the top units: mean of v(everything) - v(without them).

    DeYoung et al. 2020 (ERASER, arXiv:1911.03429, equation 1), averaged over several numbers of
    units as in section 5; see `comprehensiveness_sizes`.

    Parameters
    ----------
    full : float
        Value with everything kept.
    without : float [K]
        Values without the top units, for each number of them.

    Returns
    -------
    float
        In units of the value. High is good.

    Examples
    --------
    >>> comprehensiveness(-1.0, [-3.0, -5.0])
    3.0
    """
    return float(full - np.asarray(without, dtype=np.float64).mean())


def sufficiency(full: float, only: ArrayLike) -> float:
    """How much is lost when only the top units are kept: mean of v(everything) - v(only them).

    DeYoung et al. 2020 (ERASER, equation 2), averaged as `comprehensiveness`.

    Parameters
    ----------
    full : float
        Value with everything kept.
    only : float [K]
        Values with only the top units, for each number of them.

    Returns
    -------
    float
        In units of the value. Low is good: 0 when the top units carry all of it.

    Examples
    --------
    >>> sufficiency(-1.0, [-2.0, -1.0])
    0.5
    """
    return comprehensiveness(full, only)
