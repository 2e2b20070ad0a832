"""Prompts, responses and foils as they were given, checked before a model is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.models.base import Message
from jupyter_xai.models.messages import as_messages
from jupyter_xai.text.document import Document, Span, check_characters


def checked_prompt(prompt: str | Sequence[Message]) -> str | Sequence[Message]:
    """Return the prompt if it is a text or a list of messages, and not blank.

    Raises
    ------
    XaiError
        Otherwise.
    """
    as_messages(prompt)
    return prompt


def checked_spans(prompt: str | Sequence[Message], spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return spans of a text prompt, in order.

    Raises
    ------
    XaiError
        When the prompt is a chat, or a span is empty, overlaps another or leaves the text.
    """
    if not spans:
        msg = "units 'span' need spans: give units=[(start, end), ...] with offsets into the prompt"
        raise XaiError(msg)
    if not isinstance(prompt, str):
        msg = "spans are offsets into one text; give the prompt as a text, not as a chat"
        raise XaiError(msg)
    try:
        checked = tuple(sorted((index(start), index(end)) for start, end in spans))
        Document.from_spans(prompt, checked)
    except (TypeError, ValueError) as error:
        msg = Worded(Option("units", spans), f" are no spans of the prompt: {error}")
        raise XaiError(msg) from error
    return checked


def checked_response(response: str | None) -> str | None:
    """Return the response if it is a text that is not blank, or None.

    Raises
    ------
    XaiError
        Otherwise.
    """
    blank = "the response is blank, so there is nothing to explain; give another response"
    return _text_or_none(response, "response", blank)


def checked_foil(foil: str | None) -> str | None:
    """Return the foil if it is a text that is not blank, or None.

    Raises
    ------
    XaiError
        Otherwise.
    """
    blank = "the foil is blank; give a text to contrast the response with"
    return _text_or_none(foil, "foil", blank)


def _text_or_none(text: str | None, what: str, blank: str) -> str | None:
    if text is not None and not isinstance(text, str):
        msg = f"the {what} must be a text, not {type(text).__name__}"
        raise XaiError(msg)
    if text is not None and not text.strip():
        raise XaiError(blank)
    return None if text is None else check_characters(text, f"the {what}")
