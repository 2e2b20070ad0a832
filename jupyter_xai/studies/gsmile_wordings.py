"""gSMILE, Figure 8: word scores under changes of the wording."""

from __future__ import annotations

from jupyter_xai.studies.lab import MEANING, Lab
from jupyter_xai.studies.plots import heat
from jupyter_xai.studies.results import Study
from jupyter_xai.studies.wordings import explained

PROMPTS = {
    "question": MEANING,
    "imperative": "Please give me the meaning of life.",
    "declarative": "You must explain the meaning of life.",
    "other focus": "What is the meaning of friendship?",
}


def run(lab: Lab) -> Study:
    """Four wordings."""
    found = explained(lab, PROMPTS, lab.pick(12, 64))
    same = {}
    for label in PROMPTS:
        same.setdefault(found.explanations[label].response, []).append(label)
    tops = [f"{label}: {' and '.join(found.top(label))}" for label in PROMPTS]
    groups = "; ".join(", ".join(labels) for labels in same.values())
    return Study(
        setup=(
            "gSMILE over the words of four wordings. The figure's own prompts are images in the "
            "paper; these follow its description and its section 5.2.9."
        ),
        tables=[found.table],
        findings=[
            f"The two strongest words are: {'; '.join(tops)}.",
            f"{len(same)} different answers to {len(PROMPTS)} wordings; equal answers: {groups}.",
        ],
        expectation=(
            "That the words which carry the subject stand out, whatever the form of the sentence. "
            "Scores move where the answer moves; equal answers with other scores show what the "
            "form itself does."
        ),
        plot=heat(found.plotted, "wording", "word", "share", "Word scores over their largest"),
    )
