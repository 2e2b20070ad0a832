"""One run of one method: which masks it evaluates, and the explanation that comes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from time import perf_counter
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.environment import versions
from jupyter_xai.errors import Interrupted
from jupyter_xai.evaluation.checks import top_k
from jupyter_xai.explainer.settings import Settings
from jupyter_xai.explanation import record as records
from jupyter_xai.explanation.labels import stop_name
from jupyter_xai.explanation.result import Result
from jupyter_xai.game.budget import Limit
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.game.targets import described
from jupyter_xai.game.token_values import IMPOSSIBLE
from jupyter_xai.masking import CONFIDENCE, Masks, Values, leave_one_out
from jupyter_xai.methods.base import Attribution, GameMethod, MaskMethod, Method, TextMethod
from jupyter_xai.methods.gradients.base import GradientMethod
from jupyter_xai.models.capabilities import MeasuredModel, ServedModel
from jupyter_xai.models.prices import prices_of
from jupyter_xai.progress import Watcher

_FIRST_STEP = 16
_LAST_STEP = 256


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
    spent: Mapping[str, Any]
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

    def cost(self) -> records.Cost:
        """What was spent before this run and by it, so far."""
        counted = asdict(self.game.cost)
        counted["seconds"] = perf_counter() - self.started
        if prices_of(self.game.model) is None:
            del counted["money"]
        return added(counted, self.spent)

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
        method, game = self.method, self.game
        attribution = played or self._attribution(masks, values)
        lds = None
        if isinstance(method, MaskMethod) and len(masks) and not early:
            lds = top_k.cross_fitted_lds(method, game, masks, values, self.settings.seed)
        # The whole prompt is no perturbation.
        used = max(0, len(masks) - 1) if isinstance(method, MaskMethod) else attribution.used or 0
        perturbations = self._perturbations(used)
        reached = game.budget.reached if partial else None
        stopped = None if reached is None else _stopped(reached)
        record: records.Record = {
            "schema": 1,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "model": self._described,
            "method": self._method(attribution),
            "value": game.value,
            "operator": game.operator.name,
            "seed": self.settings.seed,
            "k": self.k,
            "prompt": _prompt(game),
            "response": cast("records.Response", described(game, self.settings.targets)),
            "confidence": CONFIDENCE,
            "sets": _as_json(attribution.sets),
            "perturbations": perturbations,
            "partial": partial,
            "noise": None,
            "checks": [],
            "lds": lds,
            "metrics": [],
            "cost": self.cost(),
            "versions": versions(),
            "notes": self._notes(attribution, perturbations, stopped),
        }
        if stopped is not None:
            record["stopped"] = stopped
        full = values[0] if len(values) else np.full(game.m + 1, np.nan)
        return Result(record, attribution, full)

    def _attribution(self, masks: Masks, values: Values) -> Attribution:
        """The scores that follow from these masks and values; NaN where there are none."""
        method, game, seed = self.method, self.game, self.settings.seed
        if isinstance(method, TextMethod):
            sources = [unit.text for unit in game.prompt.document.sources]
            return method.score(
                sources, [unit.text for unit in game.response_document.units], seed=seed
            )
        if isinstance(method, MaskMethod) and len(masks):
            return method.solve(masks, values, lengths=game.lengths, seed=seed)
        return Attribution(np.full((game.n, game.m + 1), np.nan))

    def _perturbations(self, used: int) -> records.Perturbations:
        """How many perturbations were asked for and used, and how many there are."""
        most = self.method.most(self.game.n)
        asked = None
        if most is not None:
            asked = self.settings.perturbations or self.method.default_perturbations(self.game.n)
        return {"asked": asked, "used": used, "most": most}

    def _method(self, attribution: Attribution) -> records.Method:
        """The record's ``method``."""
        method = self.method
        found: records.Method = {
            "name": method.name,
            "exact": attribution.exact and not self.game.draws,
            "settings": self._recorded(),
            "details": dict(attribution.details),
        }
        if method.measure is not None:
            found["measure"] = method.measure
        return found

    def _notes(
        self,
        attribution: Attribution,
        perturbations: records.Perturbations,
        stopped: records.Stopped | None,
    ) -> list[str]:
        """What readers are to know before they read the scores."""
        return [
            *self.remarks,
            *attribution.notes,
            *_game_notes(self.game, perturbations),
            *_model_notes(self.game),
            *([] if stopped is None else [self._stop_note(stopped, perturbations["used"])]),
            *self._tutor_notes(),
        ]

    @cached_property
    def _described(self) -> records.Model:
        """The model as it was when the run began: telling it apart means reading its weights."""
        return cast("records.Model", dict(self.game.model.describe()))

    def _tutor_notes(self) -> list[str]:
        """What the embedded model says about prompts that it cannot know."""
        if self._described["kind"] != "tutor":
            return []
        from jupyter_xai.models.tutor.limits import remark

        found = remark(self.game.prompt.document.text)
        return [found] if found else []

    def _stop_note(self, stopped: records.Stopped, used: int) -> str:
        """What is missing because a budget ended before the scores were complete."""
        said = stop_name(stopped)
        if isinstance(self.method, GradientMethod) or not (
            used or isinstance(self.method, MaskMethod)
        ):
            return f"{said}: some scores are missing, checks were left out; raise it to have them"
        plan = len(self.plan()) - 1
        so_far = f"{used} of {plan}" if plan > 0 else str(used)
        return (
            f"{said}: the scores rest on {so_far} perturbations, checks were left out; asked "
            "again it goes on from here"
        )

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


def added(cost: Mapping[str, Any], *others: Mapping[str, Any]) -> records.Cost:
    """What several runs cost together; what the first does not count is left out."""
    total = {name: sum((each.get(name, 0) for each in others), cost[name]) for name in cost}
    return cast("records.Cost", total)


def without_checks(explanation: Result, limit: Limit) -> Result:
    """The explanation, complete but for its checks: the budget ended before them."""
    stopped = _stopped(limit)
    note = f"{stop_name(stopped)}: the scores are complete, checks were left out"
    return explanation.noted(note).changed(partial=True, stopped=stopped)


def _stopped(limit: Limit) -> records.Stopped:
    return {"limit": limit.limit, "most": limit.most}


def _prompt(game: MaskingGame) -> records.Prompt:
    """The record's ``prompt``."""
    document = game.prompt.document
    return {
        "level": document.level,
        "units": [
            {"text": unit.text, "role": unit.role, "protected": unit.protected}
            for unit in document.units
        ],
    }


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


def _game_notes(game: MaskingGame, perturbations: records.Perturbations) -> list[str]:
    """What limits the response and the number of perturbations."""
    asked, most = perturbations["asked"], perturbations["most"]
    notes = []
    if not game.response.finished:
        notes.append("the answer stopped at its length limit; raise max_new_tokens for all of it")
    if asked is not None and most is not None and asked > most:
        masks = "perturbation exists" if most == 1 else "different perturbations exist"
        units = "one unit" if game.n == 1 else f"{game.n} units"
        notes.append(f"only {most} {masks} for {units}")
    return notes
