"""Which parts of a prompt caused a language model's answer?

>>> import jupyter_xai as xai
>>> e = xai.explain("I need rest. No cities, please.", "tutor")  # doctest: +SKIP
>>> e.top(1)                                                     # doctest: +SKIP

The names below are loaded when they are first used, so that importing the package is instant.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from jupyter_xai.environment import __version__

if TYPE_CHECKING:
    from jupyter_xai import cache, methods, metrics
    from jupyter_xai.errors import XaiError
    from jupyter_xai.evaluation.benchmark.evaluate import evaluate
    from jupyter_xai.interface.comparison import compare
    from jupyter_xai.interface.explain import estimate, explain
    from jupyter_xai.interface.explanation import Explanation
    from jupyter_xai.interface.explanation import open_explanation as open  # noqa: A004
    from jupyter_xai.interface.interpreter import train_interpreter
    from jupyter_xai.models import tutor
    from jupyter_xai.models.downloads import fetch
    from jupyter_xai.models.load import load
    from jupyter_xai.studies import study

__all__ = [
    "Explanation",
    "XaiError",
    "__version__",
    "cache",
    "compare",
    "estimate",
    "evaluate",
    "explain",
    "fetch",
    "load",
    "methods",
    "metrics",
    "open",
    "study",
    "train_interpreter",
    "tutor",
]

_PLACES = {
    "Explanation": ("jupyter_xai.interface.explanation", "Explanation"),
    "XaiError": ("jupyter_xai.errors", "XaiError"),
    "cache": ("jupyter_xai.cache", None),
    "compare": ("jupyter_xai.interface.comparison", "compare"),
    "estimate": ("jupyter_xai.interface.explain", "estimate"),
    "evaluate": ("jupyter_xai.evaluation.benchmark.evaluate", "evaluate"),
    "explain": ("jupyter_xai.interface.explain", "explain"),
    "fetch": ("jupyter_xai.models.downloads", "fetch"),
    "load": ("jupyter_xai.models.load", "load"),
    "methods": ("jupyter_xai.methods", None),
    "metrics": ("jupyter_xai.metrics", None),
    "open": ("jupyter_xai.interface.explanation", "open_explanation"),
    "study": ("jupyter_xai.studies", "study"),
    "train_interpreter": ("jupyter_xai.interface.interpreter", "train_interpreter"),
    "tutor": ("jupyter_xai.models.tutor", None),
}
"""Public name -> (module, name in it); None stands for the module itself."""


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    place, attribute = _PLACES[name]
    module = import_module(place)
    found = module if attribute is None else getattr(module, attribute)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: Any) -> None:
    """Called by ``%load_ext jupyter_xai``."""
    from jupyter_xai.interface.commands.magics import register

    register(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Called by ``%unload_ext jupyter_xai``."""
    from jupyter_xai.interface.commands.magics import unregister

    unregister(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-xai"}]
