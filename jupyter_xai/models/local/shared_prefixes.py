"""Computing the beginnings that masked prompts share only once.

Masked prompts of one prompt agree up to the first unit in which they differ. All rows together
form a trie. Every token of the trie through which two or more rows pass belongs to the *trunk*:
the trunk is run once, with a mask that lets each token see only its own ancestors, and the rows
are then run from where they leave it, on top of the keys and values gathered along their path.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.models.local.masked_inputs import MaskedInput


@dataclass(frozen=True, eq=False)
class Trunk:
    """The shared tokens of some rows.

    Attributes
    ----------
    ids, positions : int64 [N]
    zeroed : bool [N]
    ancestors : bool [N, N]
        ``ancestors[q, t]``: token q sees token t (itself included). Parents come before children.
    """

    ids: NDArray[np.int64]
    positions: NDArray[np.int64]
    zeroed: NDArray[np.bool_]
    ancestors: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class Group:
    """Rows that are run on one trunk.

    Attributes
    ----------
    rows : int64 [G]
        Which inputs these are.
    paths : tuple of int64 arrays
        For each row the trunk tokens that it begins with, in order. The rest of the row, its last
        token always included, is run by itself.
    trunk : Trunk
    """

    rows: NDArray[np.int64]
    paths: tuple[NDArray[np.int64], ...]
    trunk: Trunk


def shared_tokens(inputs: Sequence[MaskedInput]) -> int:
    """How many tokens sharing would spare over all rows."""
    _, common, lengths = _sorted_rows(inputs)
    reach = _trunk_lengths(common, lengths)
    return int(sum(min(a, b, c) for a, b, c in zip(common, reach[:-1], reach[1:], strict=True)))


def groups(inputs: Sequence[MaskedInput], *, most: int) -> Iterator[Group]:
    """Split rows into groups whose trunks have at most ``most`` tokens each.

    A trunk of one row's length is always allowed, so that long prompts share too.
    """
    order, common, lengths = _sorted_rows(inputs)
    most = max(most, *lengths)
    start = 0
    while start < len(order):
        end, size, reach = start + 1, 0, 0
        while end < len(order):
            # With the next row, the one before it may reach further into the trunk, and the next
            # adds what that one is too short to bring along.
            both = common[end - 1]
            before = min(max(reach, both), lengths[end - 1] - 1)
            after = min(both, lengths[end] - 1)
            grown = size + before - reach + max(0, after - min(both, before))
            if grown > most:
                break
            end, size, reach = end + 1, grown, after
        yield _group(inputs, order[start:end], common[start : end - 1], lengths[start:end], size)
        start = end


def _sorted_rows(
    inputs: Sequence[MaskedInput],
) -> tuple[list[int], list[int], list[int]]:
    """Rows in the order of their symbols, the common beginnings of neighbours, and lengths."""
    symbols = [row.symbols() for row in inputs]
    # Big-endian bytes of non-negative numbers sort as the numbers do.
    order = sorted(range(len(inputs)), key=lambda row: symbols[row].astype(">i8").tobytes())
    common = [_common_length(symbols[a], symbols[b]) for a, b in pairwise(order)]
    return order, common, [len(inputs[row]) for row in order]


def _common_length(a: NDArray[np.int64], b: NDArray[np.int64]) -> int:
    size = min(len(a), len(b))
    differs = np.flatnonzero(a[:size] != b[:size])
    return int(differs[0]) if len(differs) else size


def _trunk_lengths(common: Sequence[int], lengths: Sequence[int]) -> list[int]:
    """How many of each row's tokens lie in the trunk; never its last, which gives the logits."""
    sides = [0, *common, 0]
    return [min(max(sides[i], sides[i + 1]), length - 1) for i, length in enumerate(lengths)]


def _group(
    inputs: Sequence[MaskedInput],
    rows: Sequence[int],
    common: Sequence[int],
    lengths: Sequence[int],
    size: int,
) -> Group:
    reach = _trunk_lengths(common, lengths)
    ids = np.empty(size, dtype=np.int64)
    positions = np.empty(size, dtype=np.int64)
    zeroed = np.empty(size, dtype=bool)
    ancestors = np.zeros((size, size), dtype=bool)
    paths: list[NDArray[np.int64]] = []
    path = np.empty(0, dtype=np.int64)
    used = 0
    for i, (row, length) in enumerate(zip(rows, reach, strict=True)):
        inherited = min(common[i - 1], len(path), length) if i else 0
        added = np.arange(used, used + length - inherited)
        taken = slice(inherited, length)
        ids[added] = inputs[row].ids[taken]
        positions[added] = inputs[row].positions[taken]
        zeroed[added] = inputs[row].zeroed[taken]
        path = np.concatenate([path[:inherited], added])
        for depth, token in enumerate(added, start=inherited):
            ancestors[token, path[: depth + 1]] = True
        used += len(added)
        paths.append(path)
    trunk = Trunk(ids[:used], positions[:used], zeroed[:used], ancestors[:used, :used])
    return Group(np.array(rows, dtype=np.int64), tuple(paths), trunk)
