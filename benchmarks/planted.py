"""Which metrics notice that an explanation is wrong: good scores beside planted bad ones.

A good explanation (true effects of additive games; exact Shapley values on the tutor) is spoiled
in known ways. Each cell says in how many games or prompts a metric ranks the good one strictly
above the spoiled one. What stays near 0 goes unnoticed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from support.report import Table, Target, arguments, finish

import jupyter_xai as xai
from jupyter_xai import metrics
from jupyter_xai.evaluation.checks.evidence import Evidence
from jupyter_xai.interface.explanation import Explanation
from jupyter_xai.masking import random_pairs, without
from jupyter_xai.methods.base import Attribution
from jupyter_xai.models import tutor

Scores = NDArray[np.float64]

K = 3
GAMES = 200
FAMILIES = ("travel", "stories")
_MOST_UNITS = 10
"""Prompts with more sentences are passed over, so that Shapley values are exact."""

_ROUNDING = 1e-6
"""Figures that differ by less, relative to their size, are equal."""


def spoiled(good: Scores, k: int, rng: np.random.Generator) -> Mapping[str, Scores]:
    """Scores that are wrong in known ways."""
    order = metrics.ranked(good)
    swapped = good.copy()
    swapped[order[[0, -1]]] = good[order[[-1, 0]]]
    tail = good.copy()
    tail[order[k:]] = rng.permutation(good[order[k:]])
    return {
        "reversed": -good,
        "shuffled": rng.permutation(good),
        "constant": np.ones_like(good),
        "best and worst exchanged": swapped,
        "signs lost": np.abs(good),
        "all below the top k shuffled": tail,
        "right order, sizes cubed": good**3,
    }


def game_figures(weights: Scores, scores: Scores, seed: int) -> Mapping[str, tuple[float, bool]]:
    """Metrics of scores on an additive game: figure, and whether higher is better."""
    n = len(weights)

    def value(masks: NDArray[np.bool_]) -> Scores:
        return masks @ weights

    order, sizes = metrics.ranked(scores), metrics.curve_sizes(n)
    areas = metrics.areas(
        value(metrics.deletion_masks(order, sizes)), value(metrics.insertion_masks(order, sizes))
    )
    bins = metrics.comprehensiveness_sizes(n)
    full, fresh = float(weights.sum()), random_pairs(n, 64, seed)
    causes = weights > 0.5
    found = metrics.agreement(scores, causes)
    removed = float(value(without(n, metrics.top_k(scores, K)))[0])
    return {
        f"drop, top {K}": (full - removed, True),
        "AOPC, deletion": (areas.deletion, True),
        "AOPC, insertion": (areas.insertion, True),
        "insertion - deletion": (areas.difference, True),
        "comprehensiveness": (
            metrics.comprehensiveness(full, value(metrics.deletion_masks(order, bins))),
            True,
        ),
        "sufficiency": (
            metrics.sufficiency(full, value(metrics.insertion_masks(order, bins))),
            False,
        ),
        "LDS": (metrics.lds(scores, fresh, value(fresh)) or 0.0, True),
        "accuracy": (found.accuracy, True),
        "F1": (found.f1, True),
        "best F1": (found.best_f1, True),
        "AUROC": (found.auroc or 0.0, True),
        f"recall, top {K}": (metrics.recall_at_k(scores, causes, K) or 0.0, True),
    }


def games() -> Iterator[tuple[Scores, Callable[[Scores], Mapping[str, tuple[float, bool]]]]]:
    """Additive games: three strong causes, two weak ones, an opponent and two idle units."""
    for seed in range(GAMES):
        rng = np.random.default_rng(seed)
        strong, weak = rng.uniform(1, 3, 3), rng.uniform(0.1, 0.4, 2)
        weights = rng.permutation([*strong, *weak, -rng.uniform(0.5, 2), 0.0, 0.0])
        yield (
            weights,
            lambda scores, w=weights, s=seed: game_figures(w, scores, s),
        )


def prompts(
    family: str, count: int, which: list[str]
) -> Iterator[tuple[Scores, Callable[[Scores], Mapping[str, tuple[float, bool]]]]]:
    """Prompts of the tutor with their exact Shapley values."""
    model = xai.load("tutor")
    passed = 0
    for sample in tutor.samples(family, 10 * count, seed=0):
        # Leave-one-out leaves masks for the LDS that no fit has seen.
        e = xai.explain(sample.prompt, model, method="leave-one-out", value="logprob", checks=False)
        if not K < len(e.sources) <= _MOST_UNITS:
            continue
        exact = xai.explain(
            sample.prompt,
            model,
            method="shap",
            value="logprob",
            perturbations=2 ** len(e.sources),
            checks=False,
        )
        assert exact.record["method"]["exact"]
        yield exact.total, lambda scores, e=e: prompt_figures(e, scores, which)
        passed += 1
        print(f"{family}: {passed} of {count} prompts", file=sys.stderr)
        if passed == count:
            return


def prompt_figures(
    e: Explanation, scores: Scores, which: list[str]
) -> Mapping[str, tuple[float, bool]]:
    """Metrics of planted scores for the whole response of a prompt."""
    planted = replace(e, attribution=Attribution(np.column_stack([e.scores, scores])))
    planted = planted.changed(checks=[], metrics=[], lds=None)
    table = Evidence(planted.measured(K, which), K).frame
    return {
        row["metric"]: (row["value"], row["better"] == "higher")
        for row in table.to_dict("records")
        if row["better"]
    }


def noticed(
    contests: Iterator[tuple[Scores, Callable[[Scores], Mapping[str, tuple[float, bool]]]]],
) -> tuple[dict[str, dict[str, float]], int]:
    """For each metric and way of spoiling the share in which the good scores are ahead."""
    ahead: dict[str, dict[str, list[bool]]] = {}
    count = 0
    for count, (good, figures) in enumerate(contests, start=1):
        best = figures(good)
        for way, bad in spoiled(good, K, np.random.default_rng(count)).items():
            for name, (figure, higher) in figures(bad).items():
                gain = best[name][0] - figure if higher else figure - best[name][0]
                size = max(abs(best[name][0]), abs(figure))
                ahead.setdefault(name, {}).setdefault(way, []).append(bool(gain > _ROUNDING * size))
    shares = {
        name: {way: float(np.mean(each)) for way, each in ways.items()}
        for name, ways in ahead.items()
    }
    return shares, count


def table(title: str, shares: Mapping[str, Mapping[str, float]]) -> Table:
    """A row for each metric, a column for each way of spoiling."""
    ways = list(next(iter(shares.values())))
    made = Table(title, ("", *ways))
    for name, found in shares.items():
        made.add(name, *(f"{found[way]:.2f}" for way in ways))
    return made


def main() -> int:
    """Run, print and judge."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--prompts", type=int, default=8, help="of each family of the tutor")
    parser.add_argument("--no-answers", action="store_true", help="leave out metrics of answers")
    said = parser.parse_args()
    which = ["faithfulness"] if said.no_answers else ["faithfulness", "text"]
    shares, count = noticed(games())
    tables = [table(f"Good ahead of spoiled: {count} additive games", shares)]
    worst = min(
        found[way] for found in shares.values() for way in ("reversed", "shuffled", "constant")
    )
    targets = [Target("worst metric on reversed, shuffled, constant", worst, 0.7, "of games")]
    for family in FAMILIES:
        shares, count = noticed(prompts(family, said.prompts, which))
        tables.append(table(f"Good ahead of spoiled: {count} prompts, {family}", shares))
        reverse = shares[f"drop, top {K}"]["reversed"]
        targets.append(Target(f"drop, reversed, {family}", reverse, 0.9, "of prompts"))
    return finish("planted", tables, targets, said.json)


if __name__ == "__main__":
    sys.exit(main())
