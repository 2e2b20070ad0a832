"""ContextCite as a method on our board: its own draws and its own solver, on the same values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from jupyter_xai.masking import MANY, Masks, Values
from jupyter_xai.methods.base import Attribution, MaskMethod, check_perturbations
from support.peers import context_cite

_DRAWS_APART = 100_000
"""Between the seeds of one draw and the next; ContextCite numbers its masks from 0."""


@dataclass(frozen=True)
class ContextCite(MaskMethod):
    """ContextCite 0.0.4: `context_cite.utils._create_mask` and `solver.LassoRegression`.

    It may draw a mask twice, and does not evaluate the whole prompt, which takes no part in the
    fit here either.
    """

    alpha: float = 0.01

    name: ClassVar[str] = "context-cite"
    title: ClassVar[str] = "ContextCite"
    summary: ClassVar[str] = "The published estimator."
    default_value: ClassVar[str] = "logit"

    def most(self, n: int) -> int:
        """It draws with replacement, so there is no end."""
        return MANY

    def default_perturbations(self, n: int) -> int:
        """As ContextCite's."""
        return 64

    def plan(self, n: int, perturbations: int | None, seed: int) -> Masks:
        """The full mask, then its draws."""
        drawn = context_cite("utils")._create_mask
        wanted = check_perturbations(perturbations, default=64)
        rows = [drawn(n, 0.5, seed * _DRAWS_APART + place) for place in range(wanted)]
        return np.concatenate([np.ones((1, n), dtype=bool), np.array(rows, dtype=bool)])

    def solve(
        self,
        masks: Masks,
        values: Values,
        *,
        lengths: Sequence[int],
        seed: int,
        intervals: bool = True,
    ) -> Attribution:
        """Its regression, column by column."""
        solver: Any = context_cite("solver").LassoRegression(self.alpha)
        columns = [
            solver.fit(masks[1:], values[1:, j], length)[0] for j, length in enumerate(lengths)
        ]
        return Attribution(np.stack(columns, axis=1))
