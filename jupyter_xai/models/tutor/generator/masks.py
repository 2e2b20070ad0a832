"""Prompts with sentences or words deleted, and the proper answer to what is left."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from .family import EMPTY, Family
from .sample import Cue, Piece, Reply, surviving

Keep = tuple[tuple[bool, ...], ...]
"""For every prompt sentence, which of its words are kept."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A prompt of which a part was deleted, and the proper answer to the rest."""

    text: str
    replies: tuple[Reply, ...]
    cues: tuple[Cue, ...]


def keep_sentences(pieces: Sequence[Piece], kept: Sequence[bool]) -> Keep:
    """Keep whole sentences."""
    return tuple((k,) * len(p.words()) for p, k in zip(pieces, kept, strict=True))


def random_keep(pieces: Sequence[Piece], rng: random.Random) -> Keep:
    """Draw what to keep: mostly whole sentences, sometimes single words."""
    kind = rng.random()
    share = rng.choice((0.2, 0.4, 0.5, 0.6, 0.8, 0.9))
    if len(pieces) > 1 and kind < 0.6:
        return keep_sentences(pieces, [rng.random() < share for _ in pieces])
    if len(pieces) > 1 and kind < 0.7:
        lost = rng.randrange(len(pieces))
        return keep_sentences(pieces, [i != lost for i in range(len(pieces))])
    words = [[True] * len(p.words()) for p in pieces]
    if kind < 0.85:
        row = rng.choice(words)
        row[rng.randrange(len(row))] = False
    else:
        words = [[rng.random() < share for _ in row] for row in words]
    return tuple(tuple(row) for row in words)


def mask(family: Family, pieces: Sequence[Piece], keep: Keep) -> Masked:
    """Delete what is not kept and answer the rest.

    The text keeps the space before each word, because that is where byte-level tokens carry it:
    a prompt whose beginning is deleted starts with a space.
    """
    parts: list[str] = []
    cues: list[Cue] = []
    first = True
    for piece, row in zip(pieces, keep, strict=True):
        cues += surviving(piece, row)
        for word, kept in zip(piece.words(), row, strict=True):
            if kept:
                parts.append(word if first else " " + word)
            first = False
    replies = tuple(family.answer(cues)) if parts else EMPTY
    return Masked("".join(parts), replies, tuple(cues))
