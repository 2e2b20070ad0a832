"""Altair charts that JupyterLab and Notebook 7 draw without the network.

Altair 6 writes Vega-Lite 6, which JupyterLab 4 shows as text, and its other renderers load scripts
from a CDN. These charts write the same specification under the type that JupyterLab knows.
"""

from __future__ import annotations

import altair as alt

from jupyter_xai.errors import XaiError
from jupyter_xai.explanation.labels import score_name, value_name
from jupyter_xai.explanation.render.offline_chart import OfflineChart
from jupyter_xai.explanation.result import Result
from jupyter_xai.text.formatting import rounded, shortened

_SUPPORT, _OPPOSE, _CHANCE = "#0072b2", "#d55e00", "#7a7a7a"
_MOST = 40


def bars(explanation: Result, target: int | None = None) -> OfflineChart:
    """A bar a prompt unit, in the order of the prompt, with the 90 % interval of its score.

    Parameters
    ----------
    explanation : Result
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


def curve(explanation: Result) -> OfflineChart:
    """The value of the whole response while units are removed: the best first, last, by chance.

    Parameters
    ----------
    explanation : Result
        With its curves, see `Explanation.traced`. Around chance the middle 90 % of the draws.

    Raises
    ------
    XaiError
        When it has no curves.
    """
    n = len(explanation.sources)
    curves = explanation.record.get("curves")
    if curves is None:
        msg = "this explanation has no curve; e.traced() has one"
        raise XaiError(msg)
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
