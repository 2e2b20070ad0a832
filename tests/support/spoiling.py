"""Data with one thing wrong: every place in nested JSON, and what may stand there instead."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

Place = tuple[int | str, ...]

WRONG: tuple[Any, ...] = (
    *(None, True, 5, -5, 1.5, "many", "", [], [1], [None], {}, {"x": 1}, [[]], [{}], {"text": 5}),
    *(float("inf"), float("-inf"), float("nan"), -1e300, 10**400, 2**80, "\ud83d", [{"text": 5}]),
)
"""Values to put in the place of every field in turn."""


def places(content: Any, at: Place = ()) -> Iterator[Place]:
    """Where every field is, from the outermost inwards."""
    yield at
    inner: Any = ()
    if isinstance(content, dict):
        inner = content.items()
    elif isinstance(content, list):
        inner = enumerate(content)
    for name, each in inner:
        yield from places(each, (*at, name))


def replaced(content: Any, at: Place, wrong: Any) -> Any:
    """The same data with something else at one place."""
    if not at:
        return wrong
    other = copy.deepcopy(content)
    inner = other
    for name in at[:-1]:
        inner = inner[name]
    inner[at[-1]] = wrong
    return other
