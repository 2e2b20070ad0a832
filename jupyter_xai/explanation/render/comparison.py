"""Comparisons as text, as HTML without scripts, and as a chart."""

from __future__ import annotations

from html import escape
from math import isnan
from typing import TYPE_CHECKING, Any

from jupyter_xai.explanation.labels import score_name
from jupyter_xai.explanation.render.html import shaded_prompt, style
from jupyter_xai.explanation.render.text import bar
from jupyter_xai.text.formatting import rounded, shortened, signed
from jupyter_xai.text.html_table import Html, cell, row_name, table

if TYPE_CHECKING:
    import altair

    from jupyter_xai.explanation.comparison import Agreement, ComparedResults

_WIDTH = 44
_MOST_ROWS = 40


def as_text(comparison: ComparedResults[Any]) -> str:
    """Bars of every label, the responses where they differ, and the agreement."""
    lines = [
        repr(comparison).strip("<>"),
        "scores for the whole response; bars are each label's own scores over its largest",
    ]
    for label, each in comparison.explanations.items():
        measure = score_name(each.record)
        lines += ["", f"▸ {label} ({each.record['method']['name']}, {measure})"]
        scaled = comparison.scaled(label).tolist()
        order = sorted(each.ranking()[:_MOST_ROWS])
        lines += [
            f"  {bar(0.0 if isnan(scaled[i]) else scaled[i])} {signed(each.total[i]):>7}  "
            f"{shortened(each.sources[i], _WIDTH)}"
            for i in order
        ]
        if len(each.sources) > _MOST_ROWS:
            lines.append(f"  … the top {_MOST_ROWS} of {len(each.sources)} units")
        if comparison.what != "methods":
            lines.append(f"  answer: {shortened(each.response, 96)}")
    return "\n".join([*lines, "", *(agreement_line(each) for each in comparison.agreement())])


def agreement_line(agreement: Agreement) -> str:
    """Such as ``a and b: Kendall's tau +0.8, 2 of the top 3 in common (of 5 shared units)``."""
    pair = f"{agreement.first} and {agreement.second}"
    if agreement.overlap is None:
        return f"{pair}: no unit in common"
    tau = "not defined" if agreement.kendall is None else signed(agreement.kendall)
    common = round(agreement.overlap * agreement.k)
    return (
        f"{pair}: Kendall's tau {tau}, {common} of the top {agreement.k} in common "
        f"(of {agreement.common} shared units)"
    )


def as_html(comparison: ComparedResults[Any]) -> str:
    """Shaded prompts side by side, a table of all numbers, and the agreement; all escaped.

    Without styles (GitHub) readers see the plain text, as for a single explanation.
    """
    panes = "".join(_pane(comparison, label) for label in comparison.explanations)
    facts = "".join(f"<p>{escape(agreement_line(each))}</p>" for each in comparison.agreement())
    numbers = _table(comparison) if comparison.aligned else ""
    layout = (
        ".jxai-static .jxai-panes{display:flex;flex-wrap:wrap;gap:1.2em}"
        ".jxai-static .jxai-panes section{flex:1 1 16em;min-width:0}"
        ".jxai-static .jxai-rich.jxai-wide{max-width:none}"
    )
    return (
        f'<div class="jxai-static"><style>{style()}{layout}</style>'
        f'<pre class="jxai-plain">{escape(as_text(comparison))}</pre>'
        '<div class="jxai-rich jxai-wide" hidden="until-found">'
        f'<div class="jxai-panes">{panes}</div>{numbers}{facts}</div></div>'
    )


def heat_map(comparison: ComparedResults[Any]) -> altair.LayerChart:
    """Units by label, coloured by the scaled scores; the raw ones stand in the tooltip."""
    import altair as alt

    from jupyter_xai.explanation.render.offline_chart import OfflineChart

    rows = [
        {
            "label": row["label"],
            # Numbered, since equal texts would share a row.
            "unit": f"{row['source'] + 1}  {shortened(row['text'], 48)}",
            "scaled": rounded(row["scaled"]),
            "score": rounded(row["score"]),
            "text": signed(row["score"]),
        }
        for row in comparison.frame().to_dict("records")
    ]
    base = alt.Chart().encode(
        x=alt.X("label:N", sort=None, title=None, axis=alt.Axis(labelAngle=-30)),
        y=alt.Y("unit:N", sort=None, title=None),
        tooltip=["label:N", "unit:N", "score:Q", "scaled:Q"],
    )
    scale = alt.Scale(scheme="blueorange", domain=[-1, 1], reverse=True)
    cells = base.mark_rect().encode(color=alt.Color("scaled:Q", scale=scale, title="scaled score"))
    return OfflineChart(
        data=alt.InlineData(values=rows),
        layer=[cells, base.mark_text(fontSize=10).encode(text="text:N")],
        title=f"Comparison of {comparison.what}",
    )


def _pane(comparison: ComparedResults[Any], label: str) -> str:
    explanation = comparison[label]
    method, measure = explanation.record["method"]["name"], score_name(explanation.record)
    return (
        f"<section><h4>{escape(label)}</h4>"
        f'<p class="jxai-quiet">{escape(f"{method}, {measure}")}</p>'
        f'<div class="jxai-text" dir="auto">{shaded_prompt(explanation)}</div>'
        f"{'' if comparison.aligned else _numbers(comparison, label)}"
        f'<p class="jxai-quiet">Response</p>'
        f'<div class="jxai-text" dir="auto">{escape(shortened(explanation.response, 400))}</div>'
        "</section>"
    )


def _numbers(comparison: ComparedResults[Any], label: str) -> str:
    """A wording's own units with their numbers, the strongest first: colour says nothing alone."""
    explanation, scaled = comparison[label], comparison.scaled(label).tolist()
    order = explanation.ranking()[:_MOST_ROWS]
    rows = (
        [
            row_name(shortened(explanation.sources[i], 40), dir="auto"),
            _score(explanation.total[i], scaled[i]),
        ]
        for i in order
    )
    return table([], rows, "Scores (over the largest)")


def _table(comparison: ComparedResults[Any]) -> str:
    labels = list(comparison.explanations)
    first: Any = comparison.explanations[labels[0]]
    scaled = {label: comparison.scaled(label) for label in labels}
    rows = [
        [
            row_name(shortened(text, 80), dir="auto"),
            *(_score(comparison[label].total[i], scaled[label][i]) for label in labels),
        ]
        for i, text in enumerate(first.sources[:_MOST_ROWS])
    ]
    if len(first.sources) > _MOST_ROWS:
        rest = len(first.sources) - _MOST_ROWS
        rows.append([cell(f"… and {rest} more units", colspan=len(labels) + 1)])
    return table(
        ["Prompt", *labels], rows, "Scores for the whole response (over the column's largest)"
    )


def _score(score: float, scaled: float) -> Html:
    return cell(f"{signed(score)} ({signed(scaled)})", class_="jxai-number")
