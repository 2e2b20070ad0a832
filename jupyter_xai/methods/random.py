"""Random scores: the baseline that every method must beat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from jupyter_xai.methods.base import Attribution, Measure, TextMethod


@dataclass(frozen=True)
class Random(TextMethod):
    """Independent standard normal scores; equal for equal seeds.

    Examples
    --------
    >>> Random().score(["a ", "b"], ["c"], seed=0).scores.shape
    (2, 2)
    """

    name: ClassVar[str] = "random"
    title: ClassVar[str] = "Random"
    summary: ClassVar[str] = "Scores by chance: the baseline of every comparison."

    @property
    def measure(self) -> Measure:
        """Nothing but chance."""
        return "chance"

    def score(self, sources: Sequence[str], targets: Sequence[str], *, seed: int) -> Attribution:
        """Scores of n sources for m targets and the whole, drawn with ``seed``."""
        rng = np.random.default_rng(seed)
        return Attribution(rng.standard_normal((len(sources), len(targets) + 1)))
