"""XPrompt, Table 1: measures by methods and data sets at k = 3."""

from __future__ import annotations

from jupyter_xai.evaluation.benchmark.intervals import mean_interval
from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.phrases import agrees
from jupyter_xai.studies.plots import bars
from jupyter_xai.studies.results import Study, Table
from jupyter_xai.studies.word_removal import FIGURES, boards, families, removed, served

_PRINTED = {
    ("LLaMA-2 (7B-Chat)", "Alpaca"): [
        ["Random", 0.601, 0.527, 0.533, 0.522, 0.825, 0.842, 0.134],
        ["Captum", 0.515, 0.409, 0.421, 0.409, 0.680, 0.602, 0.417],
        ["Integrated-Gradient", 0.541, 0.424, 0.435, 0.424, 0.725, 0.726, 0.242],
        ["XPrompt", 0.482, 0.388, 0.386, 0.379, 0.642, 0.549, 0.504],
    ],
    ("LLaMA-2 (7B-Chat)", "tldr_news"): [
        ["Random", 0.794, 0.742, 0.741, 0.741, 0.923, 0.944, 0.037],
        ["Captum", 0.759, 0.701, 0.703, 0.701, 0.900, 0.910, 0.069],
        ["Integrated-Gradient", 0.713, 0.641, 0.642, 0.640, 0.866, 0.817, 0.149],
        ["XPrompt", 0.692, 0.619, 0.610, 0.612, 0.841, 0.604, 0.394],
    ],
    ("LLaMA-2 (7B-Chat)", "MHC"): [
        ["Random", 0.723, 0.617, 0.614, 0.615, 0.787, 0.958, 0.023],
        ["Captum", 0.640, 0.497, 0.493, 0.494, 0.663, 0.760, 0.189],
        ["Integrated-Gradient", 0.646, 0.500, 0.496, 0.498, 0.687, 0.836, 0.117],
        ["XPrompt", 0.575, 0.403, 0.405, 0.403, 0.602, 0.710, 0.238],
    ],
    ("Vicuna (7B)", "Alpaca"): [
        ["Random", 0.587, 0.541, 0.552, 0.535, 0.786, 0.891, 0.079],
        ["Captum", 0.466, 0.435, 0.427, 0.418, 0.649, 0.654, 0.347],
        ["Integrated-Gradient", 0.541, 0.495, 0.503, 0.488, 0.744, 0.835, 0.135],
        ["XPrompt", 0.433, 0.395, 0.390, 0.377, 0.639, 0.589, 0.459],
    ],
    ("Vicuna (7B)", "tldr_news"): [
        ["Random", 0.781, 0.736, 0.746, 0.737, 0.921, 0.891, 0.091],
        ["Captum", 0.556, 0.470, 0.461, 0.459, 0.775, 0.376, 0.829],
        ["Integrated-Gradient", 0.705, 0.669, 0.672, 0.666, 0.874, 0.821, 0.183],
        ["XPrompt", 0.536, 0.456, 0.454, 0.448, 0.772, 0.317, 1.006],
    ],
    ("Vicuna (7B)", "MHC"): [
        ["Random", 0.715, 0.625, 0.623, 0.623, 0.810, 0.972, 0.012],
        ["Captum", 0.579, 0.438, 0.432, 0.433, 0.627, 0.811, 0.120],
        ["Integrated-Gradient", 0.672, 0.559, 0.555, 0.556, 0.762, 0.941, 0.030],
        ["XPrompt", 0.575, 0.431, 0.425, 0.427, 0.620, 0.783, 0.141],
    ],
}
PAPER = Table(
    "Table 1, k = 3",
    ["model", "data set", "method", *FIGURES],
    [[*key, *row] for key, rows in _PRINTED.items() for row in rows],
)
_THEIRS = ["XPrompt", "Captum", "Integrated-Gradient", "Random"]
"""From the lowest PR to the highest, LLaMA-2 on Alpaca and on MHC."""


def run(lab: Lab) -> Study:
    """All methods at equal k on the same prompts."""
    prompts, evaluations, k = lab.pick(1, 20), lab.pick(100, 300), 3
    found = [
        removed(lab, family, board, label, k, evaluations, answer=True)
        for family, board in boards(lab, prompts)
        for label in served(lab)
    ]
    rows, plotted, findings = [], [], []
    for family in families(lab):
        ratios = {}
        for label in served(lab):
            own = [each for each in found if (each.family, each.method) == (family, label)]
            means = {name: mean_interval([each.figures[name] for each in own]) for name in FIGURES}
            ratios[label] = means["PR"][0]
            rows.append([family, label, *(means[name][0] for name in FIGURES)])
            plotted.append({"family": family, "method": label, "PR": means["PR"][0]})
        ours = [label.split(" (")[0] for label in sorted(ratios, key=lambda name: ratios[name])]
        findings.append(f"{family}, PR from low (best) to high. {agrees(ours, _THEIRS)}")
        joint = ratios.pop("XPrompt (joint)")
        beaten = [label for label, ratio in ratios.items() if joint < ratio]
        findings.append(
            f"{family}: joint search has the lower PR than {len(beaten)} of the {len(ratios)} "
            "others."
        )
    return Study(
        setup=(
            f"The top {k} words of each method are deleted together; {prompts} held-out prompts a "
            f"family with the model's own answers, at most {evaluations} evaluations. BLEU on "
            "words; PR over geometric means; KL over the vocabulary, averaged over positions."
        ),
        tables=[Table(f"Measures at k = {k}", ["family", "method", *FIGURES], rows)],
        paper=[PAPER],
        findings=findings,
        expectation=(
            "Models and data are others: only orders can be compared. Joint search should be ahead "
            "in PR where words stand in for each other (stories). The paper's BLEU is on "
            "characters and its KL over positions, so these two columns are not comparable."
        ),
        plot=bars(plotted, "family", "PR", "method", f"PR without the top {k} words"),
    )
