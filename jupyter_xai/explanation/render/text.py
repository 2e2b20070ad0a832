"""Explanations as plain text and as tables, for terminals and for whoever reads numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

import numpy as np

from jupyter_xai.explanation.labels import LABELS, calls_made, score_name, score_noise
from jupyter_xai.explanation.render.best_sets import set_lines
from jupyter_xai.explanation.render.foil_and_targets import foil_text, instead_of, why_no_scores
from jupyter_xai.explanation.result import Result
from jupyter_xai.text.formatting import amount, figure, lasting, shortened, signed

WIDTH = 96
_BAR = 12
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_MOST_ROWS = 40
_MOST_TARGETS = 12
_LEAST_SHARE = 1e-3
"""Of the largest score; what is smaller would only fill up the k."""


def one_line(explanation: Result) -> str:
    """For ``repr``: what was explained, how, and what counts most."""
    n, m = explanation.scores.shape
    best = explanation.ranking()[:1]
    first = f", top: {shortened(explanation.sources[best[0]], 40)!r}" if best else ""
    partial = ", partial" if explanation.partial else ""
    return (
        f"<Explanation by {explanation.record['method']['name']} on "
        f"{explanation.record['model']['name']}: {n} prompt x {m} response units{first}{partial}>"
    )


def as_text(explanation: Result, width: int = WIDTH) -> str:
    """Bars for the whole response, the top units of each response unit, and the checks."""
    lines = [heading(explanation), ""]
    if foil := foil_text(explanation):
        lines += [f"{instead_of(explanation)}: {shortened(foil, width)}", ""]
    lines += _bars(explanation, width)
    if len(explanation.targets) > 1:
        for target, text in enumerate(explanation.targets[:_MOST_TARGETS]):
            lines += ["", f"▸ {shortened(text, width - 2)}"]
            lines += _top(explanation, target, width)
            if said := part_verdict(explanation, target):
                lines.append(f"  {said}")
        if len(explanation.targets) > _MOST_TARGETS:
            lines += ["", f"… and {len(explanation.targets) - _MOST_TARGETS} more response units"]
    else:
        lines += ["", f"▸ {shortened(explanation.response, width - 2)}"]
    facts = [*set_lines(explanation), *check_lines(explanation), *trust_lines(explanation)]
    lines += ["", *facts, *(f"note: {note}" for note in explanation.notes)]
    return "\n".join(lines)


def heading(explanation: Result) -> str:
    """Model, method and what it cost, on one line."""
    record = explanation.record
    used = record["perturbations"]["used"]
    parts = [
        record["model"]["name"],
        record["method"]["name"] + (" (exact)" if record["method"]["exact"] else ""),
        score_name(record),
        f"{used} perturbation{'' if used == 1 else 's'}" if used else "",
        cost_line(record["cost"]),
        "partial" if explanation.partial else "",
    ]
    return " · ".join(part for part in parts if part)


def cost_line(cost: Mapping[str, Any]) -> str:
    """Calls and time, such as ``64 forwards, 0.8 s``."""
    words = LABELS["cost"]
    counted = calls_made(cost)
    if cost["reused"]:
        counted.append(f"{cost['reused']:,} {words['reused']}")
    paid = [f"{words['paid']} {amount(cost['money'])}"] if "money" in cost else []
    return ", ".join([*(counted or [words["nothing"]]), *paid, lasting(cost["seconds"])])


def check_lines(explanation: Result) -> list[str]:
    """Figures and verdict for every k that was checked, about the whole response."""
    lines = []
    for check in explanation.checks:
        random, rival = check["random"], check["leave_one_out"]
        others = "any" if check.get("rank") is not None else "at random"
        line = (
            f"removing the top {check['k']}: {signed(-_number(check['drop']))}, "
            f"{check['k']} {others}: {signed(-_number(random['mean']))} "
            f"[{signed(-_number(random['high']))}, {signed(-_number(random['low']))}]"
        )
        if rival["drop"] is not None:
            line += f", leave-one-out's choice: {signed(-rival['drop'])}"
        lines += [line, check["verdict"]]
    return lines


def part_verdict(explanation: Result, target: int) -> str:
    """What removing this response unit's own top k does; empty where that was not checked."""
    for check in explanation.checks:
        if check["k"] == explanation.k:
            for part in check.get("parts", ()):
                if part["unit"] == target:
                    return part["verdict"]
    return ""


def trust_lines(explanation: Result) -> list[str]:
    """Held-out LDS, how a surrogate fits and the noise floor, on one line if they are known."""
    lds, noise = explanation.record["lds"], explanation.noise
    fidelity = explanation.record["method"].get("details", {}).get("fidelity") or {}
    parts = []
    if lds is not None and lds["value"] is not None:
        parts.append(f"LDS {figure(lds['value'], '.2f')} ({lds['kind']}, {lds['masks']} masks)")
    fits = {name: (fidelity.get(name) or {}).get("r2") for name in ("in_sample", "held_out")}
    told = [
        f"{figure(r2, '.2f')} {name.replace('_', ' ')}"
        for name, r2 in fits.items()
        if r2 is not None
    ]
    if told:
        parts.append(f"R2 of the surrogate {' and '.join(told)}")
    if noise is not None:
        parts.append(f"noise floor {figure(noise)}")
    return [", ".join(parts)] if parts else []


def bar(share: float) -> str:
    """A bar of text, from -1 (all of it, light) to 1 (all of it, dark)."""
    if share < 0:
        return ("░" * round(-share * _BAR)).ljust(_BAR)
    eighths = round(share * _BAR * 8)
    return (_EIGHTHS[8] * (eighths // 8) + _EIGHTHS[eighths % 8]).ljust(_BAR)[:_BAR]


def _bars(explanation: Result, width: int) -> list[str]:
    order = explanation.ranking()
    shown = sorted(order[:_MOST_ROWS])
    lines = [_row(explanation, source, None, width) for source in shown]
    if len(order) > _MOST_ROWS:
        lines.append(f"… the top {_MOST_ROWS} of {len(order)} prompt units")
    return lines


def _top(explanation: Result, target: int, width: int) -> list[str]:
    if why := why_no_scores(explanation, target):
        return [f"  ({why})"]
    order = explanation.strongest(target=target)
    if explanation.sets is None:  # what matters together may say little alone
        order = _told(explanation, order, target)
    if not order:
        return ["  (no score above the noise)"]
    return [f"  {_row(explanation, source, target, width - 2)}" for source in order]


def _told(explanation: Result, order: Sequence[int], target: int) -> list[int]:
    scores = np.abs(explanation.attribution.scores[:, target])
    least = max(score_noise(explanation.record), _LEAST_SHARE * np.nanmax(scores, initial=0.0))
    return [source for source in order if scores[source] >= least and scores[source] > 0]


def _row(explanation: Result, source: int, target: int | None, width: int) -> str:
    column = len(explanation.targets) if target is None else target
    scores = explanation.attribution.scores[:, column]
    score, limit = scores[source], np.nanmax(np.abs(scores), initial=0.0)
    share = 0.0 if isnan(score) or limit == 0 else score / limit
    # What is left of a sum that cancelled out is nothing to tell.
    score = 0.0 if abs(share) < 1e-9 and not isnan(score) else score
    ends = ""
    if explanation.low is not None and explanation.high is not None:
        low, high = explanation.low[source, column], explanation.high[source, column]
        ends = f"[{signed(low)}, {signed(high)}]".ljust(20)
    head = f"{bar(share)} {signed(score):>7} {ends} "
    return head + shortened(explanation.sources[source], max(20, width - len(head)))


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
