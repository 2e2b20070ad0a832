"""The few kinds of charts that studies draw, offline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from jupyter_xai.evaluation.benchmark.charts import OfflineFacets
from jupyter_xai.explanation.render.offline_chart import OfflineChart
from jupyter_xai.text.formatting import rounded

Row = Mapping[str, Any]


def bars(rows: Sequence[Row], x: str, y: str, color: str, title: str) -> OfflineChart:
    """Grouped bars: a group for each ``x``, a bar for each ``color``."""
    base = alt.Chart().mark_bar()
    drawn = base.encode(
        x=alt.X(f"{x}:N", sort=None, title=None),
        xOffset=alt.XOffset(f"{color}:N", sort=None),
        y=alt.Y(f"{y}:Q"),
        color=alt.Color(f"{color}:N", sort=None, title=None),
        tooltip=[f"{x}:N", f"{color}:N", f"{y}:Q"],
    )
    return _chart(rows, [drawn], title)


def lines(rows: Sequence[Row], x: str, y: str, color: str, title: str) -> OfflineChart:
    """A line with points for each ``color``."""
    base = alt.Chart().mark_line(point=True)
    drawn = base.encode(
        x=alt.X(f"{x}:Q"),
        y=alt.Y(f"{y}:Q", scale=alt.Scale(zero=False)),
        color=alt.Color(f"{color}:N", sort=None, title=None),
        shape=alt.Shape(f"{color}:N", sort=None, title=None),
        tooltip=[f"{color}:N", f"{x}:Q", f"{y}:Q"],
    )
    return _chart(rows, [drawn], title)


def panels(
    rows: Sequence[Row],
    x: str,
    y: str,
    color: str,
    across: str,
    title: str,
    *,
    dash: str | None = None,
    alike: bool = True,
) -> OfflineFacets:
    """Lines, a panel for each ``across``; the scales are alike, or each its own."""
    drawn = (
        alt.Chart()
        # Beside points, a legend would not show dashes.
        .mark_line(point=dash is None)
        .encode(
            x=alt.X(f"{x}:Q"),
            y=alt.Y(f"{y}:Q", scale=alt.Scale(zero=False)),
            color=alt.Color(f"{color}:N", sort=None, title=None),
            strokeDash=alt.StrokeDash(f"{dash}:N", sort=None, title=None)
            if dash
            else alt.Undefined,
            tooltip=[f"{name}:N" for name in (color, dash) if name] + [f"{x}:Q", f"{y}:Q"],
        )
    )
    scales = (
        alt.ScaleResolveMap() if alike else alt.ScaleResolveMap(x="independent", y="independent")
    )
    return OfflineFacets(
        data=_values(rows),
        spec=drawn.properties(width=260, height=240),
        facet=_in_turn(rows, across),
        title=title,
        resolve=alt.Resolve(scale=scales),
    )


def row_chart(
    rows: Sequence[Row], x: str, y: str, color: str, down: str, title: str
) -> OfflineFacets:
    """A bar for each ``y``, whose names may be long, and a panel with its own for each ``down``."""
    drawn = (
        alt.Chart()
        .mark_bar()
        .encode(
            x=alt.X(f"{x}:Q"),
            y=alt.Y(f"{y}:N", sort=None, title=None, axis=alt.Axis(labelLimit=400)),
            color=alt.Color(f"{color}:N", sort=None, title=None),
            tooltip=[f"{y}:N", f"{color}:N", f"{x}:Q"],
        )
    )
    return OfflineFacets(
        data=_values(rows),
        spec=drawn.properties(width=200),
        facet=_in_turn(rows, down),
        columns=1,
        title=title,
        resolve=alt.Resolve(scale=alt.ScaleResolveMap(y="independent")),
    )


def boxes(rows: Sequence[Row], x: str, y: str, title: str, *, told: str) -> OfflineChart:
    """A box for each ``x`` with its points; ``told`` is read out at a point."""
    across = alt.X(f"{x}:N", sort=None, title=None)
    box = alt.Chart().mark_boxplot(opacity=0.5).encode(x=across, y=f"{y}:Q")
    seen = [f"{told}:N", f"{y}:Q"]
    points = alt.Chart().mark_circle(size=40).encode(x=across, y=f"{y}:Q", tooltip=seen)
    return _chart(rows, [box, points], title)


def heat(rows: Sequence[Row], x: str, y: str, value: str, title: str) -> OfflineChart:
    """Cells by ``x`` and ``y``, zero in the middle of the scale, with their numbers."""
    limit = max((abs(row[value]) for row in rows), default=1.0) or 1.0
    base = alt.Chart().encode(
        x=alt.X(f"{x}:N", sort=None, title=None), y=alt.Y(f"{y}:N", sort=None, title=None)
    )
    scale = alt.Scale(scheme="blueorange", domain=[-limit, limit], reverse=True)
    cells = base.mark_rect().encode(color=alt.Color(f"{value}:Q", scale=scale))
    return _chart(
        rows, [cells, base.mark_text().encode(text=alt.Text(f"{value}:Q", format=".2f"))], title
    )


def _chart(rows: Sequence[Row], layers: Sequence[alt.Chart], title: str) -> OfflineChart:
    return OfflineChart(data=_values(rows), layer=list(layers), title=title)


def _in_turn(rows: Sequence[Row], name: str) -> alt.Facet:
    """Panels in the order of the rows; by itself Vega-Lite sorts them by name."""
    return alt.Facet(f"{name}:N", sort=[*dict.fromkeys(row[name] for row in rows)], title=None)


def _values(rows: Sequence[Row]) -> alt.InlineData:
    return alt.InlineData(
        values=[
            {
                name: rounded(value) if isinstance(value, float) else value
                for name, value in row.items()
            }
            for row in rows
        ]
    )
