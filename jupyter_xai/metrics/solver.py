"""What metrics ask of a method: scores from masks and their values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from jupyter_xai.masking import Masks, Values


class Solved(Protocol):
    """Scores, [n, m + 1]; NaN where the masks gave none."""

    @property
    def scores(self) -> Values:
        """Signed scores of n units."""
        ...


class Solver(Protocol):
    """A method that turns masks [R, n] and values [R, m + 1] into scores."""

    def solve(
        self,
        masks: Masks,
        values: Values,
        *,
        lengths: Sequence[int],
        seed: int,
        intervals: bool = True,
    ) -> Solved:
        """See `jupyter_xai.methods.base.MaskMethod.solve`."""
        ...
