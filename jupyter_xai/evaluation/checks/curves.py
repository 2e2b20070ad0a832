"""Deletion and insertion curves of a ranking, of random ones, and of leave-one-out's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jupyter_xai import metrics
from jupyter_xai.evaluation.checks.measure import Measure, against
from jupyter_xai.game.asker import Counting
from jupyter_xai.game.masking_game import MaskingGame

DRAWS = 5
"""Random rankings; each costs about as much as the method's own."""


def curves(
    game: MaskingGame,
    total: NDArray[np.float64],
    single: NDArray[np.float64] | None,
    seed: int,
    *,
    on_progress: Counting | None = None,
) -> list[Measure]:
    """AOPC of both curves, their difference, comprehensiveness and sufficiency.

    Parameters
    ----------
    game : MaskingGame
    total : float64 [n]
        The method's scores for the whole response.
    single : float64 [n], optional
        Those of leave-one-out.
    seed : int
        Seeds the random rankings.
    on_progress : callable, optional
    """
    ranked = rankings(total, seed, DRAWS)
    if single is not None:
        ranked.append(metrics.ranked(single))
    steps = metrics.curve_sizes(game.n)
    bins = metrics.comprehensiveness_sizes(game.n)
    masks = np.concatenate([_masks(each, steps, bins) for each in ranked])
    values = game.values(masks, on_progress=on_progress)[:, -1].reshape(len(ranked), -1)
    cuts = np.cumsum([len(steps), len(steps), len(bins)])
    table = [_figures(*np.split(row, cuts)) for row in values]
    columns = zip(*table, strict=True)
    names = (
        *("AOPC, deletion", "AOPC, insertion", "insertion - deletion"),
        *("comprehensiveness", "sufficiency"),
    )
    return [against(name, column, draws=DRAWS) for name, column in zip(names, columns, strict=True)]


def rankings(total: NDArray[np.float64], seed: int, draws: int) -> list[NDArray[np.int64]]:
    """The ranking of some scores, and random ones: the same first ones for any number of them."""
    rng = np.random.default_rng([seed, len(total)])
    return [metrics.ranked(total), *(rng.permutation(len(total)) for _ in range(draws))]


def _masks(
    ranking: NDArray[np.int64], steps: NDArray[np.int64], bins: NDArray[np.int64]
) -> NDArray[np.bool_]:
    return np.concatenate(
        [
            metrics.deletion_masks(ranking, steps),
            metrics.insertion_masks(ranking, steps),
            metrics.deletion_masks(ranking, bins),
            metrics.insertion_masks(ranking, bins),
        ]
    )


def _figures(
    deletion: NDArray[np.float64],
    insertion: NDArray[np.float64],
    without: NDArray[np.float64],
    only: NDArray[np.float64],
) -> Sequence[float]:
    areas, full = metrics.areas(deletion, insertion), float(deletion[0])
    return (
        areas.deletion,
        areas.insertion,
        areas.difference,
        metrics.comprehensiveness(full, without),
        metrics.sufficiency(full, only),
    )
