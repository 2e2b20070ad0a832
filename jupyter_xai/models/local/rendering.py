"""Rendering prompts for token models: chat templates, units and the tokens that belong to them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.models.base import INSTRUCTING, Message, Prompt
from jupyter_xai.models.local.token_spans import (
    aligned,
    spans_by_decoding,
    spelled,
    spelled_spans,
    writes_ids,
)
from jupyter_xai.models.messages import BETWEEN, as_messages, content_of, refuse_more_than_text
from jupyter_xai.text.document import Document, Segment, Span, span_segments

_ANCHORS = ("\n", ":", "x")
"""Tried in turn before a text, to tokenise it as a continuation."""

SAMPLE_ROWS = (
    "The old doctor walked home.",
    "The old doctor walked home with a dog and sat down by the river.",
    "The old doctor took the train to the city.",
)
"""Ordinary text of unlike lengths with a common beginning."""


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
    if has_template(tokenizer):
        segments, encoded = _chat_segments(tokenizer, messages, explain_system)
    else:
        segments = _plain_segments(messages, explain_system)
        text = "".join(segment.text for segment in segments)
        encoded = encode(tokenizer, text, special=True)
    places = _places(segments)
    if units == "span" and isinstance(prompt, str):
        segments = _at_spans(segments, prompt, spans)
    document = Document.from_segments(
        segments,
        units,
        language=language,
        token_spans=_TokensOfSegments(segments, encoded.spans) if units == "token" else None,
    )
    if not document.sources:
        msg = Worded(
            "the prompt has no text that may be removed; pass ",
            Option("explain_system", True),
            ", or more text",
        )
        raise XaiError(msg)
    sources = _token_sources(document, encoded)
    return Prompt(document, encoded.ids, sources, tuple(messages), tuple(places))


def typed_ids(tokenizer: Any, prompt: Prompt, mask: Sequence[bool]) -> tuple[int, ...]:
    """Token ids of what is left of a prompt, as if somebody had typed it.

    What is left of each message is joined, the chat template rendered anew, and all of it tokenised
    anew. At the ends of a message no white space is left that stood between two units. Messages of
    which nothing is left stay, empty, where there is a template.

    Parameters
    ----------
    tokenizer : transformers.PreTrainedTokenizerBase
    prompt : Prompt
        With ``messages``.
    mask : sequence of bool
        True keeps a source.
    """
    left = left_contents(prompt, mask)
    if not has_template(tokenizer):
        ends = [*[BETWEEN] * (len(left) - 1), ""]
        own = [text.removesuffix(end) for text, end in zip(left, ends, strict=True)]
        return _ids_of(tokenizer, BETWEEN.join(filter(None, own)), special=True)
    messages: list[Message] = [
        {**message, "content": content} if content_of(message) else message
        for message, content in zip(prompt.messages, left, strict=True)
    ]
    if writes_ids(tokenizer):
        return tuple(_apply_template(tokenizer, messages, tokenize=True, return_dict=False))
    return _ids_of(tokenizer, _text_of(tokenizer, messages), special=False)


def left_contents(prompt: Prompt, mask: Sequence[bool]) -> list[str]:
    """What is left of the content of each message.

    White space between units belongs to the unit before it, so what stood between two units is not
    left at the end; nor at the beginning.
    """
    kept = iter(mask)
    pieces: list[list[str]] = [[] for _ in prompt.messages]
    starts = [start for start, _ in prompt.places]
    for unit in prompt.document.units:
        stays = unit.protected or next(kept)
        number = bisect_right(starts, unit.start) - 1
        if number >= 0 and unit.start < prompt.places[number][1]:
            pieces[number].append(unit.text if stays else "")
    left = []
    for each in pieces:
        text = "".join(each)
        text = text.lstrip() if each and not each[0] else text
        left.append(text.rstrip() if each and not each[-1] else text)
    return left


def has_template(tokenizer: Any) -> bool:
    """Whether the tokenizer renders chats."""
    return bool(getattr(tokenizer, "chat_template", None)) or writes_ids(tokenizer)


def _plain_segments(messages: list[Message], explain_system: bool) -> list[Segment]:
    refuse_more_than_text(messages, "the tokenizer has no chat template")
    segments: list[Segment] = []
    for position, message in enumerate(messages):
        end = BETWEEN if position < len(messages) - 1 else ""
        protected = message["role"] in INSTRUCTING and not explain_system
        segments.append(Segment(content_of(message) + end, message["role"], protected))
    return segments


def _chat_segments(
    tokenizer: Any, messages: list[Message], explain_system: bool
) -> tuple[list[Segment], Encoded]:
    """Tell the template's text from the messages', by rendering marks in their place."""
    _refuse_lost_calls(tokenizer, messages)
    whole = _rendered(tokenizer, messages)
    rendered = whole.text
    marks = [f"\u2983{index}\u2984" if content_of(m) else "" for index, m in enumerate(messages)]
    marked: list[Message] = [
        {**message, "content": mark} if mark else message
        for message, mark in zip(messages, marks, strict=True)
    ]
    segments: list[Segment] = []
    position = 0
    rest = _text_of(tokenizer, marked)
    for message, mark in zip(messages, marks, strict=True):
        if not mark:  # a turn that only calls tools is the template's text
            segments.append(Segment("", message["role"], protected=True))
            continue
        before, found, rest = rest.partition(mark)
        content = content_of(message)
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
        protected = message["role"] in INSTRUCTING and not explain_system
        segments.append(Segment(content, message["role"], protected))
        position = end
    if rendered[position:] != rest:
        msg = "the chat template depends on what the messages say; pass the rendered text instead"
        raise XaiError(msg)
    segments.append(Segment(rest, "template", protected=True))
    return segments, whole.encoded


def _refuse_lost_calls(tokenizer: Any, messages: list[Message]) -> None:
    """Refuse calls of tools that the template would leave out in silence."""
    for number, message in enumerate(messages, start=1):
        if not message.get("tool_calls"):
            continue
        without: list[Message] = [
            {name: value for name, value in each.items() if name != "tool_calls"}  # type: ignore[misc]
            if each is message
            else each
            for each in messages
        ]
        if _text_of(tokenizer, messages) == _text_of(tokenizer, without):
            msg = (
                f"the chat template leaves out the tool_calls of message {number}; "
                "write what they say into its content"
            )
            raise XaiError(msg)


def _places(segments: Sequence[Segment]) -> list[Span]:
    """Where the messages stand in the text of all segments."""
    places: list[Span] = []
    offset = 0
    for segment in segments:
        if segment.role != "template":
            places.append((offset, offset + len(segment.text)))
        offset += len(segment.text)
    return places


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


@dataclass(frozen=True)
class _Rendered:
    """A chat as the model reads it."""

    text: str
    encoded: Encoded


def _rendered(tokenizer: Any, messages: list[Message]) -> _Rendered:
    """Messages rendered through the chat template, with the model's turn begun."""
    if writes_ids(tokenizer):
        ids = _apply_template(tokenizer, messages, tokenize=True, return_dict=False)
        spans = spelled_spans(tokenizer, ids)
        return _Rendered(spelled(tokenizer, ids), Encoded(tuple(ids), spans))
    text = _text_of(tokenizer, messages)
    return _Rendered(text, encode(tokenizer, text, special=False))


