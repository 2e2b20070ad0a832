"""Which methods a model can serve."""

from __future__ import annotations

from jupyter_xai import methods
from jupyter_xai.errors import Option, Worded, XaiError, few
from jupyter_xai.methods.base import Method
from jupyter_xai.models.base import Model
from jupyter_xai.models.capabilities import RunnerUpModel

_WORDS = {
    "logprob": "log-probabilities",
    "text": "answers",
    "gradients": "gradients",
    "attentions": "attention weights",
    "interpreter": "a trained interpreter",
}


def met(method: Method | type[Method], model: Model) -> bool:
    """Whether the model gives what the method needs; any one of its needs is enough.

    A trained interpreter is nothing that a model gives: one comes with the package.
    """
    given = {"interpreter", *model.capabilities}
    return not method.needs or any(need in given for need in method.needs)


def wanted(method: Method | type[Method]) -> str:
    """What a method needs, in words; empty when it needs nothing."""
    return " or ".join(_WORDS.get(need, need) for need in method.needs)


def reason(method: Method | type[Method], model: Model) -> str:
    """Why a method cannot be used with a model."""
    given = ", ".join(_WORDS[need] for need in _WORDS if need in model.capabilities)
    return f"needs {wanted(method)}; {model.name} gives {given}"


def lacking(method: Method, model: Model, *, foil: str | None) -> str:
    """Why a method cannot be used with a model and this foil; empty when it can."""
    if not met(method, model):
        return reason(method, model)
    if method.needs_foil and foil is None and not isinstance(model, RunnerUpModel):
        return Worded(
            "needs ",
            Option("foil", "..."),
            f": {model.name} does not tell what it would have answered instead",
        )
    return ""


def check(method: Method, model: Model, *, foil: str | None = None) -> None:
    """Raise an `XaiError` that names the methods that would work, unless this one does."""
    why = lacking(method, model, foil=foil)
    if not why:
        return
    others = [name for name in methods.names() if not lacking(methods.get(name), model, foil=foil)]
    msg = Worded(f"{method.name} ", why, f"; these would work: {few(others)}")
    raise XaiError(msg)
