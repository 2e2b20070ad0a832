"""What can be chosen for a model and a prompt."""

from __future__ import annotations

from typing import Any

from jupyter_xai import methods
from jupyter_xai.explainer.prompt_cuts import Cuts
from jupyter_xai.methods import requirements
from jupyter_xai.text.document import PROMPT_LEVELS, RESPONSE_LEVELS


def choices(cuts: Cuts, *, foil: str | None) -> dict[str, Any]:
    """The widget's ``choices``: methods, and why some cannot be used; levels; values."""
    model = cuts.model
    scoring = "logprob" in model.capabilities
    offered = []
    for name in methods.names():
        method = methods.get(name)
        why = requirements.lacking(method, model, foil=foil)
        offered.append({"name": name, "title": method.title, "available": not why, "why": why})
    token = ["token"] if scoring else []
    logit = ["logit"] if foil is None else []
    message = [] if isinstance(cuts.text, str) else ["message"]
    span = ["span"] if cuts.spans else []
    levels = [level for level in PROMPT_LEVELS if level not in ("token", "message")]
    return {
        "methods": offered,
        "levels": [*token, *levels, *message, *span],
        "response_levels": [*token, *(level for level in RESPONSE_LEVELS if level != "token")],
        "values": [*(["logprob", *logit] if scoring else []), "text"],
    }


def no_choices(why: str) -> dict[str, Any]:
    """The same where there is no model to ask."""
    offered = [
        {"name": name, "title": methods.get(name).title, "available": False, "why": why}
        for name in methods.names()
    ]
    return {"methods": offered, "levels": [], "response_levels": [], "values": [], "metrics": []}
