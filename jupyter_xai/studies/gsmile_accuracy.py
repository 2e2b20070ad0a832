"""gSMILE, Table 1: agreement of word scores with the words that matter, over three models."""

from __future__ import annotations

from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.phrases import ordering
from jupyter_xai.studies.plots import bars
from jupyter_xai.studies.results import Study, Table
from jupyter_xai.studies.word_accuracy import METRICS, checked

PAPER = Table(
    "Table 1, ten prompts, 64 perturbations",
    ["model", "ACC", "ATT ACC", "ATT F1", "ATT AUROC"],
    [
        ["gpt-3.5-turbo-instruct", 0.70, 0.70, 0.59, 0.84],
        ["LLaMA 3.1 Instruct Turbo (70B)", 0.69, 0.76, 0.40, 0.84],
        ["Claude 2.1", 0.79, 0.82, 0.67, 0.88],
    ],
)


def run(lab: Lab) -> Study:
    """Three checkpoints."""
    prompts, perturbations = lab.pick(1, 10), lab.pick(8, 64)
    found = checked(lab, lab.checkpoints(3), prompts, perturbations)
    rows = [
        [label, each.accuracy, *(each.agreement[name][0] for name in METRICS)]
        for label, each in found.items()
    ]
    columns = ["model", "ACC", *METRICS.values()]
    plotted = [
        {"model": label, "metric": shown_as, "value": each.agreement[name][0]}
        for label, each in found.items()
        for name, shown_as in METRICS.items()
    ]
    aurocs = {label: each.agreement["auroc"][0] for label, each in found.items()}
    chance = min(low for each in found.values() for _, low, _ in [each.agreement["auroc"]])
    above = "all lie above" if chance > 0.5 else "not all lie above"
    return Study(
        setup=(
            f"gSMILE over the words of {prompts} held-out questions, {perturbations} perturbations "
            f"each, on the model and on two noisy copies of it. ACC is the share of held-out "
            "prompts answered exactly; the rest compares scores for the whole answer with the "
            "words that decide it, which the generator of the prompts knows."
        ),
        tables=[Table("Agreement with the words that decide", columns, rows)],
        paper=[PAPER],
        findings=[
            ordering(aurocs, "ATT AUROC"),
            f"Lower ends of the 95 % intervals of ATT AUROC {above} .5, what chance gives.",
            ordering({label: each.accuracy for label, each in found.items()}, "Exact answers"),
        ],
        expectation=(
            "The models and prompts are others, so no figure should match. In the paper people "
            "chose the words that count; here they are known to decide. AUROC well above .5 should "
            "be seen for a model that knows its prompts."
        ),
        plot=bars(plotted, "model", "value", "metric", "Agreement with the words that decide"),
    )
