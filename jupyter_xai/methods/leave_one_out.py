"""Leave-one-out: what is lost when one unit alone is removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from jupyter_xai.masking import Masks, Values, leave_one_out
from jupyter_xai.methods.base import Attribution, MaskMethod, full_row


@dataclass(frozen=True)
class LeaveOneOut(MaskMethod):
    """Score of unit i = v(everything) - v(everything but i).

    In the units of the value; nothing is sampled. This is the "mask perturbation" of Zhao et al.'s
    survey (*Usable XAI*, section 2), and the occlusion of Zeiler and Fergus (2014).

    Examples
    --------
    >>> method = LeaveOneOut()
    >>> masks = method.plan(2, None, seed=0)
    >>> values = masks @ np.array([[3.0], [-1.0]])
    >>> method.solve(masks, values, lengths=[1], seed=0).scores.ravel().tolist()
    [3.0, -1.0]
    """

    name: ClassVar[str] = "leave-one-out"
    title: ClassVar[str] = "Leave one out"
    summary: ClassVar[str] = (
        "Removes one unit at a time. Cheap and exact; blind to units that stand in for each other."
    )

    formula: ClassVar[str] = "n + 1 prompts"

    def plan(self, n: int, perturbations: int | None, seed: int) -> Masks:
        """The full mask, then one mask a source; ``perturbations`` and ``seed`` change nothing."""
        ones = leave_one_out(n)
        return np.concatenate([np.ones((1, n), np.bool_), ones])

    def solve(
        self,
        masks: Masks,
        values: Values,
        *,
        lengths: Sequence[int],
        seed: int,
        intervals: bool = True,
    ) -> Attribution:
        """Scores of the sources whose mask is there; the others are NaN."""
        full = full_row(masks)
        scores = np.full((masks.shape[1], values.shape[1]), np.nan)
        rows = np.flatnonzero((~masks).sum(axis=1) == 1)
        scores[np.argmin(masks[rows], axis=1)] = values[full] - values[rows]
        return Attribution(scores, exact=True)
