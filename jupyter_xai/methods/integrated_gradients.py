"""Integrated gradients (Sundararajan et al. 2017, arXiv:1703.01365)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.differentiating import DifferentiableGame
from jupyter_xai.errors import XaiError
from jupyter_xai.methods.counts import Counts
from jupyter_xai.methods.gradient import (
    BASELINES,
    COLUMNS_AT_ONCE,
    GradientMethod,
    Passes,
    Scored,
    baseline,
    check_choice,
    check_count,
    chunks,
)

Quadrature = Literal["gausslegendre", "trapezoid"]

COMPLETE = 0.01
"""The largest relative error of the sum of all scores that is no cause for more steps."""

_LEAST_DIFFERENCE = 0.01
"""Values that differ by less (nats) are taken to differ by this much, in relative errors."""


@dataclass(frozen=True)
class IntegratedGradients(GradientMethod):
    """(e - e') times the mean gradient on the straight path from a baseline e' to the prompt e.

    The scores of all tokens sum to f(e) - f(e'), as far as the integral is computed well
    (completeness). Only the embeddings of sources are replaced in the baseline; template tokens
    stay. Steps are evaluated in batches, and one pass back a unit serves a batch.

    Parameters
    ----------
    steps : int
        Points on the path.
    most_steps : int
        Columns whose completeness error is above 1 %, of their own or of the whole's share, are
        computed again with twice the steps, up to so many. Steps and errors are recorded.
    baseline : str
        ``token``: the tokenizer's mask, unknown, padding or end token, the first of these that
        there is. ``mean``: the mean embedding of the vocabulary. ``zero``: zeros; models that
        normalise lengths change abruptly there, which takes many more steps.
    quadrature : str
        ``gausslegendre`` or ``trapezoid``. The weights of the latter sum to one, those of Captum's
        ``riemann_trapezoid`` to (steps - 1) / steps.

    Examples
    --------
    >>> from jupyter_xai import explain
    >>> e = explain("Mia has a red kite.", "tutor", response="Red.", units="word",
    ...             method="integrated-gradients")
    >>> max(e.record["method"]["details"]["completeness error"]) < 0.01
    True
    """

    steps: int = 20
    most_steps: int = 80
    baseline: str = "token"
    quadrature: Quadrature = "gausslegendre"

    name: ClassVar[str] = "integrated-gradients"
    title: ClassVar[str] = "Integrated gradients"
    summary: ClassVar[str] = (
        "Gradients summed on the way from a blank prompt to this one: the scores add up to what "
        "the prompt adds. The gradient method to trust most; says how well its sum adds up."
    )
    formula: ClassVar[str] = "2 + s(1 + m/8) forwards, s(m + 1) backwards for s = 20 to 140 steps"

    def __post_init__(self) -> None:
        check_count(self.steps, "steps")
        check_count(self.most_steps, "most_steps")
        check_choice(self.baseline, BASELINES, "baseline")
        check_choice(self.quadrature, get_args(Quadrature), "quadrature")
        if self.quadrature == "trapezoid" and self.steps < 2:
            msg = "steps=1 is not allowed for the trapezoid, which needs both ends; give 2 or more"
            raise XaiError(msg)

    def cost(self, n: int, m: int, perturbations: int | None = None) -> Counts:
        """All steps of all attempts."""
        steps = sum(self._attempts())
        groups = -(-(m + 1) // COLUMNS_AT_ONCE)
        # Columns that are computed again are at most those of a group.
        return Counts(masks=1, forwards=1 + groups + steps * groups, backwards=steps * (m + 1))

    def passes(self, perturbations: int | None) -> int:
        """See `GradientMethod.passes`."""
        return self.steps

    def noted(self, details: Mapping[str, Any]) -> tuple[str, ...]:
        """See `GradientMethod.noted`."""
        errors = [each for each in details.get("completeness error", ()) if each is not None]
        worst = max(errors, default=0.0)
        if worst <= COMPLETE:
            return ()
        return (
            f"the scores miss what the prompt adds by up to {100 * worst:.1f} %; "
            "raise most_steps, or choose another baseline",
        )

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
        start = baseline(played, self.baseline)
        everything = played.full - played.values(start[None])[0]
        gained = everything[list(columns)]
        allowed = np.maximum(np.abs(gained), _LEAST_DIFFERENCE)
        if played.game.m not in columns:
            # The whole is their sum, and may be small because they cancel.
            least = max(abs(everything[-1]), _LEAST_DIFFERENCE) / played.game.m
            allowed = np.minimum(allowed, least)
        tokens = np.zeros((len(columns), len(start)))
        missed = np.full(len(columns), np.inf)
        used = np.zeros(len(columns))
        for steps in self._attempts():
            left = np.flatnonzero(np.abs(missed) > COMPLETE * allowed)
            if not len(left):
                break
            if steps > self.steps:
                passes.total += steps * len(left)
            chosen = [columns[c] for c in left]
            tokens[left] = self._integrate(played, start, chosen, steps, passes)
            missed[left] = tokens[left].sum(axis=1) - gained[left]
            used[left] = steps
        return Scored(
            played.by_source(tokens).T,
            details={
                "gained over baseline": gained,
                "missed": missed,
                "completeness error": _relative(missed, gained),
                "steps": used,
            },
        )

    def summarise(self, details: dict[str, list[float | None]]) -> None:
        """See `GradientMethod.summarise`."""
        for name in ("gained over baseline", "missed"):
            details[name][-1] = sum(each or 0.0 for each in details[name][:-1])
        details["steps"][-1] = max(each or 0.0 for each in details["steps"][:-1])
        gained, missed = (details[name][-1] for name in ("gained over baseline", "missed"))
        details["completeness error"][-1] = float(_relative(np.array(missed), np.array(gained)))

    def _integrate(
        self,
        played: DifferentiableGame,
        start: Any,
        columns: Sequence[int],
        steps: int,
        passes: Passes,
    ) -> NDArray[np.float64]:
        """Scores of tokens: float64 [C, P]."""
        import torch

        points, weights = quadrature(self.quadrature, steps)
        way = played.embeddings - start
        tokens = np.zeros((len(columns), len(start)))
        for part in chunks(played, steps):
            along = torch.tensor(points[part], dtype=way.dtype, device=way.device)
            for batch in played.gradients(start + along[:, None, None] * way, columns):
                weighing = weights[part][batch.rows]
                for c, gradient in enumerate(batch.gradients):
                    products = (gradient * way).sum(dim=-1).double().cpu().numpy()
                    tokens[c] += weighing @ products
                passes.count(len(weighing) * len(columns))
        return tokens

    def _attempts(self) -> list[int]:
        """Numbers of steps, each twice the one before."""
        attempts = [self.steps]
        while 2 * attempts[-1] <= self.most_steps:
            attempts.append(2 * attempts[-1])
        return attempts


def _relative(missed: NDArray[np.float64], gained: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.abs(missed) / np.maximum(np.abs(gained), _LEAST_DIFFERENCE)


def quadrature(name: str, steps: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points and weights for an integral from 0 to 1: two float64 [steps].

    Examples
    --------
    >>> points, weights = quadrature("gausslegendre", 2)
    >>> round(float(weights @ points**3), 12)
    0.25
    """
    if name == "gausslegendre":
        points, weights = np.polynomial.legendre.leggauss(steps)
        return (1 + points) / 2, weights / 2
    weights = np.full(steps, 1 / (steps - 1))
    weights[[0, -1]] /= 2
    return np.linspace(0, 1, steps), weights
