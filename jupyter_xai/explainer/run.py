"""One run of one method: which masks it evaluates, and the explanation that comes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.environment import versions
from jupyter_xai.errors import Interrupted
from jupyter_xai.evaluation.checks import top_k
from jupyter_xai.explainer.settings import Settings
from jupyter_xai.explanation.result import Result
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.game.targets import described
from jupyter_xai.game.token_values import IMPOSSIBLE
from jupyter_xai.masking import CONFIDENCE, leave_one_out
from jupyter_xai.methods.base import Attribution, GameMethod, MaskMethod, Method, TextMethod
from jupyter_xai.methods.gradients.base import GradientMethod
from jupyter_xai.models.capabilities import MeasuredModel, ServedModel
from jupyter_xai.models.prices import prices_of
from jupyter_xai.progress import Watcher

_FIRST_STEP = 16
_LAST_STEP = 256

Masks = NDArray[np.bool_]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Run:
    """What is evaluated for one explanation.

    Attributes
    ----------
    settings : Settings
    method : Method
    game : MaskingGame
        Nobody else's, so that its cost is this run's.
    k : int
    spent : mapping
        What was spent before this run, as counted by `cost`.
    started : float
    remarks : tuple of str
        Notes on what is explained.
    """

    settings: Settings
    method: Method
    game: MaskingGame
    k: int
    spent: Mapping[str, float]
    started: float
    remarks: tuple[str, ...] = ()

    def checks_top(self, asked: bool | None) -> bool:
        """Whether the top k will be checked, where that was asked for, or not asked."""
        if asked is None:
            return self.method.asks_model and "logprob" in self.game.model.capabilities
        return asked

    def measures_noise(self, asked: bool | None) -> bool:
        """Whether the noise floor will be measured: of servers it is a check like others."""
        if not self.method.asks_model:
            return self.checks_top(asked)
        return asked is not False or not isinstance(self.game.model, ServedModel)

    def plan(self) -> Masks:
        """All masks that are wanted, in order; the whole prompt's for methods without masks."""
        if isinstance(self.method, MaskMethod):
            return self.method.plan(self.game.n, self.settings.perturbations, self.settings.seed)
        return np.ones((int(self.method.asks_model), self.game.n), dtype=bool)

    def evaluate(self, watcher: Watcher) -> tuple[NDArray[np.bool_], NDArray[np.float64], bool]:
        """Masks and values of the plan, and whether the run was stopped before its end."""
        masks = self.plan()
        game, total = self.game, len(masks)
        values: list[NDArray[np.float64]] = []
        done = 0
        try:
            for stop in _stops(total, _leading(game.known(masks))):
                chunk = masks[done:stop]
                told = partial(self._tell_from, watcher, done, total)
                values.append(game.values(chunk, on_progress=told))
                done = stop
                if watcher.wants_updates and done < total:
                    so_far = game.settle(masks[:done], np.concatenate(values))
                    watcher.updated(self.result(masks[:done], so_far, early=True))
        except (Interrupted, KeyboardInterrupt):
            # What was evaluated within the last chunk counts too.
            done = sum(len(chunk) for chunk in values)
            more = done + _leading(game.known(masks[done:]))
            if more > done:
                values.append(game.values(masks[done:more], count_reused=False))
            nothing = np.empty((0, game.m + 1))
            found = np.concatenate([nothing, *values])
            return masks[:more], game.settle(masks[:more], found), True
        return masks, game.settle(masks, np.concatenate(values)), False

    def play(self, method: GameMethod, watcher: Watcher) -> Result:
        """The explanation of a method that plays by itself."""
        game, settings = self.game, self.settings
        everything = self.plan()
        full = np.empty((0, game.m + 1))

        def show(found: Attribution) -> None:
            watcher.updated(self.result(everything, full, played=found))

        try:
            if len(everything):
                full = game.values(everything)
            attribution = method.play(
                game,
                k=self.k,
                perturbations=settings.perturbations,
                seed=settings.seed,
                on_progress=partial(self._tell, watcher),
                on_scores=show if watcher.wants_updates else None,
            )
        except (Interrupted, KeyboardInterrupt):
            nothing = np.full((game.n, game.m + 1), np.nan)
            attribution = Attribution(nothing, stopped=True)
        return self.result(everything, full, played=attribution, partial=attribution.stopped)

    def _tell_from(self, watcher: Watcher, before: int, total: int, done: int, _: int) -> None:
        self._tell(watcher, before + done, total)

    def _tell(self, watcher: Watcher, done: int, total: int, what: str = "") -> None:
        """Tell how far the run is, and what was paid for it."""
        watcher.paid = self.cost().get("money")
        watcher.tell(done, total, what)

    def fitted(self, explanation: Result) -> Masks:
        """The beginning of the plan that an explanation by these settings rests on."""
        return self.plan()[: 1 + explanation.record["perturbations"]["used"]]

    def settle_as(self, explanation: Result) -> None:
        """Take the scale of the values from the masks of an explanation made before."""
        masks = self.fitted(explanation)
        if isinstance(self.method, GameMethod):
            single = leave_one_out(self.game.n)
            masks = single[self.game.known(single)]
        self.game.settle(masks, np.full((len(masks), self.game.m + 1), np.nan))

    def cost(self) -> dict[str, Any]:
        """What was spent before this run and by it, so far."""
        counted = asdict(self.game.cost)
        counted["seconds"] = perf_counter() - self.started
        if prices_of(self.game.model) is None:
            del counted["money"]
        return {name: count + self.spent.get(name, 0) for name, count in counted.items()}

    def result(
        self,
        masks: Masks,
        values: Values,
        *,
        partial: bool = False,
        early: bool = False,
        played: Attribution | None = None,
    ) -> Result:
        """What follows from these masks and values; ``early`` leaves out what is not urgent.

        ``played`` is what a method found that plays by itself.
        """
        method, game, settings = self.method, self.game, self.settings
        shape = (game.n, game.m + 1)
        attribution = played or Attribution(np.full(shape, np.nan))
        # The whole prompt is no perturbation.
        used = max(0, len(masks) - 1) if isinstance(method, MaskMethod) else attribution.used or 0
        lds = None
        if isinstance(method, TextMethod):
            attribution = method.score(
                [unit.text for unit in game.prompt.document.sources],
                [unit.text for unit in game.response_document.units],
                seed=settings.seed,
            )
        elif isinstance(method, MaskMethod) and len(masks):
            attribution = method.solve(masks, values, lengths=game.lengths, seed=settings.seed)
            if not early:
                lds = top_k.cross_fitted_lds(method, game, masks, values, settings.seed)
        full = values[0] if len(values) else np.full(shape[1], np.nan)
        most = method.most(game.n)
        asked = None
        if most is not None:
            asked = settings.perturbations or method.default_perturbations(game.n)
        record: dict[str, Any] = {
            "schema": 1,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "model": self._described,
            "method": {
                "name": method.name,
                "exact": attribution.exact and not game.draws,
                "settings": self._recorded(),
                **({} if method.measure is None else {"measure": method.measure}),
                "details": dict(attribution.details),
            },
            "value": game.value,
            "operator": game.operator.name,
            "seed": settings.seed,
            "k": self.k,
            "prompt": {
                "level": game.prompt.document.level,
                "units": [
                    {"text": unit.text, "role": unit.role, "protected": unit.protected}
                    for unit in game.prompt.document.units
                ],
            },
            "response": described(game, settings.targets),
            "confidence": CONFIDENCE,
            "sets": _as_json(attribution.sets),
            "perturbations": {
                "asked": asked,
                "used": used,
                "most": most,
            },
            "partial": partial,
            "noise": None,
            "checks": [],
            "lds": lds,
            "metrics": [],
            "cost": self.cost(),
            "versions": versions(),
            "notes": [
                *self.remarks,
                *attribution.notes,
                *_notes(game, asked, most),
                *_model_notes(game),
                *self._stop_notes(used, partial),
                *self._tutor_notes(),
            ],
        }
        return Result(record, attribution, full)

    @cached_property
    def _described(self) -> dict[str, Any]:
        """The model as it was when the run began: telling it apart means reading its weights."""
        return dict(self.game.model.describe())

    def _tutor_notes(self) -> list[str]:
        """What the embedded model says about prompts that it cannot know."""
        if self._described["kind"] != "tutor":
            return []
        from jupyter_xai.models.tutor.limits import remark

        found = remark(self.game.prompt.document.text)
        return [found] if found else []

    def _stop_notes(self, used: int, partial: bool) -> list[str]:
        """Which budget ended before the scores were complete."""
        reached = self.game.budget.reached
        if not (partial and reached):
            return []
        stopped = f"stopped at {reached}"
        if isinstance(self.method, GradientMethod) or not (
            used or isinstance(self.method, MaskMethod)
        ):
            return [
                f"{stopped}: some scores are missing, checks were left out; raise it to have them"
            ]
        plan = len(self.plan()) - 1
        so_far = f"{used} of {plan}" if plan > 0 else str(used)
        return [
            f"{stopped}: the scores rest on {so_far} perturbations, checks were left out; asked "
            "again it goes on from here"
        ]

    def _recorded(self) -> dict[str, Any]:
        """Every setting that is needed to repeat the numbers and has no field of its own."""
        recorded = dict(self.method.settings())
        for limit in ("max_forwards", "max_seconds", "max_tokens", "max_cost"):
            if getattr(self.settings, limit) is not None:
                recorded[limit] = getattr(self.settings, limit)
        if self.game.operator.replacement is not None:
            recorded["replacement"] = self.game.operator.replacement
        if self.game.value == "text":
            recorded["distance"] = self.game.distance
        if not self.game.response.supplied or self.game.value == "text":
            recorded["sampling"] = asdict(self.game.sampling)
        return recorded


