"""What the numbers of an explanation are: those of its checks, and those of its scores."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LABELS: Mapping[str, Any] = json.loads(
    (Path(__file__).parents[1] / "schema" / "labels.json").read_text("utf-8")
)
"""The words that the view says, too: ``src/protocol/labels.ts`` tells what each is."""


def value_name(record: Mapping[str, Any]) -> str:
    """What masked prompts are judged by, and so the checks and the curve.

    Examples
    --------
    >>> value_name({"value": "logprob", "response": {}})
    'log-probability (nats)'
    """
    value = LABELS["values"][record["value"]]
    if record["response"].get("foil"):
        return f"{LABELS['lead']} ({value['lead']})"
    return f"{value['name']} ({value['unit']})" if value["unit"] else value["name"]


def score_name(record: Mapping[str, Any]) -> str:
    """What the scores are: differences of the value, unless the method gives something else.

    Examples
    --------
    >>> method = {"measure": "attention"}
    >>> score_name({"value": "logprob", "response": {}, "method": method})
    'share of attention'
    """
    measure = record["method"].get("measure")
    if measure is None:
        return value_name(record)
    value = LABELS["values"][record["value"]]["name"]
    return LABELS["measures"][measure].format(value=value)


def score_noise(record: Mapping[str, Any]) -> float:
    """Scores smaller than this are noise: the noise floor, where scores are of the value's kind."""
    return 0.0 if record["method"].get("measure") else record["noise"] or 0.0
