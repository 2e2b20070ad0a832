"""What is said beside a response that is contrasted with a foil, or explained in part only."""

from __future__ import annotations

from jupyter_xai.explanation.result import Result


def instead_of(explanation: Result) -> str:
    """Whose text the response is contrasted with; empty when there is none."""
    foil = explanation.record["response"].get("foil")
    if foil is None:
        return ""
    return "instead of" if foil["supplied"] else "instead of the model's next-best answer"


def foil_text(explanation: Result) -> str:
    """What the response is contrasted with; empty when there is nothing."""
    foil = explanation.record["response"].get("foil")
    return "" if foil is None else foil["text"]


def why_no_scores(explanation: Result, target: int) -> str:
    """Why a response unit has no scores of its own; empty when it has."""
    response = explanation.record["response"]
    if response["units"][target].get("targets") == []:
        return "left out: not among the targets"
    foil = response.get("foil")
    if foil is None:
        return ""
    if foil["unit"] is None:
        return "only the whole response is compared with the foil"
    if target < foil["unit"]:
        return "the same in both"
    if target > foil["unit"]:
        return "behind the first difference only the whole responses are compared"
    return ""
