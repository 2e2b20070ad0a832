"""Cutting text into the units that explanations speak of.

A `Document` is a text cut into `Unit`s. Two rules hold for every document:

- the units joined in order are the text, character for character;
- white space belongs to the unit before it (leading white space to the first unit).

A unit is known by its index, never by its text, so repeated words and sentences stay apart.
Offsets are code points, as Python counts them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal, get_args

from jupyter_xai.errors import XaiError

PROMPT_LEVELS = ("token", "word", "sentence", "paragraph", "message")
RESPONSE_LEVELS = ("token", "word", "sentence", "paragraph")


Level = Literal["token", "word", "sentence", "paragraph", "message", "span"]
"""The sizes a text can be cut into; ``span`` stands for spans that the user gave."""

LEVELS: tuple[str, ...] = get_args(Level)

Span = tuple[int, int]

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*|\r\n[^\S\n]*\r\n\s*")
_WORD = re.compile(
    # One ideograph or kana is a word of its own: these scripts put no space between words.
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    r"|[^\s\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_LIST_ITEM = re.compile(r"(?:[-*•–·>|#]|\(?(?:\d{1,3}|[A-Za-z])[.)])\s|<|`{3}")


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a document.

    Attributes
    ----------
    index : int
        Position among the document's units, from 0. This is the unit's identity.
    start, end : int
        Span in the document's text, in code points; ``end`` is exclusive.
    text : str
        The characters of that span, trailing white space included.
    role : str
        Who wrote it: ``user``, ``system``, ``developer``, ``assistant``, ``tool``, ``context`` or
        ``template``.
    protected : bool
        A protected unit is shown but never removed.
    """

    index: int
    start: int
    end: int
    text: str
    role: str = "user"
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text with one author, before it is cut into units."""

    text: str
    role: str = "user"
    protected: bool = False


@dataclass(frozen=True)
class Document:
    """A text and the units it is cut into.

    Parameters
    ----------
    units : tuple of Unit
        In order, without gaps.
    level : str
        One of `LEVELS`.

    Examples
    --------
    >>> document = Document.cut("I want to rest. No cities, though.", "sentence")
    >>> [unit.text for unit in document.units]
    ['I want to rest. ', 'No cities, though.']
    >>> document.keep([False, True])
    'No cities, though.'
    """

    units: tuple[Unit, ...]
    level: Level = "sentence"

    @cached_property
    def text(self) -> str:
        """The whole text: the units joined."""
        return "".join(unit.text for unit in self.units)

    @cached_property
    def sources(self) -> tuple[Unit, ...]:
        """The units that may be removed: the players of the masking game, in order."""
        return tuple(unit for unit in self.units if not unit.protected)

    def __len__(self) -> int:
        return len(self.units)

    @classmethod
    def cut(
        cls,
        text: str,
        level: str = "sentence",
        *,
        language: str = "en",
        token_spans: Callable[[str], Sequence[Span]] | None = None,
    ) -> Document:
        """Cut a plain text; see `from_segments`."""
        return cls.from_segments([Segment(text)], level, language=language, token_spans=token_spans)

    @classmethod
    def from_segments(
        cls,
        segments: Iterable[Segment],
        level: str = "sentence",
        *,
        language: str = "en",
        token_spans: Callable[[str], Sequence[Span]] | None = None,
    ) -> Document:
        """Cut segments one by one, so that no unit has two authors.

        Parameters
        ----------
        segments : iterable of Segment
            Protected segments become one protected unit each.
        level : str
            ``token``, ``word``, ``sentence``, ``paragraph`` or ``message`` (a segment each).
        language : str
            ISO 639 code for the sentence splitter.
        token_spans : callable, optional
            Gives the ``(start, end)`` spans of a text's tokens. Needed for ``token``; tokens that
            share a character (an emoji spelt in bytes) make one unit.

        Raises
        ------
        ValueError
            For an unknown level, or ``token`` without ``token_spans``.
        """
        checked = check_level(level)
        units: list[Unit] = []
        offset = 0
        for segment in segments:
            if segment.protected or checked in ("message", "span"):
                starts = [0]
            else:
                starts = _boundaries(segment.text, checked, language, token_spans)
            for start, end in pairwise([*starts, len(segment.text)]):
                if start < end:
                    units.append(
                        Unit(
                            index=len(units),
                            start=offset + start,
                            end=offset + end,
                            text=segment.text[start:end],
                            role=segment.role,
                            protected=segment.protected,
                        )
                    )
            offset += len(segment.text)
        return cls(tuple(units), checked)

    @classmethod
    def from_spans(cls, text: str, spans: Sequence[Span]) -> Document:
        """Cut a text at spans that the user gives; what lies between them is protected.

        Raises
        ------
        ValueError
            When a span is empty, leaves the text, or overlaps the one before it.
        """
        units: list[Unit] = []
        position = 0

        def add(start: int, end: int, protected: bool) -> None:
            if start < end:
                piece = text[start:end]
                units.append(Unit(len(units), start, end, piece, protected=protected))

        for start, end in spans:
            if not position <= start < end <= len(text):
                msg = (
                    f"span ({start}, {end}) is not allowed: spans must be in order, must not be "
                    f"empty or overlap, and must lie within 0 and {len(text)}"
                )
                raise ValueError(msg)
            add(position, start, protected=True)
            add(start, end, protected=False)
            position = end
        add(position, len(text), protected=True)
        return cls(tuple(units), "span")

    def keep(self, mask: Sequence[bool], others: Sequence[str] | None = None) -> str:
        """The text that is left when only some sources are kept.

        Parameters
        ----------
        mask : sequence of bool, length ``len(self.sources)``
            True keeps the source of that position. Protected units always stay.
        others : sequence of str, length ``len(self.sources)``, optional
            What takes the places of sources that are not kept; nothing unless given.
        """
        if len(mask) != len(self.sources):
            msg = f"the mask has {len(mask)} entries, but the text has {len(self.sources)} sources"
            raise ValueError(msg)
        standing = iter(
            unit.text if kept else other
            for unit, kept, other in zip(
                self.sources, mask, others or [""] * len(mask), strict=True
            )
        )
        return "".join(unit.text if unit.protected else next(standing) for unit in self.units)


def span_segments(text: str, spans: Sequence[Span], role: str = "user") -> list[Segment]:
    """Segments of a text with given spans; what lies between them is protected.

    Raises
    ------
    ValueError
        See `Document.from_spans`.
    """
    units = Document.from_spans(text, spans).units
    return [Segment(unit.text, role, unit.protected) for unit in units]


def check_characters(text: str, what: str) -> str:
    """Return a text that was given, if all of its characters are whole.

    Raises
    ------
    XaiError
        For a lone surrogate: half an emoji, or a byte that is no UTF-8. No model can be sent it.

    Examples
    --------
    >>> check_characters(f"half {chr(0xD83D)}", "the prompt")
    Traceback (most recent call last):
    ...
    jupyter_xai.errors.XaiError: the prompt holds half a character ('\\ud83d' at position 5), \
