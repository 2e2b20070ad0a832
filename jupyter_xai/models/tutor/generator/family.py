"""What a family of prompts must offer, and what all families share."""

from __future__ import annotations

import random
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from .sample import Cue, Piece, Reply

EMPTY = (Reply("Please tell me a little more, so that I can help you."),)
"""The answer to an empty prompt, in every family."""

_WORD = re.compile(r"[^\W\d_]+")
_COMMON_WORDS = """
about after again also always around because could even every from have into just like many
more most much only other over plenty rather some than that them then there these they this
those through very what when where which while will with would your
"""
_COMMON = frozenset(_COMMON_WORDS.split())


class Family(ABC):
    """A kind of prompt: how it is written, and the only right answer to any set of its cues.

    Attributes
    ----------
    name : str
    parts : tuple of str
        The parts of an answer, in their order; empty where an answer has one part only.
    """

    name: str
    parts: tuple[str, ...] = ()

    @abstractmethod
    def draft(self, rng: random.Random, held_out: bool) -> list[Piece]:
        """Write the sentences of a new prompt."""

    @abstractmethod
    def answer(self, cues: Sequence[Cue]) -> list[Reply]:
        """Return the proper answer, given the cues that are left, in the prompt's order."""

    @abstractmethod
    def changed(self, pieces: Sequence[Piece], index: int, rng: random.Random) -> list[Piece]:
        """Return the prompt with one sentence replaced by one of another value or wording.

        A cause becomes another cause of the same slot; a distractor becomes another distractor.
        """

    def clear(self, cues: Sequence[Cue]) -> bool:
        """Tell whether the cues have an answer that nobody would dispute."""
        return True

    def key(self, pieces: Sequence[Piece]) -> str | None:
        """Return the combination by which a prompt may be held out, or None for never.

        Families of facts hold out names and values instead.
        """
        return None


def replaced(pieces: Sequence[Piece], index: int, piece: Piece) -> list[Piece]:
    """Return the sentences with one of them exchanged."""
    return [*pieces[:index], piece, *pieces[index + 1 :]]


def showing(text: str, others: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a sentence that tell it from its alternatives."""
    elsewhere = {word.lower() for other in others for word in _WORD.findall(other)}
    words = [w for w in _WORD.findall(text) if len(w) > 3 and w.lower() not in _COMMON]
    telling = [w for w in words if w.lower() not in elsewhere]
    return tuple(dict.fromkeys(telling or words))


def reply_for(slot: str, value: str | None, table: Mapping[str | None, str]) -> Reply:
    """Make the response sentence that a table gives for a slot's value."""
    text = table[value]
    others = [other for key, other in table.items() if key != value]
    words = showing(text, others) if value is not None else ()
    return Reply(text, (slot,), words, part=slot)


def first_values(cues: Sequence[Cue]) -> dict[str, str]:
    """Return the value of each slot; where a prompt says two things, the first one counts."""
    values: dict[str, str] = {}
    for cue in cues:
        values.setdefault(cue.slot, cue.value)
    return values


def pick_distinct(rng: random.Random, items: Sequence[str], avoid: str) -> str:
    """Choose an item that is not the one to avoid."""
    return rng.choice([item for item in items if item != avoid])
