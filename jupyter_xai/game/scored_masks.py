"""Values by log-probabilities: what a model is asked about masks, and how that is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.game.asker import Asker, Counting
from jupyter_xai.game.token_values import TokenValues
from jupyter_xai.masking import Masks
from jupyter_xai.models.base import Response


@dataclass(frozen=True, eq=False)
class ScoredMasks:
    """Scores the response, and its foil where there is one, after masked prompts.

    Attributes
    ----------
    asker : Asker
    reading : TokenValues
    sides : sequence of Response
        What is scored for each mask: the response, then the foil.
    """

    asker: Asker
    reading: TokenValues
    sides: Sequence[Response]

    def values(
        self, masks: Masks, on_progress: Counting | None = None, *, count_reused: bool = True
    ) -> NDArray[np.float64]:
        """Values of masks: float64 [R, m + 1]."""
        logprobs = [
            self.asker.logprobs(
                masks,
                side,
                _part(on_progress, position, len(self.sides)),
                count_reused=count_reused,
            )
            for position, side in enumerate(self.sides)
        ]
        return self.reading.values(*logprobs)

    def known(self, masks: Masks) -> NDArray[np.bool_]:
        """Which masks need no model call: bool [R]."""
        return np.logical_and.reduce([self.asker.know_logprobs(masks, side) for side in self.sides])

    def calls(self, masks: Masks) -> int:
        """How many calls the masks need."""
        return sum(int((~self.asker.know_logprobs(masks, side)).sum()) for side in self.sides)


def _part(on_progress: Counting | None, position: int, parts: int) -> Counting | None:
    """Progress within one of several passes over the same masks."""
    if on_progress is None:
        return None
    return lambda done, total: on_progress((position * total + done) // parts, total)
