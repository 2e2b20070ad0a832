"""Shapley values: exact where all masks fit the budget, else sampled with honest intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import ClassVar

import numpy as np

from jupyter_xai.masking import Masks, Values, possible, shapley_pairs
from jupyter_xai.methods.base import Attribution, check_perturbations, finite_columns, full_row
from jupyter_xai.methods.paired_shapley import estimate
from jupyter_xai.methods.sampled import SampledMethod


@dataclass(frozen=True)
class Shap(SampledMethod):
    """Shapley values (Shapley 1953; Lundberg and Lee 2017), signed, in the units of the value.

    The scores of a column sum to v(everything) - v(nothing), always. When all 2^n masks are there
    they are enumerated. Otherwise they are estimated from pairs of complementary masks, see
    `jupyter_xai.methods.paired_shapley`, and come with 90 % intervals.

    Examples
    --------
    >>> method = Shap()
    >>> masks = method.plan(2, None, seed=0)
    >>> both = masks.all(axis=1, keepdims=True).astype(float)
    >>> method.solve(masks, both, lengths=[1], seed=0).scores.ravel().tolist()
    [0.5, 0.5]
    """

    name: ClassVar[str] = "shap"
    title: ClassVar[str] = "Shapley values"
    summary: ClassVar[str] = (
        "Shares the response's value fairly between all units, interactions included; the scores "
        "add up."
    )

    def plan(self, n: int, perturbations: int | None, seed: int) -> Masks:
        """The full and the empty mask, then pairs of complements.

        Half a pair tells nothing, so an even number of perturbations is rounded down (but never
        below the one pair that the first scores need).
        """
        wanted = check_perturbations(perturbations, default=self.default_perturbations(n))
        ends = np.stack([np.ones(n, np.bool_), np.zeros(n, np.bool_)])
        return np.concatenate([ends, shapley_pairs(n, max(2, (wanted - 1) // 2 * 2), seed)])

    def solve(
        self,
        masks: Masks,
        values: Values,
        *,
        lengths: Sequence[int],
        seed: int,
        intervals: bool = True,
    ) -> Attribution:
        """Scores from the masks that are there; all NaN until the first pair is complete."""
        n = masks.shape[1]
        usable = finite_columns(values)
        scores = np.full((n, values.shape[1]), np.nan)
        if len(masks) == possible(n) == 2**n:
            scores[:, usable] = enumerate_shapley(masks, values[:, usable])
            return Attribution(scores, exact=True)
        result = estimate(
            masks, values[:, usable], full=full_row(masks), seed=seed, intervals=intervals
        )
        if result is None:
            return Attribution(scores, notes=("no pair of masks is evaluated yet",))
        scores[:, usable] = result.scores
        if result.low is None or result.high is None:
            return Attribution(scores)
        low, high = np.full_like(scores, np.nan), np.full_like(scores, np.nan)
        low[:, usable], high[:, usable] = result.low, result.high
        return Attribution(scores, low, high)


def enumerate_shapley(masks: Masks, values: Values) -> Values:
    """Exact Shapley values of a game whose 2^n values are all known.

    Parameters
    ----------
    masks : bool [2^n, n]
        All masks, in any order.
    values : float64 [2^n, c]

    Returns
    -------
    float64 [n, c]
        phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S)), Shapley (1953).
    """
    n = masks.shape[1]
    size = masks.sum(axis=1)
    # |S|! (n - |S| - 1)! / n! = 1 / (n C(n - 1, |S|))
    weight = np.array([1 / (n * comb(n - 1, s)) for s in range(n)])
    joined = weight[np.maximum(size - 1, 0)]
    absent = weight[np.minimum(size, n - 1)]
    scores = np.empty((n, values.shape[1]))
    for i in range(n):
        scores[i] = np.where(masks[:, i], joined, -absent) @ values
    return scores
