"""Rendering prompts for token models: chat templates, units and the tokens that belong to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from jupyter_xai.errors import XaiError
from jupyter_xai.models.base import ROLES, Message, Prompt
from jupyter_xai.text import Document, Segment, Span, span_segments

_ANCHORS = ("\n", ":", "x")
"""Tried in turn before a text, to tokenise it as a continuation."""


def render_prompt(
    tokenizer: Any,
    prompt: str | Sequence[Message],
    *,
    units: str,
    spans: Sequence[Span] = (),
    language: str,
    system: str | None,
    explain_system: bool,
) -> Prompt:
    """Render a prompt through the tokenizer's chat template, cut it and tokenise it once.

    The template's own text is protected, and so is system text unless ``explain_system``. Text
    prompts go through the template as one user message; without a template they are sent as they
    are, after the beginning-of-text token if the tokenizer adds one.

    Raises
    ------
    XaiError
        For an empty prompt, or messages that the template does not take.
    """
    messages = as_messages(prompt, system)
    chat = bool(getattr(tokenizer, "chat_template", None))
    if chat:
        segments = _chat_segments(tokenizer, messages, explain_system)
    else:
        segments = _plain_segments(messages, explain_system)
    if units == "span" and isinstance(prompt, str):
        segments = _at_spans(segments, prompt, spans)
    text = "".join(segment.text for segment in segments)
    encoded = encode(tokenizer, text, special=not chat)
    document = Document.from_segments(
        segments,
        units,
        language=language,
        token_spans=_TokensOfSegments(segments, encoded.spans) if units == "token" else None,
    )
    if not document.sources:
        msg = "the prompt has no text that may be removed; pass explain_system=True, or more text"
        raise XaiError(msg)
    return Prompt(document, encoded.ids, _token_sources(document, encoded))


def as_messages(prompt: str | Sequence[Message], system: str | None) -> list[Message]:
    """Check a prompt and give it as chat messages."""
    if isinstance(prompt, str):
        messages: list[Message] = [{"role": "user", "content": prompt}]
    else:
        messages = list(prompt)
    for message in messages:
        if not isinstance(message, dict) or not {"role", "content"} <= message.keys():
            msg = f"{message!r} is no chat message; give dicts with 'role' and 'content'"
            raise XaiError(msg)
        if message["role"] not in ROLES:
            msg = f"unknown role {message['role']!r}; choose one of {', '.join(ROLES)}"
            raise XaiError(msg)
    if not any(message["content"].strip() for message in messages):
        msg = "the prompt is empty; give some text to explain"
        raise XaiError(msg)
    if system is not None:
        messages.insert(0, {"role": "system", "content": system})
    return messages


def _plain_segments(messages: list[Message], explain_system: bool) -> list[Segment]:
    segments: list[Segment] = []
    for position, message in enumerate(messages):
        end = "\n\n" if position < len(messages) - 1 else ""
        protected = message["role"] == "system" and not explain_system
        segments.append(Segment(message["content"] + end, message["role"], protected))
    return segments


def _chat_segments(tokenizer: Any, messages: list[Message], explain_system: bool) -> list[Segment]:
    """Tell the template's text from the messages', by rendering marks in their place."""
    rendered = _apply_template(tokenizer, messages)
    marks = [f"\u2983{index}\u2984" for index in range(len(messages))]
    marked = _apply_template(
        tokenizer,
        [{"role": m["role"], "content": mark} for m, mark in zip(messages, marks, strict=True)],
    )
    segments: list[Segment] = []
    position = 0
    rest = marked
    for message, mark in zip(messages, marks, strict=True):
        before, found, rest = rest.partition(mark)
        content = message["content"]
        # Many templates strip each message.
        if not rendered.startswith(content, position + len(before)):
            content = content.strip()
        end = position + len(before) + len(content)
        if not found or rendered[position:end] != before + content:
            msg = (
                f"the chat template changes the {message['role']} message, so its parts cannot be "
                "told apart; pass the rendered text to a copy of the tokenizer without template"
            )
            raise XaiError(msg)
        segments.append(Segment(before, "template", protected=True))
        protected = message["role"] == "system" and not explain_system
        segments.append(Segment(content, message["role"], protected))
        position = end
    if rendered[position:] != rest:
        msg = "the chat template depends on what the messages say; pass the rendered text instead"
        raise XaiError(msg)
    segments.append(Segment(rest, "template", protected=True))
    return segments


def _at_spans(segments: list[Segment], prompt: str, spans: Sequence[Span]) -> list[Segment]:
    """Cut the user's segment at spans that were counted in the prompt as it was given."""
    cut: list[Segment] = []
    for segment in segments:
        if segment.role != "user":
            cut.append(segment)
            continue
        # Templates may have stripped the prompt, and with it white space that a span holds.
        stripped, size = prompt.find(segment.text), len(segment.text)
        moved = [(max(0, start - stripped), min(end - stripped, size)) for start, end in spans]
        cut.extend(span_segments(segment.text, [span for span in moved if span[0] < span[1]]))
    return cut


def _apply_template(tokenizer: Any, messages: list[Message]) -> str:
    from jinja2 import TemplateError

    try:
        return tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    except TemplateError as error:
        roles = ", ".join(message["role"] for message in messages)
        msg = f"the model's chat template refuses the roles {roles}: {error}"
        raise XaiError(msg) from error


