"""LIME: a linear surrogate that trusts masks the more, the less they remove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from jupyter_xai.errors import above_zero
from jupyter_xai.masking import Masks, Values, possible, shapley_pairs
from jupyter_xai.methods.base import (
    Attribution,
    between_ends,
    check_perturbations,
    finite_columns,
    full_row,
)
from jupyter_xai.methods.sampled import SampledMethod
from jupyter_xai.methods.weighted_ridge import FEWEST_MASKS, bootstrap_ends, is_affordable


@dataclass(frozen=True)
class Lime(SampledMethod):
    """Locally weighted linear surrogate (Ribeiro et al. 2016, arXiv:1602.04938, equation 1).

    The estimator is that of the authors' package for texts (lime 0.2.0.1, ``LimeTextExplainer``
    without feature selection): a mask that keeps k of n units is at cosine distance
    d = 1 - sqrt(k / n) from the full one, counts with the weight sqrt(exp(-(d / kernel_width)^2)),
    and scikit-learn's ``Ridge`` is fitted with these weights. Given the same masks and values the
    scores are equal to that package's. They are in the units of the value.

    As in that package the number of removed units is uniform; but masks are drawn in pairs of
    complements and never repeated, and the empty one is the very last. The full mask takes part.

    Parameters
    ----------
    kernel_width : float
        Above 0; 0.25 as the package's 25, which counts distances in hundredths. Smaller widths
        look at the neighbourhood of the full prompt only.
    alpha : float
        Weight of the ridge penalty, above 0.

    Examples
    --------
    >>> method = Lime(alpha=1e-6)
    >>> masks = method.plan(6, 32, seed=0)
    >>> method.solve(masks, masks[:, :1] * 3.0, lengths=[1], seed=0).scores.ravel().round(2) + 0.0
    array([3., 0., 0., 0., 0., 0.])
    """

    kernel_width: float = 0.25
    alpha: float = 1.0

    name: ClassVar[str] = "lime"
    title: ClassVar[str] = "LIME"
    summary: ClassVar[str] = (
        "A ridge regression that trusts masks the more, the less they remove: what counts near "
        "the whole prompt. Scores are drawn towards zero when masks are few."
    )

    def __post_init__(self) -> None:
        above_zero(self.kernel_width, "kernel_width", example=0.25)
        above_zero(self.alpha, "alpha", example=1)

    def plan(self, n: int, perturbations: int | None, seed: int) -> Masks:
        """The full mask, then pairs of complements; the empty one is the very last."""
        wanted = check_perturbations(perturbations, default=self.default_perturbations(n))
        return between_ends(shapley_pairs(n, wanted, seed), complete=wanted >= possible(n) - 1)

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
        from sklearn.linear_model import Ridge

        full_row(masks)
        n = masks.shape[1]
        scores = np.full((n, values.shape[1]), np.nan)
        if len(masks) < 2:
            return Attribution(scores, notes=("too few masks are evaluated yet",))
        exact = len(masks) == possible(n) == 2**n
        columns = np.flatnonzero(finite_columns(values))
        if not len(columns):
            return Attribution(scores, exact=exact)
        weights = mask_weights(masks, self.kernel_width)
        # With a seed, or it could draw from NumPy's global state.
        ridge = Ridge(alpha=self.alpha, random_state=0)
        ridge.fit(masks.astype(np.float64), values[:, columns], sample_weight=weights)
        scores[:, columns] = np.reshape(ridge.coef_, (len(columns), n)).T
        if exact or not intervals:
            return Attribution(scores, exact=exact)
        low, high = np.full_like(scores, np.nan), np.full_like(scores, np.nan)
        if not is_affordable(masks, len(columns)):
            note = "no score has an interval: refitting so many units takes too long"
            return Attribution(scores, low, high, notes=(note,))
        if len(masks) >= FEWEST_MASKS:
            ends = bootstrap_ends(masks, values[:, columns], weights, self.alpha, seed)
            # The penalty shrinks refits, which hold fewer different masks, a little further.
            low[:, columns] = np.minimum(ends[0], scores[:, columns])
            high[:, columns] = np.maximum(ends[1], scores[:, columns])
        return Attribution(scores, low, high)


def mask_weights(masks: Masks, kernel_width: float) -> Values:
    """LIME's weights of masks: near 1 for those that remove little.

    Parameters
    ----------
    masks : bool [R, n]
    kernel_width : float
        Above 0, in cosine distance.

    Returns
    -------
    float64 [R]
        0 to 1; the full mask has 1.

    Examples
    --------
    >>> mask_weights(np.array([[1, 1], [1, 0]], dtype=bool), 0.25).round(3).tolist()
    [1.0, 0.503]
    """
    distance = 1 - np.sqrt(masks.mean(axis=1))
    return np.exp(-((distance / kernel_width) ** 2) / 2)
