"""Altair charts that JupyterLab and Notebook 7 draw without the network.

Altair 6 writes Vega-Lite 6, which JupyterLab 4 shows as text, and its other renderers load scripts
from a CDN. These charts write the same specification under the type that JupyterLab knows.
"""

from __future__ import annotations

from string import punctuation
from typing import Any

import altair as alt

from jupyter_xai.explanation.labels import score_name, value_name
from jupyter_xai.explanation.render.text import shortened, signed
from jupyter_xai.explanation.storage import rounded
from jupyter_xai.interface.explanation import Explanation

VEGA_LITE = "application/vnd.vegalite.v5+json"
_VEGA_LITE_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_SUPPORT, _OPPOSE, _CHANCE = "#0072b2", "#d55e00", "#7a7a7a"
_MOST = 40


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


def bars(explanation: Explanation, target: int | None = None) -> OfflineChart:
    """A bar a prompt unit, in the order of the prompt, with the 90 % interval of its score.

    Parameters
    ----------
    explanation : Explanation
    target : int, optional
        A response unit; None stands for the whole response.
    """
    column = explanation._column(target)
    order = explanation.ranking(column)
    title = "the whole response"
    if column < len(explanation.targets):
        title = shortened(explanation.targets[column], 80)
    if len(order) > _MOST:
        title += f" (top {_MOST} of {len(order)})"
    attribution = explanation.attribution
    numbers = {"score": attribution.scores, "low": attribution.low, "high": attribution.high}
    rows = [
        {
            # Numbered, since equal texts would share a bar.
            "unit": f"{source + 1}  {shortened(explanation.sources[source], 48)}",
            **{
                name: None if values is None else rounded(float(values[source, column]))
                for name, values in numbers.items()
            },
        }
        for source in sorted(order[:_MOST])
    ]
    base = alt.Chart().encode(y=alt.Y("unit:N", sort=None, title=None))
    bar = base.mark_bar().encode(
        x=alt.X("score:Q", title=score_name(explanation.record)),
        color=alt.condition("datum.score >= 0", alt.value(_SUPPORT), alt.value(_OPPOSE)),
        tooltip=["unit:N", "score:Q", "low:Q", "high:Q"],
    )
    layers: list[alt.Chart] = [bar]
    if explanation.low is not None:
        layers.append(base.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q"))
    return OfflineChart(data=alt.InlineData(values=rows), layer=layers, title=title)


def curve(explanation: Explanation) -> OfflineChart:
    """The value of the whole response while units are removed: the best first, last, by chance.

    Parameters
    ----------
    explanation : Explanation
        With its curves, see `Explanation.traced`. Around chance the middle 90 % of the draws.
    """
    curves, n = explanation.record["curves"], len(explanation.sources)
    random, sizes = curves["random"], curves["sizes"]
    # Without the least important so many, the most important others are left.
    courses = {
        "most important first": (sizes, curves["deletion"]),
        "at random": (sizes, random["mean"]),
        "least important first": ([n - size for size in sizes], curves["insertion"]),
    }
    rows = [
        {"order": order, "removed": int(size), "value": _number(value), "low": None, "high": None}
        for order, course in courses.items()
        for size, value in zip(*course, strict=True)
    ]
    for row, low, high in zip(rows[len(sizes) :], random["low"], random["high"], strict=False):
        row |= {"low": _number(low), "high": _number(high)}
    base = alt.Chart().encode(x=alt.X("removed:Q", title="units removed"))
    band = base.mark_area(opacity=0.2, color=_CHANCE).encode(y="low:Q", y2="high:Q")
    line = base.mark_line(point=True).encode(
        y=alt.Y("value:Q", title=value_name(explanation.record)).scale(zero=False),
        color=alt.Color("order:N", title=None, sort=None).scale(
            domain=list(courses), range=[_SUPPORT, _CHANCE, _OPPOSE]
        ),
        tooltip=["order:N", "removed:Q", "value:Q", "low:Q", "high:Q"],
    )
    title = "the whole response while units are removed"
    return OfflineChart(data=alt.InlineData(values=rows), layer=[band, line], title=title)


def _number(value: float | None) -> float | None:
    return None if value is None else rounded(float(value))


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
