"""Metrics of one explanation, written into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_xai import metrics
from jupyter_xai.evaluation.checks import repeats, top_k
from jupyter_xai.evaluation.checks.groups import Test, leave_one_out, measure_groups
from jupyter_xai.explainer.annotate import merged
from jupyter_xai.explainer.run import added
from jupyter_xai.game.asker import Counting

if TYPE_CHECKING:
    from jupyter_xai.explainer.explainer import Explainer
    from jupyter_xai.explainer.run import Run
    from jupyter_xai.explanation.result import AnyResult
    from jupyter_xai.progress import Watcher


def measured(
    explainer: Explainer,
    run: Run,
    explanation: AnyResult,
    groups: Sequence[str],
    *,
    causes: Sequence[int] | None,
    watcher: Watcher,
) -> AnyResult:
    """The same explanation with the metrics of some groups, and with what they cost.

    Parameters
    ----------
    explainer : Explainer
    run : Run
        Prepared for the k that is measured, for which the explanation has its check.
    explanation : Result
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

    def told(group: str) -> Counting:
        return lambda done, total: watcher.tell(done, total, f"measuring {group}")

    found = measure_groups(game, test, groups, on_progress=told)
    cost = run.cost()
    if "consistency" in groups:
        runs = [
            explainer.run(replace(run.settings, seed=seed + 1 + each), checks=False)
            for each in range(repeats.SEEDS)
        ]
        found += repeats.consistency([explanation.total, *(each.total for each in runs)], seed)
        cost = added(cost, *(each.record["cost"] for each in runs))
    if "stability" in groups:
        for name in metrics.edits(explainer.last_text):
            edited = explainer.edited(lambda text, name=name: metrics.edits(text)[name])
            after = edited.run(run.settings, checks=False)
            found.append(repeats.stability(explanation, after, name, run.k, seed))
            cost = added(cost, after.record["cost"])
    return explanation.changed(metrics=merged(explanation, found), cost=cost)
