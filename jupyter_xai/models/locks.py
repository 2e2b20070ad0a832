"""One lock for each model: what uses a model holds it."""

from __future__ import annotations

from threading import RLock
from weakref import WeakKeyDictionary

from jupyter_xai.models.base import Model

_locks: WeakKeyDictionary[Model, RLock] = WeakKeyDictionary()


def lock_of(model: Model) -> RLock:
    """The lock that whoever runs this model must hold: widgets answer on other threads."""
    return _locks.setdefault(model, RLock())
