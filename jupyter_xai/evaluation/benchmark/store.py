"""What an evaluation keeps on disk, so that nothing finished is computed again.

One SQLite file holds the finished cells and everything that models said. Each entry is written as
soon as it is there and survives the process; what is left of a broken write is undone by SQLite.
"""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
from collections.abc import Hashable, Mapping
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from jupyter_xai.errors import XaiError
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.models.base import Response

FILE = "evaluation.sqlite"
_TABLES = """
CREATE TABLE IF NOT EXISTS cells (name TEXT PRIMARY KEY, settings TEXT, results TEXT);
CREATE TABLE IF NOT EXISTS said (key BLOB PRIMARY KEY, kind TEXT, entry BLOB);
"""


class Store:
    """The file of an evaluation.

    Parameters
    ----------
    folder : Path, optional
        Made when it is not there. Without one, everything is kept in memory only.

    Raises
    ------
    XaiError
        When the folder cannot be written, or holds another kind of file.
    """

    def __init__(self, folder: Path | None = None) -> None:
        place = self._place = ":memory:"
        self._lock = Lock()
        try:
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
                place = self._place = str(folder / FILE)
            self._base = sqlite3.connect(place, check_same_thread=False, isolation_level=None)
            # Written entries outlive the process at once; only a crash of the machine may undo
            # the last of them.
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute("PRAGMA synchronous=OFF")
            self._base.executescript(_TABLES)
        except (OSError, sqlite3.Error) as error:
            msg = f"cannot keep the evaluation in {str(folder)!r}: {error}"
            raise XaiError(msg) from error

    def cell(self, settings: Mapping[str, Any]) -> dict[str, Any] | None:
        """Results of a finished cell, or None."""
        row = self._one("SELECT results FROM cells WHERE name = ?", _name(settings))
        if row is None:
            return None
        try:
            found = json.loads(row[0])
        except (TypeError, ValueError, RecursionError):
            found = None
        if not _is_cell(found, shape="shape" in settings):
            raise self._damaged(f"the results of a cell are {row[0]!r:.60}")
        return found

    def keep(self, settings: Mapping[str, Any], results: Mapping[str, Any]) -> None:
        """Keep the results of a cell."""
        written = (_name(settings), _json(settings), _json(results))
        self._write("INSERT OR REPLACE INTO cells VALUES (?, ?, ?)", *written)

    def said(self, key: bytes) -> object | None:
        """What a model said, or None."""
        row = self._one("SELECT kind, entry FROM said WHERE key = ?", key)
        if row is None:
            return None
        try:
            return _decoded(*row)
        except (TypeError, ValueError, KeyError, RecursionError, EOFError) as error:
            raise self._damaged(f"what a model said cannot be read: {error}") from error

    def heard(self, key: bytes, entry: object) -> None:
        """Keep what a model said, if it is of a kind that can be kept."""
        coded = _coded(entry)
        if coded is not None:
            self._write("INSERT OR REPLACE INTO said VALUES (?, ?, ?)", key, *coded)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._base.close()

    def _one(self, query: str, *values: object) -> Any:
        with self._lock:
            try:
                return self._base.execute(query, values).fetchone()
            except sqlite3.Error as error:
                raise self._damaged(str(error)) from error

    def _damaged(self, what: str) -> XaiError:
        return XaiError(
            f"the evaluation kept in {self._place!r} is damaged ({what:.200}); move the file away "
            "and start again, or choose another folder"
        )

    def _write(self, query: str, *values: object) -> None:
        with self._lock:
            try:
                self._base.execute(query, values)
            except sqlite3.Error as error:
                msg = f"cannot keep results: {error}; free some space and start again to go on"
                raise XaiError(msg) from error


class StoredLedger(Ledger):
    """A ledger that also remembers what earlier processes heard from the same model.

    Parameters
    ----------
    store : Store
    model : str
        Names the model, in this and in later processes.
    """

    def __init__(self, store: Store, model: str) -> None:
        super().__init__()
        self._store = store
        self._model = model
        self._disbelieved = False

    def get(self, key: Hashable) -> Any:
        """The entry of a key, or None."""
        found = super().get(key)
        if found is None and not self._disbelieved:
            found = self._store.said(self._named(key))
            if found is not None:
                super().put(key, found, size=_size(found))
        return found

    def put(self, key: Hashable, entry: Any, *, size: int) -> None:
        """Remember an entry, here and on disk."""
        super().put(key, entry, size=size)
        self._store.heard(self._named(key), entry)

    def forget(self, fingerprint: object) -> None:
        """Forget all of the model; what earlier processes heard is not looked up any more."""
        super().forget(fingerprint)
        self._disbelieved = True

    def __contains__(self, key: Hashable) -> bool:
        return self.get(key) is not None

    def _named(self, key: Hashable) -> bytes:
        # The first part of every key is the model's fingerprint, which for functions holds within
        # one process only.
        parts = key[1:] if isinstance(key, tuple) else (key,)
        return hashlib.sha256(repr((self._model, *parts)).encode()).digest()


def _is_cell(found: object, *, shape: bool) -> bool:
    """Whether it is the shape of a prompt, or what was measured of an explanation."""
    if not isinstance(found, dict):
        return False
    if shape:
        return all(isinstance(found.get(name), int) and found[name] >= 1 for name in ("n", "m"))
    metrics = found.get("metrics")
    return (
        isinstance(found.get("used"), int)
        and isinstance(metrics, dict)
        and all(isinstance(value, int | float) for value in metrics.values())
    )


def _name(settings: Mapping[str, Any]) -> str:
    return hashlib.sha256(_json(settings).encode()).hexdigest()


def _json(content: object) -> str:
    return json.dumps(content, sort_keys=True, default=str)


def _coded(entry: object) -> tuple[str, bytes] | None:
    if isinstance(entry, np.ndarray):
        file = io.BytesIO()
        np.save(file, entry, allow_pickle=False)
        return "array", file.getvalue()
    if isinstance(entry, str):
        return "text", entry.encode()
    if isinstance(entry, Response):
        return "response", _json(asdict(entry)).encode()
    return None


def _decoded(kind: str, entry: bytes) -> object:
    if kind == "array":
        return np.load(io.BytesIO(entry), allow_pickle=False)
    if kind == "text":
        return entry.decode()
    found = json.loads(entry)
    if not isinstance(found["text"], str):
        msg = "a response without a text"
        raise TypeError(msg)
    if found["ids"] is not None:
        found["ids"] = tuple(found["ids"])
    if found["spans"] is not None:
        found["spans"] = tuple((start, end) for start, end in found["spans"])
    return Response(**found)


def _size(entry: object) -> int:
    return entry.nbytes if isinstance(entry, np.ndarray) else 64 * len(str(entry))
