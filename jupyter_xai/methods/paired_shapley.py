r"""Shapley values from sampled pairs of complementary masks, with intervals that keep their word.

Write s = 2z - 1 for a mask z, d(z) = v(z) - v(1 - z), D = v(1) - v(0), and ~s for s less its mean.
KernelSHAP's regression (Lundberg and Lee 2017, theorem 2) over all masks depends on d alone, and
its solution is a plain sum over pairs (cf. Covert and Lee 2021, arXiv:2012.01536):

    phi = D/n + sum_pairs kappa_z ~s_z d(z),    sum_pairs kappa_z ~s_z ~s_z' = the projection on
                                                                              sum phi = 0.

From a sample of pairs the sum could be estimated by weighting each with 1 / (its chance to be
drawn). That is unbiased but ignores how nearly linear most games are; fitting the regression to the
sample uses it but has few residual degrees of freedom, and fails when there are fewer pairs than
units. So both are combined (regression-adjusted sampling, Witter et al. 2025, arXiv:2506.11849):
a ridge fit predicts each pair from the *other* pairs, and the weighted sum estimates what is left.

    phi = mean_p phi_ridge(without p) + sum_p omega_p ~s_p e_p,    e_p = left-out residual of pair p

Leaving one out has a closed form, so this costs one singular value decomposition. The estimate is
unbiased for any fixed ridge, exact for games of units and pairs of units once there are more pairs
of masks than units, and its terms are nearly independent. Resampling these terms, pair by pair
as they were drawn, is a bootstrap that needs no refit; it is studentised, and allows for pairs
being drawn without replacement (those of small sizes are soon all seen).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.masking import CONFIDENCE, Masks, Values, pair_ids, pairs_of_size
from jupyter_xai.methods.base import Attribution

_RIDGES = (0.0, 1e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0, 10.0)
# Without a unit: the second moment of the weighted ~s that they are added to is near the identity.
_RESAMPLES = 200
_FEWEST_PAIRS = 4
_CHUNK = 2**21
# Numbers of a bootstrap that are held in memory at once.


@dataclass(frozen=True)
class _Design:
    """What depends on the masks alone: P pairs, n units, rank r.

    Attributes
    ----------
    rows : float64 [P, n]
        sqrt(omega) ~s = u diag(singular) vt.
    root : float64 [P]
        sqrt(omega).
    excess : float64 [P]
        sum(s) / n: what D adds to d when every unit scores D/n.
    unseen : float64 [P]
        Share of the pairs of the same size that was not drawn.
    u, singular, vt : float64 [P, r], [r], [r, n]
    """

    rows: Values
    root: Values
    excess: Values
    unseen: Values
    u: Values
    singular: Values
    vt: Values


def estimate(
    masks: Masks, values: Values, *, full: int, seed: int, intervals: bool
) -> Attribution | None:
    """Estimate Shapley values.

    Parameters
    ----------
    masks : bool [R, n]
        Distinct rows, drawn as by `jupyter_xai.masking.shapley_pairs`. Rows whose complement is
        missing are not used.
    values : float64 [R, c]
        Finite.
    full : int
        The row that keeps everything.
    seed : int
        Seeds the bootstrap.
    intervals : bool
        Whether intervals are wanted.

    Returns
    -------
    Attribution or None
        None when the empty mask or every pair is missing. Intervals of fewer than four pairs are
        NaN.
    """
    first, second = _pairs(masks, full)
    empty = np.flatnonzero(~masks.any(axis=1))
    if not len(empty) or not len(first):
        return None
    n, pairs = masks.shape[1], len(first)
    design = _design(masks[first])
    total = values[full] - values[empty[0]]
    odd = values[first] - values[second]
    target = (odd - design.excess[:, None] * total) * design.root[:, None]

    ridge, left_out = _leave_out(design, target)
    u, singular = design.u, design.singular[:, None]
    rest = u.T @ left_out
    shrunk = singular / (singular**2 + ridge) * (u.T @ target - rest / pairs)
    scores = total / n + design.vt.T @ (shrunk + singular * rest)
    # They sum to D but for rounding.
    scores += (total - scores.sum(axis=0)) / n
    if not intervals:
        return Attribution(scores)
    if pairs < _FEWEST_PAIRS:
        return Attribution(scores, np.full_like(scores, np.nan), np.full_like(scores, np.nan))
    freedom = (singular**2 / (singular**2 + ridge)).sum(axis=0) / pairs
    margin = _margins(design, left_out, np.random.default_rng([seed, pairs]))
    # Two terms that each left the other out share an error, which their spread shows only once.
    margin *= np.sqrt((1 + 2 * freedom) / (1 + freedom))
    # Where the fit leaves nothing over, rounding does.
    margin += 1e-13 * n * np.abs(values).max(initial=0)
    return Attribution(scores, scores - margin, scores + margin)


def _pairs(masks: Masks, full: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of the complete pairs, but for the pair of the full mask."""
    ids = pair_ids(masks)
    order = np.argsort(ids, kind="stable")
    count = np.bincount(ids)
    start = np.cumsum(count) - count
    start = start[(count == 2) & (np.arange(len(count)) != ids[full])]
    return order[start], order[start + 1]


