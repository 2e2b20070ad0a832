"""Integrated gradients (Sundararajan et al. 2017, arXiv:1703.01365)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.game.differentiable_game import DifferentiableGame
from jupyter_xai.methods.counts import Counts
from jupyter_xai.methods.gradients.base import (
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

if TYPE_CHECKING:
    import torch

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
        While the completeness error of a column is above 1 %, of its own gain or of its share of
        the whole's, the piece of the way that misses most is cut in halves with half the steps
        each, up to so many steps in all. Steps and errors of each column are recorded.
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
    most_steps: int = 120
    baseline: str = "token"
    quadrature: Quadrature = "gausslegendre"

    name: ClassVar[str] = "integrated-gradients"
    title: ClassVar[str] = "Integrated gradients"
    summary: ClassVar[str] = (
        "Gradients summed on the way from a blank prompt to this one: the scores add up to what "
        "the prompt adds. The gradient method to trust most; says how well its sum adds up."
    )
    formula: ClassVar[str] = "2 + s(1 + m/8) forwards, s(m + 1) backwards for s = 20 to 120 steps"

    def __post_init__(self) -> None:
        check_count(self.steps, "steps")
        check_count(self.most_steps, "most_steps")
        check_choice(self.baseline, BASELINES, "baseline")
        check_choice(self.quadrature, get_args(Quadrature), "quadrature")
        if self.quadrature == "trapezoid" and self.steps < 2:
            msg = Worded(
                Option("steps", 1),
                " is not allowed for the trapezoid, which needs both ends; give 2 or more",
            )
            raise XaiError(msg)

    def cost(self, n: int, m: int, perturbations: int | None = None) -> Counts:
        """All steps of all attempts."""
        steps = max(self.steps, self.most_steps)
        groups = -(-(m + 1) // COLUMNS_AT_ONCE)
        places = 1 + (steps - self.steps) // (2 * self._half)
        # Groups of columns that cut the way read values where they cut it.
        return Counts(masks=1, forwards=1 + (places + steps) * groups, backwards=steps * (m + 1))

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
        way = Way(played, start, self.quadrature, passes)
        everything = way.gained((0.0, 1.0))
        gained = everything[list(columns)]
        allowed = np.maximum(np.abs(gained), _LEAST_DIFFERENCE)
        if played.game.m not in columns:
            # The whole is their sum, and may be small because they cancel.
            least = max(abs(everything[-1]), _LEAST_DIFFERENCE) / played.game.m
            allowed = np.minimum(allowed, least)
        chosen = np.arange(len(columns))
        pieces = [way.integrate((0.0, 1.0), self.steps, columns, chosen)]
        used = np.full(len(columns), self.steps)
        while True:
            missed = np.sum([piece.missed for piece in pieces], axis=0)
            chosen = np.flatnonzero(np.abs(missed) > COMPLETE * allowed)
            if not len(chosen) or used.max() + 2 * self._half > self.most_steps:
                break
            used[chosen] += 2 * self._half
            passes.total += 2 * self._half * len(chosen)
            errors = [(np.abs(piece.missed) / allowed)[chosen].max() for piece in pieces]
            worst = pieces.pop(int(np.argmax(errors)))
            low, high = worst.ends
            for ends in ((low, (low + high) / 2), ((low + high) / 2, high)):
                pieces.append(way.integrate(ends, self._half, columns, chosen))
            # Columns that were good enough keep what they had.
            kept = np.setdiff1d(np.arange(len(columns)), chosen)
            pieces[-1].tokens[kept], pieces[-1].missed[kept] = (
                worst.tokens[kept],
                worst.missed[kept],
            )
        return Scored(
            played.by_source(np.sum([piece.tokens for piece in pieces], axis=0)).T,
            details={
                "gained over baseline": gained.tolist(),
                "missed": missed.tolist(),
                "completeness error": _relative(missed, gained).tolist(),
                "steps": used.tolist(),
            },
        )

    def summarise(self, details: dict[str, list[float | None]]) -> None:
        """See `GradientMethod.summarise`."""
        for name in ("gained over baseline", "missed"):
            details[name][-1] = sum(each or 0.0 for each in details[name][:-1])
        details["steps"][-1] = max(each or 0.0 for each in details["steps"][:-1])
        gained, missed = (details[name][-1] for name in ("gained over baseline", "missed"))
        details["completeness error"][-1] = float(_relative(np.array(missed), np.array(gained)))

    @property
    def _half(self) -> int:
        """Steps in each half of a piece that is cut."""
        return max(2, self.steps // 2)


@dataclass
class Piece:
    """The integral over a piece of the way, for some columns.

    Attributes
    ----------
    ends : tuple of float
        Where it begins and ends, between 0 (the baseline) and 1 (the prompt).
    tokens : float64 [C, P]
        Scores of tokens; 0 for columns that were not asked for.
    missed : float64 [C]
        Their sum less what the values gain on the piece.
    """

    ends: tuple[float, float]
    tokens: NDArray[np.float64]
    missed: NDArray[np.float64]


class Way:
    """The straight way from a baseline to the prompt.

    Parameters
    ----------
    played : DifferentiableGame
    start : float32 tensor [P, d]
        The baseline.
    rule : str
        Of quadrature.
    passes : Passes
    """

    def __init__(
        self, played: DifferentiableGame, start: torch.Tensor, rule: str, passes: Passes
    ) -> None:
        self._played = played
        self._start = start
        self._step = played.embeddings - start
        self._rule = rule
        self._passes = passes
        self._values = {1.0: played.full}

    def integrate(
        self,
        ends: tuple[float, float],
        steps: int,
        columns: Sequence[int],
        chosen: NDArray[np.int64],
    ) -> Piece:
        """Integrate the chosen ones of some columns."""
        wanted = [columns[c] for c in chosen]
        low, high = ends
        points, weights = quadrature(self._rule, steps)
        points, weights = low + (high - low) * points, (high - low) * weights
        tokens = np.zeros((len(columns), len(self._start)))
        for part in chunks(self._played, steps):
            for batch in self._played.gradients(self._at(points[part]), wanted):
                weighing = weights[part][batch.rows]
                for c, gradient in zip(chosen, batch.gradients, strict=True):
                    products = (gradient * self._step).sum(dim=-1).double().cpu().numpy()
                    tokens[c] += weighing @ products
                self._passes.count(len(weighing) * len(wanted))
        missed = np.zeros(len(columns))
        missed[chosen] = tokens[chosen].sum(axis=1) - self.gained(ends)[wanted]
        return Piece(ends, tokens, missed)

    def gained(self, ends: tuple[float, float]) -> NDArray[np.float64]:
        """What the values gain between two places: float64 [m + 1]."""
        for place in ends:
            if place not in self._values:
                self._values[place] = self._played.values(self._at(np.array([place])))[0]
        return self._values[ends[1]] - self._values[ends[0]]

    def _at(self, places: NDArray[np.float64]) -> torch.Tensor:
        """Embeddings at some places: float32 [b, P, d]."""
        import torch

        along = torch.tensor(places, dtype=self._step.dtype, device=self._step.device)
        return self._start + along[:, None, None] * self._step


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
