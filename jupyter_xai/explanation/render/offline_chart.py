"""Altair charts that draw without a network, and let no text run as code."""

from __future__ import annotations

from string import punctuation
from typing import Any

import altair as alt

from jupyter_xai.explanation.render.text import signed

VEGA_LITE = "application/vnd.vegalite.v5+json"
_VEGA_LITE_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"


class OfflineChart(alt.LayerChart):
    """A layered chart that shows itself offline; everything Altair offers works on it."""

    def _repr_mimebundle_(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return offline_bundle(self)


def offline_bundle(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """A chart for Jupyter, with its data as a table where charts cannot be drawn.

    The table is Markdown: JupyterLab would prefer HTML to the chart.
    """
    with alt.data_transformers.enable("default", consolidate_datasets=False, max_rows=None):
        spec = chart.to_dict()
    spec["$schema"] = _VEGA_LITE_SCHEMA
    rows = spec.get("data", {}).get("values", [])
    title = spec.get("title", "chart")
    return {
        VEGA_LITE: spec,
        "text/markdown": _table(rows),
        "text/plain": f"{title}: {len(rows)} bars (JupyterLab draws it)",
    }


def specification(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """The chart's Vega-Lite, with its data: what JupyterLab opens as a ``.vl.json`` file."""
    return offline_bundle(chart)[VEGA_LITE]


def _table(rows: list[dict[str, Any]]) -> str:
    names = list(rows[0]) if rows else []
    lines = [names, ["---"] * len(names)]
    lines += [[_inert(_cell(row[name])) for name in names] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return signed(value) if isinstance(value, float) else str(value)


def _inert(text: str) -> str:
    """Text that means nothing in Markdown or HTML."""
    return "".join(f"&#{ord(sign)};" if sign in punctuation else sign for sign in text)
