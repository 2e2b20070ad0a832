"""XPrompt, Table 4: the search without the gradient's guidance."""

from __future__ import annotations

import numpy as np

from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.plots import lines
from jupyter_xai.studies.results import Study, Table
from jupyter_xai.studies.searches import paths, steepness, walks
from jupyter_xai.studies.word_removal import boards

SIZE = 3

KINDS = ("as printed", "as printed, log p", "ours")
"""Algorithm 1 by the gradient of p, which is what is printed; by that of log p; and our search."""

ABLATIONS = {
    "guided": {},
    "without initialisation": {"start": "random"},
    "without probability": {"swaps": "uniform"},
}


def run(lab: Lab) -> Study:
    """Algorithm 1 as printed, and our search, each with and without guidance."""
    at = lab.pick((25, 50), (25, 50, 100, 200))
    prompts = boards(lab, lab.pick(1, 5))
    ends, rows, plotted, spent = {}, [], [], []
    for kind in KINDS:
        for ablation, settings in ABLATIONS.items():
            label = f"{ablation} ({kind})"
            if kind == "ours":
                found, made = paths(lab, prompts, at, SIZE, **settings), [max(at)] * len(prompts)
            else:
                found, made = walks(lab, prompts, at, SIZE, of_log="log p" in kind, **settings)
            # A set that was not looked at yet lowers nothing.
            values = np.nan_to_num(found).mean(axis=0).tolist()
            ends[label] = values
            rows.append([label, *values])
            spent.append(min(made))
            plotted += [
                {"search": label, "evaluations": count, "log-probability": value}
                for count, value in zip(at, values, strict=True)
            ]
    findings = []
    for kind in KINDS:
        whole = ends[f"guided ({kind})"]
        for what in list(ABLATIONS)[1:]:
            other = ends[f"{what} ({kind})"]
            told = [
                f"{_beside(theirs, ours)} after {count} ({theirs:.3g} nats, against {ours:.3g})"
                for count, theirs, ours in zip(
                    (at[0], at[-1]), (other[0], other[-1]), (whole[0], whole[-1]), strict=True
                )
            ]
            findings.append(f"{what.capitalize()} ({kind}) the search is {' and '.join(told)}.")
    of_p, of_log = (np.median(steepness(prompts, of_log=each)) for each in (False, True))
    findings.append(
        f"The largest magnitude of the gradient over the words, in the median of the prompts, is "
        f"{of_p:.2g} for p and {of_log:.2g} for log p: what is left near 0 guides no draw, for the "
        "softmax of it is uniform."
    )
    if min(spent) < max(at):
        findings.append(
            f"Some walk found only {min(spent)} different sets, however often it began anew."
        )
    return Study(
        setup=(
            f"Mean change of the answer's log-probability without the best {SIZE} words after "
            f"equal numbers of evaluations, over {len(prompts)} prompts. Lower is better. Only "
            "sets that were not evaluated before count; a printed walk that knows all around it "
            "begins anew from chance, since it would stand still otherwise. Ours looks for sets of "
            "other sizes with the same evaluations."
        ),
        tables=[Table("Nats by evaluations", ["search", *map(str, at)], rows)],
        findings=findings,
        expectation=(
            "Table 4 stands in an appendix that the text at hand does not hold; the paper says "
            "that both kinds of guidance help. The gradient of p is p times that of log p, and "
            "both vanish where the model is sure of its answer, so that guided and uniform draws "
            "may well be alike. On prompts of a few dozen words an unguided search may find the "
            "same sets: there are few."
        ),
        plot=lines(plotted, "evaluations", "log-probability", "search", "Guidance of the search"),
    )


def _beside(other: float, whole: float) -> str:
    """How one change compares with another; lower is better."""
    if abs(other - whole) <= 0.01 * abs(whole):
        return "alike within 1 %"
    return "worse" if other > whole else "better"
