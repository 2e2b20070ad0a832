"""Invented names of people, towns and valleys, and values of facts, split for training."""

from __future__ import annotations

import random
from collections.abc import Sequence

from .name_parts import (
    CODAS,
    COLOURS,
    CONSONANTS,
    FOODS,
    INSTRUMENTS,
    JOBS,
    PERSON_HEADS,
    PERSON_TAILS,
    PETS,
    TOWN_HEADS,
    TOWN_TAILS,
    VALLEY_HEADS,
    VALLEY_TAILS,
    VOWELS,
)
from .split import rare_words


def _invented(heads: Sequence[str], tails: Sequence[str]) -> list[str]:
    return [head + tail for head in heads for tail in tails]


_VALUES = {
    "person": _invented(PERSON_HEADS, PERSON_TAILS),
    "home": _invented(TOWN_HEADS, TOWN_TAILS),
    "valley": _invented(VALLEY_HEADS, VALLEY_TAILS),
    "job": list(JOBS),
    "pet": list(PETS),
    "food": list(FOODS),
    "colour": list(COLOURS),
    "instrument": list(INSTRUMENTS),
}
_RARE = {kind: rare_words(words, kind) for kind, words in _VALUES.items()}
_POOLS = {
    (kind, rare): [word for word in words if (word in _RARE[kind]) is rare]
    for kind, words in _VALUES.items()
    for rare in (False, True)
}


_NAMELIKE = ("person", "home", "valley")
_MADE_UP_SHARE = 0.4


def _made_up(rng: random.Random) -> str:
    syllables = rng.choice((2, 2, 3))
    parts = [rng.choice(CONSONANTS) + rng.choice(VOWELS) for _ in range(syllables)]
    return "".join(parts) + rng.choice(CODAS)


def value(kind: str, rng: random.Random, rare: bool, avoid: Sequence[str] = ()) -> str:
    """Choose a name or a value; ``rare`` ones are held out and never occur in training.

    In training, many are words made up on the spot. A model that has met only fifteen instruments
    learns to choose among fifteen; one that meets a new word every time has to learn to copy.
    """
    if not rare and rng.random() < _MADE_UP_SHARE:
        word = _made_up(rng)
        word = word.capitalize() if kind in _NAMELIKE else word
        if word not in avoid and word not in _RARE[kind]:
            return word
    pool = _POOLS[kind, rare]
    return rng.choice([v for v in pool if v not in avoid] if avoid else pool)


def people(count: int, rng: random.Random, rare: bool) -> list[str]:
    """Choose names that do not begin alike, so that a passage is easy to follow."""
    chosen: list[str] = []
    while len(chosen) < count:
        name = value("person", rng, rare)
        if all(name[:2] != other[:2] for other in chosen):
            chosen.append(name)
    return chosen


def is_held_out_value(word: str) -> bool:
    """Tell whether a word is a name or value that never occurs in training."""
    return any(word in words for (_, rare), words in _POOLS.items() if rare)


def training_words() -> list[str]:
    """Return the names and values that training may use."""
    return [word for (_, rare), words in _POOLS.items() if not rare for word in words]
