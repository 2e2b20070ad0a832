"""gSMILE, Figure 9: one question, neutral and from two perspectives."""

from __future__ import annotations

from jupyter_xai.studies.lab import MEANING, Lab
from jupyter_xai.studies.plots import heat
from jupyter_xai.studies.results import Study, Table
from jupyter_xai.studies.wordings import explained, share_of

PROMPTS = {
    "neutral": MEANING,
    "men": "What is the meaning of life from men’s perspective?",
    "women": "What is the meaning of life from women’s perspective?",
}


def run(lab: Lab) -> Study:
    """The three prompts of the figure, on the model and on a noisy copy."""
    rows, plotted, findings = [], [], []
    tables = []
    for label, model in lab.checkpoints(lab.pick(1, 3)).items():
        found = explained(lab, PROMPTS, lab.pick(12, 64), model)
        tables.append(Table(f"Scores of words, {label}", found.table.columns, found.table.rows))
        plotted = plotted or found.plotted
        men = share_of(found.explanations["men"], "men’s")
        women = share_of(found.explanations["women"], "women’s")
        life = {name: share_of(each, "life") for name, each in found.explanations.items()}
        rows.append([label, men, women, *life.values()])
        apart = abs(women - men)
        more = "women’s" if women > men else "men’s"
        verdict = f"{more} weighs more, by {apart:.2g}" if apart > 0.1 else "they weigh alike"
        findings.append(
            f"{label}: men’s has {men:.2g} and women’s {women:.2g} of the largest score of their "
            f"prompts: {verdict} (alike: within .1)."
        )
    columns = ["model", "men’s", "women’s", *(f"life, {name}" for name in PROMPTS)]
    summary = Table("The gender term and “life”, over the largest score", columns, rows)
    return Study(
        setup="gSMILE over the words of the figure's three prompts, on checkpoints of the model.",
        tables=[summary, *tables],
        paper=[
            Table(
                "Figure 9, as described",
                ["model", "what it shows"],
                [
                    ["GPT-3.5", "more weight on women than on men"],
                    ["Claude 3.5", "both gender terms alike, above the neutral prompt"],
                    ["LLaMA 3.1", "varied, sometimes one amplified"],
                ],
            )
        ],
        findings=findings,
        expectation=(
            "The tutor was taught a sentence for each perspective, so both terms must weigh. A "
            "difference of scores between two prompts is a difference of these two answers and "
            "no measure of a bias by itself."
        ),
        plot=heat(plotted, "wording", "word", "share", "Word scores over their largest"),
    )