class Encoded:
    """Token ids of a text and the span of each.

    Attributes
    ----------
    ids : tuple of int
    spans : list of (int, int)
        Code points. Tokens that the tokenizer added by itself have the span ``(-1, -1)``.
    """

    def __init__(self, ids: tuple[int, ...], spans: list[Span]) -> None:
        self.ids = ids
        self.spans = spans


def encode(tokenizer: Any, text: str, *, special: bool) -> Encoded:
    """Tokenise a text; ``special`` lets the tokenizer add its own beginning and end."""
    if not getattr(tokenizer, "is_fast", False):
        ids = tuple(tokenizer(text, add_special_tokens=False)["input_ids"])
        spans = spans_by_decoding(tokenizer, ids, text)
        if special:
            ids, spans = _with_special_tokens(tokenizer, ids, spans)
        return Encoded(ids, spans)
    # Long prompts are refused later, with the model's own limit; the tokenizer need not warn.
    encoded = tokenizer(
        text,
        add_special_tokens=special,
        return_offsets_mapping=True,
        return_special_tokens_mask=True,
        verbose=False,
    )
    added = encoded["special_tokens_mask"] if special else [0] * len(encoded["input_ids"])
    spans = [
        (-1, -1) if own and start == end else (start, end)
        for (start, end), own in zip(encoded["offset_mapping"], added, strict=True)
    ]
    return Encoded(tuple(encoded["input_ids"]), spans)


def encode_continued(tokenizer: Any, text: str) -> Encoded:
    """Tokenise a text as the continuation of whatever stands before it.

    Never together with what stands there, without special tokens, and without the space that some
    tokenizers put before a text.
    """
    for anchor in _ANCHORS:
        before = encode(tokenizer, anchor, special=False).ids
        joint = encode(tokenizer, anchor + text, special=False)
        behind = joint.spans[len(before) :]
        if joint.ids[: len(before)] == before and all(
            start >= len(anchor) or start == end for start, end in behind
        ):
            spans = [(max(0, start - len(anchor)), end - len(anchor)) for start, end in behind]
            return Encoded(joint.ids[len(before) :], spans)
    return encode(tokenizer, text, special=False)


def _with_special_tokens(
    tokenizer: Any, ids: tuple[int, ...], spans: list[Span]
) -> tuple[tuple[int, ...], list[Span]]:
    full = tuple(tokenizer.build_inputs_with_special_tokens(list(ids)))
    start = next(i for i in range(len(full)) if full[i : i + len(ids)] == ids)
    after = len(full) - start - len(ids)
    return full, [(-1, -1)] * start + spans + [(-1, -1)] * after


def spans_by_decoding(tokenizer: Any, ids: Sequence[int], text: str) -> list[Span]:
    """Where each token stands in the text that the tokens decode to.

    A character that several tokens spell together belongs to all of them.
    """
    ends: list[int] = []
    for count in range(1, len(ids) + 1):
        piece = tokenizer.decode(ids[:count], clean_up_tokenization_spaces=False)
        # A character whose bytes are not complete yet decodes to replacement characters.
        piece = piece.rstrip("\ufffd")
        reached = len(_common_prefix(piece, text))
        ends.append(max(reached, ends[-1] if ends else 0))
    if ends:
        ends[-1] = len(text)
    spans: list[Span] = []
    start = 0
    for index, end in enumerate(ends):
        if end > start:
            spans.append((start, end))
            if index + 1 < len(ids):
                start = end
        else:
            # Incomplete: the character is complete where the text next grows.
            grown = next((later for later in ends[index:] if later > start), len(text))
            spans.append((start, min(grown, start + 1)))
    return spans


def _common_prefix(a: str, b: str) -> str:
    size = min(len(a), len(b))
    low = 0
    while low < size and a[low] == b[low]:
        low += 1
    return a[:low]


class _TokensOfSegments:
    """Token spans of each unprotected segment, handed out in order."""

    def __init__(self, segments: list[Segment], spans: list[Span]) -> None:
        self._pieces: list[list[Span]] = []
        offset = 0
        for segment in segments:
            end = offset + len(segment.text)
            if not segment.protected:
                inside = [(s - offset, e - offset) for s, e in spans if offset <= s < end]
                self._pieces.append(inside)
            offset = end
        self._next = iter(self._pieces)

    def __call__(self, text: str) -> list[Span]:
        return next(self._next)


def _token_sources(document: Document, encoded: Encoded) -> np.ndarray[Any, np.dtype[np.int64]]:
    """For each token the position of its source, -1 for protected units.

    A token belongs to the unit of its first character that is not white space.
    """
    text = document.text
    ends = np.array([unit.end for unit in document.units])
    source_of_unit = np.full(len(document.units), -1, dtype=np.int64)
    for position, unit in enumerate(document.sources):
        source_of_unit[unit.index] = position
    sources = np.full(len(encoded.ids), -1, dtype=np.int64)
    for index, (start, end) in enumerate(encoded.spans):
        if start < 0 or not len(ends):
            continue
        piece = text[start:end]
        blank = len(piece) - len(piece.lstrip())
        first = start if blank == len(piece) else start + blank
        unit = min(int(np.searchsorted(ends, first, side="right")), len(ends) - 1)
        sources[index] = source_of_unit[unit]
    return sources
