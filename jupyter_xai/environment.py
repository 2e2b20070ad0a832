"""Where this runs: which host, attended or not, and with which versions."""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

try:
    __version__ = version("jupyter-xai")
except PackageNotFoundError:  # used from a folder that nobody installed
    __version__ = "0+unknown"

_PACKAGES = ("numpy", "scipy", "scikit-learn", "torch", "transformers", "sentence-transformers")
_MODULES = {"scikit-learn": "sklearn"}


def shell() -> Any:
    """The running IPython shell, or None; IPython is not imported for it."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def in_kernel() -> bool:
    """Whether a Jupyter front end may show widgets."""
    return getattr(shell(), "kernel", None) is not None


def unattended() -> bool:
    """Whether the running cell was sent by a program that only writes its outputs down.

    So do nbclient, and with it nbconvert, papermill and Quarto: their message says that nobody can
    be asked for input, and is numbered as Python's clients number theirs. A live view would then be
    saved as a pointer to a widget that nobody can draw without its kernel. Voilà runs notebooks in
    the same way, but readers follow.
    """
    if any(name.startswith("VOILA_") for name in os.environ):
        return False
    get_parent = getattr(getattr(shell(), "kernel", None), "get_parent", None)
    request = get_parent() if get_parent is not None else None
    if not request:
        return False
    header, content = request.get("header", {}), request.get("content", {})
    by_python = str(header.get("msg_id", "")).startswith(f"{header.get('session', '')}_")
    return content.get("allow_stdin") is False and by_python


def live_views() -> bool:
    """Whether somebody may see live views here."""
    return in_marimo() or (in_kernel() and not unattended())


def in_marimo() -> bool:
    """Whether a marimo notebook may show widgets; marimo is not imported for it."""
    marimo = sys.modules.get("marimo")
    return marimo is not None and marimo.running_in_notebook()


def versions() -> dict[str, str]:
    """Versions of Python, of this package and of the libraries that were used in this session."""
    import platform

    found = {"python": platform.python_version(), "jupyter-xai": __version__}
    for package in _PACKAGES:
        if _MODULES.get(package, package.replace("-", "_")) in sys.modules:
            try:
                found[package] = version(package)
            except PackageNotFoundError:
                continue
    return found
