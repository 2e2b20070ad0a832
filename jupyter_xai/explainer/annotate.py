"""The check of one explanation, written into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from jupyter_xai.evaluation.checks import top_k
from jupyter_xai.evaluation.checks.groups import Test, measure_groups
from jupyter_xai.evaluation.checks.measure import Measure

if TYPE_CHECKING:
    from jupyter_xai.explainer.run import Run
    from jupyter_xai.explanation.record import Metric
    from jupyter_xai.explanation.result import AnyResult, Result
    from jupyter_xai.progress import Watcher


def with_check(run: Run, explanation: AnyResult, k: int, watcher: Watcher) -> AnyResult:
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


def _with_probabilities(run: Run, explanation: AnyResult, check: Mapping[str, Any]) -> AnyResult:
    """The same explanation with what its check tells of probabilities, without any further call."""
    if run.game.value == "text":
        return explanation
    rival, draws = check["leave_one_out"]["removed"], check["random"]["draws"]
    test = Test(explanation.total, check["removed"], rival, draws, run.settings.seed)
    found = measure_groups(run.game, test, ["removal"])
    return explanation.changed(metrics=merged(explanation, found))


def merged(explanation: Result, found: Sequence[Measure]) -> list[Metric]:
    """What was measured before and now; of equal names and k the newest."""
    every = {(each["name"], each["k"]): each for each in explanation.record["metrics"]}
    every.update({(each.name, each.k): cast("Metric", each.record()) for each in found})
    return list(every.values())
