"""Metrics of one explanation, written into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jupyter_xai import metrics
from jupyter_xai.evaluation.checks import repeats, top_k
from jupyter_xai.evaluation.checks.groups import Test, leave_one_out, measure
from jupyter_xai.evaluation.checks.measure import Measure
from jupyter_xai.game.asker import Progress

if TYPE_CHECKING:
    from jupyter_xai.explainer.explainer import Explainer
    from jupyter_xai.explainer.run import Run
    from jupyter_xai.interface.explanation import Explanation
    from jupyter_xai.progress import Watcher


def measured(
    explainer: Explainer,
    run: Run,
    explanation: Explanation,
    groups: Sequence[str],
    *,
    causes: Sequence[int] | None,
    watcher: Watcher,
) -> Explanation:
    """The same explanation with the metrics of some groups, and with what they cost.

    Parameters
    ----------
    explainer : Explainer
    run : Run
        Prepared for the k that is measured, for which the explanation has its check.
    explanation : Explanation
    groups : sequence of str
    causes : sequence of int, optional
        Units that are known to matter.
    watcher : Watcher
        Sees progress and may stop it.
    """
    game, seed = run.game, run.settings.seed
    check = next(each for each in explanation.checks if each["k"] == run.k)
    rival = check["leave_one_out"]["removed"]
    if "lds" in groups:
        lds = top_k.fresh_lds(
            game,
            explanation.attribution,
            run.fitted(explanation),
            seed,
            single=leave_one_out(game) if rival else None,
        )
        # Where hardly any other mask exists, cross-fitting is the best there is.
        explanation = explanation.changed(lds=lds or explanation.record["lds"])
    test = Test(explanation.total, check["removed"], rival, check["random"]["draws"], seed, causes)

    def told(group: str) -> Progress:
        return lambda done, total: watcher.tell(done, total, f"measuring {group}")

    found = measure(game, test, groups, on_progress=told)
    cost = run.cost()
    if "consistency" in groups:
        runs = [
            explainer.run(replace(run.settings, seed=seed + 1 + each), checks=False)
            for each in range(repeats.SEEDS)
        ]
        found += repeats.consistency([explanation.total, *(each.total for each in runs)], seed)
        cost = _sum(cost, runs)
    if "stability" in groups:
        for name in metrics.edits(explainer.last_text):
            edited = explainer.edited(lambda text, name=name: metrics.edits(text)[name])
            after = edited.run(run.settings, checks=False)
            found.append(repeats.stability(explanation, after, name, run.k, seed))
            cost = _sum(cost, [after])
    return explanation.changed(metrics=_merged(explanation, found), cost=cost)


def with_check(run: Run, explanation: Explanation, k: int, watcher: Watcher) -> Explanation:
    """The same explanation with its check for k, and what that tells of probabilities."""
    chosen = (explanation.record["sets"] or {}).get(str(k))
    check, notes = top_k.drops(
        run.game,
        explanation.attribution.scores,
        k,
        run.settings.seed,
        chosen=chosen,
        noise=explanation.noise or 0.0,
        on_progress=lambda done, total: watcher.tell(done, total, "checking"),
    )
    others = [old for old in explanation.checks if old["k"] != k]
    checks = sorted([*others, check], key=lambda each: each["k"])
    explanation = _with_probabilities(run, explanation, check)
    return explanation.noted(*notes).changed(checks=checks, cost=run.cost())


def _with_probabilities(
    run: Run, explanation: Explanation, check: Mapping[str, Any]
) -> Explanation:
    """The same explanation with what its check tells of probabilities, without any further call."""
    if run.game.value == "text":
        return explanation
    rival, draws = check["leave_one_out"]["removed"], check["random"]["draws"]
    test = Test(explanation.total, check["removed"], rival, draws, run.settings.seed)
    found = measure(run.game, test, ["removal"])
    return explanation.changed(metrics=_merged(explanation, found))


def _merged(explanation: Explanation, found: Sequence[Measure]) -> list[Mapping[str, Any]]:
    """What was measured before and now; of equal names and k the newest."""
    every = {(each["name"], each["k"]): each for each in explanation.record["metrics"]}
    every.update({(each.name, each.k): each.record() for each in found})
    return list(every.values())


def _sum(cost: Mapping[str, Any], runs: Sequence[Explanation]) -> dict[str, Any]:
    return {
        name: number + sum(each.record["cost"][name] for each in runs)
        for name, number in cost.items()
    }
