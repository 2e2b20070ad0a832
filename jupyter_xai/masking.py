"""What "removed" means, and how masks are drawn.

A mask is a row of booleans, one for each source of a prompt; True keeps the source. All draws
follow two rules: no row is drawn twice, and the draws of one seed are nested, so that asking for
more masks only adds rows at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jupyter_xai.errors import XaiError

Masks = NDArray[np.bool_]
"""[R, n]: True keeps a source."""

Values = NDArray[np.float64]
"""[R, m + 1]: of each response unit, and of the whole response."""

CONFIDENCE = 0.9
"""Nominal coverage of every interval that a method gives."""

OPERATORS = (
    *("text", "delete", "mask-token", "replace", "substitute", "zero-embedding", "attention"),
)
"""Ways to remove a source: from the text, which is then tokenised anew, as if the rest had been
typed (``text``); drop its token ids (``delete``); put mask tokens, another text or other words in
its place; zero its embeddings; or hide it from attention. All but ``text``, ``delete`` and
``substitute`` leave the other tokens where they are."""

FROM_TEXT = ("text", "delete", "mask-token", "replace", "substitute")
"""Those that leave a prompt that can be answered."""

MANY = 2**20
"""Where counting possible masks stops."""

_LISTED = 2**14
# Up to so many masks are listed and shuffled; where there are more, repeats are rare enough to
# draw and drop.
_BLOCK = 64
_SMALLEST_ARRAY = 16
_GOLDEN = (5**0.5 - 1) / 2


def possible(n: int) -> int:
    """How many masks n sources have: 2^n, but at most `MANY`.

    Examples
    --------
    >>> possible(3), possible(1000) == MANY
    (8, True)
    """
    _check(n)
    return min(2 ** min(n, 20), MANY)


def leave_one_out(n: int) -> Masks:
    """Masks that each remove one source, in the order of the sources.

    Returns
    -------
    bool [n, n]

    Examples
    --------
    >>> leave_one_out(2)
    array([[False,  True],
           [ True, False]])
    """
    _check(n)
    return ~np.eye(n, dtype=np.bool_)


def without(n: int, removed: ArrayLike) -> Masks:
    """Masks that remove the given sources and keep the others.

    Parameters
    ----------
    n : int
        Number of sources.
    removed : int [k] or [sets, k]
        Indices of the sources to remove, one set a row.

    Returns
    -------
    bool [sets, n]

    Examples
    --------
    >>> without(3, [0, 2])
    array([[False,  True, False]])
    """
    _check(n)
    sets = np.atleast_2d(np.asarray(removed, dtype=np.int64))
    masks = np.ones((len(sets), n), dtype=np.bool_)
    np.put_along_axis(masks, sets, False, axis=1)
    return masks


def every(n: int) -> Masks:
    """All masks of n sources, from the empty one to the full one.

    Returns
    -------
    bool [2^n, n]
        Row r keeps source i when bit i of r is set.

    Raises
    ------
    XaiError
        When there are more than `MANY`.

    Examples
    --------
    >>> every(2).astype(int).tolist()
    [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    _check(n)
    if n > 20:
        msg = (
            f"{n} units have 2^{n} masks, too many to list (20 units have {MANY:,}); "
            "use larger units"
        )
        raise XaiError(msg)
    return ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(np.bool_)


def random_pairs(n: int, count: int, seed: int, *, trivial: bool = False) -> Masks:
    """Masks that keep each source with probability one half, each followed by its complement.

    Pairs are uniform over all pairs and never repeated: the draw of ContextCite (Cohen-Wang et
    al. 2024, arXiv:2409.00729, section 3), made antithetic and without replacement.

    Parameters
    ----------
    n, count : int
        Number of sources, and of rows wanted.
    seed : int
        Draws of one seed are nested.
    trivial : bool
        Whether the full and the empty mask are wanted as well, once all other pairs are drawn.

    Returns
    -------
    bool [rows, n]
        ``count`` rows, or as many as exist: 2^n - 2, with ``trivial`` 2^n. The last row of an odd
        count stands without its complement.

    Examples
    --------
    >>> masks = random_pairs(6, 8, seed=0)
    >>> bool((masks[0::2] == ~masks[1::2]).all())
    True
    """
    _check(n)
    rng = np.random.default_rng([seed, n])
    wanted = _half(count)
    if 2 ** (n - 1) <= _LISTED:
        # The lower half of the list holds one row of every pair, the empty mask first.
        halves = every(n)[1 : 2 ** (n - 1)]
        halves = halves[rng.permutation(len(halves))]
        halves = halves ^ (rng.random((len(halves), 1)) < 0.5)
    else:
        halves = _distinct(lambda: rng.random((_BLOCK, n)) < 0.5, wanted)
    rows = _with_complements(halves[:wanted])
    if trivial and len(rows) < count:
        ends = np.stack([np.ones(n, np.bool_), np.zeros(n, np.bool_)])
        rows = np.concatenate([rows, ends])
    return rows[:count]


def orthogonal_halves(n: int, count: int, seed: int) -> Masks:
    """Masks that keep each source with probability one half, and any two of them independently.

    Random columns of a Hadamard matrix (a two-level orthogonal array: Plackett and Burman 1946),
    with random signs, then the complements of the same rows (its foldover), then new columns. In
    every whole block no source's effect is mixed up with another's; with the complements behind
    it, not with that of two together either.

    Parameters
    ----------
    n, count : int
        Number of sources, and of rows wanted.
    seed : int
        Draws of one seed are nested.

    Returns
    -------
    bool [rows, n]
        ``count`` distinct rows, neither full nor empty; fewer only for few sources.

    Examples
    --------
    >>> signs = orthogonal_halves(20, 32, seed=0) * 2 - 1
    >>> bool((signs.T @ signs == 32 * np.eye(20)).all())
    True
    """
    _check(n)
    rng = np.random.default_rng([seed, n])
    size = max(_SMALLEST_ARRAY, 2 ** n.bit_length())
    row = np.arange(size)
    array = (np.bitwise_count(row[:, None] & row) % 2).astype(np.bool_)
    blocks = -(-min(count, 2**n - 2) // (2 * size))

    def draw() -> Masks:
        drawn = []
        for _ in range(max(blocks, 1)):
            columns = rng.permutation(np.arange(1, size))[:n]
            block = array[:, columns] ^ (rng.random(n) < 0.5)
            drawn.append(block[rng.permutation(size)])
        return np.concatenate(drawn)

    halves = _distinct(draw, min(blocks * size, 2 ** (n - 1) - 1))
    parts = [halves[start : start + size] for start in range(0, len(halves), size)]
    folded = [part for half in parts for part in (half, ~half)]
    return np.concatenate(folded)[:count] if folded else np.empty((0, n), np.bool_)


def shapley_pairs(n: int, count: int, seed: int) -> Masks:
    """Masks for Shapley values, each followed by its complement.

    All sizes from 1 to n - 1 are equally frequent and masks of one size equally likely: for the
    Shapley regression these are the leverage scores (Musco and Witter 2024, arXiv:2410.01917).
    Sizes are spread evenly over every stretch of the draw (a golden-ratio sequence).

    Parameters
    ----------
    n, count : int
        Number of sources, and of rows wanted.
    seed : int
        Draws of one seed are nested.

    Returns
    -------
    bool [rows, n]
        ``count`` rows, or the 2^n - 2 that exist. The last row of an odd count stands without its
        complement.

    Examples
    --------
    >>> sorted(shapley_pairs(3, 6, seed=0).sum(axis=1).tolist())
    [1, 1, 1, 2, 2, 2]
    """
    _check(n)
    wanted = min(_half(count), 2 ** (n - 1) - 1)
    if wanted <= 0:
        return np.empty((0, n), np.bool_)
    sizes = _spread_sizes(n, wanted, np.random.default_rng([seed, n]).random())
    halves = np.empty((wanted, n), np.bool_)
    for size in np.unique(sizes):
        places = np.flatnonzero(sizes == size)
        halves[places] = _subsets(n, int(size), len(places), seed)
    return _with_complements(halves)[:count]


def pairs_of_size(n: int, size: NDArray[np.int64]) -> NDArray[np.float64]:
    """How many complementary pairs have a smaller half of this size (1 to n // 2)."""
    return np.array([comb(n, int(s)) / (2 if 2 * s == n else 1) for s in size])


def pair_ids(masks: Masks) -> NDArray[np.int64]:
    """Numbers the pairs: rows that are equal or complements share a number.

    Returns
    -------
    int64 [R]
        Numbered from 0 in the order of first appearance.

    Examples
    --------
    >>> pair_ids(np.array([[1, 1], [1, 0], [0, 1], [0, 0]], dtype=bool)).tolist()
    [0, 1, 1, 0]
    """
    _, first, inverse = np.unique(_packed(masks), axis=0, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse.reshape(-1)]


def _check(n: int) -> None:
    if n < 1:
        msg = "there is no unit to remove; give a prompt with at least one unprotected unit"
        raise XaiError(msg)


def _half(count: int) -> int:
    return -(-max(count, 0) // 2)


def _with_complements(halves: Masks) -> Masks:
    return np.stack([halves, ~halves], axis=1).reshape(-1, halves.shape[1])


def _packed(masks: Masks) -> NDArray[np.uint8]:
    """A mask and its complement packed into the same bytes."""
    return np.packbits(masks ^ ~masks[:, :1], axis=1)


def _distinct(draw: Callable[[], Masks], wanted: int) -> Masks:
    """The first ``wanted`` draws that are neither trivial nor a repeat up to complement."""
    rows = draw()
    while True:
        first = np.unique(_packed(rows), axis=0, return_index=True)[1]
        rows = rows[np.sort(first)]
        rows = rows[rows.any(axis=1) & ~rows.all(axis=1)]
        if len(rows) >= wanted:
            return rows[:wanted]
        rows = np.concatenate([rows, draw()])


def _subsets(n: int, size: int, wanted: int, seed: int) -> Masks:
    """Distinct random subsets of one size, at most half of the sources."""
    rng = np.random.default_rng([seed, n, size])
    if comb(n, size) <= _LISTED:
        from itertools import combinations

        chosen = np.array(list(combinations(range(n), size)))
        if 2 * size == n:
            # Subsets with source 0 stand for those without it.
            chosen = chosen[chosen[:, 0] == 0]
        return ~without(n, rng.permutation(chosen)[:wanted])

    def draw() -> Masks:
        chosen = np.argsort(rng.random((_BLOCK, n)), axis=1)[:, :size]
        return ~without(n, chosen)

    return _distinct(draw, wanted)


def _spread_sizes(n: int, wanted: int, start: float) -> NDArray[np.int64]:
    """Sizes of the smaller halves of the first ``wanted`` pairs."""
    available = pairs_of_size(n, np.arange(n // 2 + 1))
    draws = wanted
    while True:
        uniform = (start + np.arange(draws) * _GOLDEN) % 1.0
        size = np.minimum((uniform * (n - 1)).astype(np.int64), n - 2) + 1
        size = np.minimum(size, n - size)
        # A draw from a size of which no pair is left is passed over.
        order = np.argsort(size, kind="stable")
        starts = np.searchsorted(size[order], np.arange(n // 2 + 1))
        rank = np.empty(draws, np.int64)
        rank[order] = np.arange(draws) - starts[size[order]]
        size = size[rank < available[size]]
        if len(size) >= wanted:
            return size[:wanted]
        draws *= 2
