"""Agreement with the units that are known to matter, beside what chance reaches."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index

import numpy as np
from numpy.typing import NDArray

from jupyter_xai import metrics
from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.evaluation.checks.measure import Measure, against

DRAWS = 200


def truth(
    total: NDArray[np.float64],
    single: NDArray[np.float64] | None,
    causes: Sequence[int],
    k: int,
    seed: int,
) -> list[Measure]:
    """Accuracy, F1, AUROC and recall of scores, of shuffled ones, and of leave-one-out's.

    Parameters
    ----------
    total : float64 [n]
    single : float64 [n], optional
        Leave-one-out's scores.
    causes : sequence of int
        Sources that matter, counted from 0.
    k : int
    seed : int

    Raises
    ------
    XaiError
        When a cause is no source.
    """
    n = len(total)
    matters = np.zeros(n, dtype=bool)
    for cause in causes:
        if not hasattr(cause, "__index__") or not 0 <= index(cause) < n:
            msg = Worded(
                Option("truth", cause), f" is no prompt unit; they are counted from 0 to {n - 1}"
            )
            raise XaiError(msg)
        matters[index(cause)] = True
    rng = np.random.default_rng(seed)
    contestants = [total, *(rng.permutation(total) for _ in range(DRAWS))]
    if single is not None:
        contestants.append(single)
    table = []
    for scores in contestants:
        found = metrics.agreement(scores, matters)
        recall = metrics.recall_at_k(scores, matters, k)
        row = (found.accuracy, found.f1, found.best_f1, found.auroc, recall)
        table.append([np.nan if each is None else each for each in row])
    columns = np.array(table).T
    names = ("accuracy", "F1", "best F1", "AUROC", "recall")
    return [
        against(name, column, draws=DRAWS, k=k if name == "recall" else None)
        for name, column in zip(names, columns, strict=True)
    ]
