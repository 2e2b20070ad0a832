"""gSMILE, Figure 10: from words of the prompt to sentences of the answer."""

from __future__ import annotations

import numpy as np

from jupyter_xai.studies.lab import MEANING, Lab
from jupyter_xai.studies.plots import heat
from jupyter_xai.studies.results import Study, Table
from jupyter_xai.text.formatting import shortened


def run(lab: Lab) -> Study:
    """The matrix that the flow view draws as arcs."""
    prompt = lab.pick(MEANING, "What is the meaning of life from women’s perspective?")
    found = lab.explain(prompt, "gsmile", perturbations=lab.pick(12, 128))
    targets = [shortened(text, 48) for text in found.targets]
    rows = [
        [word.strip(), *(float(score) for score in scores)]
        for word, scores in zip(found.sources, found.scores, strict=True)
    ]
    best = np.nanargmax(found.scores, axis=0)
    flows = [
        f"“{target}” hangs most on “{found.sources[i].strip()}” ({found.scores[i, j]:+.2g})."
        for j, (target, i) in enumerate(zip(targets, best, strict=True))
    ]
    plotted = [
        {"word": f"{i + 1}  {row[0]}", "sentence": f"{j + 1}  {target}", "score": float(row[j + 1])}
        for i, row in enumerate(rows)
        for j, target in enumerate(targets)
    ]
    return Study(
        setup=f"gSMILE over the words of “{prompt}”, a column for each sentence of the answer.",
        tables=[Table("Word by sentence", ["word", *targets], rows)],
        findings=flows,
        expectation=(
            "The figure sets gSMILE beside Anthropic's attribution graphs, which read the inside "
            "of a model; scores from perturbations say which words lead to which sentence and not "
            "by what way. The widget draws these numbers as arcs."
        ),
        plot=heat(plotted, "sentence", "word", "score", "Word by sentence of the answer"),
    )
