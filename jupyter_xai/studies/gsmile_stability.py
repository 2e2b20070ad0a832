"""gSMILE, Table 3: the top words before and after a small edit."""

from __future__ import annotations

from statistics import mean

from jupyter_xai import metrics
from jupyter_xai.metrics.stability import APPENDED
from jupyter_xai.studies.lab import MEANING, Lab
from jupyter_xai.studies.phrases import ordering
from jupyter_xai.studies.plots import bars
from jupyter_xai.studies.results import Study, Table

PAPERS = "appended token"
PAPER = Table(
    "Table 3, average Jaccard index over ten prompts",
    ["model", "Jaccard index"],
    [
        ["gpt-3.5-turbo-instruct", 0.62],
        ["LLaMA 3.1 Instruct Turbo (70B)", 0.45],
        ["Claude 2.1", 0.44],
    ],
)


def run(lab: Lab) -> Study:
    """Every edit that changes the prompt, the paper's first."""
    perturbations, k = lab.pick(12, 32), 3
    cases = lab.questions(lab.pick(1, 10))
    prompts = [MEANING, *(str(case.prompt) for case in cases)][: lab.pick(1, 10)]
    means: dict[str, dict[str, list[float]]] = {}
    for label, model in lab.checkpoints(lab.pick(1, 3)).items():
        for prompt in prompts:
            plain = lab.explain(prompt, "gsmile", model, perturbations=perturbations)
            for edit, text in metrics.edits(prompt).items():
                # The paper's edit on every model; the others on the model itself.
                if edit != PAPERS and (model is not lab.model or lab.size == "small"):
                    continue
                edited = lab.explain(text, "gsmile", model, perturbations=perturbations)
                index = metrics.stability(
                    plain.total,
                    edited.total,
                    min(k, len(plain.sources)),
                    units_before=plain.sources,
                    units_after=edited.sources,
                )
                means.setdefault(label, {}).setdefault(edit, []).append(index)
    edits = list(dict.fromkeys(edit for each in means.values() for edit in each))
    rows = [
        [label, *(mean(each[edit]) if edit in each else None for edit in edits)]
        for label, each in means.items()
    ]
    plotted = [
        {"model": label, "edit": edit, "Jaccard": mean(values)}
        for label, each in means.items()
        for edit, values in each.items()
    ]
    first = {edit: mean(values) for edit, values in next(iter(means.values())).items()}
    return Study(
        setup=(
            f"Jaccard index of the top {k} words before and after an edit, over {len(prompts)} "
            f"prompts with {perturbations} perturbations. The paper's edit appends a token whose "
            f"text is lost from it; here it is {APPENDED.strip()!r}. The other edits keep the "
            "meaning."
        ),
        tables=[Table("Average Jaccard index", ["model", *edits], rows)],
        paper=[PAPER],
        findings=[ordering(first, f"Jaccard index of {next(iter(means))} by edit")],
        expectation=(
            "The paper's token is not known and its models are others, so figures should not "
            "match. A model that never saw the token may well answer otherwise because of it: "
            "then the scores move because the answer moved, not because the method is unstable."
        ),
        plot=bars(plotted, "model", "Jaccard", "edit", "Stability of the top words"),
    )
