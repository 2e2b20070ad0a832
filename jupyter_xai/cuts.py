"""One prompt, cut into whatever units are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from jupyter_xai.asking import lock_of
from jupyter_xai.errors import XaiError
from jupyter_xai.models.base import Message, Model, Prompt
from jupyter_xai.settings import checked_prompt, checked_spans
from jupyter_xai.text import Span


@dataclass(frozen=True, eq=False)
class Cuts:
    """A prompt as one model sees it, each cut made once.

    Attributes
    ----------
    model : Model
    text : str or list of messages
    spans : sequence of (int, int)
        For the units ``span``.
    language : str
    system : str, optional
    explain_system : bool
        See `Model.prompt`.

    Raises
    ------
    XaiError
        When the prompt is empty.
    """

    model: Model
    text: str | Sequence[Message]
    spans: Sequence[Span] = ()
    language: str = "en"
    system: str | None = None
    explain_system: bool = False
    _made: dict[str, Prompt] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        checked_prompt(self.text)

    def cut(self, units: str) -> Prompt:
        """The prompt in these units.

        Raises
        ------
        XaiError
            When it cannot be cut so, or nothing of it can be removed.
        """
        if units not in self._made:
            pieces = {}
            if units == "span":
                pieces["spans"] = checked_spans(self.text, self.spans)
            # Tokenizers, too, may be used by one thread at a time.
            with lock_of(self.model):
                prompt = self.model.prompt(
                    self.text,
                    units=units,
                    **pieces,
                    language=self.language,
                    system=self.system,
                    explain_system=self.explain_system,
                )
            if not prompt.document.sources:
                msg = (
                    "nothing in the prompt can be removed: all of it is protected; "
                    "give user text, or explain_system=True"
                )
                raise XaiError(msg)
            self._made[units] = prompt
        return self._made[units]

    @property
    def any(self) -> Prompt:
        """The prompt in whatever units: the first that were asked for, else sentences."""
        return self.cut(next(iter(self._made), "sentence"))

    @property
    def last_text(self) -> str:
        """The prompt's text; of a chat its last message."""
        return self.text if isinstance(self.text, str) else self.text[-1]["content"]

    def edited(self, edit: Callable[[str], str]) -> Cuts:
        """The same with another `last_text`."""
        text: str | list[Message] = edit(self.last_text)
        if not isinstance(self.text, str):
            *first, last = self.text
            text = [*first, Message(role=last["role"], content=edit(last["content"]))]
        return replace(self, text=text)
