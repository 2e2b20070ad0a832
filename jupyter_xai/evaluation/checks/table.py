"""All that was measured of an explanation as one table, baselines beside each figure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from jupyter_xai.evaluation.checks.measure import kind_of
from jupyter_xai.explanation.labels import value_name

if TYPE_CHECKING:
    import pandas

    from jupyter_xai.explanation.result import Result

COLUMNS = (
    *("metric", "value", "low", "high", "random", "random_low", "random_high", "leave_one_out"),
    *("better", "meaning"),
)

_FIDELITY = {
    "weighted_mse": ("lower", "weighted mean of the surrogate's squared errors"),
    "weighted_mae": ("lower", "weighted mean of the surrogate's absolute errors"),
    "mean_l1": ("lower", "mean of the surrogate's absolute errors"),
    "mean_l2": ("lower", "mean of the surrogate's squared errors"),
    "r2": ("higher", "share of the values' variance that the surrogate explains"),
    "weighted_r2": ("higher", "the same, weighted as the surrogate's fit"),
    "adjusted_weighted_r2": ("higher", "the same, adjusted for the number of units"),
}
_COSTS = {
    "forwards": "masked prompts scored by the model, for scores and metrics together",
    "backwards": "gradients taken",
    "generations": "answers written by the model",
    "reused": "masks answered from memory, without a model call",
    "seconds": "time taken",
}


def frame(
    explanation: Result, k: int | None = None, groups: Collection[str] | None = None
) -> pandas.DataFrame:
    """See `Explanation.metrics`.

    Parameters
    ----------
    explanation : Result
    k : int, optional
        Only what is about this number of units, or about none.
    groups : collection of str, optional
        Only these groups of measures; the costs are always told.
    """
    from jupyter_xai.text.frames import ReadableFrame

    rows = [
        row
        for row in _rows(explanation, k)
        if groups is None or row["group"] in groups or row["group"] == "cost"
    ]
    table = ReadableFrame(rows, columns=["group", *COLUMNS]).drop(columns="group")
    numbers = [name for name in COLUMNS if name not in ("metric", "better", "meaning")]
    return table.astype(dict.fromkeys(numbers, float))


def _rows(explanation: Result, k: int | None) -> Iterator[dict[str, Any]]:
    record = explanation.record
    for check in explanation.checks:
        if k is None or check["k"] == k:
            yield _drop(check, value_name(record))
    for metric in record["metrics"]:
        if k is None or metric["k"] in (k, None):
            name = metric["name"] if metric["k"] is None else f"{metric['name']}, top {metric['k']}"
            kind = kind_of(metric)
            # A later version may have measured what this one does not know.
            yield _row("other" if kind is None else kind.group, name, metric)
    lds = record["lds"]
    if lds is not None:
        meaning = f"rank correlation of predicted and true values over {lds['masks']} masks"
        yield _row("lds", f"LDS, {lds['kind']}", {**lds, "better": "higher", "meaning": meaning})
    fidelity = record["method"].get("details", {}).get("fidelity") or {}
    for kind in ("in_sample", "held_out"):
        for name, value in (fidelity.get(kind) or {}).items():
            better, meaning = _FIDELITY.get(name, ("", ""))
            title = f"{name.replace('_', ' ')}, {kind.replace('_', ' ')}"
            yield _row("lds", title, {"value": value, "better": better, "meaning": meaning})
    if explanation.noise is not None:
        meaning = "scores below it cannot be told from rounding"
        yield _row("cost", "noise floor", {"value": explanation.noise, "meaning": meaning})
    for name, meaning in _COSTS.items():
        yield _row("cost", name, {"value": record["cost"][name], "meaning": meaning})


def _drop(check: Mapping[str, Any], measure: str) -> dict[str, Any]:
    k = check["k"]
    figures = {
        "value": check["drop"],
        "random": check["random"],
        "leave_one_out": check["leave_one_out"]["drop"],
        "better": "higher",
        "meaning": f"fall of the response's {measure} when the top {k} are removed together",
    }
    return _row("removal", f"drop, top {k}", figures)


def _row(group: str, metric: str, figures: Mapping[str, Any]) -> dict[str, Any]:
    random = figures.get("random") or {}
    return {
        "group": group,
        "metric": metric,
        "random": random.get("mean"),
        "random_low": random.get("low"),
        "random_high": random.get("high"),
        "better": "",
        **{name: figures[name] for name in COLUMNS if name in figures and name != "random"},
    }
