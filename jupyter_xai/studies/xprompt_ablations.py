"""XPrompt, Table 4: the search without the gradient's guidance."""

from __future__ import annotations

import numpy as np

from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.plots import lines
from jupyter_xai.studies.results import Study, Table
from jupyter_xai.studies.searches import paths
from jupyter_xai.studies.word_removal import boards

VARIANTS = {
    "guided (as printed)": {"variant": "paper"},
    "without initialisation (as printed)": {"variant": "paper", "start": "random"},
    "without probability (as printed)": {"variant": "paper", "swaps": "uniform"},
    "guided (ours)": {},
    "without initialisation (ours)": {"start": "random"},
    "without probability (ours)": {"swaps": "uniform"},
}


def run(lab: Lab) -> Study:
    """Algorithm 1 as printed, and our search, each with and without guidance."""
    at = lab.pick((50, 100), (50, 100, 200, 400))
    prompts = boards(lab, lab.pick(1, 5))
    ends, rows, plotted = {}, [], []
    for label, settings in VARIANTS.items():
        found = paths(lab, prompts, at, 3, **settings)
        # A set that was not looked at yet lowers nothing.
        values = np.nan_to_num(found).mean(axis=0).tolist()
        ends[label] = values
        rows.append([label, *values])
        plotted += [
            {"search": label, "evaluations": count, "log-probability": value}
            for count, value in zip(at, values, strict=True)
        ]
    findings = []
    for kind in ("as printed", "ours"):
        whole = ends[f"guided ({kind})"][-1]
        for what in ("initialisation", "probability"):
            other = ends[f"without {what} ({kind})"][-1]
            alike = abs(other - whole) <= 0.01 * abs(whole)
            says = "alike within 1 %" if alike else "worse" if other > whole else "better"
            findings.append(
                f"Without guided {what} ({kind}) the end is {says}: {other:.3g} nats, against "
                f"{whole:.3g}."
            )
    return Study(
        setup=(
            "Mean change of the answer's log-probability without the best three words after so "
            f"many evaluations, over {len(prompts)} prompts. Lower is better. Sets of other sizes "
            "share the evaluations."
        ),
        tables=[Table("Nats by evaluations", ["search", *map(str, at)], rows)],
        findings=findings,
        expectation=(
            "Table 4 stands in an appendix that the text at hand does not hold; the paper says "
            "that both kinds of guidance help. On prompts of a few dozen words an unguided search "
            "may well find the same sets: there are few."
        ),
        plot=lines(plotted, "evaluations", "log-probability", "search", "Guidance of the search"),
    )
