"""What is said beside a response that is contrasted with a foil, or explained in part only."""

from __future__ import annotations

from jupyter_xai.explanation.labels import LABELS
from jupyter_xai.explanation.result import Result


def instead_of(explanation: Result) -> str:
    """Whose text the response is contrasted with; empty when there is none."""
    foil = explanation.record["response"].get("foil")
    if foil is None:
        return ""
    return LABELS["foil"]["supplied" if foil["supplied"] else "own"]


def foil_text(explanation: Result) -> str:
    """What the response is contrasted with; empty when there is nothing."""
    foil = explanation.record["response"].get("foil")
    return "" if foil is None else foil["text"]


def why_no_scores(explanation: Result, target: int) -> str:
    """Why a response unit has no scores of its own; empty when it has."""
    response, said = explanation.record["response"], LABELS["unscored"]
    chosen, foil = response.get("targets"), response.get("foil")
    if chosen and response["units"][target].get("targets") == []:
        return said[chosen["kind"]]
    if foil is None:
        return ""
    if foil["unit"] is None:
        return said["whole"]
    if target == foil["unit"]:
        return ""
    return said["same"] if target < foil["unit"] else said["behind"]
