"""One prompt, cut into whatever units are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.models.base import Message, Model, Prompt
from jupyter_xai.models.locks import lock_of
from jupyter_xai.models.messages import content_of
from jupyter_xai.models.prompts import checked_prompt, checked_spans
from jupyter_xai.text.document import Span


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
                msg = Worded(
                    "nothing in the prompt can be removed: all of it is protected; give user "
                    "text, or ",
                    Option("explain_system", True),
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
        return self.text if isinstance(self.text, str) else content_of(self.text[-1])

    def edited(self, edit: Callable[[str], str]) -> Cuts:
        """The same with another `last_text`; spans stay on what they stood on."""
        if isinstance(self.text, str):
            text = edit(self.text)
            return replace(self, text=text, spans=moved_spans(self.text, text, self.spans))
        *first, last = self.text
        return replace(self, text=[*first, {**last, "content": edit(content_of(last))}])


def moved_spans(before: str, after: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """Where spans of a text stand after an edit of it; those whose text is gone are left out.

    What was put in between two characters of a span is in it, what was put beside it is not.

    Examples
    --------
    >>> moved_spans("I am tired. Rest?", "Well, I'm tired. Rest?", [(0, 10), (12, 17)])
    ((6, 15), (17, 22))
    """
    # Where each character stands now; -1 where it tells nothing.
    starts, ends = [-1] * len(before), [-1] * len(before)
    for kind, i, i_end, j, j_end in SequenceMatcher(None, before, after, False).get_opcodes():
        if kind == "equal":
            for step in range(i_end - i):
                starts[i + step] = ends[i + step] = j + step
        elif kind == "replace":
            starts[i], ends[i_end - 1] = j, j_end - 1
    found = []
    for start, end in spans:
        first = [place for place in starts[start:end] if place >= 0]
        last = [place for place in ends[start:end] if place >= 0]
        if first and last and min(first) <= max(last):
            found.append((min(first), max(last) + 1))
    return tuple(found)
