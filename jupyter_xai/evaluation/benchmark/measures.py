"""What is measured of each explanation on its board."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jupyter_xai import masking, methods, metrics
from jupyter_xai.errors import XaiError, one_of
from jupyter_xai.evaluation.benchmark.board import Played
from jupyter_xai.evaluation.checks import removal, top_k
from jupyter_xai.metrics.lds import FEWEST_MASKS
from jupyter_xai.models.capabilities import DivergenceModel

FRESH_MASKS = 128
"""Drawn for the LDS, the same for all methods on a board."""


@dataclass(frozen=True)
class BenchmarkMeasure:
    """A kind of measure.

    Attributes
    ----------
    meaning : str
        One line for the reader.
    better : str
        ``higher`` or ``lower``.
    measure : callable
        From what was played, and k, to a number, or None where it is not defined.
    sized : bool
        Whether it goes with a number of removed units: ``drop@3``.
    """

    meaning: str
    better: str
    measure: Callable[[Played, int], float | None]
    sized: bool = False


@dataclass(frozen=True)
class Measure:
    """What is measured of each explanation.

    Attributes
    ----------
    name : str
        As it was asked for: ``drop@3``.
    kind : Kind
    k : int
        Number of removed units; 0 where it goes with none.
    """

    name: str
    kind: BenchmarkMeasure
    k: int = 0


def measured(played: Played, measures: Iterable[Measure]) -> dict[str, float]:
    """Figures of the measures that are defined here, by name."""
    found = {}
    for each in measures:
        if each.k > played.board.n or np.isnan(played.found.scores[:, -1]).all():
            continue
        number = each.kind.measure(played, each.k)
        if number is not None and np.isfinite(number):
            found[each.name] = float(number)
    return found


def measure_named(name: str) -> Measure:
    """The measure that somebody means, from its name.

    Raises
    ------
    XaiError
        When there is no such measure.

    Examples
    --------
    >>> measure_named("drop@3").k
    3
    """
    kind, _, size = str(name).partition("@")
    if kind in KINDS and KINDS[kind].sized:
        if not size.isdecimal() or int(size) < 1:
            msg = f"{name} needs the number of removed units, such as {kind}@3"
            raise XaiError(msg)
        return Measure(name, KINDS[kind], int(size))
    one_of(name, [f"{each}@3" if of.sized else each for each, of in KINDS.items()], "metric")
    return Measure(name, KINDS[kind])


def _agreement(figure: str) -> Callable[[Played, int], float | None]:
    def measure(played: Played, k: int) -> float | None:
        del k
        found = []
        for target, truth in played.board.truth:
            scores = played.found.scores[:, -1 if target is None else target]
            if any(truth) and not np.isnan(scores).all():
                found.append(getattr(metrics.agreement(scores, truth), figure))
        known = [each for each in found if each is not None]
        return float(np.mean(known)) if known else None

    return measure


def _recall(played: Played, k: int) -> float | None:
    found = []
    for target, truth in played.board.truth:
        column = played.found.scores[:, -1 if target is None else target]
        if any(truth):
            found.append(metrics.recall_at_k(column, truth, k))
    return float(np.mean(found)) if found else None


def _values_without(played: Played, k: int) -> NDArray[np.float64]:
    """Values of the whole prompt, and without the top k: float64 [2]."""
    board = played.board
    everything = np.ones((1, board.n), dtype=bool)
    masks = np.concatenate([everything, masking.without(board.n, played.top(k))])
    return board.values(masks)[:, -1]


def _drop(played: Played, k: int) -> float:
    whole, *removed = _values_without(played, k)
    return float(metrics.drop(whole, removed)[0])


def _ratio(played: Played, k: int) -> float | None:
    if played.board.value == "text":
        return None
    values = _values_without(played, k)
    return float(removal.ratio(values[0], values[1:], played.board.game.lengths[-1])[0])


def _divergence(played: Played, k: int) -> float | None:
    board = played.board
    if not isinstance(board.model, DivergenceModel):
        return None
    return float(removal.moved(board.game, masking.without(board.n, played.top(k)))[0])


def _lds(played: Played, k: int) -> float | None:
    del k
    board, seed = played.board, played.seed
    fresh = top_k.fresh_masks(played.masks, board.n, FRESH_MASKS, seed)
    if len(fresh) >= FEWEST_MASKS:
        return metrics.lds(played.found.scores[:, -1], fresh, board.values(fresh)[:, -1])
    if not isinstance(played.method, methods.MaskMethod):
        return None
    return metrics.cross_fitted_lds(
        played.method, played.masks, played.values, played.lengths, seed
    )[0]


KINDS: dict[str, BenchmarkMeasure] = {
    "auroc": BenchmarkMeasure(
        "probability that a true cause has a higher score than another unit",
        "higher",
        _agreement("auroc"),
    ),
    "accuracy": BenchmarkMeasure(
        "share of units rightly found or left, from half the largest score upwards",
        "higher",
        _agreement("accuracy"),
    ),
    "f1": BenchmarkMeasure(
        "F1 of the units from half the largest score upwards", "higher", _agreement("f1")
    ),
    "recall": BenchmarkMeasure(
        "share of the true causes among the top k", "higher", _recall, sized=True
    ),
    "lds": BenchmarkMeasure(
        "rank correlation of predicted and true values of fresh masks", "higher", _lds
    ),
    "drop": BenchmarkMeasure(
        "fall of the response's value without the top k", "higher", _drop, sized=True
    ),
    "pr": BenchmarkMeasure(
        "how likely each token of the response still is without the top k, as a share",
        "lower",
        _ratio,
        sized=True,
    ),
    "kl": BenchmarkMeasure(
        "divergence of the next-token distributions without the top k, nats per token",
        "higher",
        _divergence,
        sized=True,
    ),
}
"""Measures by name; a sized one goes with its k, such as ``drop@3``."""

DEFAULT = ("auroc", "f1", "lds", "drop@1", "drop@3", "drop@5")
