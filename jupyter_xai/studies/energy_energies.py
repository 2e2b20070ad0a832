"""The energy interpreter, Figure 4: energies of each kind of negative as training goes on."""

from __future__ import annotations

from jupyter_xai.studies.energy_training import AUTHENTIC, EXPECTATION, SIZES, Course, courses
from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.plots import panels
from jupyter_xai.studies.results import Study, Table

PAPER = Table(
    "Figure 4 and section 4.1, as described",
    ["what", "finding"],
    [
        ["authentic pairs", "the lowest energy"],
        ["human and GPT-2 responses", "the highest energy"],
        ["masked sentences", "the most challenging negatives"],
        ["the larger network", "a significantly wider gap"],
    ],
)

_COLUMNS = (
    "size",
    "negatives",
    "count",
    "dropped",
    "authentic",
    "negative",
    "win rate",
    "gap over deviation",
    "AUROC",
)


def run(lab: Lab) -> Study:
    """Two sizes, held-out pairs."""
    found = courses(lab)
    last, over, plotted = [], [], []
    for size, course in found.by_size.items():
        for each in course.measured[-1].kinds:
            figures = (each.authentic, each.negative, each.win_rate, each.gap, each.auroc)
            last.append([size, each.kind, each.count, found.dropped[each.kind], *figures])
        for each in course.measured:
            over.append([size, each.steps, *each.energies.values()])
            plotted += [
                {"size": size, "pairs": pairs, "steps": each.steps, "mean energy": energy}
                for pairs, energy in each.energies.items()
            ]
    names = found.by_size[SIZES[0]].measured[-1].energies
    return Study(
        setup=found.setup + " A negative counts only if the model does not say it: dropped is the "
        "share that does not. The win rate is the share of negatives whose own authentic pair has "
        "the lower energy; AUROC is what one threshold for all pairs could tell.",
        tables=[
            Table("Held-out pairs after training", _COLUMNS, last),
            Table("Mean energies over training", ["size", "steps", *names], over),
        ],
        paper=[PAPER],
        findings=findings(found.by_size),
        expectation=EXPECTATION + " Energies have no scale of their own, so orders, win rates and "
        "gaps over their deviation can be compared. Masked sentences should be hard: what is left "
        "of such a pair is the model's, and it takes the prompt's meaning to tell that the answer "
        "no longer fits. The other model is the tutor itself after a third of its training, closer "
        "to it than GPT-2 is to GPT-4o mini.",
        plot=panels(
            plotted, "steps", "mean energy", "pairs", "size", "Mean energy of held-out pairs"
        ),
    )


def findings(by_size: dict[str, Course]) -> list[str]:
    """A sentence for each size, and one that compares them."""
    return [*(_order(course) for course in by_size.values()), _wider(by_size)]


def _order(course: Course) -> str:
    """Which kinds have the lowest and highest energies, and which is the hardest to tell."""
    kinds = course.measured[-1].kinds
    energies = course.measured[-1].energies
    order = ", ".join(sorted(energies, key=lambda name: energies[name]))
    hardest = min(kinds, key=lambda each: each.win_rate)
    easiest = max(kinds, key=lambda each: each.win_rate)
    lowest = (
        "the lowest" if min(energies, key=lambda n: energies[n]) == AUTHENTIC else "not the lowest"
    )
    return (
        f"{course.size}: mean energies from low to high are those of {order}; authentic pairs have "
        f"{lowest}. They win against {hardest.win_rate:.0%} ({hardest.kind}) to "
        f"{easiest.win_rate:.0%} ({easiest.kind}) of the negatives of a kind."
    )


def _wider(by_size: dict[str, Course]) -> str:
    """In how many kinds the larger network's gap is the wider one."""
    small, large = (
        {each.kind: each for each in by_size[size].measured[-1].kinds} for size in SIZES
    )
    both = [kind for kind in small if kind in large]
    wider = [k for k in both if (large[k].gap or 0.0) > (small[k].gap or 0.0)]
    wins = [k for k in both if large[k].win_rate > small[k].win_rate]

    def named(kinds: list[str]) -> str:
        return f"{len(kinds)} of {len(both)} kinds" + (f" ({', '.join(kinds)})" if kinds else "")

    return (
        f"The larger network's gap over deviation is wider than the smaller one's for "
        f"{named(wider)}, its win rate higher for {named(wins)}."
    )
