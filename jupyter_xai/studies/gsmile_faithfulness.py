"""gSMILE, Table 2: correlation of a model's accuracy with the agreement of its scores."""

from __future__ import annotations

from typing import Any

import numpy as np

from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.phrases import interval_of
from jupyter_xai.studies.plots import lines
from jupyter_xai.studies.results import Study, Table
from jupyter_xai.studies.word_accuracy import METRICS, checked

PAPER = Table(
    "Table 2, over three models",
    ["metric", "Pearson r"],
    [["ATT ACC", 0.804], ["ATT F1", 0.802], ["ATT AUROC", 0.994]],
)


def run(lab: Lab) -> Study:
    """Six checkpoints: three points, as in the paper, say next to nothing."""
    from scipy.stats import pearsonr

    prompts, perturbations = lab.pick(1, 10), lab.pick(8, 64)
    found = checked(lab, lab.checkpoints(6), prompts, perturbations)
    accuracy = [each.accuracy for each in found.values()]
    rows, findings = [], []
    for name, label in METRICS.items():
        values = [each.agreement[name][0] for each in found.values()]
        r = low = high = float("nan")
        if np.ptp(accuracy) > 0 and np.ptp(values) > 0:
            result: Any = pearsonr(accuracy, values)
            r = float(result.statistic)
            low, high = (float(end) for end in result.confidence_interval(0.95))
        rows.append([label, r, low, high])
        findings.append(interval_of(f"r of {label} with accuracy", r, low, high, "no correlation"))
    each_row = [
        [label, each.accuracy, *(each.agreement[name][0] for name in METRICS)]
        for label, each in found.items()
    ]
    plotted = [
        {"accuracy": each.accuracy, "metric": shown_as, "agreement": each.agreement[name][0]}
        for each in found.values()
        for name, shown_as in METRICS.items()
    ]
    return Study(
        setup=(
            f"As Table 1, over {len(found)} checkpoints: the model, and copies with more and more "
            f"noise on their weights. {prompts} questions, {perturbations} perturbations. The "
            "interval of r is Fisher's."
        ),
        tables=[
            Table("Correlation with accuracy", ["metric", "Pearson r", "low", "high"], rows),
            Table("Checkpoints", ["model", "ACC", *METRICS.values()], each_row),
        ],
        paper=[PAPER],
        findings=findings,
        expectation=(
            "A Pearson r over three models, as printed, has an interval that spans nearly all "
            "values whatever its size. Noisy copies of one model are no independent models "
            "either, so this shows how the figure behaves and not that it holds elsewhere."
        ),
        plot=lines(plotted, "accuracy", "agreement", "metric", "Agreement against accuracy"),
    )
