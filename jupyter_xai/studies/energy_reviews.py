"""The energy interpreter, Table 1: the sentences of film reviews that led to the verdict."""

from __future__ import annotations

from jupyter_xai import masking
from jupyter_xai.explanation import Explanation
from jupyter_xai.metrics import top_k
from jupyter_xai.models.tutor.published import REVIEWS
from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.plots import heat
from jupyter_xai.studies.results import Study, Table
from jupyter_xai.studies.word_removal import board

K = 2
_SHOWN = 60


def run(lab: Lab) -> Study:
    """The paper's own four reviews, by the interpreter that ships and by leave-one-out."""
    rows, plotted, falls = [], [], {"energy": 0.0, "leave-one-out": 0.0}
    agreed = shared = 0
    for number, (verdict, review) in enumerate(REVIEWS[: lab.pick(2, 4)], 1):
        chosen: dict[str, set[int]] = {}
        shown: dict[str, Explanation] = {}
        for method in falls:
            found = lab.explain(review, method, units="sentence")
            chosen[method] = set(top_k(found.total, K).tolist())
            shown[method] = found
        units, scores = shown["energy"].sources, shown["energy"].total
        agreed += verdict in shown["energy"].response
        shared += bool(chosen["energy"] & chosen["leave-one-out"])
        game = board(lab, review, units="sentence")
        whole = game.values(masking.without(game.n, []))[0, -1]
        for method, places in chosen.items():
            left = game.values(masking.without(game.n, sorted(places)))[0, -1]
            falls[method] += float(whole - left)
        for place, (unit, score) in enumerate(zip(units, scores, strict=True)):
            rows.append(
                [number, place + 1, _short(unit.strip()), float(score)]
                + ["yes" if place in chosen[method] else "" for method in falls]
            )
            plotted.append(
                {"sentence": f"{place + 1}", "review": f"review {number}", "share": float(score)}
            )
    count = lab.pick(2, 4)
    return Study(
        setup=(
            f"The reviews that the paper prints, the tutor's verdict on each, and the top {K} "
            "sentences: by the interpreter that ships, which asks the tutor nothing, and by "
            "leave-one-out."
        ),
        tables=[
            Table(
                "Sentences",
                ["review", "no.", "sentence", "share", "interpreter", "leave-one-out"],
                rows,
            )
        ],
        paper=[
            Table(
                "Table 1, as printed",
                ["review", "predicted sentiment"],
                [[i, verdict] for i, (verdict, _) in enumerate(REVIEWS, 1)],
            )
        ],
        findings=[
            f"The tutor's verdict is the printed one for {agreed} of {count} reviews.",
            f"The interpreter's sentences overlap leave-one-out's in {shared} of {count} reviews.",
            f"Without its {K} sentences the verdict loses {falls['energy'] / count:.2f} nats on "
            f"average; without those of leave-one-out, {falls['leave-one-out'] / count:.2f}.",
        ],
        expectation=(
            "The paper shows its highlights in print only and measures none. The tutor knows film "
            "reviews of its own making; these four are from elsewhere, so interpreter and tutor "
            "may both be led by single words."
        ),
        plot=heat(plotted, "sentence", "review", "share", "Shares of the verdict"),
    )


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1].rstrip() + "…"
