"""Values by answers: what a model is asked about masks, and how that is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.game.asker import Asker, Counting
from jupyter_xai.game.text_values import TextValues
from jupyter_xai.masking import Masks


@dataclass(frozen=True, eq=False)
class AnsweredMasks:
    """Compares the answers to masked prompts with the response.

    Attributes
    ----------
    asker : Asker
    reading : TextValues
    draws : int
        How many answers are drawn for each mask; 0 where none is drawn by chance.
    supplied : bool
        Whether the response was given, so that it is no answer of the model.
    """

    asker: Asker
    reading: TextValues
    draws: int
    supplied: bool

    def values(
        self, masks: Masks, on_progress: Counting | None = None, *, count_reused: bool = True
    ) -> NDArray[np.float64]:
        """Values of masks: float64 [R, m + 1]."""
        answers = self.asker.answers(masks, on_progress, count_reused=count_reused)
        return self._of_draws(masks, answers).mean(axis=1)

    def known(self, masks: Masks) -> NDArray[np.bool_]:
        """Which masks need no model call: bool [R]."""
        return self.asker.know_answers(masks)

    def calls(self, masks: Masks) -> int:
        """How many masks need calls."""
        return int((~self.known(masks)).sum())

    def answers(self, masks: Masks) -> list[tuple[str, ...]]:
        """All answers to evaluated masks."""
        # They were counted when their values were asked for.
        return self.asker.answers(np.ascontiguousarray(masks, dtype=bool), count_reused=False)

    def settle(self, masks: Masks, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """See `MaskingGame.settle`."""
        if not len(masks) or not self.reading.is_relative:
            return values
        answers = self.answers(masks)
        self.reading.settle([text for each in answers for text in each])
        return self._of_draws(masks, answers).mean(axis=1)

    def errors(self, masks: Masks) -> NDArray[np.float64] | None:
        """See `MaskingGame.value_errors`."""
        if self.draws < 2:
            return None
        values = self._of_draws(masks, self.answers(masks))
        return values.std(axis=1, ddof=1) / np.sqrt(self.draws)

    def _of_draws(self, masks: Masks, answers: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Values of all answers: float64 [R, draws, m + 1]."""
        if not self.draws or self.supplied:
            return self.reading.of_draws(answers)
        whole = self.answers(np.ones((1, masks.shape[1]), dtype=bool))[0]
        return self.reading.of_draws(answers, whole, own=np.atleast_1d(masks.all(axis=1)))
