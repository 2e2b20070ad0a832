"""`evaluate`: many prompts, methods and models, resumable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jupyter_xai.errors import Interrupted, XaiError, one_of
from jupyter_xai.evaluation.benchmark.board import Board
from jupyter_xai.evaluation.benchmark.cases import Case, read_cases
from jupyter_xai.evaluation.benchmark.contestants import (
    Budget,
    Contestant,
    effective,
    read_budgets,
    read_contestants,
)
from jupyter_xai.evaluation.benchmark.evaluation import Evaluation
from jupyter_xai.evaluation.benchmark.measures import DEFAULT, Measure, measure_named, measured
from jupyter_xai.evaluation.benchmark.store import Store, StoredLedger
from jupyter_xai.evaluation.benchmark.summaries import Failure
from jupyter_xai.game.values import chosen_operator
from jupyter_xai.methods import requirements
from jupyter_xai.models.base import Model, Operator, Sampling
from jupyter_xai.models.capabilities import LastingModel
from jupyter_xai.models.load import load
from jupyter_xai.progress import Line, Progress, Watcher, watcher_of
from jupyter_xai.text.document import PROMPT_LEVELS, RESPONSE_LEVELS
from jupyter_xai.text.formatting import shortened

FORMAT = 2
"""Counts up when equal settings give other numbers than before."""


def evaluate(
    data: Any,
    methods: Any = ("linear", "shap", "leave-one-out", "random"),
    models: Any = None,
    *,
    metrics: Sequence[str] = DEFAULT,
    perturbations: Any = None,
    seeds: Sequence[int] = (0,),
    n: int = 10,
    seed: int = 0,
    units: str = "sentence",
    response_units: str = "sentence",
    operator: str | None = None,
    replacement: str | None = None,
    max_new_tokens: int = 256,
    folder: str | Path | None = None,
    progress: bool | Progress | Watcher | None = None,
) -> Evaluation:
    """Explain many prompts by many methods and measure every explanation.

    Parameters
    ----------
    data : str, Path, DataFrame or list
        ``"tutor:travel"`` and the like, a ``.jsonl`` or ``.csv`` file, a frame or a list; see
        `jupyter_xai.evaluation.benchmark.read_cases`.
    methods : list or mapping
        Names of methods, `Method` or `Contestant` objects, or a mapping of labels to methods.
    models : optional
        What `jupyter_xai.load` takes, a list of these, or a mapping of labels to these; the
        embedded tutor unless given. Functions are told apart by their label only, also later:
        give a changed function another label, or another folder.
    metrics : list of str
        See `jupyter_xai.evaluation.benchmark.KINDS`; those that are not defined for a prompt (no
        truth, fewer than k units) are left out there.
    perturbations : int or list, optional
        Budgets: masked prompts that a method may use. ``"all"`` stands for all that exist, for
        prompts of up to 12 units; they are evaluated once and serve all other budgets too.
        Each method's own choice unless given. Methods of a fixed cost run once.
    seeds : list of int
        Seeds of the methods' draws.
    n, seed : int
        How many prompts of each family of the tutor, and which.
    units, response_units, operator, replacement, max_new_tokens
        As in `jupyter_xai.explain`.
    folder : str or Path, optional
        Where to keep what is finished, at once. Started again, nothing finished is computed again:
        neither measured cells nor masks that a model scored.
    progress : bool, callable or Watcher, optional
        As in `jupyter_xai.explain`.

    Returns
    -------
    Evaluation
        Marked partial when it was interrupted. Prompts that failed are listed in `errors` and
        tried again by the next call; they do not lose the others.

    Raises
    ------
    XaiError
        When the data or a setting does not fit; the message says what to do.

    Examples
    --------
    >>> found = evaluate(["Be brief. Be kind."], ["leave-one-out"], str.upper, metrics=["drop@1"])
    >>> found.frame()[["n", "method", "metric"]].values.tolist()
    [[2, 'leave-one-out', 'drop@1']]
    """
    measures = [measure_named(name) for name in metrics]
    plan = _Plan(
        contestants=read_contestants(methods),
        budgets=read_budgets(perturbations),
        seeds=list(seeds),
        measures=measures,
        k=max([1, *(each.k for each in measures)]),
        units=one_of(units, PROMPT_LEVELS, "units"),
        response_units=one_of(response_units, RESPONSE_LEVELS, "response units"),
        operator=chosen_operator(operator, replacement),
        sampling=Sampling(max_new_tokens),
    )
    cases = read_cases(data, n=n, seed=seed, units="word" if units == "word" else "sentence")
    loaded = _models(models)
    for model in loaded.values():
        for contestant in plan.contestants:
            requirements.check(contestant.method, model)
    store = Store(None if folder is None else Path(folder))
    watcher = watcher_of(progress)
    try:
        return _Evaluating(plan, cases, loaded, store, watcher).run()
    finally:
        store.close()
        if isinstance(watcher, Line):
            watcher.close()


@dataclass(frozen=True)
class _Plan:
    """All choices but data and models."""

    contestants: list[Contestant]
    budgets: list[Budget]
    seeds: list[int]
    measures: list[Measure]
    k: int
    units: str
    response_units: str
    operator: Operator | None
    sampling: Sampling


class _Evaluating:
    """One evaluation on its way."""

    def __init__(
        self,
        plan: _Plan,
        cases: list[Case],
        models: Mapping[str, Model],
        store: Store,
        watcher: Watcher,
    ) -> None:
        self._plan = plan
        self._cases = cases
        self._models = models
        self._store = store
        self._watcher = watcher
        self._rows: list[dict[str, Any]] = []
        self._failures: list[Failure] = []
        self._computed = self._reused = 0

    def run(self) -> Evaluation:
        """All cases on all models; what there is when it is interrupted."""
        total = len(self._cases) * len(self._models)
        done, stopped = 0, False
        try:
            for label, model in self._models.items():
                identity = _identity(label, model)
                ledger = StoredLedger(self._store, identity)
                for place, case in enumerate(self._cases):
                    self._watcher.tell(done, total, "evaluating")
                    self._case(place, case, label, model, identity, ledger)
                    ledger.clear()
                    done += 1
            self._watcher.tell(done, total, "evaluating")
        except (Interrupted, KeyboardInterrupt):
            stopped = True
        return Evaluation(self._rows, self._failures, stopped, self._computed, self._reused)

    def _case(
        self,
        place: int,
        case: Case,
        label: str,
        model: Model,
        identity: str,
        ledger: StoredLedger,
    ) -> None:
        plan = self._plan
        board: Board | None = None

        def ready() -> Board:
            nonlocal board
            if board is None:
                board = Board(
                    model,
                    case,
                    units=plan.units,
                    response_units=plan.response_units,
                    operator=plan.operator,
                    sampling=plan.sampling,
                    ledger=ledger,
                    listed="all" in plan.budgets,
                )
            return board

        about = {
            "format": FORMAT,
            "case": case.name(),
            "model": identity,
            "units": plan.units,
            "response_units": plan.response_units,
            "operator": None if plan.operator is None else asdict(plan.operator),
            "sampling": asdict(plan.sampling),
        }
        try:
            shape = self._store.cell({**about, "shape": True})
            if shape is None:
                shape = {"n": ready().n, "m": ready().m}
                self._store.keep({**about, "shape": True}, shape)
        except (Interrupted, KeyboardInterrupt):
            raise
        except Exception as error:
            self._failures.append(Failure(place, label, "", _message(error)))
            return
        facts = {
            "case": place,
            "family": case.family,
            "prompt": _prompt_line(case),
            **shape,
            "model": label,
        }
        for contestant in plan.contestants:
            try:
                for budget, seed, found in self._cells(contestant, shape["n"], about, ready):
                    self._add(facts, contestant, budget, seed, found)
            except (Interrupted, KeyboardInterrupt):
                raise
            except Exception as error:
                self._failures.append(Failure(place, label, contestant.label, _message(error)))

    def _cells(
        self, contestant: Contestant, n: int, about: Mapping[str, Any], ready: Any
    ) -> list[tuple[Budget, int, dict[str, Any]]]:
        """Every budget and seed of one method, computed or from the store."""
        plan, cells = self._plan, []
        known: dict[tuple[int | None, int], dict[str, Any]] = {}
        for seed in plan.seeds:
            for budget in plan.budgets:
                applies, perturbations = effective(contestant.method, n, budget)
                if not applies:
                    continue
                key = (perturbations, seed)
                if key not in known:
                    settings = {
                        **about,
                        **contestant.settings(),
                        "perturbations": perturbations,
                        "seed": seed,
                        "metrics": sorted(each.name for each in plan.measures),
                        "k": plan.k,
                        "listed": "all" in plan.budgets,
                    }
                    known[key] = self._cell(settings, contestant, perturbations, seed, ready)
                elif perturbations is None:
                    continue
                cells.append((None if perturbations is None else budget, seed, known[key]))
        return cells

    def _cell(
        self,
        settings: Mapping[str, Any],
        contestant: Contestant,
        perturbations: int | None,
        seed: int,
        ready: Any,
    ) -> dict[str, Any]:
        found = self._store.cell(settings)
        if found is not None:
            self._reused += 1
            return found
        board: Board = ready()
        plan = self._plan

        def watched(done: int, total: int) -> None:
            del done, total
            if self._watcher.cancel.is_set():
                raise Interrupted

        played = board.attribute(
            contestant.method,
            k=min(plan.k, board.n),
            perturbations=perturbations,
            seed=seed,
            value=contestant.value,
            on_progress=watched,
        )
        if played.found.stopped:
            raise Interrupted
        found = {"used": played.used, "metrics": measured(played, plan.measures)}
        self._store.keep(settings, found)
        self._computed += 1
        return found

    def _add(
        self,
        facts: Mapping[str, Any],
        contestant: Contestant,
        budget: Budget,
        seed: int,
        found: Mapping[str, Any],
    ) -> None:
        own = {"method": contestant.label, "budget": budget, "used": found["used"], "seed": seed}
        for measure in self._plan.measures:
            if measure.name in found["metrics"]:
                number = {"metric": measure.name, "value": found["metrics"][measure.name]}
                self._rows.append({**facts, **own, **number})


def _models(given: Any) -> dict[str, Model]:
    if isinstance(given, Mapping):
        return {str(label): _named(each, str(label)) for label, each in given.items()}
    listed = list(given) if isinstance(given, list | tuple) else [given]
    loaded = [load("tutor" if each is None else each) for each in listed]
    names = [model.name for model in loaded]
    if len(set(names)) < len(names):
        msg = "two models have the same name; give models={label: model, ...} to tell them apart"
        raise XaiError(msg)
    if not loaded:
        msg = "there is no model to evaluate"
        raise XaiError(msg)
    return dict(zip(names, loaded, strict=True))


def _named(given: Any, label: str) -> Model:
    is_function = callable(given) and not isinstance(given, Model) and not hasattr(given, "config")
    return load(given, name=label) if is_function else load(given)


def _identity(label: str, model: Model) -> str:
    """Names a model in this and in later processes."""
    if model.describe().get("kind") == "function":
        return f"function:{label}"
    return model.identity() if isinstance(model, LastingModel) else model.fingerprint()


def _message(error: Exception) -> str:
    return str(error) if isinstance(error, XaiError) else f"{type(error).__name__}: {error}"


def _prompt_line(case: Case) -> str:
    text = case.prompt if isinstance(case.prompt, str) else case.prompt[-1]["content"]
    return shortened(text, 200)
