"""gSMILE, Table 4: the same run ten times."""

from __future__ import annotations

import numpy as np

from jupyter_xai import metrics
from jupyter_xai.studies.lab import LONGER, MEANING, Lab
from jupyter_xai.studies.plots import bars
from jupyter_xai.studies.results import Study, Table

PAPER = Table(
    f"Table 4, “{MEANING}”, 64 perturbations, ten runs",
    ["model", "variance", "standard deviation"],
    [
        ["gpt-3.5-turbo-instruct", 0.0000, 0.0046],
        ["LLaMA 3.1 Instruct Turbo (70B)", 0.0048, 0.0663],
        ["Claude 2.1", 0.0011, 0.0331],
    ],
)


def run(lab: Lab) -> Study:
    """The paper's prompt, where all masks are there, and one where they are drawn."""
    runs, perturbations = lab.pick(2, 10), lab.pick(12, 64)
    rows, plotted, findings = [], [], []
    for prompt in (MEANING, LONGER):
        found = [
            lab.explain(prompt, "gsmile", perturbations=perturbations, seed=lab.seed + place)
            for place in range(runs)
        ]
        spread = metrics.consistency(np.stack([each.total for each in found]))
        exact = found[0].record["method"]["exact"]
        rows.append([prompt, len(found[0].sources), spread.mean_variance, spread.mean_deviation])
        plotted += [
            {"word": f"{i + 1}  {word}", "prompt": prompt, "standard deviation": float(deviation)}
            for i, (word, deviation) in enumerate(
                zip(found[0].sources, spread.deviation, strict=True)
            )
        ]
        why = "all masks are enumerated, so seeds draw nothing" if exact else "seeds draw masks"
        findings.append(
            f"Over {runs} seeds the standard deviation is {spread.mean_deviation:.3g} for "
            f"{len(found[0].sources)} words, where {why}."
        )
    return Study(
        setup=(
            f"gSMILE with {perturbations} perturbations, repeated with {runs} seeds; variance and "
            "standard deviation of each word's score, averaged over words. Answers are greedy."
        ),
        tables=[Table("Consistency", ["prompt", "words", "variance", "standard deviation"], rows)],
        paper=[PAPER],
        findings=findings,
        expectation=(
            "The paper's prompt has 63 non-empty masks, so 64 perturbations exhaust it and a "
            "greedy model must give zero variance; what the paper found above zero is the "
            "sampling of the models' answers, or of masks drawn with repeats."
        ),
        plot=bars(plotted, "word", "standard deviation", "prompt", "Spread over seeds"),
    )
