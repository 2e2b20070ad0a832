"""Where a search for sets looks first: what each source seems worth by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jupyter_xai.errors import XaiError

if TYPE_CHECKING:
    from jupyter_xai.game.masking_game import MaskingGame
    from jupyter_xai.masking import Values


@dataclass(frozen=True)
class Guidance:
    """What each source seems worth.

    Attributes
    ----------
    worth : float64 [n]
        Signed; the larger, the more its removal should lower the value. NaN where it is not known.
    source : str
        Where it comes from: ``gradient``, ``leave-one-out``, or both.
    """

    worth: Values
    source: str

    def standardised(self) -> Values:
        """Mean 0 and deviation 1, so that one temperature fits every prompt: float64 [n].

        Sources of unknown worth get the mean. All are 0 where all are equal.

        Examples
        --------
        >>> Guidance(np.array([1.0, 3.0, np.nan]), "gradient").standardised().tolist()
        [-1.0, 1.0, 0.0]
        """
        known = np.isfinite(self.worth)
        if not known.any():
            return np.zeros(len(self.worth))
        middle, deviation = self.worth[known].mean(), self.worth[known].std()
        scaled = (self.worth - middle) / (deviation if deviation > 0 else 1.0)
        return np.where(known, scaled, 0.0)

    def with_other(self, other: Guidance) -> Guidance:
        """The mean of both, each standardised: they err in different places."""
        mean = (self.standardised() + other.standardised()) / 2
        return Guidance(mean, f"{self.source} and {other.source}")


def gradient(game: MaskingGame) -> Guidance | None:
    """First-order effect of fading out each source; None where the game has none.

    The worth of a source is the sum over its tokens of <d log p / d E_t, E_t>, the derivative by
    a mask that multiplies its embeddings (Algorithm 1, line 1, with its sign). One forward and one
    backward pass.
    """
    if game.value == "text" or "gradients" not in game.model.capabilities:
        return None
    if game.foil is not None or game.targets is not None:
        return None  # The derivative would be that of another value.
    from jupyter_xai.game.differentiable_game import DifferentiableGame

    try:
        played = DifferentiableGame(game)
        [batch] = played.gradients(played.embeddings[None], columns=[game.m])
    except XaiError:
        return None  # They only guide; without them the search takes longer.
    along = (batch.gradients[0][0] * played.embeddings).sum(dim=-1)
    return Guidance(played.by_source(along), "gradient")


def draw_distinct(weights: Values, count: int, rng: np.random.Generator) -> list[int]:
    """Draw without replacement, with probabilities proportional to exp(weights).

    Adding Gumbel noise and keeping the largest is such a draw (Kool et al. 2019,
    arXiv:1903.06059).

    Parameters
    ----------
    weights : float64 [N]
        Logarithms of weights; minus infinity is never drawn.
    count : int
    rng : numpy.random.Generator

    Returns
    -------
    list of int
        In the order in which they were drawn; fewer than ``count`` where fewer can be drawn.

    Examples
    --------
    >>> draw_distinct(np.array([0.0, -np.inf]), 2, np.random.default_rng(0))
    [0]
    """
    noisy = weights + rng.gumbel(size=len(weights))
    order = np.argsort(-noisy, kind="stable")[:count]
    return [int(i) for i in order if np.isfinite(noisy[i])]


def softmax(weights: Values) -> Values:
    """exp(weights), divided by their sum: float64 [N]."""
    raised = np.exp(weights - weights.max())
    return raised / raised.sum()
