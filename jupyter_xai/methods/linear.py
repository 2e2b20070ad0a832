"""ContextCite's sparse linear surrogate over keep-half masks."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import above_zero
from jupyter_xai.masking import (
    CONFIDENCE,
    Masks,
    Values,
    orthogonal_halves,
    pair_ids,
    possible,
    random_pairs,
)
from jupyter_xai.methods.base import (
    Attribution,
    between_ends,
    check_perturbations,
    finite_columns,
    full_row,
)
from jupyter_xai.methods.lasso import batch_lasso
from jupyter_xai.methods.sampled import SampledMethod

_MOST_PAIRED = 15
"""Units up to which each mask comes with its complement, which cancels what units do in twos. More
units need more masks than that: theirs come from orthogonal arrays, which tell them all apart."""

_RESAMPLES = 100
_FEWEST_MASKS = 8
_AFFORDABLE = 5e7
# Multiplications in one refit; all refits of this size take about half a second on two cores.


@dataclass(frozen=True)
class Linear(SampledMethod):
    """Sparse linear model of the value over masks that keep each unit with probability one half.

    The estimator is ContextCite's (Cohen-Wang et al. 2024, arXiv:2409.00729, section 3), with the
    arithmetic of its published package (context-cite 0.0.4, ``LassoRegression``): masks as float32,
    standardised; the value divided by the number of response tokens behind it; scikit-learn's
    ``Lasso``; the coefficients divided by the masks' deviation and multiplied by the number of
    tokens again. Given the same masks and values the scores are equal to that package's. They are
    in the units of the value: what keeping the unit adds to it on average over the other units.

    The masks differ: they are never repeated; of up to 15 units each is followed by its complement,
    of more they are those of `jupyter_xai.masking.orthogonal_halves`.
    The full mask takes part in the fit only where the empty one does, that is when all masks are
    evaluated.

    Parameters
    ----------
    alpha : float
        Weight of the LASSO penalty, per response token and standardised mask.

    Examples
    --------
    >>> method = Linear()
    >>> masks = method.plan(6, 32, seed=0)
    >>> values = masks[:, :1] * 3.0
    >>> scores = method.solve(masks, values, lengths=[1], seed=0).scores
    >>> scores.ravel().round(2).tolist()
    [2.98, 0.0, 0.0, 0.0, 0.0, 0.0]
    """

    alpha: float = 0.01

    name: ClassVar[str] = "linear"
    title: ClassVar[str] = "Sparse linear surrogate"
    summary: ClassVar[str] = (
        "ContextCite's form: a LASSO over random halves of the prompt. Few calls, also for long "
        "prompts; says which units count, on average over what else is there."
    )
    default_value: ClassVar[str] = "logit"

    def __post_init__(self) -> None:
        above_zero(self.alpha, "alpha", example=0.01)

    def plan(self, n: int, perturbations: int | None, seed: int) -> Masks:
        """The full mask, then keep-half masks; the empty one is the very last."""
        wanted = check_perturbations(perturbations, default=self.default_perturbations(n))
        draw = random_pairs if n <= _MOST_PAIRED else orthogonal_halves
        return between_ends(draw(n, wanted, seed), complete=wanted >= possible(n) - 1)

    def solve(
        self,
        masks: Masks,
        values: Values,
        *,
        lengths: Sequence[int],
        seed: int,
        intervals: bool = True,
    ) -> Attribution:
        """Scores and the 90 % percentile intervals of refits to resampled pairs of masks."""
        full = full_row(masks)
        n = masks.shape[1]
        scores = np.full((n, values.shape[1]), np.nan)
        if masks.any(axis=1).all():
            masks, values = np.delete(masks, full, axis=0), np.delete(values, full, axis=0)
        if len(masks) < 2:
            return Attribution(scores, notes=("too few masks are evaluated yet",))
        exact = len(masks) == possible(n) == 2**n
        columns = np.flatnonzero(finite_columns(values))
        if not len(columns):
            return Attribution(scores, exact=exact)
        tokens = np.asarray(lengths, dtype=np.float64)
        targets = values / tokens
        weights, settled = _fit(masks, targets[:, columns], self.alpha)
        scores[:, columns] = weights * tokens[columns]
        notes = () if settled else ("the LASSO did not settle; evaluate more masks",)
        if exact or not intervals:
            return Attribution(scores, exact=exact, notes=notes)
        low, high = np.full_like(scores, np.nan), np.full_like(scores, np.nan)
        if _effort(masks, len(columns)) > _AFFORDABLE:
            affordable = _effort(masks, 1) <= _AFFORDABLE
            columns = columns[(columns == len(tokens) - 1) & affordable]
            having = "only the total has" if len(columns) else "no score has"
            notes += (f"{having} an interval: refitting {scores.size:,} scores takes too long",)
        if len(masks) >= _FEWEST_MASKS and len(columns):
            rng = np.random.default_rng([seed, len(masks)])
            ends = _percentiles(masks, targets[:, columns], self.alpha, rng)
            ends *= tokens[columns]
            # The LASSO shrinks each refit, most with few masks: percentiles alone could leave the
            # score itself outside, which no reader would understand.
            low[:, columns] = np.minimum(ends[0], scores[:, columns])
            high[:, columns] = np.maximum(ends[1], scores[:, columns])
        return Attribution(scores, low, high, notes=notes)

    def default_perturbations(self, n: int) -> int:
        """64, as ContextCite's, or as many as there are."""
        return min(self.most(n), 64)


def _fit(masks: Masks, targets: Values, alpha: float) -> tuple[Values, bool]:
    """Coefficients [n, c] of scikit-learn's LASSO on standardised masks, and whether it settled."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import Lasso
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler()
    # float32, as the published package does: it sets the precision in which the fit is made.
    standard = scaler.fit_transform(masks.astype(np.float32))
    # With a seed, or it would draw from NumPy's global state.
    lasso = Lasso(alpha=alpha, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        lasso.fit(standard, targets)
    settled = bool(np.max(lasso.n_iter_) < lasso.max_iter)
    coefficients = np.reshape(lasso.coef_, (targets.shape[1], -1)) / np.asarray(scaler.scale_)
    # scikit-learn leaves negative zeros.
    return coefficients.T.astype(np.float64) + 0.0, settled


def _effort(masks: Masks, columns: int) -> int:
    """About how many multiplications one refit takes: the setting up, and 100 steps."""
    rows, n = masks.shape
    return min(rows, n) * n * (rows + 100 * columns)


def _percentiles(
    masks: Masks, targets: Values, alpha: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Ends of the intervals: float64 [2, n, c]."""
    pair = pair_ids(masks)
    pairs = int(pair.max()) + 1
    counts = rng.multinomial(pairs, np.full(pairs, 1 / pairs), size=_RESAMPLES)
    weights = counts[:, pair] / counts[:, pair].sum(axis=1, keepdims=True)
    # Centred first: float32 is enough for differences, not for large sums of log-probabilities.
    centred = (targets - targets.mean(axis=0)).astype(np.float32)
    refits = batch_lasso(masks.astype(np.float32), centred, weights, alpha)
    tail = (1 - CONFIDENCE) / 2
    return np.quantile(refits, [tail, 1 - tail], axis=0).astype(np.float64)
