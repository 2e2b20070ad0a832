"""Which names, values and combinations are kept out of training."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

HELD_OUT_SHARE = 0.22


def held_out(key: str) -> bool:
    """Tell whether a name, a value or a combination is never shown in training.

    The decision depends on the key alone: the same everywhere, for every seed.
    """
    return _place(key) < HELD_OUT_SHARE


def rare_words(words: Sequence[str], kind: str) -> frozenset[str]:
    """Choose the words of a kind that are kept out of training, at least five of them."""
    count = max(5, round(HELD_OUT_SHARE * len(words)))
    return frozenset(sorted(words, key=lambda word: _place(f"{kind}:{word}"))[:count])


def _place(key: str) -> float:
    digest = blake2b(key.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
