"""The tutor's text generator: prompts of seven families with known causes.

Everything is drawn from local seeded generators, so that a seed gives the same bytes everywhere.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from .choice import Choice
from .facts import Facts
from .family import Family
from .hops import Hops
from .masks import Masked, keep_sentences, mask, random_keep
from .questions import Questions
from .reviews import Reviews
from .sample import Cue, Link, Piece, Reply, Sample, make_sample
from .split import held_out
from .stories import Stories
from .travel import Travel

_MEMBERS: tuple[Family, ...] = (
    Travel(),
    Reviews(),
    Questions(),
    Stories(),
    Facts(),
    Hops(),
    Choice(),
)
FAMILY: dict[str, Family] = {family.name: family for family in _MEMBERS}


def pieces(family: Family, rng: random.Random, rare: bool) -> list[Piece]:
    """Write the sentences of one prompt, from training's side of the split or the other."""
    while True:
        drafted = family.draft(rng, rare)
        key = family.key(drafted)
        if key is None and not rare:
            return drafted
        if key is None and family.name in ("facts", "hops", "choice"):
            return drafted
        if key is not None and held_out(key) is rare:
            return drafted


def stream(name: str, seed: int, rare: bool = True) -> Iterator[Sample]:
    """Yield samples of a family without end; ``rare`` ones are held out of training."""
    family = FAMILY[name]
    rng = random.Random(f"{name}:{seed}:{rare}")
    while True:
        drafted = pieces(family, rng, rare)
        cues = [cue for piece in drafted for cue in piece.cues]
        yield make_sample(name, drafted, family.answer(cues))


__all__ = [
    "FAMILY",
    "Cue",
    "Family",
    "Link",
    "Masked",
    "Piece",
    "Reply",
    "Sample",
    "held_out",
    "keep_sentences",
    "make_sample",
    "mask",
    "pieces",
    "random_keep",
    "stream",
]
