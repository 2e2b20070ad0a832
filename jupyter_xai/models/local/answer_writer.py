"""Answers of one model in token ids: how long each may be, and which are written together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from jupyter_xai.models.base import Sampling
from jupyter_xai.models.local.answer_tokens import Wording
from jupyter_xai.models.local.batched_answers import Answering
from jupyter_xai.models.local.generation import Watch, generate
from jupyter_xai.models.local.masked_inputs import MaskedInput
from jupyter_xai.models.local.traits import context_length, sides

_AT_ONCE = 8
"""How many answers are written together."""


class AnswerWriter:
    """Lets one model answer inputs, within its context.

    Parameters
    ----------
    model : transformers.PreTrainedModel
    tokenizer : transformers.PreTrainedTokenizerBase
    name : str
        What errors call the model.
    wording : Wording
        Knows what begins and ends an answer.
    answering : Answering
        Knows which inputs may be answered together.
    """

    def __init__(
        self, model: Any, tokenizer: Any, name: str, *, wording: Wording, answering: Answering
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._name = name
        self._wording = wording
        self._answering = answering

    def answers(
        self, inputs: Sequence[MaskedInput], sampling: Sampling, *, at_once: int = _AT_ONCE
    ) -> Iterator[tuple[int, list[int]]]:
        """Token ids of the answer to each input, with its place, in any order."""
        rooms = [self.room(item, sampling) for item in inputs]

        def written(some: Sequence[MaskedInput], room: int, watch: Watch | None) -> list[list[int]]:
            return self.write(some, replace(sampling, max_new_tokens=room), watch=watch)

        yield from self._answering.answers(inputs, rooms, written, at_once=at_once)

    def room(self, item: MaskedInput, sampling: Sampling) -> int:
        """How many tokens an answer may have, within the model's context."""
        if self._model.config.is_encoder_decoder:
            # The token that begins the answer takes a place, too.
            most = sides(self._model)[1]
            return min(sampling.max_new_tokens, most - 1 if most else sampling.max_new_tokens)
        most = context_length(self._model)
        if most is None:
            return sampling.max_new_tokens
        return max(0, min(sampling.max_new_tokens, most - len(item)))

    def write(
        self,
        inputs: Sequence[MaskedInput],
        sampling: Sampling,
        begun: Sequence[int] = (),
        watch: Watch | None = None,
    ) -> list[list[int]]:
        """New token ids for each input, the end token included where one was generated."""
        room = min(self.room(item, sampling) for item in inputs) - len(begun)
        if not begun:
            room += len(self._wording.forced())
        if room < 1:
            return [[] for _ in inputs]
        ends = self._wording.ends()
        # Padding is hidden by the attention mask, so any token id serves.
        pad = self._tokenizer.pad_token_id
        pad = pad if pad is not None else next(iter(ends), 0)
        return generate(
            self._model,
            inputs,
            replace(sampling, max_new_tokens=room),
            name=self._name,
            ends=ends,
            pad=int(pad),
            begun=begun,
            tokenizer=self._tokenizer,
            watch=watch,
        )
