"""Answers that outlive the process: what a model said is on disk as soon as it is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.cache import AnswerCache, key_of
from jupyter_xai.methods.energy.origin import identity
from jupyter_xai.models.base import Model, Sampling
from jupyter_xai.training.answers import Answers
from jupyter_xai.training.pairs import Pair

FILE = "answers.sqlite3"
_NO_LIMIT = 2**62


class KeptAnswers(Answers):
    """Answers that are also kept in a folder.

    What an earlier process was told is not asked again. It counts as asked, at the same place, so
    that training that goes on does what unbroken training would have done.

    Parameters
    ----------
    model : Model
    folder : Path
    max_queries : int, optional
        As for `Answers`.
    at_once : int
        As for `Answers`.
    told : callable, optional
        Called after each answer; may raise `Interrupted`, after which nothing is lost.
    """

    def __init__(
        self,
        model: Model,
        folder: Path,
        *,
        max_queries: int | None = None,
        at_once: int = 8,
        told: Callable[[], None] | None = None,
    ) -> None:
        self._store = AnswerCache(folder / FILE, most_bytes=_NO_LIMIT)
        self._told = told
        self._about = {"model": identity(model), "sampling": asdict(Sampling())}
        super().__init__(model, Sampling(), max_queries=max_queries, at_once=at_once)
        self.folder = folder
        self.known = _Known(self._keep)

    def _ask(self, prompt: str) -> str | None:
        if self.left == 0:
            return None
        kept = self._kept(prompt)
        return super()._ask(prompt) if kept is None else kept

    def _value(self, key: str, pair: Pair, masks: NDArray[np.bool_]) -> list[list[float]]:
        place = key_of(valued=key, count=len(masks), **self._about)
        found = self._store.get(place)
        if found is None or not _has_rows(found, len(masks)):
            found = {"rows": super()._value(key, pair, masks)}
            self._store.put(place, found)
        if self._told is not None:
            self._told()
        return found["rows"]

    def _recalled(self, prompt: str) -> bool:
        return self._kept(prompt) is not None and self(prompt) is not None

    def _kept(self, prompt: str) -> str | None:
        found = self._store.get(key_of(prompt=prompt, **self._about))
        text = None if found is None else found.get("text")
        return text if isinstance(text, str) else None

    def _keep(self, prompt: str, text: str | None) -> None:
        if text is not None and self._kept(prompt) is None:
            self._store.put(key_of(prompt=prompt, **self._about), {"text": text})
        if self._told is not None:
            self._told()


def _has_rows(found: dict[str, Any], count: int) -> bool:
    """Whether what was kept of the values is as it was written."""
    rows = found.get("rows")
    return (
        isinstance(rows, list)
        and len(rows) in (0, count)
        and all(isinstance(row, list) for row in rows)
        and all(isinstance(value, int | float) for row in rows for value in row)
    )


class _Known(dict[str, str | None]):
    """Tells of every answer that is new."""

    def __init__(self, told: Callable[[str, str | None], None]) -> None:
        super().__init__()
        self._told = told

    def __setitem__(self, prompt: str, text: str | None) -> None:
        super().__setitem__(prompt, text)
        self._told(prompt, text)
