"""gSMILE's fidelity figures as rows of tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_xai.explanation.result import Result

COLUMNS = ("WMSE", "R2w", "WMAE", "mean-L1", "mean-L2", "adjusted R2w")
_KEYS = ("weighted_mse", "weighted_r2", "weighted_mae", "mean_l1", "mean_l2")
_KEYS += ("adjusted_weighted_r2",)


def figures(explanation: Result, kind: str = "in_sample") -> list[float | None]:
    """The six figures of Table 5, ``in_sample`` or ``held_out``; None where not defined."""
    details = explanation.record["method"].get("details", {})
    found: Mapping[str, Any] = details["fidelity"][kind] or {}
    return [found.get(key) for key in _KEYS]
