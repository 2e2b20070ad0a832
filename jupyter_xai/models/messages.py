"""Prompts as plain chat messages, for models whose template and tokens nobody sees."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_xai.errors import XaiError
from jupyter_xai.models.base import INSTRUCTING, ROLES, Message, Operator, Prompt
from jupyter_xai.models.substitution import stand_ins
from jupyter_xai.text.document import Document, Segment, Span, check_characters, span_segments

BETWEEN = "\n\n"
"""Stands between messages where a prompt is shown, or sent, as one text."""

OPERATORS = ("delete", "replace", "substitute")
"""Removal operators that make sense where nobody sees the tokens; ``delete`` is ``text`` there."""

_PLAIN = ("role", "content")


class MessageModel(ABC):
    """What models have in common that take messages and whose tokens nobody sees."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What readers see."""

    @property
    def takes_text_only(self) -> bool:
        """Whether messages are joined to one text, so that roles, and calls of tools, get lost."""
        return False

    def prompt(
        self,
        prompt: str | Sequence[Message],
        *,
        units: str = "sentence",
        spans: Sequence[Span] = (),
        language: str = "en",
        system: str | None = None,
        explain_system: bool = False,
    ) -> Prompt:
        """Cut a prompt into units, message by message; see `Model.prompt`.

        Returns
        -------
        Prompt
            Its document has a protected unit of the role ``template`` between any two messages.

        Raises
        ------
        XaiError
            For the units ``token``: nobody knows the model's tokens. For messages that cannot be
            passed on as they are.

        Examples
        --------
        >>> from jupyter_xai.models.function import FunctionModel
        >>> cut = FunctionModel(str.upper).prompt("Be brief. Be kind.", system="You are a poet.")
        >>> [(unit.role, unit.text) for unit in cut.document.units]
        [('system', 'You are a poet.'), ('template', '\\n\\n'), ('user', 'Be brief. '), \
('user', 'Be kind.')]
        """
        if units == "token":
            msg = f"{self.name} has no tokenizer; use word or sentence units"
            raise XaiError(msg)
        messages = as_messages(prompt, system)
        if self.takes_text_only:
            refuse_more_than_text(messages, f"{self.name} takes one text")
        segments: list[Segment] = []
        for message in messages:
            if segments:
                segments.append(Segment(BETWEEN, role="template", protected=True))
            role, content = message["role"], content_of(message)
            if units == "span" and role == "user":
                segments.extend(span_segments(content, spans))
            else:
                protected = role in INSTRUCTING and not explain_system
                segments.append(Segment(content, role=role, protected=protected))
        document = Document.from_segments(segments, units, language=language)
        return Prompt(document, messages=tuple(messages))


def as_messages(prompt: str | Sequence[Message], system: str | None = None) -> list[Message]:
    """Check a prompt and give it as chat messages.

    Parameters
    ----------
    prompt : str or list of messages
    system : str, optional
        A system message to put before them.

    Raises
    ------
    XaiError
        When something is no message, a role is unknown, a text holds half a character, or there is
        no text at all.

    Examples
    --------
    >>> as_messages("Be kind.", system="You are a poet.")[0]
    {'role': 'system', 'content': 'You are a poet.'}
    """
    if isinstance(prompt, str):
        messages = [Message(role="user", content=check_characters(prompt, "the prompt"))]
    elif isinstance(prompt, Sequence):
        messages = [_checked(message) for message in prompt]
    else:
        msg = f"the prompt must be a text or a list of messages, not {type(prompt).__name__}"
        raise XaiError(msg)
    if not any(content_of(message).strip() for message in messages):
        msg = "the prompt is empty; give some text to explain"
        raise XaiError(msg)
    if system is not None:
        if not isinstance(system, str):
            msg = f"the system message must be a text, not {type(system).__name__}"
            raise XaiError(msg)
        check_characters(system, "the system message")
        messages.insert(0, Message(role="system", content=system))
    return messages


def content_of(message: Message) -> str:
    """The text of a message; blank for a turn that only calls tools."""
    return message.get("content") or ""


