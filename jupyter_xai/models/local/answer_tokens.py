"""From token ids that a model generated to the text that they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jupyter_xai.models.base import Response
from jupyter_xai.models.local.rendering import encode
from jupyter_xai.models.local.token_spans import spans_by_decoding, spelled
from jupyter_xai.models.local.traits import forced_start
from jupyter_xai.text.document import Span


class Wording:
    """Reads what one model generates; neither it nor the tokenizer is changed.

    Parameters
    ----------
    model : transformers.PreTrainedModel
    tokenizer : transformers.PreTrainedTokenizerBase
    include_eos : bool
        Whether the end-of-turn token is part of the response.
    """

    def __init__(self, model: Any, tokenizer: Any, *, include_eos: bool = False) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._include_eos = include_eos

    def forced(self) -> list[int]:
        """Tokens that every answer is forced to begin with, so that they are no part of it."""
        return forced_start(self._model)

    def response(self, before: Sequence[int], generated: list[int]) -> Response:
        """The response that these token ids are, an end token included where there is one."""
        ids, finished = self._without_end(generated)
        text = self._continuation(before, ids)
        spans = self._spans(ids, text)
        if self._include_eos and finished:
            ids = [*ids, generated[-1]]
            spans = [*spans, (len(text), len(text))]
        return Response(text, tuple(ids), tuple(spans), finished=finished)

    def text(self, before: Sequence[int], generated: list[int]) -> str:
        """What they say, without the end token."""
        ids, _ = self._without_end(generated)
        return self._continuation(before, ids)

    def ends(self) -> set[int]:
        """Tokens that end a turn."""
        ends: set[int] = set()
        for found in (self._model.generation_config.eos_token_id, self._tokenizer.eos_token_id):
            ends.update([found] if isinstance(found, int) else found or [])
        return ends

    def has_content(self, token: int) -> bool:
        """Whether a token has a letter or a digit in it."""
        return any(character.isalnum() for character in self._decode([token]))

    def _without_end(self, ids: list[int]) -> tuple[list[int], bool]:
        """Without forced tokens at the beginning, and without an end token."""
        forced = self.forced()
        if forced and ids[: len(forced)] == forced:
            ids = ids[len(forced) :]
        ended = bool(ids) and ids[-1] in self.ends()
        return (ids[:-1], True) if ended else (ids, False)

    def _continuation(self, before: Sequence[int], ids: Sequence[int]) -> str:
        """The text that the tokens add; some tokenizers drop the first space otherwise."""
        if self._model.config.is_encoder_decoder:
            return self._decode(ids)
        context = list(before[-4:])
        prefix, whole = self._decode(context), self._decode([*context, *ids])
        return whole[len(prefix) :] if whole.startswith(prefix) else self._decode(ids)

    def _decode(self, ids: Sequence[int]) -> str:
        return spelled(self._tokenizer, ids)

    def _spans(self, ids: Sequence[int], text: str) -> list[Span]:
        again = encode(self._tokenizer, text, special=False)
        if again.ids == tuple(ids):
            return again.spans
        return spans_by_decoding(self._tokenizer, ids, text)
