"""Every evaluated mask, remembered for the session.

The key of an entry is made of what the model really got: its fingerprint, the exact input and the
response (or the sampling settings). Two methods that ask for the same masked prompt, or one method
asked again with more perturbations, therefore pay once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

Entry = TypeVar("Entry")

_BYTES_PER_ENTRY = 400
"""Rough cost of the key and the bookkeeping, so that a million tiny entries are counted too."""


class Ledger(Generic[Entry]):
    """A thread-safe store that forgets the least recently used entries when it is full.

    Parameters
    ----------
    max_bytes : int
        Bound on the memory held, about 256 MiB by default.

    Examples
    --------
    >>> ledger = Ledger()
    >>> ledger.put(("model", b"prompt"), "answer", size=6)
    >>> ledger.get(("model", b"prompt"))
    'answer'
    >>> ledger.forget("model")
    >>> len(ledger)
    0
    """

    def __init__(self, max_bytes: int = 256 * 2**20) -> None:
        self._entries: OrderedDict[Hashable, tuple[Entry, int]] = OrderedDict()
        self._bytes = 0
        self._max_bytes = max_bytes
        self._lock = Lock()

    def get(self, key: Hashable) -> Entry | None:
        """The entry of a key, or None."""
        with self._lock:
            found = self._entries.get(key)
            if found is None:
                return None
            self._entries.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, entry: Entry, *, size: int) -> None:
        """Remember an entry of about ``size`` bytes."""
        with self._lock:
            if key in self._entries:
                self._bytes -= self._entries.pop(key)[1]
            size += _BYTES_PER_ENTRY
            self._entries[key] = (entry, size)
            self._bytes += size
            while self._bytes > self._max_bytes and len(self._entries) > 1:
                _, (_, forgotten) = self._entries.popitem(last=False)
                self._bytes -= forgotten

    def forget(self, fingerprint: object) -> None:
        """Forget all entries of a model: those whose key begins with its fingerprint."""
        with self._lock:
            for key in [key for key in self._entries if _begins_with(key, fingerprint)]:
                self._bytes -= self._entries.pop(key)[1]

    def __contains__(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0


def _begins_with(key: Hashable, fingerprint: object) -> bool:
    return isinstance(key, tuple) and bool(key) and key[0] == fingerprint


SESSION: Ledger = Ledger()
"""The ledger that explanations share unless they are given another."""
