"""Charts of evaluations, drawn offline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import altair as alt

from jupyter_xai.explanation.render.offline_chart import offline_bundle
from jupyter_xai.text.formatting import rounded


class OfflineFacets(alt.FacetChart):
    """A faceted chart that shows itself offline; everything Altair offers works on it."""

    def _repr_mimebundle_(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return offline_bundle(self)


def against_calls(
    summary: Iterable[Mapping[str, Any]], metric: str, *, better: str
) -> OfflineFacets:
    """Means and their intervals against the perturbations used, a panel for each family.

    Parameters
    ----------
    summary : iterable of mapping
        The rows of `Evaluation.summary`.
    metric : str
    better : str
        ``higher`` or ``lower``, for the title.
    """
    rows = [
        {
            "family": row["family"] or "prompts",
            "method": row["method"],
            **{name: rounded(row[name]) for name in ("mean", "low", "high")},
            "perturbations": rounded(row["used"]),
        }
        for row in summary
        if row["metric"] == metric
    ]
    # A method that asks the model nothing has no place on a logarithmic scale.
    x = alt.X("perturbations:Q", scale=alt.Scale(type="symlog"), title="perturbations used")
    base = alt.Chart().encode(x=x, color=alt.Color("method:N", title=None))
    y = alt.Y("mean:Q", title=f"{metric} ({better} is better)", scale=alt.Scale(zero=False))
    seen = ["family:N", "method:N", "perturbations:Q", "mean:Q", "low:Q", "high:Q"]
    layers = alt.layer(
        base.mark_rule(opacity=0.5).encode(y=alt.Y("low:Q"), y2="high:Q"),
        base.mark_line(point=True).encode(y=y, shape="method:N", tooltip=seen),
    ).properties(width=220, height=160)
    return OfflineFacets(
        data=alt.InlineData(values=rows),
        spec=layers,
        facet=alt.Facet("family:N", title=None),
        columns=3,
        title=f"{metric} against perturbations",
        resolve=alt.Resolve(scale=alt.ScaleResolveMap(y="independent")),
    )
