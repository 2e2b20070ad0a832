"""Attribution methods: a plan of masks and how values become scores, or a game played.

Add a file (or a folder if it needs several) and one line to ``registry``.

>>> from jupyter_xai import methods
>>> methods.get("linear", alpha=0.02).settings()
{'alpha': 0.02}
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_xai.methods.base import Attribution, GameMethod, MaskMethod, Method, TextMethod
    from jupyter_xai.methods.registry import get, names, setting_names

__all__ = [
    "Attribution",
    "GameMethod",
    "MaskMethod",
    "Method",
    "TextMethod",
    "get",
    "names",
    "setting_names",
]


def __getattr__(name: str) -> Any:
    # Loaded on first use: parts of this room are read where numpy is not wanted yet.
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    room = "registry" if name[0].islower() else "base"
    found = getattr(import_module(f"{__name__}.{room}"), name)
    globals()[name] = found
    return found
