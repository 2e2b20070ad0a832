"""DeepLIFT (Shrikumar et al. 2017, arXiv:1704.02685), for the few models that its rule covers."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.game.differentiable_game import DifferentiableGame
from jupyter_xai.methods.counts import Counts
from jupyter_xai.methods.gradients.base import (
    BASELINES,
    GradientMethod,
    Passes,
    Scored,
    baseline,
    check_choice,
)
from jupyter_xai.methods.gradients.integrated_gradients import quadrature
from jupyter_xai.models.capabilities import Differentiable

if TYPE_CHECKING:
    import torch

_MOST_MISSED = 0.01
_LEAST_DIFFERENCE = 0.01
_SOFTMAX_POINTS = 64


@dataclass(frozen=True)
class DeepLift(GradientMethod):
    """Differences from a baseline, handed back through the model by Captum's rescale rule.

    The rule is exact (its scores sum to what the prompt adds) for linear layers and for functions
    of single numbers that are modules: ReLU, sigmoid, tanh. The softmax over the vocabulary is
    covered too, by its gradient averaged between the logits of the baseline and of the prompt.
    Attention and normalisation multiply what depends on the prompt with what depends on the prompt;
    there Captum's rule is the plain gradient, without a warning. So every result is checked, and
    one that misses more than 1 % of what the prompt adds is refused.

    Parameters
    ----------
    baseline : str
        As in `IntegratedGradients`.
    """

    baseline: str = "token"

    name: ClassVar[str] = "deeplift"
    title: ClassVar[str] = "DeepLIFT"
    summary: ClassVar[str] = (
        "Differences from a blank prompt, handed back layer by layer. Exact for models without "
        "attention; refused where its sum does not add up, as with most language models."
    )
    formula: ClassVar[str] = "3 + 2(m + 1) forwards, m + 1 backwards"

    def __post_init__(self) -> None:
        check_choice(self.baseline, BASELINES, "baseline")

    def cost(self, n: int, m: int, perturbations: int | None = None) -> Counts:
        """Two rows for each column, and those of the softmax."""
        groups = -(-(m + 1) // 8)
        return Counts(masks=1, forwards=1 + 3 * groups + 2 * (m + 1), backwards=m + 1)

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
        game = played.game
        if game.value != "logprob" or game.foil is not None:
            msg = Worded(
                "deeplift needs ",
                Option("value", "logprob"),
                " and no foil; use integrated-gradients for others",
            )
            raise XaiError(msg)
        start = baseline(played, self.baseline)
        gained = (played.full - played.values(start[None])[0])[list(columns)]
        tokens = played.run_by_rule(
            lambda response: _differences(response, start, [game.columns[c] for c in columns]),
            forwards=2 + 2 * len(columns),
            backwards=len(columns),
        )
        missed = np.abs(tokens.sum(axis=1) - gained) / np.maximum(np.abs(gained), _LEAST_DIFFERENCE)
        if missed.max() > _MOST_MISSED:
            msg = (
                f"DeepLIFT's rule does not cover all of {game.model.name}: its scores miss "
                f"{100 * missed.max():.0f} % of what the prompt adds; use integrated-gradients"
            )
            raise XaiError(msg)
        passes.count(len(columns))
        return Scored(
            played.by_source(tokens).T,
            details={"completeness error": missed, "gained over baseline": gained},
        )


def _differences(
    response: Differentiable, start: torch.Tensor, columns: Sequence[NDArray[np.int64]]
) -> NDArray[np.float64]:
    """Scores of tokens, from Captum: float64 [C, P]."""
    import torch
    from captum.attr import DeepLift as Captum

    ends = torch.stack([start, response.embeddings])
    before, after = response.logits(ends).detach().double()
    mean = torch.zeros_like(after)
    for point, weight in zip(*quadrature("gausslegendre", _SOFTMAX_POINTS), strict=True):
        mean += weight * (before + point * (after - before)).softmax(dim=-1)

    class Values(torch.nn.Module):
        """Log-probabilities, linear between the logits of baseline and prompt."""

        def __init__(self) -> None:
            super().__init__()
            self.model = response.module

        def forward(self, embeddings: torch.Tensor) -> torch.Tensor:
            logits = response.logits(embeddings).double()
            wanted = torch.tensor(response.ids, device=logits.device)
            chosen = logits.gather(2, wanted.expand(len(logits), -1)[..., None])[..., 0]
            tokens = chosen - (mean * logits).sum(dim=-1)
            return torch.stack([tokens[:, column].sum(dim=1) for column in columns], dim=1)

    training = response.module.training
    found = []
    try:
        with warnings.catch_warnings():
            # Captum tells that it hangs hooks in, and takes them out again itself.
            warnings.simplefilter("ignore")
            rule = Captum(Values())
            for column in range(len(columns)):
                scores = rule.attribute(ends[1:].clone(), ends[:1].clone(), target=column)
                found.append(scores[0].sum(dim=-1).detach().double().cpu().numpy())
    finally:
        response.module.training = training
    return np.stack(found)
