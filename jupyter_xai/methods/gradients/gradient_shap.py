"""Gradient SHAP: expected gradients over random baselines.

(Lundberg and Lee 2017, arXiv:1705.07874; Erion et al. 2021, arXiv:1906.10670.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from jupyter_xai.game.differentiable_game import DifferentiableGame
from jupyter_xai.methods.base import check_perturbations
from jupyter_xai.methods.counts import Counts
from jupyter_xai.methods.gradients.base import (
    BASELINES,
    COLUMNS_AT_ONCE,
    GradientMethod,
    Passes,
    Scored,
    baseline,
    check_choice,
    chunks,
    in_sources,
)

if TYPE_CHECKING:
    import torch

_BASELINES = ("vocabulary", *BASELINES)
_MOST_SAMPLES = 4096


@dataclass(frozen=True)
class GradientShap(GradientMethod):
    """(e - e') times the gradient at a random point between e and e', averaged over random e'.

    Parameters
    ----------
    baseline : str
        ``vocabulary``: in every sample each token of a source is replaced by a token drawn from
        the vocabulary. ``token``, ``mean`` and ``zero`` as in `IntegratedGradients`: then only the
        point on the path is random.

    Examples
    --------
    >>> from jupyter_xai import explain
    >>> e = explain("Mia has a red kite.", "tutor", response="Red.", units="word",
    ...             method="gradient-shap", perturbations=16)
    >>> bool((e.attribution.low <= e.attribution.high).all())
    True
    """

    baseline: str = "vocabulary"

    name: ClassVar[str] = "gradient-shap"
    title: ClassVar[str] = "Gradient SHAP"
    summary: ClassVar[str] = (
        "Integrated gradients averaged over random words in place of the prompt's, with intervals. "
        "Needs no single baseline; more samples, narrower intervals."
    )
    formula: ClassVar[str] = "1 + p(1 + m/8) forwards, p(m + 1) backwards"

    def __post_init__(self) -> None:
        check_choice(self.baseline, _BASELINES, "baseline")

    def most(self, n: int) -> int:
        """Samples that may be asked for."""
        return _MOST_SAMPLES

    def default_perturbations(self, n: int) -> int:
        """Samples, whatever the prompt's length: their spread does not grow with it."""
        return 32

    def cost(self, n: int, m: int, perturbations: int | None = None) -> Counts:
        """One gradient for each sample and column."""
        samples = self.passes(perturbations)
        groups = -(-(m + 1) // COLUMNS_AT_ONCE)
        return Counts(masks=1, forwards=1 + samples * groups, backwards=samples * (m + 1))

    def passes(self, perturbations: int | None) -> int:
        """See `GradientMethod.passes`."""
        default = self.default_perturbations(1)
        return min(_MOST_SAMPLES, check_perturbations(perturbations, default=default))

    def score(
        self,
        played: DifferentiableGame,
        columns: Sequence[int],
        *,
        perturbations: int | None,
        seed: int,
        passes: Passes,
    ) -> Scored:
        """See `GradientMethod.score`; ends of intervals by the bootstrap over samples.

        Samples that were drawn before are known: more of them cost only the others.
        """
        samples, fixed = self.passes(perturbations), None
        if self.baseline != "vocabulary":
            fixed = baseline(played, self.baseline)
        every = np.full((samples, played.game.n, len(columns)), np.nan)
        for sample in range(samples):
            for c, column in enumerate(columns):
                known = played.recall(column, self.name, self.baseline, seed, sample)
                if known is not None:
                    every[sample, :, c] = known
        new = np.flatnonzero(np.isnan(every).any(axis=(1, 2))).tolist()
        passes.count((samples - len(new)) * len(columns))
        for part in chunks(played, len(new)):
            drawn = new[part]
            starts, points = self._draw(played, drawn, seed, fixed)
            way = played.embeddings - starts
            for batch in played.gradients(starts + points[:, None, None] * way, columns):
                rows = drawn[batch.rows]
                for c, gradient in enumerate(batch.gradients):
                    found = played.by_source((gradient * way[batch.rows]).sum(dim=-1))
                    for sample, scores in zip(rows, found, strict=True):
                        every[sample, :, c] = scores
                        played.keep(scores, columns[c], self.name, self.baseline, seed, sample)
                passes.count(len(rows) * len(columns))
        return Scored(every.mean(axis=0), samples=every)

    def _draw(
        self,
        played: DifferentiableGame,
        samples: Sequence[int],
        seed: int,
        fixed: torch.Tensor | None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Baselines [b, P, d] and points [b]; each sample has a generator of its own."""
        import torch

        embeddings = played.embeddings
        draws = [np.random.default_rng([seed, sample]) for sample in samples]
        points = torch.tensor([draw.random() for draw in draws], dtype=embeddings.dtype)
        points = points.to(embeddings.device)
        if fixed is not None:
            return fixed.expand(len(points), -1, -1), points
        tokens = [draw.integers(played.vocabulary, size=len(embeddings)) for draw in draws]
        others = played.embed(np.stack(tokens))
        return torch.where(in_sources(played)[:, None], others, embeddings), points