def _text_of(tokenizer: Any, messages: list[Message]) -> str:
    """The same as text alone."""
    if writes_ids(tokenizer):
        ids = _apply_template(tokenizer, messages, tokenize=True, return_dict=False)
        return spelled(tokenizer, ids)
    return _apply_template(tokenizer, messages, tokenize=False)


def _apply_template(tokenizer: Any, messages: list[Message], **how: Any) -> Any:
    try:
        return tokenizer.apply_chat_template(messages, add_generation_prompt=True, **how)
    except Exception as error:  # templates are programs, and mistral-common has errors of its own
        roles = ", ".join(message["role"] for message in messages)
        said = " ".join(str(error).split())
        msg = f"the model's chat template refuses the roles {roles}: {said[:300]}"
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

        def ids_of(piece: str) -> tuple[int, ...]:
            return tuple(tokenizer(piece, add_special_tokens=False)["input_ids"])

        ids = ids_of(text)
        spans = aligned(ids_of, ids, text) or spans_by_decoding(tokenizer, ids, text)
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


def _ids_of(tokenizer: Any, text: str, *, special: bool) -> tuple[int, ...]:
    """What `encode` gives, without the spans."""
    return tuple(tokenizer(text, add_special_tokens=special, verbose=False)["input_ids"])


def sample_rows(tokenizer: Any) -> list[list[int]]:
    """Ordinary text in tokens, as it comes without a chat template."""
    return [list(encode(tokenizer, text, special=True).ids) for text in SAMPLE_ROWS]


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
