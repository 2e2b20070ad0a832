"""HTML without scripts: for GitHub, nbviewer, e-mail, and wherever no kernel runs.

GitHub strips style sheets and ``style=``, but keeps ``hidden``: the plain ranking is then what
readers see. Where styles work, they hide it and show the shaded text instead. Some hosts' own
sheets insist that what is hidden stays so, and except ``hidden="until-found"`` alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from math import isnan

import numpy as np

from jupyter_xai.explanation.labels import score_noise
from jupyter_xai.explanation.render.best_sets import set_lines
from jupyter_xai.explanation.render.foil_and_targets import foil_text, instead_of, why_no_scores
from jupyter_xai.explanation.render.text import (
    as_text,
    check_lines,
    heading,
    part_verdict,
    trust_lines,
)
from jupyter_xai.explanation.result import Result
from jupyter_xai.text.formatting import shortened, signed
from jupyter_xai.text.html_table import Html, cell, column_name, row, table

_SHADES = 9
_MOST_CHARACTERS = 120_000
"""Longer texts are cut here; the JSON beside this HTML has them all."""
_MOST_TARGETS = 60

# Blue supports, orange opposes: told apart by readers of every colour vision.
SUPPORT, OPPOSE = "0,114,178", "213,94,0"


def static_html(explanation: Result) -> str:
    """Shaded prompt, response, top units per response unit and checks; everything escaped."""
    return (
        f'<div class="jxai-static"><style>{style()}</style>'
        f'<pre class="jxai-plain">{escape(as_text(explanation))}</pre>'
        f'<div class="jxai-rich" hidden="until-found">{_rich(explanation)}</div></div>'
    )


def style() -> str:
    """The sheet of everything within ``jxai-static``."""
    shades = [
        f".jxai-static .jxai-{sign}{shade}{{background:rgba({colour},{shade / _SHADES * 0.6:.2f})}}"
        for sign, colour in (("p", SUPPORT), ("n", OPPOSE))
        for shade in range(1, _SHADES + 1)
    ]
    return (
        ".jxai-static .jxai-plain{display:none}"
        ".jxai-static .jxai-rich"
        "{display:block;content-visibility:visible;line-height:1.6;max-width:60em}"
        ".jxai-static .jxai-text{white-space:pre-wrap;overflow-wrap:anywhere;margin:.3em 0 .8em}"
        ".jxai-static .jxai-text span{border-radius:3px}"
        ".jxai-static .jxai-quiet{opacity:.6}"
        ".jxai-static h4{margin:.6em 0 .1em;font-size:1em}"
        ".jxai-static table{border-collapse:collapse;margin:.2em 0}"
        ".jxai-static th,.jxai-static td{text-align:left;vertical-align:top;padding:.15em .6em}"
        ".jxai-static tr.jxai-first td{border-top:1px solid rgba(128,128,128,.35)}"
        ".jxai-static .jxai-number{text-align:right;white-space:nowrap}"
        ".jxai-static td.jxai-number{font-variant-numeric:tabular-nums}" + "".join(shades)
    )


def _rich(explanation: Result) -> str:
    facts = [*set_lines(explanation), *check_lines(explanation), *trust_lines(explanation)]
    parts = [
        f'<p class="jxai-quiet">{escape(heading(explanation))}</p>',
        "<h4>Prompt</h4>",
        f'<div class="jxai-text" dir="auto">{shaded_prompt(explanation)}</div>',
        "<h4>Response</h4>",
        f'<div class="jxai-text" dir="auto">{_cut(explanation.response)}</div>',
        *_foil(explanation),
        f"<h4>What counts most</h4>{_top_table(explanation)}",
        *(f"<p>{escape(fact)}</p>" for fact in facts),
        *(f'<p class="jxai-quiet">{escape(note)}</p>' for note in explanation.notes),
    ]
    return "".join(parts)


def shaded_prompt(explanation: Result) -> str:
    """The prompt, shaded by the scores for the whole response."""
    total = explanation.total
    limit = np.nanmax(np.abs(total), initial=0.0)
    noise = score_noise(explanation.record)
    scores = iter(total.tolist())
    pieces: list[tuple[str, str, str]] = []
    for unit in explanation.record["prompt"]["units"]:
        if unit["protected"]:
            pieces.append((unit["text"], "jxai-quiet", unit["role"]))
            continue
        score = next(scores)
        pieces.append((unit["text"], _shade(score, limit, noise), signed(score)))
    return "".join(_spans(pieces))


def _shade(score: float, limit: float, noise: float) -> str:
    if isnan(score) or limit == 0 or abs(score) < noise:
        return ""
    # Faint tints are hard to tell apart, so that small scores are lifted a little.
    shade = round((abs(score) / limit) ** 0.75 * _SHADES)
    return f"jxai-{'p' if score > 0 else 'n'}{shade}" if shade else ""


def _spans(pieces: Iterable[tuple[str, str, str]]) -> Iterable[str]:
    length = 0
    for text, kind, title in pieces:
        length += len(text)
        if length > _MOST_CHARACTERS:
            yield "…"
            return
        attributes = f' class="{kind}" title="{escape(title)}"' if kind else ""
        yield f"<span{attributes}>{escape(text)}</span>" if attributes else escape(text)


def _top_table(explanation: Result) -> str:
    rows = []
    for target, text in enumerate(explanation.targets[:_MOST_TARGETS]):
        rows += _top_rows(explanation, target, shortened(text, 120))
    if len(explanation.targets) > _MOST_TARGETS:
        more = len(explanation.targets) - _MOST_TARGETS
        rows.append(row([cell(f"… and {more} more response units", colspan=3)]))
    return table(["Response", column_name("Score", class_="jxai-number"), "Prompt"], rows)


def _top_rows(explanation: Result, target: int, name: str) -> list[Html]:
    """What counts most for a response unit, whose name stands beside all of its rows."""
    if why := why_no_scores(explanation, target):
        return [row([cell(name, dir="auto"), _quiet(why)], class_="jxai-first")]
    column = explanation.scores[:, target]
    best = explanation.strongest(target=target)
    # What scores nothing is not among what counts, unless nothing does.
    best = [source for source in best if column[source] != 0] or best[:1]
    lines = [
        [
            cell(signed(column[source]), class_="jxai-number"),
            cell(shortened(explanation.sources[source], 120), dir="auto"),
        ]
        for source in best
    ]
    if said := part_verdict(explanation, target):
        lines.append([_quiet(said)])
    (first, *others), rowspan = lines, len(lines)
    opening = row([cell(name, dir="auto", rowspan=rowspan), *first], class_="jxai-first")
    return [opening, *map(row, others)]


def _quiet(text: str) -> Html:
    return cell(text, colspan=2, class_="jxai-quiet")


def _foil(explanation: Result) -> list[str]:
    text = foil_text(explanation)
    if not text:
        return []
    head = instead_of(explanation).capitalize()
    return [f"<h4>{escape(head)}</h4>", f'<div class="jxai-text" dir="auto">{_cut(text)}</div>']


def _cut(text: str) -> str:
    cut = text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + "…"
    return escape(cut)
