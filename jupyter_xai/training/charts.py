"""Training as a chart: both losses, and the energies of each kind of negative (Figures 4 and 6)."""

from __future__ import annotations

from typing import Any

import altair as alt

from jupyter_xai.explanation.render.offline_chart import VEGA_LITE, offline_bundle
from jupyter_xai.text.formatting import rounded
from jupyter_xai.training.history import History

_MOST = 300
"""Points a line; more are thinned out."""
_SIZE = {"width": 230, "height": 200}
# Two fit side by side into a cell of JupyterLab.
_LOSSES = {"energy loss": "energy: InfoNCE", "interpreter loss": "interpreter: loss"}


class OfflineConcat(alt.HConcatChart):
    """Charts side by side that show themselves offline; everything Altair offers works on them."""

    def _repr_mimebundle_(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {
            VEGA_LITE: offline_bundle(self)[VEGA_LITE],
            "text/plain": f"{self.title} (JupyterLab draws it)",
        }


def training_chart(history: History) -> OfflineConcat:
    """Both losses on the left; on the right mean energies on held-out pairs, where measured.

    Parameters
    ----------
    history : History
    """
    losses = [
        {"step": row["step"], "what": _LOSSES[row["measure"]], "value": rounded(row["value"])}
        for row in history.rows()
        if row["measure"] in _LOSSES
    ]
    energies = []
    for at, kinds in history.measured:
        own = sum(each.authentic * each.count for each in kinds) / sum(k.count for k in kinds)
        means = {"authentic": own, **{each.kind: each.negative for each in kinds}}
        energies += [
            {"step": at, "what": what, "value": rounded(mean)} for what, mean in means.items()
        ]
    done = len(history.steps)
    return OfflineConcat(
        hconcat=[
            _lines(_thinned(losses), "loss", strong=None, points=False),
            _lines(energies, "mean energy, held out", strong="authentic", points=True),
        ],
        title=f"Training of an energy interpreter, {done} of {history.total} steps",
        resolve=alt.Resolve(scale=alt.ScaleResolveMap(color="independent")),
    )


def _lines(
    rows: list[dict[str, Any]], title: str, *, strong: str | None, points: bool
) -> alt.Chart:
    base = alt.Chart(alt.InlineData(values=rows)).mark_line(point={"size": 20} if points else False)
    thick = alt.value(1.5) if strong is None else _thick(strong)
    legend = alt.Legend(title=None, orient="bottom", columns=2, labelLimit=120)
    return base.encode(
        x=alt.X("step:Q", title="step"),
        y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=False)),
        color=alt.Color("what:N", legend=legend),
        strokeWidth=thick,
        tooltip=["what:N", "step:Q", "value:Q"],
    ).properties(**_SIZE)


def _thick(what: str) -> Any:
    return alt.condition(f"datum.what === '{what}'", alt.value(3), alt.value(1.2))


def _thinned(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Means over neighbours, so that no line has more than a few hundred points."""
    found = []
    for what in dict.fromkeys(row["what"] for row in rows):
        own = [row for row in rows if row["what"] == what]
        size = -(-len(own) // _MOST)
        for start in range(0, len(own), size):
            some = own[start : start + size]
            mean = sum(row["value"] for row in some) / len(some)
            found.append({**some[-1], "value": rounded(mean)})
    return found
