"""The energy interpreter, Table 1: the sentences of film reviews that led to the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from jupyter_xai import masking
from jupyter_xai.evaluation.benchmark import Evaluation, evaluate
from jupyter_xai.explanation.result import Result
from jupyter_xai.metrics import top_k
from jupyter_xai.models.tutor.published import REVIEWS
from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.phrases import interval_of
from jupyter_xai.studies.plots import row_chart
from jupyter_xai.studies.results import Study, Table, shown
from jupyter_xai.studies.word_removal import board
from jupyter_xai.text.formatting import shortened

K = 2
PAPER = Table(
    "Table 1, as printed",
    ["review", "predicted sentiment"],
    [[number, verdict] for number, (verdict, _) in enumerate(REVIEWS, 1)],
)

_METHODS = ("energy", "similarity", "leave-one-out", "random")
_SHOWN, _DRAWN = 80, 60


@dataclass(frozen=True)
class _Review:
    """A printed review: two explanations, and what the verdict loses without k sentences."""

    number: int
    printed: str
    energy: Result
    peer: Result
    falls: dict[tuple[int, ...], float]

    @property
    def agrees(self) -> bool:
        """Whether the model's verdict is the printed one."""
        return f"sentiment is {self.printed}" in self.energy.response

    @property
    def chosen(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The top k of the interpreter and of leave-one-out, in the order of the text."""
        energy, peer = (
            tuple(sorted(top_k(each.total, K).tolist())) for each in (self.energy, self.peer)
        )
        return energy, peer

    @property
    def best(self) -> tuple[int, ...]:
        """The k sentences without which the verdict loses most, of all sets of k."""
        return max(self.falls, key=lambda places: self.falls[places])


def run(lab: Lab) -> Study:
    """The paper's own four reviews, then held-out reviews whose causes are known."""
    reviews = [
        _read(lab, number, *given)
        for number, given in enumerate(REVIEWS[: lab.pick(2, len(REVIEWS))], 1)
    ]
    prompts = lab.pick(4, 100)
    held_out = evaluate(
        "tutor:reviews",
        [name for name in _METHODS if name in lab.available(*_METHODS)],
        {lab.model.name: lab.model},
        metrics=["auroc"],
        n=prompts,
        seed=lab.seed + 5,
        seeds=[lab.seed],
        progress=False,
    )
    return Study(
        setup=(
            f"The four reviews that the paper prints, the model's verdict on each, and the top {K} "
            "sentences by the interpreter that ships, which asks the model nothing. Beside them "
            "those of leave-one-out, and of all sets of as many sentences the one without which "
            "the verdict's log-probability falls most. Then AUROC against the sentences that "
            f"decide, over {prompts} held-out reviews of the tutor's."
        ),
        tables=[_verdicts(reviews), _sentences(reviews), _agreement(held_out)],
        paper=[PAPER],
        findings=_findings(reviews, held_out),
        expectation=(
            "The paper highlights sentences by colour, measures none, and does not say how many "
            "it chose; its text, which is what we have, does not tell which they are, so only "
            "verdicts can be compared. The tutor knows film reviews of its own making; of these "
            "four it says itself that it does not know such prompts. On reviews of its kind, where "
            "the sentences that decide are known, the interpreter should be far above .5."
        ),
        plot=row_chart(
            [
                {
                    "review": f"review {each.number}, {each.printed}",
                    "sentence": f"{place + 1}  {shortened(unit.strip(), _DRAWN)}",
                    "score": float(score),
                    "chosen": f"top {K}" if place in each.chosen[0] else "others",
                }
                for each in reviews
                for place, (unit, score) in enumerate(
                    zip(each.energy.sources, each.energy.total, strict=True)
                )
            ],
            "score",
            "sentence",
            "chosen",
            "review",
            "The interpreter's scores of the sentences of each review",
        ),
    )


def _read(lab: Lab, number: int, printed: str, review: str) -> _Review:
    game = board(lab, review, units="sentence")
    sets = list(combinations(range(game.n), K))
    masks = np.concatenate([masking.without(game.n, []), masking.without(game.n, sets)])
    values = game.values(masks)[:, -1]
    energy, peer = (lab.explain(review, name, units="sentence") for name in _METHODS[::2])
    falls = dict(zip(sets, (values[0] - values[1:]).tolist(), strict=True))
    return _Review(number, printed, energy, peer, falls)


def _verdicts(reviews: Sequence[_Review]) -> Table:
    rows = []
    for each in reviews:
        energy, peer = each.chosen
        figures = [each.falls[places] for places in (energy, peer, each.best)]
        rows.append(
            [
                each.number,
                each.energy.response,
                "yes" if each.agrees else "no",
                *figures,
                float(np.mean([*each.falls.values()])),
            ]
        )
    columns = ["review", "verdict", "as printed", "interpreter", "leave-one-out", "best", "mean"]
    return Table(f"Fall of the verdict's log-probability without {K} sentences", columns, rows)


def _sentences(reviews: Sequence[_Review]) -> Table:
    rows = []
    for each in reviews:
        sets = (*each.chosen, each.best)
        rows += [
            [each.number, place + 1, shortened(unit.strip(), _SHOWN), float(score)]
            + ["yes" if place in chosen else "" for chosen in sets]
            for place, (unit, score) in enumerate(
                zip(each.energy.sources, each.energy.total, strict=True)
            )
        ]
    columns = ["review", "no.", "sentence", "score", "interpreter", "leave-one-out", "best"]
    return Table(f"Top {K} sentences", columns, rows)


def _agreement(held_out: Evaluation) -> Table:
    rows = [
        [row["method"], row["mean"], row["low"], row["high"], row["prompts"]]
        for row in held_out.summary(["method"]).to_dict("records")
    ]
    columns = ["method", "AUROC", "95 % from", "to", "prompts"]
    return Table("AUROC on held-out reviews", columns, rows)


def _findings(reviews: Sequence[_Review], held_out: Evaluation) -> list[str]:
    count = len(reviews)
    agreed = sum(each.agrees for each in reviews)
    shared = sum(bool(set(each.chosen[0]) & set(each.chosen[1])) for each in reviews)
    above = sum(each.falls[each.chosen[0]] > np.mean([*each.falls.values()]) for each in reviews)
    level = sum(each.falls[each.chosen[0]] >= each.falls[each.chosen[1]] for each in reviews)
    found = [
        f"The model's verdict is the printed one for {agreed} of {count} reviews.",
        f"The interpreter's {K} sentences and those of leave-one-out share at least one in "
        f"{shared} of {count} reviews. Without the interpreter's the verdict's log-probability "
        f"falls by more than the mean over all sets of {K} in {above} of {count}, and by at least "
        f"as much as without leave-one-out's in {level} of {count}.",
    ]
    for method, mean, low, high, _ in _agreement(held_out).rows:
        if method == "energy":
            ends = f"{shown(low)} to {shown(high)}"
            found.append(f"AUROC on held-out reviews: {shown(mean)} (95 % interval {ends}).")
    for row in held_out.differences("energy", "similarity", "auroc").to_dict("records"):
        found.append(
            interval_of(
                "The lead of the interpreter's AUROC over similarity's",
                row["mean"],
                row["low"],
                row["high"],
                "no difference",
            )
        )
    return found
