"""Evaluations as text and as a table that needs no script."""

from __future__ import annotations

from html import escape
from math import isnan
from typing import TYPE_CHECKING, Any

from jupyter_xai.evaluation.benchmark.evaluation import GROUPS, Evaluation
from jupyter_xai.evaluation.benchmark.intervals import CONFIDENCE
from jupyter_xai.evaluation.benchmark.measures import KINDS, parsed
from jupyter_xai.evaluation.benchmark.summaries import means

if TYPE_CHECKING:
    import pandas


def as_text(evaluation: Evaluation) -> str:
    """A line for each family, method and budget; a column for each metric; then what failed."""
    table = wide(evaluation)
    lines = [repr(evaluation).strip("<>")]
    if len(table):
        lines += ["", table.to_string(index=False), "", *legend(evaluation)]
    return "\n".join([*lines, *troubles(evaluation)])


def bundle(evaluation: Evaluation) -> dict[str, Any]:
    """For notebooks: the table as HTML without scripts, and as text."""
    table = wide(evaluation)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in table.itertuples(index=False)
    )
    notes = "".join(
        f"<p>{escape(line)}</p>" for line in [*legend(evaluation), *troubles(evaluation)]
    )
    caption = f"<caption>{escape(repr(evaluation).strip('<>'))}</caption>"
    page = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{notes}"
    return {"text/html": page, "text/plain": as_text(evaluation)}


def wide(evaluation: Evaluation) -> pandas.DataFrame:
    """Means with their intervals as text, a column for each metric."""
    import pandas as pd

    summary = means(evaluation.rows, [*GROUPS, "metric"])
    varied = [name for name in GROUPS if len({row[name] for row in summary}) > 1]
    keys = varied if "method" in varied else ["method", *varied]
    rows: dict[tuple[Any, ...], dict[str, str]] = {}
    for row in summary:
        key = tuple(row[name] for name in keys)
        rows.setdefault(key, {})[row["metric"]] = cell(row["mean"], row["low"], row["high"])
    lines = [dict(zip(keys, key, strict=True)) | row for key, row in rows.items()]
    return pd.DataFrame(lines).fillna("")


def cell(mean: float, low: float, high: float) -> str:
    """A mean with its interval, such as ``0.91 [0.88, 0.94]``.

    Examples
    --------
    >>> cell(0.912, 0.88, 0.94)
    '0.912 [0.88, 0.94]'
    """
    ends = "" if isnan(low) else f" [{low:.3g}, {high:.3g}]"
    return f"{mean:.3g}{ends}"


def legend(evaluation: Evaluation) -> list[str]:
    """What the metrics mean, and what stands in brackets."""
    names = dict.fromkeys(row["metric"] for row in evaluation.rows)
    lines = [
        f"{name}: {KINDS[parsed(name)[0]].meaning}; {KINDS[parsed(name)[0]].better} is better"
        for name in names
    ]
    lines.append(f"in brackets: {CONFIDENCE:.0%} bootstrap interval of the mean over prompts")
    return lines


def troubles(evaluation: Evaluation) -> list[str]:
    """What failed, and that it was stopped."""
    lines = [
        f"failed: prompt {each.case}, {each.model}{', ' if each.method else ''}{each.method}: "
        f"{each.message}"
        for each in evaluation.failures
    ]
    if evaluation.partial:
        lines.append("stopped before its end; the same call with the same folder goes on from here")
    return lines
