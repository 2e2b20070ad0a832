"""Deletion and insertion curves of one explanation, written into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jupyter_xai import metrics
from jupyter_xai.errors import XaiError
from jupyter_xai.evaluation.checks.curves import rankings

if TYPE_CHECKING:
    from jupyter_xai.explainer.run import Run
    from jupyter_xai.explanation.record import Curves
    from jupyter_xai.explanation.result import AnyResult
    from jupyter_xai.progress import Watcher

DRAWS = 10
"""Random rankings; the first of them are those of the metrics."""


def traced(run: Run, explanation: AnyResult, watcher: Watcher) -> AnyResult:
    """The same explanation with its curves, and with what they cost.

    Raises
    ------
    XaiError
        When nothing was scored yet.
    BudgetSpent
        When the budget does not allow for all of this; nothing is asked then.
    """
    game, total = run.game, explanation.total
    if np.isnan(total).all():
        msg = "no unit was scored yet, so there is no order to follow; go on first"
        raise XaiError(msg)
    sizes = metrics.curve_sizes(game.n)
    own, *others = rankings(total, run.settings.seed, DRAWS)
    masks = [
        metrics.deletion_masks(own, sizes),
        metrics.insertion_masks(own, sizes),
        *(metrics.deletion_masks(each, sizes) for each in others),
    ]
    wanted = np.concatenate(masks)
    game.reserve(wanted)
    values = game.values(
        wanted, on_progress=lambda done, total: watcher.tell(done, total, "following the curve")
    )
    deletion, insertion, *random = values[:, -1].reshape(len(masks), len(sizes))
    spread = [metrics.spread(each) for each in np.array(random).T]
    mean, low, high = np.array(spread).T.tolist()
    curves: Curves = {
        "order": own.tolist(),
        "sizes": sizes.tolist(),
        "deletion": deletion.tolist(),
        "insertion": insertion.tolist(),
        "random": {"mean": mean, "low": low, "high": high, "draws": DRAWS},
    }
    return explanation.changed(curves=curves, cost=run.cost())
