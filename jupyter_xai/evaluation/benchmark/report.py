"""Evaluations as text and as a table that needs no script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import isnan
from typing import TYPE_CHECKING, Any

from jupyter_xai.evaluation.benchmark.intervals import CONFIDENCE
from jupyter_xai.evaluation.benchmark.measures import measure_named
from jupyter_xai.evaluation.benchmark.summaries import GROUPS, Failure, Row, means
from jupyter_xai.text.html_table import table

if TYPE_CHECKING:
    import pandas


def as_text(title: str, rows: Sequence[Row], failures: Sequence[Failure], *, partial: bool) -> str:
    """A line for each family, method and budget; a column for each metric; then what failed."""
    found = wide(rows)
    lines = [title]
    if len(found):
        lines += ["", found.to_string(index=False), "", *legend(rows)]
    return "\n".join([*lines, *troubles(failures, partial=partial)])


def bundle(
    title: str, rows: Sequence[Row], failures: Sequence[Failure], *, partial: bool
) -> dict[str, Any]:
    """For notebooks: the table as HTML without scripts, and as text."""
    found = wide(rows)
    cells = ([str(each) for each in row] for row in found.itertuples(index=False))
    drawn = table([str(name) for name in found.columns], cells, title)
    notes = "".join(
        f"<p>{escape(line)}</p>" for line in [*legend(rows), *troubles(failures, partial=partial)]
    )
    return {
        "text/html": f"{drawn}{notes}",
        "text/plain": as_text(title, rows, failures, partial=partial),
    }


def wide(rows: Sequence[Row]) -> pandas.DataFrame:
    """Means with their intervals as text, a column for each metric."""
    import pandas as pd

    summary = means(rows, [*GROUPS, "metric"])
    varied = [name for name in GROUPS if len({row[name] for row in summary}) > 1]
    keys = varied if "method" in varied else ["method", *varied]
    cells: dict[tuple[Any, ...], dict[str, str]] = {}
    for row in summary:
        key = tuple(row[name] for name in keys)
        cells.setdefault(key, {})[row["metric"]] = cell(row["mean"], row["low"], row["high"])
    lines = [dict(zip(keys, key, strict=True)) | row for key, row in cells.items()]
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


def legend(rows: Sequence[Row]) -> list[str]:
    """What the metrics mean, and what stands in brackets."""
    measures = map(measure_named, dict.fromkeys(row["metric"] for row in rows))
    lines = [f"{each.name}: {each.kind.meaning}; {each.kind.better} is better" for each in measures]
    lines.append(f"in brackets: {CONFIDENCE:.0%} bootstrap interval of the mean over prompts")
    return lines


def troubles(failures: Sequence[Failure], *, partial: bool) -> list[str]:
    """What failed, and that it was stopped."""
    lines = [
        f"failed: prompt {each.case}, {each.model}{', ' if each.method else ''}{each.method}: "
        f"{each.message}"
        for each in failures
    ]
    if partial:
        lines.append("stopped before its end; the same call with the same folder goes on from here")
    return lines
