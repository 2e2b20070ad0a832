"""gSMILE, Figure 11: multiple choice questions."""

from __future__ import annotations

from statistics import mean

import numpy as np

from jupyter_xai.evaluation.benchmark import evaluate
from jupyter_xai.evaluation.benchmark.cases import matters, tutor_case
from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.plots import bars
from jupyter_xai.studies.results import Study, Table
from jupyter_xai.text.document import Document


def run(lab: Lab) -> Study:
    """The tutor's own multiple choice questions: MMLU is beyond so small a model."""
    samples = lab.samples(["choice"], lab.pick(1, 10))
    cases = [tutor_case(sample, "word") for sample in samples]
    found = evaluate(
        cases,
        ["gsmile", "random"],
        lab.model,
        metrics=["auroc", "drop@1"],
        units="word",
        perturbations=lab.pick(8, None),
        seeds=[lab.seed],
        progress=False,
    )
    summary = {(r["method"], r["metric"]): r for r in found.summary(["method"]).to_dict("records")}
    rows = [
        [method, metric, r["mean"], r["low"], r["high"]] for (method, metric), r in summary.items()
    ]
    first = lab.explain(samples[0].prompt, "gsmile", perturbations=lab.pick(8, None))
    document = Document.cut(samples[0].prompt, "word")
    decisive = {
        unit
        for truth in cases[0].truth
        for unit in np.flatnonzero(matters(truth, document, samples[0].prompt)).tolist()
    }
    marked = [
        [text.strip(), float(score), "yes" if i in decisive else ""]
        for i, (text, score) in enumerate(zip(first.sources, first.total, strict=True))
    ]
    right = mean(
        float(lab.explain(s.prompt, "random", units="word").response == s.response) for s in samples
    )
    area = summary.get(("gsmile", "auroc"))
    findings = [f"The model answers {right:.0%} of these questions exactly."]
    if area is not None:
        findings.append(
            f"AUROC of gSMILE's words against those that decide is {area['mean']:.2g}; chance "
            "is .5."
        )
    plotted = [
        {"method": method, "metric": metric, "mean": row["mean"]}
        for (method, metric), row in summary.items()
    ]
    return Study(
        setup=(
            f"gSMILE over the words of {len(cases)} held-out multiple choice questions of the "
            "tutor, for their right answers; the figure takes MMLU, whose subjects the tutor does "
            "not know."
        ),
        tables=[
            Table("Agreement with what decides", ["method", "metric", "mean", "low", "high"], rows),
            Table("The first question", ["word", "score", "decides"], marked),
        ],
        findings=findings,
        expectation=(
            "The figure shows single heat maps. Here it is known what decides, so the maps can be "
            "counted; where the model does not know the answers, neither can its scores."
        ),
        plot=bars(plotted, "method", "mean", "metric", "Multiple choice"),
    )
