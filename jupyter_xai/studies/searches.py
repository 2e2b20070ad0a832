"""How the search for sets gets on, evaluation by evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from jupyter_xai import methods
from jupyter_xai.evaluation.benchmark.board import Board
from jupyter_xai.methods.joint.board import Board as Sets
from jupyter_xai.methods.joint.guidance import gradient
from jupyter_xai.methods.joint.printed import Walk, printed
from jupyter_xai.studies.lab import Lab

_STEPS = 400
"""Of one printed walk before it begins anew."""

_MOST_WALKS = 50


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


def walks(
    lab: Lab,
    boards: Sequence[tuple[str, Board]],
    at: Sequence[int],
    k: int,
    *,
    of_log: bool,
    start: str = "guided",
    swaps: str = "guided",
) -> tuple[np.ndarray, list[int]]:
    """What `paths` gives for walks by Algorithm 1 of the paper, for sets of k alone.

    A walk that finds no new set begins anew, from a random set, until the evaluations are made.

    Parameters
    ----------
    of_log : bool
        Whether the gradient is that of log p, in the place of p.
    start, swaps : str
        As for `joint`.

    Returns
    -------
    float64 [boards, len(at)], list of int
        The second tells how many sets each prompt's walks evaluated.
    """
    found = np.full((len(boards), len(at)), np.nan)
    made = []
    for row, (_, board) in enumerate(boards):
        sets = Sets(board.game_of("logprob", "cosine"), max(at))
        slope = slopes(board, of_log=of_log)
        for number in range(_MOST_WALKS):
            if not sets.left:
                break
            guided = start == "guided" and not number
            printed(sets, k, _STEPS, Walk(slope, guided, swaps == "guided", lab.seed + number))
        made.append(sets.spent)
        for column, spent in enumerate(at):
            drops = [drop for count, drop in sets.trace.get(k, []) if count <= spent]
            if drops:
                found[row, column] = -max(drops)
    return found, made


def slopes(board: Board, *, of_log: bool) -> np.ndarray:
    """The gradient by each word's mask, of p or of log p: float64 [n]; 0 where there is none."""
    game = board.game_of("logprob", "cosine")
    found = gradient(game)
    if found is None:
        return np.zeros(game.n)
    worth = np.nan_to_num(found.worth)
    whole = float(game.values(np.ones((1, game.n), dtype=bool))[0, -1])
    return worth if of_log else worth * np.exp(whole)


def steepness(boards: Sequence[tuple[str, Board]], *, of_log: bool) -> list[float]:
    """The largest magnitude of each prompt's gradient."""
    return [float(np.abs(slopes(board, of_log=of_log)).max()) for _, board in boards]
