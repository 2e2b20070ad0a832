"""Answers that were paid for, kept on disk so that none is paid for twice.

One SQLite file in the platform's cache folder, shared by all processes of a user. It holds the
answers of servers and a digest of what was asked; neither prompts nor keys are in it. When the file
is damaged it is set aside, when the disk is full nothing more is kept; either is told once, and
work goes on.

>>> from jupyter_xai import cache
>>> cache.path().name
'answers.sqlite3'
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

FOLDER_VARIABLE = "JUPYTER_XAI_CACHE"
"""Environment variable: another folder for the file."""

MOST_BYTES = 256 * 2**20
_PATIENCE = 30.0
"""Seconds to wait while another process writes."""
_PAUSE = 0.01

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    key BLOB PRIMARY KEY, answer TEXT NOT NULL, size INTEGER NOT NULL, used REAL NOT NULL
) WITHOUT ROWID
"""
_PUTS_BETWEEN_LOOKS = 64
_FRESH = 3600.0
"""Seconds within which a second use of an answer is not noted down: reading shall not write."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Info:
    """What the cache holds.

    Attributes
    ----------
    path : Path
    answers : int
    bytes : int
        Of the answers; the file is somewhat larger.
    most_bytes : int
        The oldest answers go when there are more.
    """

    path: Path
    answers: int
    bytes: int
    most_bytes: int


def key_of(**parts: Any) -> bytes:
    """A digest of everything that an answer depends on.

    Examples
    --------
    >>> key_of(model="a", seed=0) == key_of(seed=0, model="a") != key_of(model="b", seed=0)
    True
    """
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


class AnswerCache:
    """Answers by key, in one SQLite file; safe for several threads and processes.

    Parameters
    ----------
    path : Path
        Made, with its folder, when it is first written to.
    most_bytes : int
        The answers that were not used for the longest time go when there are more bytes.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> answers = AnswerCache(Path(mkdtemp()) / "answers.sqlite3")
    >>> answers.put(b"key", {"text": "Yes."})
    >>> answers.get(b"key")
    {'text': 'Yes.'}
    """

    def __init__(self, path: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self.path = path
        self.most_bytes = most_bytes
        self._connection: sqlite3.Connection | None = None
        self._lock = Lock()
        self._puts = 0
        self._is_off = False

    def __repr__(self) -> str:
        return f"AnswerCache({str(self.path)!r})"

    def get(self, key: bytes) -> dict[str, Any] | None:
        """The answer of a key, or None."""
        row = self._do(lambda c: c.execute(*_select(key)).fetchone(), None)
        if row is None:
            return None
        answer, used = row
        if time.time() - used > _FRESH:
            self._do(
                lambda c: c.execute(
                    "UPDATE answers SET used = ? WHERE key = ?", (time.time(), key)
                ),
                None,
            )
        try:
            found = json.loads(answer)
        except (TypeError, ValueError, RecursionError):
            return None  # what somebody else wrote into the file is asked again
        return found if isinstance(found, dict) else None

    def put(self, key: bytes, answer: Mapping[str, Any]) -> None:
        """Keep an answer."""
        text = json.dumps(answer, ensure_ascii=True)
        row = (key, text, len(text), time.time())
        self._do(
            lambda c: c.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", row), None
        )
        self._puts += 1
        if self._puts % _PUTS_BETWEEN_LOOKS == 1:
            self._do(self._shrink, None)

    def info(self) -> Info:
        """What is in it."""
        count, size = self._do(
            lambda c: c.execute("SELECT count(*), coalesce(sum(size), 0) FROM answers").fetchone(),
            (0, 0),
        )
        return Info(self.path, count, size, self.most_bytes)

    def clear(self) -> int:
        """Forget all answers; tells how many there were."""

        def delete(connection: sqlite3.Connection) -> int:
            count = connection.execute("DELETE FROM answers").rowcount
            connection.execute("VACUUM")
            return count

        return self._do(delete, 0)

    def close(self) -> None:
        """Let go of the file; it is opened again when it is needed."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _do(self, act: Callable[[sqlite3.Connection], Result], otherwise: Result) -> Result:
        """Act on the file; whatever is wrong with it, work goes on without."""
        with self._lock:
            if self._is_off:
                return otherwise
            began, was_damaged = time.monotonic(), False
            while True:
                try:
                    return act(self._connected())
                except sqlite3.OperationalError as error:
                    # Not every step waits by itself while another process has the file.
                    if _is_busy(error) and time.monotonic() - began < _PATIENCE:
                        time.sleep(_PAUSE)
                        continue
                    self._turn_off(error)
                    return otherwise
                except sqlite3.DatabaseError as error:
                    if was_damaged:
                        self._turn_off(error)
                        return otherwise
                    was_damaged = True
                    self._set_aside(error)
                except OSError as error:
                    self._turn_off(error)
                    return otherwise

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Answers are the reader's own affair: the file is made for its owner alone.
            with suppress(FileExistsError):
                os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            connection = sqlite3.connect(
                self.path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
            )
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute(_SCHEMA)
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _shrink(self, connection: sqlite3.Connection) -> None:
        (size,) = connection.execute("SELECT coalesce(sum(size), 0) FROM answers").fetchone()
        if size <= self.most_bytes:
            return
        gone, keys = 0, []
        for key, bytes_ in connection.execute("SELECT key, size FROM answers ORDER BY used"):
            if size - gone <= 0.9 * self.most_bytes:
                break
            gone += bytes_
            keys.append((key,))
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("DELETE FROM answers WHERE key = ?", keys)
        connection.execute("COMMIT")

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        self._close()
        aside = self.path.with_name(f"{self.path.stem}.damaged-{time.time_ns()}{self.path.suffix}")
        with suppress(FileNotFoundError):
            self.path.replace(aside)
        for ending in ("-wal", "-shm"):
            Path(f"{self.path}{ending}").unlink(missing_ok=True)
        _warn(f"the cache of answers was damaged ({error}); it was set aside as {aside}")

    def _turn_off(self, error: Exception) -> None:
        self._close()
        self._is_off = True
        _warn(
            f"the cache of answers cannot be used ({error}: {self.path}); "
            "answers are kept for this session only"
        )


def _select(key: bytes) -> tuple[str, tuple[bytes]]:
    return "SELECT answer, used FROM answers WHERE key = ?", (key,)


def _is_busy(error: sqlite3.OperationalError) -> bool:
    # The lower byte is the kind of error, the others tell more of it.
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _warn(text: str) -> None:
    warnings.warn(text, RuntimeWarning, stacklevel=2)


_shared: dict[Path, AnswerCache] = {}


def path() -> Path:
    """Where the answers are kept; ``JUPYTER_XAI_CACHE`` names another folder."""
    from platformdirs import user_cache_path

    named = os.environ.get(FOLDER_VARIABLE)
    return (Path(named) if named else user_cache_path("jupyter-xai")) / "answers.sqlite3"


def shared() -> AnswerCache:
    """The cache that models use unless they are given another."""
    where = path()
    return _shared.setdefault(where, AnswerCache(where))


def info() -> Info:
    """What the cache holds.

    Examples
    --------
    >>> info().most_bytes
    268435456
    """
    return shared().info()


def clear() -> int:
    """Forget all answers; tells how many there were."""
    return shared().clear()


__all__ = ["AnswerCache", "Info", "clear", "info", "key_of", "path", "shared"]
