"""The energy interpreter, Figure 4: energies of each kind of negative as training goes on."""

from __future__ import annotations

from jupyter_xai.studies.energy_training import PAPER, SIZES, courses, said
from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.plots import lines
from jupyter_xai.studies.results import Study, Table

_COLUMNS = (
    "size",
    "negatives",
    "count",
    "authentic",
    "negative",
    "win rate",
    "gap over deviation",
    "AUROC",
)


def run(lab: Lab) -> Study:
    """Two sizes, held-out pairs."""
    rows, plotted, findings, gaps = [], [], [], {}
    for course in courses(lab):
        at, last = course.energies[-1]
        for each in last:
            figures = (each.authentic, each.negative, each.win_rate, each.gap, each.auroc)
            rows.append([course.size, each.kind, each.count, *figures])
        for at, kinds in course.energies:
            for each in kinds:
                line = f"{course.size}, {each.kind}"
                plotted.append({"steps": at, "gap": each.negative - each.authentic, "kind": line})
        lowest = min(last, key=lambda each: each.win_rate)
        findings.append(
            f"{course.size}: after {at} steps the authentic pair has the lower energy in "
            f"{lowest.win_rate:.0%} ({lowest.kind}) to "
            f"{max(each.win_rate for each in last):.0%} of pairs."
        )
        known = [each.gap for each in last if each.gap is not None]
        gaps[course.size] = sum(known) / len(known) if known else 0.0
    small, large = SIZES
    wider = "wider" if gaps[large] > gaps[small] else "no wider"
    findings.append(
        f"The larger network's gap is {wider}: {gaps[large]:.2f} deviations against "
        f"{gaps[small]:.2f}, mean over the kinds."
    )
    return Study(
        setup=said(lab) + " A negative counts only if the model would not say it.",
        tables=[
            Table(
                "After training",
                _COLUMNS,
                rows,
            )
        ],
        paper=[
            Table(
                "Figure 4 and section 4.1, as described",
                ["what", "finding"],
                [
                    ["authentic responses", "the lowest energy of all"],
                    ["human and GPT-2 responses", "the highest energy"],
                    ["masked sentences", "the most challenging negatives"],
                    ["the larger network", "a significantly wider gap"],
                ],
            )
        ],
        findings=findings,
        expectation=(
            f"{PAPER} Ours have 0.1 and 0.7 million parameters beside the frozen encoder and learn "
            "from another model, so the order of the kinds is what can be compared. Masked "
            "sentences are hard for ours, too: only what is left tells that a response no longer "
            "fits."
        ),
        plot=lines(plotted, "steps", "gap", "kind", "Energy above the authentic pair's"),
    )