def _as_json(sets: Mapping[int, Sequence[int]] | None) -> dict[str, list[int]] | None:
    """Sets by k, as the schema has them."""
    if sets is None:
        return None
    return {str(k): [int(i) for i in chosen] for k, chosen in sorted(sets.items())}


def _stops(total: int, known: int) -> Iterator[int]:
    """Where to pause and show what is there: soon at first, then ever later."""
    at, step = max(known, 1), _FIRST_STEP
    while at < total:
        at = min(total, at + step)
        step = min(2 * step, _LAST_STEP)
        yield at
    if max(known, 1) >= total:
        yield total


def _leading(known: NDArray[np.bool_]) -> int:
    """How many of the first rows are known, without a gap."""
    return int(np.argmin(known)) if not known.all() else len(known)


def _model_notes(game: MaskingGame) -> list[str]:
    """What readers are to know of how the model was asked, and of what it said."""
    notes = list(game.model.cautions) if isinstance(game.model, MeasuredModel) else []
    if game.impossible:
        prompts = "one masked prompt" if game.impossible == 1 else f"{game.impossible} prompts"
        notes.append(
            f"in {prompts} the model rules out a token of the response (log p = -inf); it counts "
            f"as {IMPOSSIBLE:,.0f}"
        )
    return notes


def _notes(game: MaskingGame, asked: int | None, most: int | None) -> list[str]:
    notes = []
    if not game.response.finished:
        notes.append("the answer stopped at its length limit; raise max_new_tokens for all of it")
    if asked is not None and most is not None and asked > most:
        masks = "perturbation exists" if most == 1 else "different perturbations exist"
        units = "one unit" if game.n == 1 else f"{game.n} units"
        notes.append(f"only {most} {masks} for {units}")
    return notes
