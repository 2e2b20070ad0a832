"""Means over prompts and paired differences, from the rows of an evaluation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jupyter_xai.evaluation.benchmark.intervals import mean_interval

COLUMNS = (
    *("case", "family", "prompt", "n", "m", "model", "method", "budget", "used", "seed"),
    *("metric", "value"),
)
GROUPS = ("family", "model", "method", "budget")


Row = Mapping[str, Any]


def means(rows: Iterable[Row], by: Sequence[str]) -> list[dict[str, Any]]:
    """Mean, interval, number of prompts and mean number of perturbations of each group.

    Parameters
    ----------
    rows : iterable of mapping
        See `Evaluation.frame`.
    by : sequence of str
        Names by which groups are told apart.
    """
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in by)].append(row)
    found = []
    for key, group in groups.items():
        each = _by_case(group)
        mean, low, high = mean_interval(list(each.values()))
        figures = {"mean": mean, "low": low, "high": high, "prompts": len(each)}
        used = float(np.mean([row["used"] for row in group]))
        found.append({**dict(zip(by, key, strict=True)), **figures, "used": used})
    return found


def paired(rows: Iterable[Row], method: str, baseline: str, metric: str) -> list[dict[str, Any]]:
    """Differences of two methods on the same prompts, at each budget.

    A method of a fixed cost (no budget) stands at every budget of the other.
    """
    known: dict[str, dict[Any, dict[Any, list[float]]]] = {}
    for label in (method, baseline):
        known[label] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row["metric"] == metric and row["method"] in known:
            pair = (row["case"], row["model"], row["seed"])
            known[row["method"]][row["budget"]][pair].append(row["value"])
    first, second = known[method], known[baseline]
    found = []
    for budget in dict.fromkeys([*first, *second]):
        ours, theirs = (_at(each, budget) for each in (first, second))
        both = [pair for pair in ours if pair in theirs]
        if not both:
            continue
        ahead: dict[Any, list[float]] = defaultdict(list)
        for pair in both:
            ahead[pair[0]].append(float(np.mean(ours[pair]) - np.mean(theirs[pair])))
        each = [float(np.mean(values)) for values in ahead.values()]
        mean, low, high = mean_interval(each)
        wins = float(np.mean([value > 0 for value in each]))
        figures = {"mean": mean, "low": low, "high": high, "prompts": len(each), "wins": wins}
        found.append({"budget": budget, **figures})
    return found


def _by_case(group: Iterable[Row]) -> dict[Any, float]:
    """One number a prompt: its seeds are no further prompts."""
    each: dict[Any, list[float]] = defaultdict(list)
    for row in group:
        each[row["case"]].append(row["value"])
    return {case: float(np.mean(values)) for case, values in each.items()}


def _at(budgets: Mapping[Any, Any], budget: Any) -> Mapping[Any, list[float]]:
    if budget in budgets:
        return budgets[budget]
    return budgets.get(None, {})


@dataclass(frozen=True)
class Failure:
    """What could not be evaluated, and why.

    Attributes
    ----------
    case : int
        Position of the prompt in the data.
    model, method : str
        The method is empty where the prompt could not be cut or answered.
    message : str
    """

    case: int
    model: str
    method: str
    message: str
