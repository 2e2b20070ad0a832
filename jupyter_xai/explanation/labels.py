"""What the numbers of an explanation are called, and how it is said that a budget ended it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_xai.explanation.record import Record, Stopped
from jupyter_xai.game.budget import Limit

LABELS: Mapping[str, Any] = json.loads(
    (Path(__file__).parents[1] / "schema" / "labels.json").read_text("utf-8")
)
"""The words that the view says, too: ``src/protocol/labels.ts`` tells what each is."""


def value_name(record: Record) -> str:
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


def score_name(record: Record) -> str:
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


def calls_made(counts: Mapping[str, Any]) -> list[str]:
    """How often a model is asked, by kinds of calls; those that are not made are left out.

    Examples
    --------
    >>> calls_made({"forwards": 1200, "backwards": 0, "generations": 1})
    ['1,200 forwards', '1 answer']
    """
    words = LABELS["cost"]
    return [
        f"{counts[kind]:,} {words[kind]}{'' if counts[kind] == 1 else 's'}"
        for kind in ("forwards", "backwards", "generations")
        if counts[kind]
    ]


def stop_name(stopped: Stopped) -> str:
    """That a budget ended a run, as notes begin and status lines say.

    Examples
    --------
    >>> stop_name({"limit": "max_forwards", "most": 32})
    'stopped at max_forwards=32'
    """
    return f"stopped at {Limit(stopped['limit'], stopped['most'])}"


def score_noise(record: Record) -> float:
    """Scores smaller than this are noise: the noise floor, where scores are of the value's kind."""
    return 0.0 if record["method"].get("measure") else record["noise"] or 0.0
