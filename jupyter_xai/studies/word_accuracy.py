"""Agreement of gSMILE's word scores with the words that decide, for checkpoints of a model."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_xai.evaluation.benchmark import evaluate
from jupyter_xai.models.base import Model
from jupyter_xai.studies.lab import Lab

METRICS = {"accuracy": "ATT ACC", "f1": "ATT F1", "auroc": "ATT AUROC"}


@dataclass(frozen=True)
class Checked:
    """A checkpoint: its share of exact answers, and agreement as (mean, low, high) by metric."""

    accuracy: float
    agreement: dict[str, tuple[float, float, float]]


def checked(
    lab: Lab, models: dict[str, Model], prompts: int, perturbations: int
) -> dict[str, Checked]:
    """Both for each model, over held-out questions whose decisive words are known."""

    def one(label: str, model: Model) -> Checked:
        found = evaluate(
            lab.questions(prompts),
            ["gsmile"],
            {label: model},
            metrics=list(METRICS),
            perturbations=perturbations,
            seeds=[lab.seed],
            units="word",
            max_new_tokens=96,
            progress=False,
        )
        rows = found.summary(["model"]).to_dict("records")
        means = {row["metric"]: (row["mean"], row["low"], row["high"]) for row in rows}
        return Checked(lab.accuracy(model, lab.pick(1, 10)), means)

    key = (prompts, perturbations)
    return {
        label: lab.once((label, key), lambda a=label, b=m: one(a, b)) for label, m in models.items()
    }
