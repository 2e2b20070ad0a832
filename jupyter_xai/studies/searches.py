"""How the search for sets gets on, evaluation by evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from jupyter_xai import methods
from jupyter_xai.evaluating.board import Board
from jupyter_xai.studies.lab import Lab


def paths(
    lab: Lab, boards: Sequence[tuple[str, Board]], at: Sequence[int], k: int, **settings: Any
) -> np.ndarray:
    """Log-probability of the answer without the best set so far, relative to the whole prompt's.

    Parameters
    ----------
    lab : Lab
    boards : sequence of (str, Board)
    at : sequence of int
        Numbers of evaluations at which to look.
    k : int
    **settings
        Of `joint`.

    Returns
    -------
    float64 [boards, len(at)]
        In nats, 0 or less the better the set; NaN before any set of k was evaluated.
    """
    method = methods.get("joint", certify=False, **settings)
    found = np.full((len(boards), len(at)), np.nan)
    for row, (_, board) in enumerate(boards):
        played = board.attribute(method, k=k, perturbations=max(at), seed=lab.seed)
        trace = played.found.details["trace"].get(str(k), [])
        for column, spent in enumerate(at):
            drops = [drop for count, drop in trace if count <= spent]
            if drops:
                found[row, column] = -max(drops)
    return found