def extras_of(message: Message) -> dict[str, Any]:
    """What stands in a message beside role and content."""
    return {name: value for name, value in message.items() if name not in _PLAIN}


def refuse_more_than_text(messages: Sequence[Message], why: str) -> None:
    """Refuse messages with more than role and content, for models that would never see it.

    Raises
    ------
    XaiError
        Names what cannot be passed on.
    """
    for number, message in enumerate(messages, start=1):
        if extras_of(message):
            names = ", ".join(map(repr, extras_of(message)))
            msg = (
                f"{names} of message {number} cannot be passed on: {why}; "
                "write what it says into the content, or leave it out"
            )
            raise XaiError(msg)


def kept_messages(
    document: Document,
    mask: Sequence[bool],
    operator: Operator,
    messages: Sequence[Message] = (),
) -> list[Message]:
    """The messages that are left for a mask, without trailing white space and empty ones.

    Parameters
    ----------
    document : Document
        Of a prompt that `MessageModel.prompt` made.
    mask : sequence of bool, length ``len(document.sources)``
    operator : Operator
        ``text``, ``replace`` or ``substitute``; the last two keep the white space after a unit.
    messages : sequence of Message
        Those of the prompt. What they hold beside their text is passed on, and those that have
        such, or never had any text, stay even when nothing is left of them.

    Examples
    --------
    >>> from jupyter_xai.models.function import FunctionModel
    >>> document = FunctionModel(str.upper).prompt("Be brief. Be kind.").document
    >>> kept_messages(document, [True, False], Operator("text"))
    [{'role': 'user', 'content': 'Be brief.'}]
    """
    standing = iter(
        unit.text if kept else other
        for unit, kept, other in zip(
            document.sources, mask, stand_ins(document, operator), strict=True
        )
    )
    found = [Message(role="user", content="")]
    for unit in document.units:
        if unit.role == "template":
            found.append(Message(role="user", content=""))
            continue
        message = found[-1]
        message["role"] = unit.role
        message["content"] += unit.text if unit.protected else next(standing)
    for message in found:
        message["content"] = message["content"].rstrip()
    if not messages:
        return [message for message in found if message["content"]]
    kept: list[Message] = []
    for message, given in zip(found, messages, strict=True):
        if message["content"]:
            kept.append({**given, "content": message["content"]})
        elif not content_of(given):
            kept.append(given)
        elif extras_of(given):
            kept.append({**given, "content": ""})
    return kept


def check_operator(operator: Operator, name: str) -> None:
    """Refuse what needs tokens, for the model of this name.

    Raises
    ------
    XaiError
        When the operator is none of `OPERATORS`.
    """
    if operator.name not in ("text", *OPERATORS):
        msg = (
            f"the operator {operator.name!r} needs a model with tokens; "
            f"{name} takes {' or '.join(OPERATORS)}"
        )
        raise XaiError(msg)


def as_text(messages: Sequence[Message]) -> str:
    """Messages as one text."""
    return BETWEEN.join(content_of(message) for message in messages if content_of(message))


def _checked(message: Message) -> Message:
    """A message as it was given, if it is one."""
    if not (
        isinstance(message, Mapping)
        and isinstance(message.get("role"), str)
        and isinstance(message.get("content"), str | None)
        and (isinstance(message.get("content"), str) or message["role"] == "assistant")
    ):
        msg = (
            "a chat prompt is a list of messages such as "
            f"{{'role': 'user', 'content': '...'}}, not of {message!r:.80}"
        )
        raise XaiError(msg)
    if message["role"] not in ROLES:
        msg = f"unknown role {message['role']!r:.40}; choose one of {', '.join(ROLES)}"
        raise XaiError(msg)
    check_characters(content_of(message), f"the {message['role']} message")
    try:
        check_characters(json.dumps(extras_of(message), ensure_ascii=False), "a message")
    except (TypeError, ValueError, RecursionError) as error:
        if isinstance(error, XaiError):
            raise
        names = ", ".join(map(repr, extras_of(message)))
        msg = f"{names} of a message must be plain JSON, so that it can be passed on: {error}"
        raise XaiError(msg) from None
    return {**message}
