"""Prompts as plain chat messages, for models whose template and tokens nobody sees."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from jupyter_xai.errors import XaiError
from jupyter_xai.models.base import ROLES, Message, Operator, Prompt
from jupyter_xai.substitution import stand_ins
from jupyter_xai.text import Document, Segment, Span, span_segments

BETWEEN = "\n\n"
"""Stands between messages where a prompt is shown, or sent, as one text."""

OPERATORS = ("delete", "replace", "substitute")
"""Removal operators that make sense where nobody sees the tokens."""


class MessageModel(ABC):
    """What models have in common that take messages and whose tokens nobody sees."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What readers see."""

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
            For the units ``token``: nobody knows the model's tokens.

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
        messages = [Message(role="user", content=prompt)] if isinstance(prompt, str) else [*prompt]
        if system is not None:
            messages.insert(0, Message(role="system", content=system))
        segments: list[Segment] = []
        for message in messages:
            if segments:
                segments.append(Segment(BETWEEN, role="template", protected=True))
            role = message["role"] if message["role"] in ROLES else "user"
            protected = role == "system" and not explain_system
            if units == "span" and role == "user":
                segments.extend(span_segments(message["content"], spans))
            else:
                segments.append(Segment(message["content"], role=role, protected=protected))
        return Prompt(Document.from_segments(segments, units, language=language))


def kept_messages(document: Document, mask: Sequence[bool], operator: Operator) -> list[Message]:
    """The messages that are left for a mask, without trailing white space and empty ones.

    Parameters
    ----------
    document : Document
        Of a prompt that `MessageModel.prompt` made.
    mask : sequence of bool, length ``len(document.sources)``
    operator : Operator
        ``delete``, ``replace`` or ``substitute``; the last two keep the white space after a unit.

    Examples
    --------
    >>> from jupyter_xai.models.function import FunctionModel
    >>> document = FunctionModel(str.upper).prompt("Be brief. Be kind.").document
    >>> kept_messages(document, [True, False], Operator())
    [{'role': 'user', 'content': 'Be brief.'}]
    """
    standing = iter(
        unit.text if kept else other
        for unit, kept, other in zip(
            document.sources, mask, stand_ins(document, operator), strict=True
        )
    )
    messages = [Message(role="user", content="")]
    for unit in document.units:
        if unit.role == "template":
            messages.append(Message(role="user", content=""))
            continue
        message = messages[-1]
        message["role"] = unit.role
        message["content"] += unit.text if unit.protected else next(standing)
    for message in messages:
        message["content"] = message["content"].rstrip()
    return [message for message in messages if message["content"]]


def check_operator(operator: Operator, name: str) -> None:
    """Refuse what needs tokens, for the model of this name.

    Raises
    ------
    XaiError
        When the operator is none of `OPERATORS`.
    """
    if operator.name not in OPERATORS:
        msg = (
            f"the operator {operator.name!r} needs a model with tokens; "
            f"{name} takes {' or '.join(OPERATORS)}"
        )
        raise XaiError(msg)


def as_text(messages: Sequence[Message]) -> str:
    """Messages as one text."""
    return BETWEEN.join(message["content"] for message in messages)
