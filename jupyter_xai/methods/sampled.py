"""Methods that draw their masks: the more, the better the scores."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_xai.masking import possible
from jupyter_xai.methods.base import MaskMethod


@dataclass(frozen=True)
class SampledMethod(MaskMethod):
    """A mask method whose number of perturbations can be chosen, up to all masks there are."""

    def most(self, n: int) -> int:
        """All masks but the full one."""
        return possible(n) - 1

    def default_perturbations(self, n: int) -> int:
        """All up to 7 units; then 128, and 4 for each unit from 32 units on, at most 1,024."""
        return min(self.most(n), max(128, 4 * n), 1024)
