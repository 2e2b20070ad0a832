"""gSMILE: how far answers move, explained by a surrogate that trusts prompts that moved little."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from statistics import NormalDist
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import Option, Worded, XaiError, above_zero
from jupyter_xai.masking import CONFIDENCE, Masks, Values, possible, random_pairs
from jupyter_xai.methods.base import (
    Attribution,
    Texts,
    check_perturbations,
    finite_columns,
    full_row,
)
from jupyter_xai.methods.gsmile.local_fit import (
    SURROGATES,
    Surrogate,
    carried_errors,
    choose_widths,
    effective_size,
    fewest_effective,
    fit,
    held_out_folds,
    kernel_weights,
)
from jupyter_xai.methods.gsmile.masked_texts import MaskedTexts
from jupyter_xai.methods.gsmile.permutation_test import STOPPING, VARIANTS, Stopping, Variant
from jupyter_xai.methods.sampled import SampledMethod
from jupyter_xai.methods.weighted_ridge import FEWEST_MASKS, bootstrap_ends, is_affordable
from jupyter_xai.text.distance import is_relative


@dataclass(frozen=True)
class Gsmile(SampledMethod):
    """Weighted linear surrogate of how far the answer moves (gSMILE, section 4).

    Every perturbed prompt is sent to the model. The target of perturbation j is what was lost, the
    value of the whole prompt minus its own: for ``text`` values the distance of its answer from
    the response by the chosen ``distance`` (Word Mover's unless another is given), equations 2
    and 3; for log-probabilities their drop. The distance of the perturbed prompt from the whole
    one (``input_distance``) sets nothing but its weight, exp(-(d / sigma)^2), equation 4. Scores
    are minus the coefficients, signed (equations 5 and 6): a unit whose presence keeps the answer
    near has a positive score. They are in the units of the value.

    Masks keep each unit with probability one half, in pairs of complements, never repeated. When
    as many perturbations are wanted as exist, all 2^n - 1 masks that keep something are there.

    Where answers are drawn (``temperature=``, ``samples=``), the target of a perturbation is the
    mean over its answers. With two or more of them the intervals hold their spread even where all
    perturbations are there: it is carried through the linear fit. The answers to the whole prompt,
    with which they are compared, are taken as given.

    The fit takes all perturbations. Its fidelity is told in sample, and held out: for a fit, width
    included, to the rest when 20 % are set aside (five folds where all perturbations are there).

    Parameters
    ----------
    surrogate : str
        ``linear``: weighted linear regression; intervals by the bootstrap.
        ``bayesian-ridge``: as BayLIME; intervals from the posterior of each coefficient.
    input_distance : str
        Between prompts: ``wmd``, ``cosine``, ``wmd+cosine``, or ``wmd-P``, see
        `jupyter_xai.text.distance.text_distance`.
    sigma : float, optional
        Kernel width in units of the input distance, above 0. Chosen unless given, see
        `jupyter_xai.methods.gsmile.local_fit.choose_widths`, and recorded either way.
    alpha : float, optional
        Leave out perturbations whose answers do not differ from the response at this level, by
        `jupyter_xai.methods.gsmile.permutation_test`: of the words of two texts, or of the sentence
        embeddings of two samples where several answers are drawn. Off unless given: between two
        single texts the test has next to no power. When fewer than n + 2 would be left, all are
        kept.
    draws : int
        Most draws of each test.
    stopping : str
        When a test stops drawing: ``decision``, ``p-value`` or ``never``.
    variant : str
        ``paper`` tests by Algorithm 1, and computes weighted R2 by equation 17, as printed.

    Examples
    --------
    >>> from jupyter_xai import explain
    >>> def answer(prompt):
    ...     return "Go to a warm island." if "warm" in prompt else "Stay in the city."
    >>> e = explain("Where? somewhere warm please", answer, method="gsmile", units="word")
    >>> e.sources[e.ranking()[0]]
    'warm '
    """

    surrogate: Surrogate = "linear"
    input_distance: str = "wmd"
    sigma: float | None = None
    alpha: float | None = None
    draws: int = 100_000
    stopping: Stopping = "decision"
    variant: Variant = "corrected"
    _seen: MaskedTexts | None = field(default=None, init=False, repr=False, compare=False)

    name: ClassVar[str] = "gsmile"
    title: ClassVar[str] = "gSMILE"
    summary: ClassVar[str] = (
        "A linear surrogate of how far answers move, that trusts prompts that moved little. Made "
        "for models that give text only; says how well its surrogate fits."
    )
    default_value: ClassVar[str] = "text"
    default_distance: ClassVar[str] = "wmd"
    default_units: ClassVar[str] = "word"

    def __post_init__(self) -> None:
        _one_of(self.surrogate, SURROGATES, "surrogate")
        _one_of(self.stopping, STOPPING, "stopping")
        _one_of(self.variant, VARIANTS, "variant")
        is_relative(self.input_distance)
        if self.sigma is not None:
            above_zero(self.sigma, "sigma", example=0.5)
        if self.alpha is not None:
            above_zero(self.alpha, "alpha", example=0.05)
            if self.alpha >= 1:
                msg = Worded(
                    Option("alpha", self.alpha),
                    " is not allowed; give a level below 1, such as 0.05",
                )
                raise XaiError(msg)
        if isinstance(self.draws, bool) or not isinstance(self.draws, int) or self.draws < 1:
            msg = Worded(
                Option("draws", self.draws), " is not allowed; give a whole number of at least 1"
            )
            raise XaiError(msg)

    def reading(self, texts: Texts) -> Self:
        """The same method, which reads the texts of this game.

        Raises
        ------
        XaiError
            When ``alpha`` is given, but the values rest on no answers.
        """
        if self.alpha is not None and not texts.has_answers:
            msg = Worded(
                Option("alpha", self.alpha),
                " tests the model's answers, but log-probabilities are scored here; use ",
                Option("value", "text"),
                ", or leave alpha out",
            )
            raise XaiError(msg)
        method = replace(self)
        object.__setattr__(method, "_seen", MaskedTexts(texts))
        return method

    def plan(self, n: int, perturbations: int | None, seed: int) -> Masks:
        """The full mask, then keep-half masks in pairs; the empty one only where n is 1."""
        wanted = check_perturbations(perturbations, default=self.default_perturbations(n))
        everything = np.ones((1, n), np.bool_)
        if n == 1:
            return np.concatenate([everything, ~everything])
        return np.concatenate([everything, random_pairs(n, wanted, seed)])

    def solve(
        self,
        masks: Masks,
        values: Values,
        *,
        lengths: Sequence[int],
        seed: int,
        intervals: bool = True,
    ) -> Attribution:
        """Scores, their 90 % intervals, and in ``details`` the widths and the fidelity.

        Raises
        ------
        ValueError
            When the method was not given its game by `reading`.
        """
        if self._seen is None:
            msg = "gsmile weighs masks by their texts: solve with method.reading(game)"
            raise ValueError(msg)
        full = full_row(masks)
        n = masks.shape[1]
        scores = np.full((n, values.shape[1]), np.nan)
        if len(masks) < 2:
            return Attribution(scores, notes=("too few masks are evaluated yet",))
        complete = len(masks) == self.most(n) + 1
        exact = complete and not self._seen.draws
        errors = self._seen.value_errors(masks) if complete else None
        kept, details, notes = self._tested(masks, full, seed)
        distance = self._seen.prompt_distances(masks, self.input_distance)[kept]
        masks, values, full = (
            masks[kept],
            values[kept],
            int(np.flatnonzero(kept).searchsorted(full)),
        )
        errors = None if errors is None else errors[kept]
        columns = np.flatnonzero(finite_columns(values))
        if not len(columns):
            return Attribution(scores, exact=exact, notes=notes, details=details)
        lost = values[full, columns] - values[:, columns]
        data = _Data(masks, lost, distance)
        widths = self._widths(data)
        low, high = np.full_like(scores, np.nan), np.full_like(scores, np.nan)
        for width in np.unique(widths):
            which = widths == width
            at = columns[which]
            some = _Data(masks, lost[:, which], distance)
            spread = None if errors is None else errors[:, at]
            found = self._solve(some, width, exact, spread, seed, intervals)
            scores[:, at], low[:, at], high[:, at] = found
        size = effective_size(kernel_weights(distance, widths[-1]))
        if size < fewest_effective(n) and not complete:
            notes += (
                f"the surrogate rests on {size:.3g} effective perturbations, fewer than "
                f"2(n + 1) = {fewest_effective(n)}; evaluate more, or widen sigma",
            )
        if not intervals:
            return Attribution(scores, exact=exact, notes=notes)
        refitted = not exact and errors is None and self.surrogate == "linear"
        if refitted and not is_affordable(masks, len(columns)):
            notes += ("no score has an interval: refitting so many units takes too long",)
        sigma = np.full(values.shape[1], np.nan)
        sigma[columns] = widths
        details |= {"sigma": sigma.tolist(), "effective_size": size}
        if columns[-1] == values.shape[1] - 1:
            total = _Data(masks, lost[:, -1:], distance)
            details["fidelity"] = self._fidelity(total, widths[-1], full, complete, seed)
        if exact and self.surrogate == "linear":
            return Attribution(scores, exact=True, notes=notes, details=details)
        return Attribution(scores, low, high, exact=exact, notes=notes, details=details)

    def most(self, n: int) -> int:
        """All masks that keep something, but for the full one; for a single unit the empty one."""
        return max(1, possible(n) - 2)

    def default_perturbations(self, n: int) -> int:
        """64, as many of the paper's runs, and 4 for each unit from 16 units on, at most 1,024."""
        return min(self.most(n), max(64, 4 * (n + 1)), 1024)

    def _tested(
        self, masks: Masks, full: int, seed: int
    ) -> tuple[NDArray[np.bool_], dict[str, Any], tuple[str, ...]]:
        """Which masks take part, with what is to be recorded and said about it."""
        everything = np.ones(len(masks), np.bool_)
        if self.alpha is None or self._seen is None:
            return everything, {}, ()
        tests = self._seen.answer_tests(
            masks,
            alpha=self.alpha,
            draws=self.draws,
            variant=self.variant,
            stopping=self.stopping,
            seed=seed,
        )
        p = np.array([test.p for test in tests])
        kept = p <= self.alpha
        # The whole prompt is what the others are compared with.
        kept[full] = True
        details = {"p_values": p.tolist(), "significant": int(kept.sum()) - 1}
        fewest = masks.shape[1] + 2
        if kept.sum() >= fewest:
            return kept, details, ()
        note = (
            f"only {details['significant']} answers differ from the response at "
            f"alpha={self.alpha}, too few to fit; all perturbations were kept"
        )
        return everything, details, (note,)

    def _widths(self, data: _Data) -> Values:
        """The kernel width of each column."""
        if self.sigma is not None:
            return np.full(data.lost.shape[1], float(self.sigma))
        return choose_widths(data.features, data.lost, data.distance)

    def _solve(
        self,
        data: _Data,
        width: float,
        exact: bool,
        errors: Values | None,
        seed: int,
        intervals: bool,
    ) -> tuple[Values, Values, Values]:
        """Importance and the ends of its interval, NaN where there is none: each [n, c].

        ``errors`` are standard errors of the values where all perturbations are there.
        """
        weights = kernel_weights(data.distance, width)
        found = fit(self.surrogate, data.features, data.lost, weights)
        # The target is a loss: what matters has a negative coefficient.
        importance = -found.coefficients + 0.0
        low, high = np.full_like(importance, np.nan), np.full_like(importance, np.nan)
        if not intervals:
            return importance, low, high
        deviation = found.deviation
        if errors is not None and deviation is None:
            deviation = carried_errors(data.features, weights, errors)
        if deviation is not None:
            margin = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * deviation
            return importance, importance - margin, importance + margin
        columns = data.lost.shape[1]
        if not exact and len(data.masks) >= FEWEST_MASKS and is_affordable(data.masks, columns):
            low, high = bootstrap_ends(data.masks, -data.lost, weights, 0.0, seed)
        return importance, low, high

    def _fidelity(
        self, data: _Data, width: float, full: int, exact: bool, seed: int
    ) -> Mapping[str, Any]:
        """Fidelity of the surrogate of the whole response, in sample and held out."""
        # Metrics import methods, so not at the top.
        from jupyter_xai.metrics.fidelity import fidelity

        def measured(
            rows: NDArray[np.int64], guesses: Values, weights: Values
        ) -> Mapping[str, Any]:
            actual, n = data.lost[rows, 0], data.masks.shape[1]
            return asdict(fidelity(actual, guesses, weights, features=n, variant=self.variant))

        weights = kernel_weights(data.distance, width)
        found = fit(self.surrogate, data.features, data.lost, weights)
        rows = np.arange(len(data.masks))
        folds = held_out_folds(len(rows), full, exhaustive=exact, seed=seed)
        figures: dict[str, Any] = {
            "in_sample": measured(rows, found.predict(data.features)[:, 0], weights),
            "held_out": None,
            "folds": len(folds),
        }
        if not folds:
            return figures
        guesses, weighed = [], []
        for held in folds:
            rest = data.rows(np.setdiff1d(rows, held))
            # The width, too, is chosen without the rows that are set aside.
            own = self._widths(rest)[0]
            apart = fit(
                self.surrogate, rest.features, rest.lost, kernel_weights(rest.distance, own)
            )
            guesses.append(apart.predict(data.features[held])[:, 0])
            weighed.append(kernel_weights(data.distance[held], own))
        figures["held_out"] = measured(
            np.concatenate(folds), np.concatenate(guesses), np.concatenate(weighed)
        )
        return figures


@dataclass(frozen=True)
class _Data:
    """What a surrogate is fitted to.

    Attributes
    ----------
    masks : bool [R, n]
    lost : float64 [R, c]
        The value of the whole prompt minus that of each mask.
    distance : float64 [R]
        Of each masked prompt from the whole one.
    """

    masks: Masks
    lost: Values
    distance: Values

    @property
    def features(self) -> Values:
        """The masks as numbers."""
        return self.masks.astype(np.float64)

    def rows(self, chosen: NDArray[np.int64]) -> _Data:
        """Some of the masks."""
        return _Data(self.masks[chosen], self.lost[chosen], self.distance[chosen])


def _one_of(word: object, choices: Sequence[str], setting: str) -> None:
    if word not in choices:
        msg = Worded(Option(setting, word), f" is not allowed; choose one of {', '.join(choices)}")
        raise XaiError(msg)
