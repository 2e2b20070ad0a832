"""The tutor's text generator: prompts of seven families with known causes.

Everything is drawn from local seeded generators, so that a seed gives the same bytes everywhere.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

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
        yield make_sample(name, drafted, _answer(family, drafted))


def thinking(sample: Sample, steps: int, misleading: bool, seed: int) -> Sample:
    """Return a multi-hop sample with the first thoughts of its answer at the prompt's end."""
    hops = FAMILY["hops"]
    if not isinstance(hops, Hops) or sample.family != hops.name:
        msg = f"thoughts belong to multi-hop questions (hops), not to {sample.family}"
        raise ValueError(msg)
    if steps not in (1, 2):
        msg = f"steps must be 1 or 2, not {steps}"
        raise ValueError(msg)
    if len(sample.replies) < 3:
        msg = "the prompt has thoughts already, or no answer; choose a sample with three sentences"
        raise ValueError(msg)
    rng = random.Random(f"thoughts:{seed}:{sample.prompt}")
    drafted = hops.with_thoughts(sample.pieces, steps, misleading, rng, True)
    return make_sample(hops.name, drafted, _answer(hops, drafted))


def _answer(family: Family, drafted: Sequence[Piece]) -> list[Reply]:
    return family.answer([cue for piece in drafted for cue in piece.cues])


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
    "thinking",
]
