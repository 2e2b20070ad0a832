"""Methods of one gradient: saliency, and input times gradient."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

import numpy as np

from jupyter_xai.game.differentiable_game import DifferentiableGame
from jupyter_xai.methods.base import Measure
from jupyter_xai.methods.counts import Counts
from jupyter_xai.methods.gradients.base import (
    COLUMNS_AT_ONCE,
    GradientMethod,
    Passes,
    Scored,
    check_choice,
)

if TYPE_CHECKING:
    import torch

Variant = Literal["projection", "norm"]


@dataclass(frozen=True)
class OneGradient(GradientMethod):
    """Scores tokens by the gradient at the whole prompt."""

    formula: ClassVar[str] = "2 + m/8 forwards, m + 1 backwards"

    def cost(self, n: int, m: int, perturbations: int | None = None) -> Counts:
        """One gradient for each response unit, and for the whole."""
        groups = -(-(m + 1) // COLUMNS_AT_ONCE)
        return Counts(masks=1, forwards=1 + groups, backwards=m + 1)

    @abstractmethod
    def of_tokens(self, gradient: torch.Tensor, embeddings: torch.Tensor) -> torch.Tensor:
        """Scores of tokens: two tensors [P, d] -> [P]."""

    def score(
        self,
        played: DifferentiableGame,
        columns: Sequence[int],
        *,
        perturbations: int | None,
        seed: int,
        passes: Passes,
    ) -> Scored:
        """See `GradientMethod.score`."""
        [batch] = played.gradients(played.embeddings[None], columns)
        passes.count(len(columns))
        tokens = [self.of_tokens(each[0], played.embeddings) for each in batch.gradients]
        return Scored(np.stack([played.by_source(each) for each in tokens], axis=1))


@dataclass(frozen=True)
class Saliency(OneGradient):
    """How steeply the value rises as a token's embedding grows in its own direction.

    The gradient g of a unit's value has as many numbers as an embedding e. Their sum depends on the
    axes that the model happens to use, and the usual norm (Simonyan et al. 2014, arXiv:1312.6034;
    Li et al. 2016, arXiv:1506.01066) has lost the sign. The default keeps it: <g, e / |e|>, the
    slope for a step of length one along the embedding, which no rotation of the axes changes.

    Parameters
    ----------
    variant : str
        ``projection``, or ``norm``: the sum of the numbers of g without their signs, as by Captum's
        ``Saliency``; never negative.

    Examples
    --------
    >>> from jupyter_xai import explain
    >>> e = explain("Mia has a red kite.", "tutor", response="Red.", units="word",
    ...             method="saliency")
    >>> e.scores.shape
    (5, 1)
    """

    variant: Variant = "projection"

    name: ClassVar[str] = "saliency"
    title: ClassVar[str] = "Saliency"
    summary: ClassVar[str] = (
        "How steeply the answer's probability rises along each token's embedding. One pass back a "
        "unit of the answer; looks at the nearest surroundings of the prompt only."
    )

    def __post_init__(self) -> None:
        check_choice(self.variant, get_args(Variant), "variant")

    @property
    def measure(self) -> Measure:
        """Slopes, or their size."""
        return "slope" if self.variant == "projection" else "sensitivity"

    @property
    def is_linear(self) -> bool:
        """Norms of sums are no sums of norms."""
        return self.variant == "projection"

    def of_tokens(self, gradient: torch.Tensor, embeddings: torch.Tensor) -> torch.Tensor:
        """See `OneGradient.of_tokens`."""
        import torch

        if self.variant == "norm":
            return gradient.abs().sum(dim=-1)
        return (gradient * torch.nn.functional.normalize(embeddings, dim=-1)).sum(dim=-1)


@dataclass(frozen=True)
class InputXGradient(OneGradient):
    """<g, e>: what fading out a token would change, if the value were linear in its embedding.

    (Shrikumar et al. 2016, arXiv:1605.01713; Captum's ``InputXGradient``, summed over a token's
    embedding.)

    Examples
    --------
    >>> from jupyter_xai import explain
    >>> e = explain("Mia has a red kite.", "tutor", response="Red.", units="word",
    ...             method="input-x-gradient")
    >>> e.record["cost"]["backwards"]
    1
    """

    name: ClassVar[str] = "input-x-gradient"
    title: ClassVar[str] = "Input x gradient"
    summary: ClassVar[str] = (
        "The gradient times the embedding: the effect of fading a token out, to first order. One "
        "pass back a unit of the answer; quick, and rough where the model saturates."
    )

    def of_tokens(self, gradient: torch.Tensor, embeddings: torch.Tensor) -> torch.Tensor:
        """See `OneGradient.of_tokens`."""
        return (gradient * embeddings).sum(dim=-1)
