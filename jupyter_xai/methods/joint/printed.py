"""XPrompt's search as its paper prints it and as its authors programmed it, flaws included.

Both evaluate one candidate after the other. They are here to be compared with; `joint_search` is
what should be used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jupyter_xai.masking import Values
from jupyter_xai.methods.joint.board import Board, Set
from jupyter_xai.methods.joint.guidance import softmax


@dataclass(frozen=True)
class Walk:
    """One chain of swaps.

    Attributes
    ----------
    gradient : float64 [n]
        Derivative by each source's mask: of p for `printed`, of log p for `programmed`.
    guided_start, guided_sampling : bool
        False starts or draws uniformly: the ablations of the paper's Table 4.
    seed : int
    """

    gradient: Values
    guided_start: bool
    guided_sampling: bool
    seed: int

    def weights(self) -> Values:
        """What the softmax is taken of."""
        return np.abs(self.gradient) if self.guided_sampling else np.zeros(len(self.gradient))

    def generator(self, size: int) -> np.random.Generator:
        """The draws for one size of set."""
        return np.random.default_rng([self.seed, len(self.gradient), size])


def printed(board: Board, size: int, steps: int, walk: Walk) -> Set:
    """Algorithm 1 of Chang et al. 2024 (arXiv:2405.20404), to the letter.

    ``softmax(m * g)`` and ``softmax((1 - m) * g)`` give every position exp(0) that the mask rules
    out, so that both draws may hit ineligible sources; exchanging two mask values that are equal
    changes nothing, and that step is lost. g is the magnitude of the gradient of p: where p is too
    small for a float it is zero, and guides nothing.

    Parameters
    ----------
    board : Board
    size : int
        Of the set, k in the paper.
    steps : int
        N in the paper; steps that change nothing count.
    walk : Walk

    Returns
    -------
    Set
        Where the walk ended.
    """
    rng, n = walk.generator(size), board.n
    kept = np.ones(n)
    kept[_start(np.abs(walk.gradient), size, walk, rng)] = 0
    current = _removed(kept)
    board.evaluate([current])
    weights = walk.weights()
    for _ in range(steps):
        into = rng.choice(n, p=softmax(kept * weights))
        out = rng.choice(n, p=softmax((1 - kept) * weights))
        trial = kept.copy()
        trial[[into, out]] = trial[[out, into]]
        candidate = _removed(trial)
        board.evaluate([candidate])
        if candidate not in board.values or current not in board.values:
            break
        if board.values[candidate] < board.values[current]:
            kept, current = trial, candidate
    return current


def programmed(board: Board, size: int, steps: int, walk: Walk) -> Set:
    """The search of the authors' code, https://github.com/yuruic/XPrompt.

    It starts from the largest *negated* derivatives, the sources whose removal should raise log p.
    The list of candidates is rebuilt from the set before the swap, so that it misses the source
    that went back and offers the one that is removed already: that one may be removed twice, and
    fewer than k sources are.

    Parameters
    ----------
    board : Board
    size : int
    steps : int
    walk : Walk

    Returns
    -------
    Set
        Where the walk ended; of fewer than ``size`` members if one was taken twice.
    """
    rng, n = walk.generator(size), board.n
    members = _start(-walk.gradient, size, walk, rng)
    candidates = _outside(members, n)
    current = _distinct(members)
    board.evaluate([current])
    weights = walk.weights()
    for _ in range(steps if len(candidates) else 0):
        place = rng.choice(len(members), p=softmax(weights[members]))
        into = rng.choice(len(candidates), p=softmax(weights[candidates]))
        swapped = members.copy()
        swapped[place] = candidates[into]
        candidate = _distinct(swapped)
        board.evaluate([candidate])
        if candidate not in board.values or current not in board.values:
            break
        if board.values[candidate] < board.values[current]:
            # The complement of the members before the swap, as in the authors' code.
            candidates = _outside(members, n)
            members, current = swapped, candidate
    return current


def _start(worth: Values, size: int, walk: Walk, rng: np.random.Generator) -> np.ndarray:
    if walk.guided_start:
        return np.argsort(-worth, kind="stable")[:size]
    return rng.choice(len(worth), size=size, replace=False)


def _removed(kept: Values) -> Set:
    return tuple(np.flatnonzero(kept == 0).tolist())


def _distinct(members: np.ndarray) -> Set:
    return tuple(sorted(set(members.tolist())))


def _outside(members: np.ndarray, n: int) -> np.ndarray:
    return np.array([i for i in range(n) if i not in members], dtype=np.int64)
