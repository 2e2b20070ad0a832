"""What is measured of each explanation on its board."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
class Kind:
    """A measure.

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


def measured(played: Played, names: Sequence[str]) -> dict[str, float]:
    """The measures that are defined here, by name."""
    found = {}
    for name in names:
        kind, k = parsed(name)
        if k > played.board.n or np.isnan(played.found.scores[:, -1]).all():
            continue
        number = KINDS[kind].measure(played, k)
        if number is not None and np.isfinite(number):
            found[name] = float(number)
    return found


def parsed(name: str) -> tuple[str, int]:
    """A measure's kind and k; 0 where it has none.

    Raises
    ------
    XaiError
        When there is no such measure.

    Examples
    --------
    >>> parsed("drop@3")
    ('drop', 3)
    """
    kind, _, size = str(name).partition("@")
    if kind in KINDS and KINDS[kind].sized:
        if not size.isdecimal() or int(size) < 1:
            msg = f"{name} needs the number of removed units, such as {kind}@3"
            raise XaiError(msg)
        return kind, int(size)
    one_of(name, [f"{each}@3" if of.sized else each for each, of in KINDS.items()], "metric")
    return kind, 0


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


KINDS: dict[str, Kind] = {
    "auroc": Kind(
        "probability that a true cause has a higher score than another unit",
        "higher",
        _agreement("auroc"),
    ),
    "accuracy": Kind(
        "share of units rightly found or left, from half the largest score upwards",
        "higher",
        _agreement("accuracy"),
    ),
    "f1": Kind("F1 of the units from half the largest score upwards", "higher", _agreement("f1")),
    "recall": Kind("share of the true causes among the top k", "higher", _recall, sized=True),
    "lds": Kind("rank correlation of predicted and true values of fresh masks", "higher", _lds),
    "drop": Kind("fall of the response's value without the top k", "higher", _drop, sized=True),
    "pr": Kind(
        "how likely each token of the response still is without the top k, as a share",
        "lower",
        _ratio,
        sized=True,
    ),
    "kl": Kind(
        "divergence of the next-token distributions without the top k, nats per token",
        "higher",
        _divergence,
        sized=True,
    ),
}
"""Measures by name; a sized one goes with its k, such as ``drop@3``."""

DEFAULT = ("auroc", "f1", "lds", "drop@1", "drop@3", "drop@5")
