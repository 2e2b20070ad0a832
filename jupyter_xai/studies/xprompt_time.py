"""XPrompt, Table 2: time to find three words."""

from __future__ import annotations

from statistics import mean
from time import perf_counter

from jupyter_xai.game.ledger import Ledger
from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.phrases import ordering
from jupyter_xai.studies.plots import bars
from jupyter_xai.studies.results import Study, Table
from jupyter_xai.studies.word_removal import attributed, board, families, served

PAPER = Table(
    "Table 2, seconds, LLaMA-2 (7B-Chat)",
    ["method", "Alpaca", "tldr_news", "MHC"],
    [["Captum", 1169.648, 1727.602, 1806.551], ["XPrompt", 15.225, 15.397, 14.473]],
)


def run(lab: Lab) -> Study:
    """Nothing is remembered between methods."""
    prompts, evaluations = lab.pick(1, 5), lab.pick(100, 300)
    seconds: dict[str, dict[str, list[float]]] = {}
    for sample in lab.samples(families(lab), prompts):
        for label in served(lab):
            empty = board(lab, sample.prompt, Ledger())
            started = perf_counter()
            attributed(lab, empty, label, 3, evaluations)
            took = perf_counter() - started
            seconds.setdefault(label, {}).setdefault(sample.family, []).append(took)
    rows = [[label, *(mean(each[f]) for f in families(lab))] for label, each in seconds.items()]
    plotted = [
        {"method": label, "family": family, "seconds": mean(values)}
        for label, each in seconds.items()
        for family, values in each.items()
    ]
    overall = {label: mean(v for f in each.values() for v in f) for label, each in seconds.items()}
    ratio = overall["Captum (leave-one-out)"] / overall["XPrompt (joint)"]
    side = "less" if ratio < 1 else "more"
    return Study(
        setup=(
            f"Seconds to score the words of a prompt at k = 3, {prompts} prompts a family, at most "
            f"{evaluations} evaluations for the search, all from an empty memory."
        ),
        tables=[Table("Seconds", ["method", *families(lab)], rows)],
        paper=[PAPER],
        findings=[
            ordering(overall, "Mean seconds"),
            f"Leave-one-out takes {side} time than the search here: {ratio:.2g} times as much.",
        ],
        expectation=(
            "The paper's factor of a hundred should not be expected: it timed Captum running the "
            "model once for each token of the answer. Leave-one-out needs one evaluation a word, "
            "the search many more; batched, both are fast."
        ),
        plot=bars(plotted, "family", "seconds", "method", "Time to find three words"),
    )
