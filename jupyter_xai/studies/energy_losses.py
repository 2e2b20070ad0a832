"""The energy interpreter, Figure 6: losses of the energy network, and of the interpreter."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_xai.studies.energy_training import EXPECTATION, SIZES, courses
from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.plots import panels
from jupyter_xai.studies.results import Study, Table, shown

PAPER = Table(
    "Figure 6, as described",
    ["network", "finding"],
    [
        ["EBM-167M", "training and validation loss show steady convergence"],
        ["EBM-181M", "the loss decreases more rapidly"],
    ],
)

_POINTS = 10
_ENERGY, _INTERPRETER = "energy network: InfoNCE", "interpreter: equation 3, negated"


def run(lab: Lab) -> Study:
    """InfoNCE of pairs that are learnt from and of held-out ones, then equation 3; two sizes."""
    found = courses(lab)
    first, second, plotted, findings = [], [], [], []
    for size, course in found.by_size.items():
        for each in course.measured:
            first.append([size, each.steps, each.trained_on, each.held_out])
            plotted += [
                {"network": _ENERGY, "size": size, "pairs": pairs, "steps": each.steps, "loss": it}
                for pairs, it in (("training", each.trained_on), ("held out", each.held_out))
            ]
        for steps, loss in _binned(course.losses):
            second.append([size, steps, loss])
            plotted.append(
                {
                    "network": _INTERPRETER,
                    "size": size,
                    "pairs": "training",
                    "steps": steps,
                    "loss": loss,
                }
            )
        start, lowest, last = (
            course.measured[0],
            min(course.measured, key=lambda each: each.held_out),
            course.measured[-1],
        )
        findings.append(
            f"{size}: the held-out loss goes from {shown(start.held_out)} to "
            f"{shown(last.held_out)} nats, lowest {shown(lowest.held_out)} after {lowest.steps} "
            f"steps; that of pairs it learns from ends at {shown(last.trained_on)}."
        )
    small, large = (found.by_size[size].measured for size in SIZES)
    ahead = sum(b.held_out < a.held_out for a, b in zip(small[1:], large[1:], strict=True))
    findings.append(
        f"The larger network has the lower held-out loss in {ahead} of {len(small) - 1} "
        "measurements after the first step."
    )
    for size in SIZES:
        curve = [row[2] for row in second if row[0] == size]
        findings.append(
            f"{size}: the interpreter's loss goes from {shown(curve[0])} to {shown(curve[-1])}."
        )
    return Study(
        setup=found.setup + " Both InfoNCE losses are measured alike, with a negative or two of "
        "each kind for whole responses; in nats. The interpreters are then trained by the paper's "
        "objective, equation 3, while the energy networks learn on; its sign is turned, so that "
        "low is good, and it is averaged over the steps since the line above.",
        tables=[
            Table("The energy network", ["size", "steps", "training", "held out"], first),
            Table("The interpreter", ["size", "steps", "equation 3, negated"], second),
        ],
        paper=[PAPER],
        findings=findings,
        expectation=EXPECTATION + " The number of negatives sets the scale of InfoNCE and the "
        "paper does not give it, so only the shape of the curves can be compared. It shows no "
        "curve of the interpreter. Equation 3 has no lower bound: that this loss falls does not "
        "tell how good the scores are, and the interpreter that ships is trained otherwise "
        "(docs/methods/energy.md).",
        plot=panels(
            plotted,
            "steps",
            "loss",
            "size",
            "network",
            "Losses as training goes on",
            dash="pairs",
            alike=False,
        ),
    )


def _binned(losses: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Means over as many steps each, with the number of the last of them."""
    size = max(1, len(losses) // _POINTS)
    parts = [losses[start : start + size] for start in range(0, len(losses), size)]
    return [(part[-1][0], sum(loss for _, loss in part) / len(part)) for part in parts]
