"""Other words in the place of removed ones: gSMILE perturbs prompts by substitution, too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.masking import Masks
from jupyter_xai.models.base import Operator
from jupyter_xai.text.distance import word_table, word_vector
from jupyter_xai.text.document import Document

_WORD = re.compile(r"\w+")


def stand_ins(document: Document, operator: Operator) -> Sequence[str]:
    """The text that takes the place of each source when it is removed.

    Parameters
    ----------
    document : Document
    operator : Operator

    Returns
    -------
    sequence of str, length ``len(document.sources)``
        Blank for operators that put no text there.

    Examples
    --------
    >>> stand_ins(Document.cut("Be brief. Be kind.", "sentence"), Operator("replace", "..."))
    ['... ', '...']
    """
    texts = [unit.text for unit in document.sources]
    if operator.name == "substitute":
        return substitutes(texts, operator)
    if operator.name == "replace":
        # The white space stays, or the replacement would stick to the next word.
        return [f"{operator.replacement}{text[len(text.rstrip()) :]}" for text in texts]
    return [""] * len(texts)


def left_texts(document: Document, masks: Masks, operator: Operator) -> list[str]:
    """What is left of a prompt for each mask, without what a chat template adds.

    Where the operator puts a text in the place of removed ones, that is there.
    """
    units = tuple(
        replace(unit, text="\n") if unit.role == "template" else unit for unit in document.units
    )
    own = Document(units)
    others = stand_ins(own, operator)
    return [own.keep(row, others) for row in masks.tolist()]


def substitutes(texts: Sequence[str], operator: Operator) -> tuple[str, ...]:
    """What stands in for each of some pieces of a text: other words, all else as it is.

    Without a list a word gives way to its nearest neighbour, by Euclidean distance between word
    embeddings, among the whole words that the embedding model knows. With one, each word gives
    way to a word drawn from the list; to itself only if the list has no other. Capitals are kept.

    Parameters
    ----------
    texts : sequence of str
    operator : Operator
        ``substitute``; its ``replacement`` is the list, its ``seed`` seeds the draws.

    Returns
    -------
    tuple of str
        The same for the same texts, list and seed.

    Examples
    --------
    >>> substitutes(["Warm places, ", "please!"], Operator("substitute", "blue"))
    ('Blue blue, ', 'blue!')
    """
    return _substitutes(tuple(texts), tuple((operator.replacement or "").split()), operator.seed)


@lru_cache(maxsize=256)
def _substitutes(texts: tuple[str, ...], words: tuple[str, ...], seed: int) -> tuple[str, ...]:
    rng = np.random.default_rng(seed)

    def other(match: re.Match[str]) -> str:
        word = match[0]
        if not words:
            return _like(word, nearest_word(word.lower()))
        choices = [each for each in words if each.lower() != word.lower()] or [word]
        return _like(word, choices[rng.integers(len(choices))])

    return tuple(_WORD.sub(other, text) for text in texts)


@lru_cache(maxsize=20_000)
def nearest_word(word: str) -> str:
    """The nearest other word of the embedding model's vocabulary.

    Examples
    --------
    >>> nearest_word("hotel")
    'hotels'
    """
    table, names = word_table()[0], _vocabulary()
    vector = word_vector(word)
    # Without |vector|^2, which is the same for all.
    apart = _squares() - 2 * (table @ vector)
    for token in np.argsort(apart, kind="stable"):
        name = names.get(int(token))
        if name is not None and name != word:
            return name
    return word


@lru_cache(maxsize=1)
def _vocabulary() -> dict[int, str]:
    """Whole words of the embedding model, by their token ids."""
    pieces = word_table()[1].get_vocab()
    return {token: name for name, token in pieces.items() if name.isalnum() and len(name) > 1}


@lru_cache(maxsize=1)
def _squares() -> NDArray[np.float64]:
    table = word_table()[0]
    return np.einsum("vd,vd->v", table, table)


def _like(word: str, other: str) -> str:
    """The other word with the capitals of the first."""
    if len(word) > 1 and word.isupper():
        return other.upper()
    return other[:1].upper() + other[1:] if word[:1].isupper() else other
