"""Names of people, towns and valleys, and values of facts, split for training."""

from __future__ import annotations

import random
from collections.abc import Sequence

from .name_parts import (
    COLOURS,
    FOODS,
    INSTRUMENTS,
    JOBS,
    PERSONS,
    PETS,
    SYLLABLES,
    TOWNS,
    VALLEYS,
)
from .split import rare_words

_PARTS = {
    "person": (PERSONS, ""),
    "home": (TOWNS, ""),
    "valley": (VALLEYS, ""),
    "job": (JOBS, " "),
    "pet": (PETS, " "),
    "food": (FOODS, " "),
    "colour": (COLOURS, " "),
    "instrument": (INSTRUMENTS, " "),
}


def _joined(halves: tuple[str, str], between: str) -> list[str]:
    heads, tails = (half.split() for half in halves)
    return [f"{head}{between}{tail}" for head in heads for tail in tails]


_VALUES = {kind: _joined(halves, between) for kind, (halves, between) in _PARTS.items()}
_RARE = {kind: rare_words(words, kind) for kind, words in _VALUES.items()}
_POOLS = {
    (kind, rare): [word for word in words if (word in _RARE[kind]) is rare]
    for kind, words in _VALUES.items()
    for rare in (False, True)
}


_NAMELIKE = ("person", "home", "valley")
_MADE_UP_SHARE = 0.12
_SYLLABLES = SYLLABLES.split()


def _made_up(rng: random.Random) -> str:
    return "".join(rng.choice(_SYLLABLES) for _ in range(rng.choice((2, 2, 3))))


def value(kind: str, rng: random.Random, rare: bool, avoid: Sequence[str] = ()) -> str:
    """Choose a name or a value; ``rare`` ones are held out and never occur in training.

    In training, some are words made up on the spot, so that the model learns to copy any word.
    What begins like one of those to ``avoid`` is avoided, too.
    """
    if not rare and rng.random() < _MADE_UP_SHARE:
        word = _made_up(rng)
        word = word.capitalize() if kind in _NAMELIKE else word
        if word not in avoid and word not in _RARE[kind]:
            return word
    taken = {_head(word) for word in avoid}
    pool = _POOLS[kind, rare]
    while True:
        word = rng.choice(pool)
        if _head(word) not in taken:
            return word


def _head(word: str) -> str:
    return word.split(" ")[0][:3]


def people(count: int, rng: random.Random, rare: bool) -> list[str]:
    """Choose names that do not begin alike, so that a passage is easy to follow."""
    chosen: list[str] = []
    while len(chosen) < count:
        chosen.append(value("person", rng, rare, chosen))
    return chosen


def is_held_out_value(word: str) -> bool:
    """Tell whether a word is a name or value that never occurs in training."""
    return any(word in words for words in _RARE.values())


def name_halves() -> list[str]:
    """Return the halves of all names, each with the space that comes before it, if any."""
    found = []
    for (heads, tails), between in _PARTS.values():
        found += [f" {head}" for head in heads.split()]
        found += [between + tail for tail in tails.split()]
    return list(dict.fromkeys(found))


def names(rare: bool) -> list[str]:
    """Return all names and values that are held out, or all those that training may use."""
    return [word for (_, held_out), words in _POOLS.items() if held_out is rare for word in words]
