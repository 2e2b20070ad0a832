"""XPrompt, Figure 4: the search converges."""

from __future__ import annotations

import numpy as np

from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.plots import lines
from jupyter_xai.studies.results import Study, Table
from jupyter_xai.studies.searches import paths
from jupyter_xai.studies.word_removal import boards, families


def run(lab: Lab) -> Study:
    """The best set of three words so far."""
    at = lab.pick((25, 50, 100), (25, 50, 75, 100, 150, 200, 300, 400))
    prompts = boards(lab, lab.pick(1, 20))
    found = paths(lab, prompts, at, 3)
    rows, plotted, findings = [], [], []
    for family in families(lab):
        own = found[[place for place, (name, _) in enumerate(prompts) if name == family]]
        known = [
            float(np.nanmean(column)) if (~np.isnan(column)).any() else None for column in own.T
        ]
        rows.append([family, *known])
        plotted += [
            {"family": family, "evaluations": count, "log-probability": value}
            for count, value in zip(at, known, strict=True)
            if value is not None
        ]
        values = [value for value in known if value is not None]
        if len(values) > 1 and values[-1] < 0:
            reached = next(
                c for c, v in zip(at[-len(values) :], values, strict=True) if v <= 0.99 * values[-1]
            )
            findings.append(
                f"{family}: within 1 % of where it ends after {reached} evaluations "
                f"({values[-1]:.3g} nats)."
            )
    return Study(
        setup=(
            "Change of the answer's log-probability without the best three words found so far, "
            f"mean over {len(prompts) // len(families(lab))} prompts a family. Evaluations include "
            "those of single words, which guide the search."
        ),
        tables=[Table("Nats by evaluations", ["family", *map(str, at)], rows)],
        findings=findings,
        expectation=(
            "The paper's figure is an image without numbers. That the curve never rises is true by "
            "construction, the best set is kept; how soon it is flat is the finding."
        ),
        plot=lines(
            plotted, "evaluations", "log-probability", "family", "Convergence of the search"
        ),
    )
