"""Which methods a model can serve."""

from __future__ import annotations

from jupyter_xai import methods
from jupyter_xai.errors import XaiError
from jupyter_xai.methods.base import Method
from jupyter_xai.models.base import Model

_WORDS = {
    "logprob": "log-probabilities",
    "text": "answers",
    "gradients": "gradients",
    "attentions": "attention weights",
    "interpreter": "a trained interpreter",
}


def met(method: Method | type[Method], model: Model) -> bool:
    """Whether the model gives what the method needs; any one of its needs is enough."""
    return not method.needs or any(need in model.capabilities for need in method.needs)


def wanted(method: Method | type[Method]) -> str:
    """What a method needs, in words; empty when it needs nothing."""
    return " or ".join(_WORDS.get(need, need) for need in method.needs)


def reason(method: Method | type[Method], model: Model) -> str:
    """Why a method cannot be used with a model."""
    given = ", ".join(_WORDS[need] for need in _WORDS if need in model.capabilities)
    return f"needs {wanted(method)}; {model.name} gives {given}"


def check(method: Method, model: Model) -> None:
    """Raise an `XaiError` that names the methods that would work, unless this one does."""
    if met(method, model):
        return
    others = [name for name in methods.names() if met(methods.get(name), model)]
    msg = f"{method.name} {reason(method, model)}; these would work: {', '.join(others)}"
    raise XaiError(msg)
