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

from jupyter_xai.errors import XaiError
from jupyter_xai.text.embeddings import embed, encoder

DISTANCES = ("cosine", "wmd", "wmd+cosine")
"""The usual kinds; ``wmd-P`` in place of ``wmd`` is the Wasserstein distance of order P."""

_KIND = re.compile(r"cosine|wmd(?:-(\d+(?:\.\d+)?))?(\+cosine)?")
_MOST = 100
# The order above which powers of costs say nothing but which is the largest.
_WORD = re.compile(r"\w+|[^\w\s]")

Distances = NDArray[np.float64]


def text_distance(
    kind: str, reference: str, others: Sequence[str], *, scale: Sequence[str] | None = None
) -> Distances:
    """Distances of texts from one reference text.

    Parameters
    ----------
    kind : str
        ``cosine``: 1 - cosine of the sentence embeddings, 0 to 2.
        ``wmd``: exact 1-Wasserstein distance between the normalised bags of words with Euclidean
        distance between word embeddings (Kusner et al. 2015), 0 upwards. ``wmd-P`` takes the order
        P (1 or more, such as ``wmd-2``) instead: large orders heed the words that move farthest.
        ``wmd+cosine``: mean of both, see `combined`. Orders may be given here, too.
    reference : str
    others : sequence of str
    scale : sequence of str, optional
        The texts over which ``wmd+cosine`` takes its medians; ``others`` unless given.

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
    found = distance_parts(kind, reference, others)
    if not is_relative(kind):
        return found[0]
    return combined(found, found if scale is None else distance_parts(kind, reference, scale))


def distance_parts(kind: str, reference: str, others: Sequence[str]) -> Distances:
    """The distances that a kind is made of: one row, or two for ``wmd+cosine``.

    Returns
    -------
    float64 [1 or 2, len(others)]
    """
    order, with_cosine = _parsed(kind)
    parts = []
    if order is not None:
        parts.append(_wmd(reference, others, order))
    if with_cosine:
        parts.append(_cosine(reference, others))
    return np.stack(parts)


def combined(parts: Distances, scale: Distances) -> Distances:
    """Mean of the parts, each divided by its median over a scale.

    Parameters
    ----------
    parts : float64 [parts, R]
    scale : float64 [parts, S]
        Where the median is 0 the mean is taken, and where that is 0, too, nothing is divided. A
        single part is left as it is.

    Returns
    -------
    float64 [R]

    Examples
    --------
    >>> combined(np.array([[2.0, 4.0], [1.0, 1.0]]), np.array([[2.0, 4.0], [1.0, 1.0]])).round(3)
    array([0.833, 1.167])
    """
    if len(parts) == 1 or not scale.size:
        return parts.mean(axis=0)
    middles = [float(np.median(part)) or float(part.mean()) or 1.0 for part in scale]
    scaled = parts / np.reshape(np.array(middles), (-1, 1))
    return np.asarray(scaled.mean(axis=0), dtype=np.float64)


def is_relative(kind: str) -> bool:
    """Whether distances of this kind are scaled by those of other texts.

    Raises
    ------
    XaiError
        For an unknown kind.
    """
    order, with_cosine = _parsed(kind)
    return order is not None and with_cosine


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


def _wmd(reference: str, others: Sequence[str], order: float) -> Distances:
    first = _bag(reference)
    bags = {text: _bag(text) for text in others}
    names = list(dict.fromkeys([*first, *(word for bag in bags.values() for word in bag)]))
    place = {word: index for index, word in enumerate(names)}
    # Words of masked prompts are mostly the reference's own, so that one table serves them all.
    cost = word_costs(list(first), names)

    def shares(bag: dict[str, float]) -> Distances:
        row = np.zeros(len(names))
        row[[place[word] for word in bag]] = list(bag.values())
        return row

    moved = {text: transport(shares(first), shares(bag), cost, order) for text, bag in bags.items()}
    return np.array([moved[text] for text in others], dtype=np.float64)


def word_costs(sources: Sequence[str], targets: Sequence[str]) -> Distances:
    """Euclidean distances between word embeddings.

    Returns
    -------
    float64 [len(sources), len(targets)]
        0 for equal words.
    """
    from scipy.spatial.distance import cdist

    costs = cdist(_word_vectors(sources), _word_vectors(targets))
    return np.asarray(costs, dtype=np.float64)


def sentence_costs(texts: Sequence[str]) -> Distances:
    """Euclidean distances between sentence embeddings: float64 [len(texts), len(texts)].

    Examples
    --------
    >>> sentence_costs(["I need rest.", "I am tired.", "Stocks fell."]).round(1).tolist()[0]
    [0.0, 0.9, 1.3]
    """
    from scipy.spatial.distance import pdist, squareform

    return squareform(pdist(embed(texts).astype(np.float64)))


def transport(first: Distances, second: Distances, cost: Distances, order: float = 1.0) -> float:
    """Exact Wasserstein distance between two distributions over the same places.

    Parameters
    ----------
    first, second : float64 [V]
        Shares, each summing to 1.
    cost : float64 [at least the places that ``first`` uses, V]
        A metric: 0 between equal places, symmetric, without shortcuts. Rows are the first places.
    order : float
        1 or more: (min sum of mass x cost^order)^(1/order).

    Returns
    -------
    float

    Examples
    --------
    >>> places = np.array([[0.0, 1.0], [1.0, 0.0]])
    >>> transport(np.array([1.0, 0.0]), np.array([0.5, 0.5]), places)
    0.5
    """
    import ot

    if order == 1:
        # What both have in common need not move: the cost is a metric. That leaves a small problem.
        excess = first - second
        excess[np.abs(excess) <= 1e-15] = 0
        first, second = np.maximum(excess, 0), np.maximum(-excess, 0)
    rows, columns = np.flatnonzero(first), np.flatnonzero(second)
    mass = min(first[rows].sum(), second[columns].sum())
    if mass <= 0:
        return 0.0
    between = cost[np.ix_(rows, columns)]
    farthest = float(between.max())
    if farthest == 0:
        return 0.0
    # Divided by the largest, or powers of a high order would overflow.
    powers = (between / farthest) ** order
    # POT wants shares that sum to 1 to the last digit.
    start, end = first[rows] / first[rows].sum(), second[columns] / second[columns].sum()
    # They do by now, and potentials are of no use: to see to both takes longer than the transport.
    found = ot.emd2(start, end, powers, check_marginals=False, center_dual=False)
    work = float(np.asarray(found))
    return farthest * float(mass * max(work, 0.0)) ** (1 / order)


def _parsed(kind: str) -> tuple[float | None, bool]:
    """The order of the Wasserstein part, if there is one, and whether there is a cosine part."""
    match = _KIND.fullmatch(kind) if isinstance(kind, str) else None
    if match is None or (match[1] is not None and not 1 <= float(match[1]) <= _MOST):
        msg = (
            f"unknown distance {kind!r}; choose one of {', '.join(DISTANCES)}, or wmd-P for the "
            f"Wasserstein distance of order P (1 to {_MOST}), such as wmd-2"
        )
        raise XaiError(msg)
    order = None if kind == "cosine" else float(match[1] or 1)
    return order, kind == "cosine" or match[2] is not None


def _bag(text: str) -> dict[str, float]:
    """Distinct words and their shares, which sum to 1."""
    counts = Counter(words(text) or [""])
    return {word: count / counts.total() for word, count in counts.items()}


def _word_vectors(names: Sequence[str]) -> Distances:
    return np.stack([word_vector(name) for name in names])


@lru_cache(maxsize=20_000)
def word_vector(word: str) -> Distances:
    """Mean of the embedding model's input embeddings of a word's pieces.

    Every word has pieces, so none is out of vocabulary; the empty word is the zero vector.
    """
    table, tokenizer = word_table()
    if not word:
        return np.zeros(table.shape[1])
    pieces = tokenizer(word, add_special_tokens=False)["input_ids"]
    return table[pieces].mean(axis=0) if pieces else np.zeros(table.shape[1])


@lru_cache(maxsize=1)
def word_table() -> tuple[Distances, Any]:
    model = encoder()
    table = model[0].auto_model.get_input_embeddings().weight
    return table.detach().cpu().numpy().astype(np.float64), model.tokenizer