def _design(masks: Masks) -> _Design:
    n = masks.shape[1]
    kept = masks.sum(axis=1)
    size = np.minimum(kept, n - kept)
    drawn = np.bincount(size, minlength=n // 2 + 1)
    # Each size carries the same information (its leverage); sizes m and n - m are one here. A size
    # that was not drawn is stood for by the nearest one that was.
    sizes = np.arange(1, n // 2 + 1)
    share = np.where(2 * sizes == n, 1.0, 2.0) / (n - 1)
    seen = np.flatnonzero(drawn)
    nearest = seen[np.argmin(np.abs(sizes[:, None] - seen), axis=1)]
    carried = np.bincount(nearest, weights=share, minlength=len(drawn))
    square = 4 * size * (n - size) / n  # of the length of ~s
    omega = (n - 1) * carried[size] / (drawn[size] * square)

    signs = 2.0 * masks - 1.0
    excess = signs.mean(axis=1)
    root = np.sqrt(omega)
    rows = (signs - excess[:, None]) * root[:, None]
    u, singular, vt = np.linalg.svd(rows, full_matrices=False)
    real = singular > 1e-9 * singular[0]
    unseen = 1 - drawn[size] / pairs_of_size(n, size)
    return _Design(rows, root, excess, unseen, u[:, real], singular[real], vt[real])


def _leave_out(design: _Design, target: Values) -> tuple[Values, Values]:
    """For each column the best ridge and the residuals of pairs left out of their own fit.

    The ridge is the one with the least sum of squares of these residuals (Allen's PRESS).

    Returns
    -------
    ridge : float64 [c]
    left_out : float64 [P, c]
    """
    u, square = design.u, design.singular**2
    rotated = u.T @ target
    least = np.full(target.shape[1], np.inf)
    best = np.full(target.shape[1], _RIDGES[-1])
    left_out = np.zeros_like(target)
    for ridge in _RIDGES:
        gain = square / (square + ridge)
        room = 1 - (u**2) @ gain
        if (len(u) <= len(square) + 1 and ridge == 0.0) or room.min() < 1e-9:
            continue
        residual = (target - u @ (gain[:, None] * rotated)) / room[:, None]
        press = (residual**2).sum(axis=0)
        better = press < least
        least[better], best[better] = press[better], ridge
        left_out[:, better] = residual[:, better]
    return best, left_out


def _margins(design: _Design, left_out: Values, rng: np.random.Generator) -> Values:
    """Half widths of the intervals: the symmetric studentised bootstrap of a sum over pairs.

    Returns
    -------
    float64 [n, c]
    """
    pairs, n = design.rows.shape
    columns = left_out.shape[1]
    drawn = rng.multinomial(pairs, np.full(pairs, 1 / pairs), size=_RESAMPLES) / pairs
    drawn = drawn.astype(np.float32)
    margin = np.empty((n, columns))
    step = max(1, _CHUNK // (n * max(pairs, _RESAMPLES)))
    for start in range(0, columns, step):
        part = slice(start, start + step)
        terms = design.rows[:, :, None] * left_out[:, None, part]
        terms -= terms.mean(axis=0)
        terms *= np.sqrt(design.unseen)[:, None, None]
        terms -= terms.mean(axis=0)
        spread = np.sqrt((terms**2).mean(axis=0))
        unit = (terms / np.where(spread > 0, spread, 1)).reshape(pairs, -1).astype(np.float32)
        mean = drawn @ unit
        deviation = np.sqrt(np.maximum(drawn @ unit**2 - mean**2, 1e-6))
        quantile = np.quantile(np.abs(mean) / deviation, CONFIDENCE, axis=0)
        margin[:, part] = quantile.reshape(spread.shape) * spread * pairs
    return margin
