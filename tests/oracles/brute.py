"""Scores by brute force: a forward pass for each subset, textbook formulas, nothing of ours.

Only the tokens of the prompt and which unit each belongs to are taken from the library.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from jupyter_xai.models.base import Prompt

Values = NDArray[np.float64]


class Game:
    """Log-probabilities of the response tokens when only some units of the prompt are kept.

    Parameters
    ----------
    model : transformers.PreTrainedModel
    prompt : Prompt
    response : tuple of int
    stand_in : int, optional
        Token that takes the place of removed ones; they are deleted when it is not given.
    """

    def __init__(
        self, model: Any, prompt: Prompt, response: tuple[int, ...], stand_in: int | None = None
    ) -> None:
        assert prompt.ids is not None
        assert prompt.token_source is not None
        self.n = len(prompt.document.sources)
        self._model = model
        self._ids = np.array(prompt.ids)
        self._unit = prompt.token_source
        self._response = list(response)
        self._stand_in = stand_in
        self.value = cache(self._value)

    def _value(self, kept: frozenset[int]) -> Values:
        here = np.array([unit < 0 or int(unit) in kept for unit in self._unit])
        if self._stand_in is None:
            ids = self._ids[here].tolist()
        else:
            ids = np.where(here, self._ids, self._stand_in).tolist()
        assert ids, "use a prompt with a template, so that something is always left"
        with torch.inference_mode():
            if self._model.config.is_encoder_decoder:
                start = self._model.config.decoder_start_token_id
                logits = self._model(
                    input_ids=torch.tensor([ids]),
                    decoder_input_ids=torch.tensor([[start, *self._response[:-1]]]),
                ).logits[0]
            else:
                logits = self._model(input_ids=torch.tensor([ids + self._response])).logits[0]
                logits = logits[len(ids) - 1 : -1]
        logprobs = logits.double().log_softmax(-1)
        return logprobs[torch.arange(len(self._response)), self._response].numpy()

    def leave_one_out(self) -> Values:
        """Float64 [n, response tokens]."""
        everything = frozenset(range(self.n))
        return np.array(
            [self.value(everything) - self.value(everything - {i}) for i in range(self.n)]
        )

    def shapley(self) -> Values:
        """Float64 [n, response tokens], by Shapley's own formula over all coalitions."""
        n = self.n
        scores = np.zeros((n, len(self._response)))
        for i in range(n):
            others = [j for j in range(n) if j != i]
            for size in range(n):
                weight = factorial(size) * factorial(n - size - 1) / factorial(n)
                for chosen in combinations(others, size):
                    without = frozenset(chosen)
                    scores[i] += weight * (self.value(without | {i}) - self.value(without))
        return scores
