"""Distances between texts.

``cosine`` compares sentence embeddings, ``wmd`` (word mover's distance) moves one bag of words into
the other; both are 0 for equal texts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.embeddings import embed, encoder
from jupyter_xai.errors import XaiError

DISTANCES = ("cosine", "wmd", "wmd+cosine")
"""The kinds that `text_distance` knows."""

_WORD = re.compile(r"\w+|[^\w\s]")

Distances = NDArray[np.float64]


def text_distance(kind: str, reference: str, others: Sequence[str]) -> Distances:
    """Distances of texts from one reference text.

    Parameters
    ----------
    kind : str
        ``cosine``: 1 - cosine of the sentence embeddings, 0 to 2.
        ``wmd``: exact 1-Wasserstein distance between the normalised bags of words with Euclidean
        distance between word embeddings (Kusner et al. 2015), 0 upwards.
        ``wmd+cosine``: mean of both, each divided by its median over the ``others`` (where that is
        0, by its mean; where that is 0 too, it is 0 throughout).
    reference : str
    others : sequence of str

    Returns
    -------
    float64 [len(others)]
        0 for texts equal to the reference. A blank text is at cosine distance 1 from any other; in
        ``wmd`` it stands for one word whose embedding is zero.

    Raises
    ------
    XaiError
        For an unknown kind.

    Examples
    --------
    >>> near, same, far = text_distance("cosine", "I need rest.", ["I am tired.", "I need rest.",
    ...                                                            "Stocks fell."])
    >>> bool(same == 0 < near < far)
    True
    """
    if kind == "cosine":
        return _cosine(reference, others)
    if kind == "wmd":
        return _wmd(reference, others)
    if kind == "wmd+cosine":
        parts = [_relative(part(reference, others)) for part in (_wmd, _cosine)]
        return np.mean(parts, axis=0)
    msg = f"unknown distance {kind!r}; choose one of {', '.join(DISTANCES)}"
    raise XaiError(msg)


def words(text: str) -> list[str]:
    """The words of a text in lower case; punctuation signs only where there is no word.

    Examples
    --------
    >>> words("Rest, rest!"), words("...")
    (['rest', 'rest'], ['.', '.', '.'])
    """
    found = _WORD.findall(text.lower())
    return [word for word in found if word[0].isalnum() or word[0] == "_"] or found


def _cosine(reference: str, others: Sequence[str]) -> Distances:
    vectors = embed([reference, *others]).astype(np.float64)
    distances = 1 - np.clip(vectors[1:] @ vectors[0], -1, 1)
    # Rounding would leave about 1e-8 here, and blank texts have no direction.
    equal = np.array([text.strip() == reference.strip() for text in others], dtype=np.bool_)
    distances[equal] = 0
    return distances


def _wmd(reference: str, others: Sequence[str]) -> Distances:
    import ot
    from scipy.spatial.distance import cdist

    first, first_weights = _bag(reference)
    distances: dict[str, float] = {}
    for text in others:
        if text in distances:
            continue
        second, second_weights = _bag(text)
        cost = cdist(_word_vectors(first), _word_vectors(second))
        distances[text] = float(np.asarray(ot.emd2(first_weights, second_weights, cost)))
    return np.array([max(distances[text], 0.0) for text in others], dtype=np.float64)


def _relative(distances: Distances) -> Distances:
    if not len(distances):
        return distances
    scale = np.median(distances) or distances.mean() or 1.0
    return distances / scale


def _bag(text: str) -> tuple[tuple[str, ...], Distances]:
    """Distinct words and their shares, which sum to 1."""
    counts = Counter(words(text) or [""])
    weights = np.array(list(counts.values()), dtype=np.float64)
    return tuple(counts), weights / weights.sum()


def _word_vectors(names: Sequence[str]) -> Distances:
    return np.stack([_word_vector(name) for name in names])


@lru_cache(maxsize=20_000)
def _word_vector(word: str) -> Distances:
    """Mean of the embedding model's input embeddings of a word's pieces.

    Every word has pieces, so none is out of vocabulary; the empty word is the zero vector.
    """
    table, tokenizer = _table()
    if not word:
        return np.zeros(table.shape[1])
    pieces = tokenizer(word, add_special_tokens=False)["input_ids"]
    return table[pieces].mean(axis=0) if pieces else np.zeros(table.shape[1])


@lru_cache(maxsize=1)
def _table() -> tuple[Distances, Any]:
    model = encoder()
    table = model[0].auto_model.get_input_embeddings().weight
    return table.detach().cpu().numpy().astype(np.float64), model.tokenizer
