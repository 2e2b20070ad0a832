"""gSMILE, Figures 12 and 13: the words of two optimised instructions."""

from __future__ import annotations

from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.plots import heat
from jupyter_xai.studies.results import Study, Table
from jupyter_xai.studies.wordings import explained

PROMPTS = {
    "Figure 12": (
        "A small quantity of arithmetic and a logical approach will help us quickly solve this "
        "problem."
    ),
    "Figure 13": (
        "Let’s combine our numerical command and clear thinking to quickly and accurately decipher "
        "the answer."
    ),
}
_SAID = {
    "Figure 12": ("arithmetic", "approach", "solution"),
    "Figure 13": ("numerical", "command", "answer"),
}


def run(lab: Lab) -> Study:
    """1,024 perturbations each, as in the paper."""
    count = lab.pick(10, 1024)
    found = explained(lab, PROMPTS, count)
    findings = []
    for label in PROMPTS:
        top = found.top(label, 3)
        common = [word for word in top if word.lower() in _SAID[label]]
        findings.append(
            f"{label}: the top three are {', '.join(top)}; of the paper's "
            f"({', '.join(_SAID[label])}) they hold {len(common)}."
        )
    return Study(
        setup=f"gSMILE over the words of the two instructions, {count} perturbations each.",
        tables=[found.table],
        paper=[
            Table(
                "Figures 12 and 13, as described",
                ["figure", "model", "most influential"],
                [
                    ["12", "GPT-3.5", ", ".join(_SAID["Figure 12"])],
                    ["13", "GPT-4", ", ".join(_SAID["Figure 13"])],
                ],
            )
        ],
        findings=findings,
        expectation=(
            "The paper names “solution” among the top words of Figure 12, but the instruction it "
            "prints has no such word. To the tutor both instructions are foreign: it knows no "
            "arithmetic, so its scores show what moves its answer and nothing about reasoning. "
            "Give a real model to ask the paper's question."
        ),
        plot=heat(found.plotted, "wording", "word", "share", "Word scores over their largest"),
    )
