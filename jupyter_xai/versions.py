"""The versions behind an explanation."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from jupyter_xai import __version__

_PACKAGES = ("numpy", "scipy", "scikit-learn", "torch", "transformers", "sentence-transformers")
_MODULES = {"scikit-learn": "sklearn"}


def versions() -> dict[str, str]:
    """Versions of Python, of this package and of the libraries that were used in this session."""
    found = {"python": platform.python_version(), "jupyter-xai": __version__}
    for package in _PACKAGES:
        if _MODULES.get(package, package.replace("-", "_")) in sys.modules:
            try:
                found[package] = version(package)
            except PackageNotFoundError:
                continue
    return found
