"""The energy interpreter, Figure 6: losses of pre-training."""

from __future__ import annotations

from jupyter_xai.studies.energy_training import PAPER, SIZES, courses, said
from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.plots import lines
from jupyter_xai.studies.results import Study, Table


def run(lab: Lab) -> Study:
    """InfoNCE of the pairs that are learnt from and of held-out ones, two sizes."""
    rows, plotted, last = [], [], {}
    for course in courses(lab):
        before = 0
        for at, held_out in course.held_out:
            since = [loss for step, loss in course.losses if before < step <= at]
            trained = sum(since) / len(since) if since else None
            rows.append([course.size, at, trained, held_out])
            for kind, loss in (("training", trained), ("held-out", held_out)):
                if loss is not None:
                    plotted.append({"steps": at, "loss": loss, "of": f"{course.size}, {kind}"})
            before, last[course.size] = at, held_out
    small, large = SIZES
    lower = "lower" if last[large] < last[small] else "no lower"
    return Study(
        setup=said(lab)
        + " Losses are InfoNCE in nats, those of training averaged since the line above. Held-out "
        "items are whole responses with a negative of each kind; training also has parts of them.",
        tables=[Table("Losses", ["size", "steps", "training", "held-out"], rows)],
        paper=[
            Table(
                "Figure 6, as described",
                ["network", "finding"],
                [
                    ["EBM-167M", "steady convergence over 140 epochs"],
                    ["EBM-181M", "decreases more rapidly"],
                ],
            )
        ],
        findings=[
            f"The larger network's held-out loss ends {lower}: {last[large]:.3f} nats against "
            f"{last[small]:.3f}."
        ],
        expectation=(
            f"{PAPER} The number of negatives sets the scale of the loss, and the paper does not "
            "give it; only the shape of the curves can be compared."
        ),
        plot=lines(plotted, "steps", "loss", "of", "InfoNCE as training goes on"),
    )