which no text can hold; leave it out, or read the text as UTF-8
    """
    found = _SURROGATE.search(text)
    if found:
        msg = (
            f"{what} holds half a character ({found[0]!r} at position {found.start()}), which no "
            "text can hold; leave it out, or read the text as UTF-8"
        )
        raise XaiError(msg)
    return text


def whole_characters(text: str) -> str:
    """A text that a model said: halves that belong together joined, others made U+FFFD.

    Examples
    --------
    >>> whole_characters(f"{chr(0xD83D)}{chr(0xDE00)} and {chr(0xD83D)}")
    '😀 and \ufffd'
    """
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def check_level(level: str) -> Level:
    """Return ``level`` if it is one of `LEVELS`, else raise a `ValueError` that lists them."""
    if level not in LEVELS:
        msg = f"unknown units {level!r}; choose one of {', '.join(LEVELS)}"
        raise ValueError(msg)
    return level  # type: ignore[return-value]


def _boundaries(
    text: str,
    level: Level,
    language: str,
    token_spans: Callable[[str], Sequence[Span]] | None,
) -> list[int]:
    """Start offsets of the units of ``text``, the first always 0."""
    if level == "token":
        if token_spans is None:
            msg = "token units need a tokenizer; use word or sentence units for this model"
            raise ValueError(msg)
        # Byte-level tokenizers give the several tokens of one emoji the same span.
        return _increasing(start for start, _ in token_spans(text))
    if level == "word":
        starts = [m.start() for m in _WORD.finditer(text) if not _clings(m, text)]
    elif level == "paragraph":
        starts = [match.end() for match in _BLANK_LINE.finditer(text)]
    else:
        starts = _sentence_starts(text, language)
    # White space belongs to the unit before it.
    moved = (start + _leading_space(text[start:]) for start in starts)
    # Nothing stands before the first unit, so leading white space is its own.
    first = _leading_space(text)
    return _increasing(start for start in moved if first < start < len(text))


def _increasing(starts: Iterable[int]) -> list[int]:
    return sorted({0, *starts})


def _clings(match: re.Match[str], text: str) -> bool:
    """Whether this is punctuation set right behind an ideograph, and so part of its word."""
    start = match.start()
    no_letter = not any(character.isalnum() for character in match.group())
    return no_letter and start > 0 and not text[start - 1].isspace()


def _leading_space(text: str) -> int:
    return len(text) - len(text.lstrip())


def _sentence_starts(text: str, language: str) -> list[int]:
    from sentencex import segment  # pyright: ignore[reportAttributeAccessIssue]

    starts: list[int] = []
    position = 0
    for sentence in segment(language, text):
        # Found again rather than counted, should the splitter drop a character.
        position = max(position, text.find(sentence, position))
        starts.append(position)
        position += len(sentence)
    # A line that opens a list item, a tag or a heading starts a unit, and so does the line after a
    # colon; other single line ends are taken as wrapping inside a sentence.
    for match in re.finditer(r"\n", text):
        line_start = match.end()
        before = text[: match.start()].rstrip()
        if before.endswith(":") or _LIST_ITEM.match(text[line_start:].lstrip()):
            starts.append(line_start)
    # A blank line always ends a sentence.
    starts.extend(match.end() for match in _BLANK_LINE.finditer(text))
    # A list marker alone ("1.") is no sentence: it stays with the text that it introduces.
    return [s for s in starts if not _follows_marker(text, s)]


def _follows_marker(text: str, start: int) -> bool:
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return bool(re.fullmatch(r"\s*\(?(?:\d{1,3}|[A-Za-z])[.)]\s*", line)) and (
        len(line.strip()) <= 4 and start < len(text) and not line.endswith("\n")
    )
