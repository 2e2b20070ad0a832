"""Where the tutor's knowledge ends: a remark for prompts that are outside of it."""

from __future__ import annotations

from functools import cache
from itertools import islice
from pathlib import Path

from .generator import FAMILY, stream
from .generator.names import names
from .generator.sample import core

WORDS = Path(__file__).parent / "known_words.txt"
"""The words of prompts of all families, one a line; made up ones are not among them."""

MOST_UNKNOWN = 0.15
"""The largest share of unknown words in a prompt that goes without a remark."""


def remark(prompt: str) -> str | None:
    """Return a line to show with explanations of a prompt that the tutor cannot know.

    Words decide, not how sure the tutor is of its answer: it is as sure of nonsense.

    Parameters
    ----------
    prompt
        What the tutor was asked.

    Returns
    -------
    str or None
        None where the prompt looks like those that the tutor was trained on.

    Examples
    --------
    >>> remark("What is the meaning of life?") is None
    True
    >>> print(remark("How do I install Python on Windows?"))
    the tutor does not know prompts like this one, so its answer means nothing; ask a real \
model, such as smollm2, which %xai get smollm2 fetches
    """
    if unknown_share(prompt) <= MOST_UNKNOWN:
        return None
    return (
        "the tutor does not know prompts like this one, so its answer means nothing; ask a real "
        "model, such as smollm2, which %xai get smollm2 fetches"
    )


def unknown_share(prompt: str) -> float:
    """Return the share of a prompt's words that none of the families uses, from 0 to 1."""
    words = words_of(prompt)
    return sum(word not in _known() for word in words) / max(1, len(words))


def words_of(text: str) -> list[str]:
    """Return a text's words in lower case, without punctuation at their edges."""
    found = [core(word).lower().replace("’", "'") for word in text.split()]
    return [word for word in found if word]


@cache
def _known() -> frozenset[str]:
    return frozenset(WORDS.read_text(encoding="utf-8").split("\n"))


def write_words() -> None:
    """Write down the words of many prompts, and all names and values."""
    found = {word for rare in (False, True) for name in names(rare) for word in words_of(name)}
    for family in FAMILY:
        for sample in islice(stream(family, 1), 5000):
            found.update(words_of(sample.prompt))
    WORDS.write_text("\n".join(sorted(found)), encoding="utf-8")
