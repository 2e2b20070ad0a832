"""One prompt, one response, one model: whoever explains them, in any way, does it here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np

from jupyter_xai import checking, costs, measuring, methods, needs, what_if
from jupyter_xai.asking import lock_of
from jupyter_xai.budget import Budget, BudgetSpent, Clock
from jupyter_xai.errors import Interrupted, XaiError
from jupyter_xai.explanation import Explanation, Live
from jupyter_xai.game import MaskingGame
from jupyter_xai.ledger import SESSION, Ledger
from jupyter_xai.models.base import Message, Model, Operator, Prompt, Response, Sampling
from jupyter_xai.models.capabilities import LocalModel, ServedModel
from jupyter_xai.pace import measure
from jupyter_xai.paying import Bill, a_call, check_limits
from jupyter_xai.responses import Responses
from jupyter_xai.running import Run
from jupyter_xai.settings import (
    PROMPT_LEVELS,
    RESPONSE_LEVELS,
    Settings,
    at_least_one,
    checked_foil,
    checked_prompt,
    checked_response,
    checked_spans,
)
from jupyter_xai.targets import CONTEXT_DEPENDENT, aimed
from jupyter_xai.text import Span
from jupyter_xai.watching import Watcher
from jupyter_xai.what_if import WhatIf


class Explainer:
    """Explains one response to one prompt, again and again, by whatever settings.

    Everything that was evaluated is kept in the ledger, so another method, more perturbations or
    other response units cost only what nobody evaluated yet.

    Parameters
    ----------
    model : Model
    prompt : str or list of messages
    response : str, optional
        A text to explain instead of the model's own answer.
    foil : str, optional
        A text to contrast the response with, whatever the method.
    system : str, optional
        A system message to put before the prompt.
    explain_system : bool
        Whether system text may be removed too.
    spans : sequence of (int, int)
        For the units ``span``: which pieces of a text prompt may be removed.
    sampling : Sampling, optional
        How the model answers.
    language : str
        ISO 639 code for the sentence splitter.
    distance : str, optional
        How texts are compared, for ``text`` values; the method's own choice unless given.
    ledger : Ledger, optional
        The session's, unless another is given.
    clock : callable
        Tells the seconds that count against ``max_seconds``.

    Raises
    ------
    XaiError
        When the prompt is empty or the response blank.

    Examples
    --------
    >>> from jupyter_xai.models.function import FunctionModel
    >>> explainer = Explainer(FunctionModel(str.upper), "Be brief. Be kind.")
    >>> explainer.response.text
    'BE BRIEF. BE KIND.'
    """

    def __init__(
        self,
        model: Model,
        prompt: str | Sequence[Message],
        *,
        response: str | None = None,
        foil: str | None = None,
        system: str | None = None,
        explain_system: bool = False,
        spans: Sequence[Span] = (),
        sampling: Sampling | None = None,
        language: str = "en",
        distance: str | None = None,
        ledger: Ledger | None = None,
        clock: Clock = perf_counter,
    ) -> None:
        self.model = model
        self._clock = clock
        self.sampling = sampling or Sampling()
        self._text = checked_prompt(prompt)
        self._cut = partial(
            model.prompt, language=language, system=system, explain_system=explain_system
        )
        self._spans = spans
        self._prompts: dict[str, Prompt] = {}
        self._language = language
        self._distance = distance
        self._ledger: Ledger = SESSION if ledger is None else ledger
        self._responses = Responses(
            model,
            given=checked_response(response),
            foil=checked_foil(foil),
            sampling=self.sampling,
            ledger=self._ledger,
        )

    @property
    def response(self) -> Response:
        """What is explained; the model is asked for it on first use."""
        return self._responses.response(self._prompt(next(iter(self._prompts), "sentence")))

    def units(self, settings: Settings) -> str:
        """How the prompt is cut by these settings: as they say, else as their method wants it."""
        return settings.units or methods.get(settings.method).default_units

    def sources(self, units: str) -> int:
        """How many removable units the prompt has, cut this way."""
        return len(self._prompt(units).document.sources)

    def check_settings(self, settings: Settings) -> None:
        """Refuse, without asking the model anything, what does not fit the model or the prompt.

        Raises
        ------
        XaiError
            When a method's needs are not met, or k is larger than the number of sources.
        """
        method = methods.get(settings.method, **settings.method_settings)
        needs.check(method, self.model, foil=self._responses.given_foil)
        units = self.units(settings)
        method.check_units(units, settings.response_units)
        settings.k_for(self.sources(units), units)
        check_limits(self.model, self._prompt(units), settings.max_tokens, settings.max_cost)

    def run(
        self,
        settings: Settings,
        *,
        checks: bool | None = None,
        watcher: Watcher | None = None,
    ) -> Explanation:
        """Explain the response.

        Parameters
        ----------
        settings : Settings
        checks : bool, optional
            Whether to compute the checks too. By default where the model gives log-probabilities:
            for a model that only answers, they would multiply the number of answers.
        watcher : Watcher, optional
            Sees progress and first scores, in this thread, and may stop the run; so may the
            kernel's interrupt.

        Returns
        -------
        Explanation
            Marked partial when the run was stopped, by its budget too. Asked again, it goes on
            where it stopped. Of a budget the scores come first, then the noise floor and checks.

        Raises
        ------
        XaiError
            When the settings do not fit the model or the prompt, or the model fails.
        Interrupted, KeyboardInterrupt
            When the run was stopped before the model had answered.
        """
        watcher = watcher or Watcher()
        watcher.tell(0, 0, "answering")
        budget = self._budget(settings)
        run = self._prepare(settings, budget=budget)
        tests = self._tests(run, checks)
        if watcher.wants_estimate:
            watcher.expects(self._estimated(run, checks))
        if isinstance(run.method, methods.GameMethod):
            explanation = run.play(run.method, watcher)
        else:
            masks, values, stopped = run.evaluate(watcher)
            explanation = run.explanation(masks, values, partial=stopped)
        if explanation.partial:
            return explanation
        try:
            watcher.tell(0, 0, "checking")
            if self._measures_noise(run, checks):
                explanation = self._with_noise(explanation, run)
            if tests:
                if watcher.wants_updates:
                    watcher.updated(explanation)
                explanation = self._check(explanation, run, run.k, watcher)
            elif checks is None:
                explanation = explanation.noted(
                    "checks were left out: they would ask the model for more answers; "
                    "metrics() computes them"
                )
        except BudgetSpent:
            note = f"stopped at {budget.reached}: the scores are complete, checks were left out"
            return explanation.noted(note).changed(partial=True)
        except (Interrupted, KeyboardInterrupt):
            return explanation.noted("stopped during the checks; the scores are complete").changed(
                partial=True
            )
        return explanation

    def estimate(self, settings: Settings, *, checks: bool | None = None) -> costs.Estimate:
        """What `run` would ask for; no masked prompt is asked for here.

        A local model that nobody used yet is measured by a few words of its own.

        Raises
        ------
        XaiError
            When the settings do not fit the model or the prompt.
        """
        self.check_settings(settings)
        prompt = self._prompt(self.units(settings))
        response = self._responses.written(prompt)
        foil = self._responses.written_foil(prompt)
        if isinstance(self.model, LocalModel):
            with lock_of(self.model):
                measure(self.model, self.sampling.max_new_tokens)
        longest = self.sampling.max_new_tokens
        if foil is None and needs.foil(settings):
            foil = costs.unwritten(longest, first="Other")
        run = self._made(settings, response or costs.unwritten(longest), foil, Budget())
        return self._estimated(run, checks)

    def check(
        self, explanation: Explanation, k: int, *, watcher: Watcher | None = None
    ) -> Explanation:
        """The same explanation with its checks for k.

        Raises
        ------
        XaiError
            When k is larger than the number of units, or nothing was scored yet.
        Interrupted
            When the watcher stopped it.
        """
        settings = replace(_settings_of(explanation), k=at_least_one(k, "k"))
        with _asked_for():
            run = self._prepare(settings, before=explanation)
            return self._check(explanation, run, k, watcher or Watcher()).changed(k=k)

    def measure(
        self,
        explanation: Explanation,
        k: int,
        which: str | Iterable[str] | None = None,
        *,
        truth: Sequence[int] | None = None,
        watcher: Watcher | None = None,
    ) -> Explanation:
        """The same explanation with metrics; see `Explanation.metrics`.

        Raises
        ------
        XaiError
            When k is larger than the number of units, nothing was scored yet, or a group is
            unknown or cannot be measured here.
        Interrupted
            When the watcher stopped it.
        """
        settings = replace(_settings_of(explanation), k=at_least_one(k, "k"))
        watcher = watcher or Watcher()
        with _asked_for():
            run = self._prepare(settings, before=explanation)
            groups = measuring.chosen_groups(
                which,
                self.model,
                settings.operator.name,
                answers=run.game.has_answers,
                truth=truth is not None,
            )
            if all(check["k"] != k for check in explanation.checks):
                explanation = self._check(explanation, run, k, watcher)
            return measuring.measured(self, run, explanation, groups, causes=truth, watcher=watcher)

    def trace(self, explanation: Explanation, *, watcher: Watcher | None = None) -> Explanation:
        """The same explanation with its deletion and insertion curves; see `Explanation.traced`.

        Raises
        ------
        XaiError
            When nothing was scored yet, or the model fails.
        Interrupted
            When the watcher stopped it.
        """
        settings = _settings_of(explanation)
        with _asked_for():
            run = self._prepare(settings, before=explanation)
            return measuring.traced(run, explanation, watcher or Watcher())

    def what_if(
        self,
        explanation: Explanation,
        *,
        removed: Sequence[int] | None = None,
        text: str | None = None,
        watcher: Watcher | None = None,
    ) -> WhatIf:
        """The answer to a changed prompt; see `Explanation.what_if`.

        Raises
        ------
        XaiError
            When nothing is changed, nothing is left, or the model fails.
        Interrupted
            When the watcher stopped it.
        """
        settings, watcher = _settings_of(explanation), watcher or Watcher()
        if (removed is None) == (text is None):
            msg = "say what to change: either removed=[...] or text='...'"
            raise XaiError(msg)
        with _asked_for():
            game = self._prepare(settings, before=explanation).game
            if text is None:
                return what_if.without(game, removed or (), watcher)
            prompt = self.edited(lambda _: text)._prompt(self.units(settings))
            return what_if.edited(game, prompt, text, watcher)

    @property
    def last_text(self) -> str:
        """The prompt's text; of a chat its last message."""
        return self._text if isinstance(self._text, str) else self._text[-1]["content"]

    def edited(self, edit: Callable[[str], str]) -> Explainer:
        """An explainer of the same model for a prompt whose `last_text` is edited."""
        prompt: str | list[Message] = edit(self.last_text)
        if not isinstance(self._text, str):
            *first, last = self._text
            prompt = [*first, Message(role=last["role"], content=edit(last["content"]))]
        return Explainer(
            self.model,
            prompt,
            response=self._responses.given,
            foil=self._responses.given_foil,
            system=self._cut.keywords["system"],
            explain_system=self._cut.keywords["explain_system"],
            sampling=self.sampling,
            language=self._language,
            distance=self._distance,
            ledger=self._ledger,
        )

    def against(self, foil: str | None) -> Explainer:
        """An explainer of the same response, contrasted with another text, or with none.

        Raises
        ------
        XaiError
            When the text is blank.
        """
        other = copy(self)
        other._responses = self._responses.against(checked_foil(foil))
        return other

    def choices(self) -> dict[str, Any]:
        """What can be chosen for this model and prompt: the widget's ``choices``."""
        scoring = "logprob" in self.model.capabilities
        offered = []
        for name in methods.names():
            method = methods.get(name)
            why = needs.lacking(method, self.model, foil=self._responses.given_foil)
            offered.append({"name": name, "title": method.title, "available": not why, "why": why})
        token = ["token"] if scoring else []
        logit = ["logit"] if self._responses.given_foil is None else []
        message = [] if isinstance(self._text, str) else ["message"]
        span = ["span"] if self._spans else []
        levels = [level for level in PROMPT_LEVELS if level not in ("token", "message")]
        return {
            "methods": offered,
            "levels": [*token, *levels, *message, *span],
            "response_levels": [*token, *(level for level in RESPONSE_LEVELS if level != "token")],
            "values": [*(["logprob", *logit] if scoring else []), "text"],
        }

    def _prompt(self, units: str) -> Prompt:
        if units not in self._prompts:
            # Tokenizers, too, may be used by one thread at a time.
            with lock_of(self.model):
                if units == "span":
                    spans = checked_spans(self._text, self._spans)
                    prompt = self._cut(self._text, units=units, spans=spans)
                else:
                    prompt = self._cut(self._text, units=units)
            if not prompt.document.sources:
                msg = (
                    "nothing in the prompt can be removed: all of it is protected; "
                    "give user text, or explain_system=True"
                )
                raise XaiError(msg)
            self._prompts[units] = prompt
        return self._prompts[units]

    def _tests(self, run: Run, checks: bool | None) -> bool:
        """Whether the top k will be checked."""
        if checks is None:
            return run.method.asks_model and "logprob" in self.model.capabilities
        return checks

    def _measures_noise(self, run: Run, checks: bool | None) -> bool:
        """Whether the noise floor will be measured: of servers it is a check like others."""
        if not run.method.asks_model:
            return self._tests(run, checks)
        return checks is not False or not isinstance(self.model, ServedModel)

    def _estimated(self, run: Run, checks: bool | None) -> costs.Estimate:
        responses, prompt = self._responses, run.game.prompt
        known = self._ledger.get(self._name_of_noise(run)) is not None
        known = known or not self._measures_noise(run, checks)
        found = costs.estimate(
            run,
            checks=self._tests(run, checks),
            noise_calls=0 if known else run.game.noise_calls,
            is_written=responses.written(prompt) is not None,
        )
        return costs.with_questions(
            found,
            looks_for_targets=run.settings.targets == CONTEXT_DEPENDENT,
            looks_for_foil=run.game.foil is not None and responses.written_foil(prompt) is None,
        )

    def _prepare(
        self,
        settings: Settings,
        before: Explanation | None = None,
        budget: Budget | None = None,
    ) -> Run:
        budget = budget or self._budget(settings)
        prompt = self._prompt(self.units(settings))
        if self._responses.written(prompt) is None:
            budget.refuse_answer(a_call(self.model, prompt, Operator(), self.sampling, None))
        response = self.response
        foil = self._responses.foil(prompt, needed=needs.foil(settings))
        run = self._made(settings, response, foil, budget)
        game, remarks = aimed(run.game, settings.targets)
        run = replace(run, game=game, remarks=remarks)
        if before is None:
            spent = self._responses.take_spent()
            budget.begin(Bill(int(spent.get("tokens", 0)), spent.get("money", 0.0)))
            return replace(run, spent=spent)
        run = replace(run, spent=before.record["cost"])
        # What is computed now stands beside the scores, so it is measured by their scale.
        run.settle_as(before)
        return run

    def _budget(self, settings: Settings) -> Budget:
        return Budget(
            settings.max_forwards,
            settings.max_seconds,
            self._clock,
            max_tokens=settings.max_tokens,
            max_cost=settings.max_cost,
        )

    def _made(
        self, settings: Settings, response: Response, foil: Response | None, budget: Budget
    ) -> Run:
        started = perf_counter()
        method = methods.get(settings.method, **settings.method_settings)
        needs.check(method, self.model, foil=self._responses.given_foil)
        units = self.units(settings)
        method.check_units(units, settings.response_units)
        prompt = self._prompt(units)
        k = settings.k_for(len(prompt.document.sources), units)
        # A game of its own for each run, so that costs are told apart.
        game = MaskingGame(
            self.model,
            prompt,
            response,
            response_units=settings.response_units,
            value=settings.value_for(self.model, method.default_value, contrast=foil is not None),
            operator=settings.operator,
            distance=self._distance or method.default_distance,
            sampling=self.sampling,
            language=self._language,
            ledger=self._ledger,
            budget=budget,
            foil=foil,
        )
        if isinstance(method, methods.MaskMethod):
            method = method.reading(game)
        return Run(settings, method, game, k, Live(self, settings), {}, started)

    def _with_noise(self, explanation: Explanation, run: Run) -> Explanation:
        game, model = run.game, self.model
        if isinstance(model, ServedModel):
            noise = game.noise()
            if noise and not game.draws:
                explanation = explanation.noted(
                    f"{model.host} is not deterministic at temperature 0: asked for the whole "
                    f"prompt again, its values lie up to {noise:.2g} apart"
                )
            return explanation.changed(noise=noise, cost=run.cost())
        if game.value == "text":
            return explanation.changed(noise=game.noise())
        name = self._name_of_noise(run)
        noise = self._ledger.get(name)
        if noise is None:
            noise = game.noise()
            self._ledger.put(name, noise, size=8)
        return explanation.changed(noise=noise, cost=run.cost())

    def _name_of_noise(self, run: Run) -> tuple[object, ...]:
        """Measured once a prompt and value: it holds for any cut of the response."""
        game = run.game
        everything = np.ones((1, game.n), dtype=bool)
        key = self.model.keys(game.prompt, everything, Operator())[0]
        return (game.fingerprint, "noise", key, *game.asked, game.value)

    def _check(self, explanation: Explanation, run: Run, k: int, watcher: Watcher) -> Explanation:
        chosen = (explanation.record["sets"] or {}).get(str(k))
        check, notes = checking.drops(
            run.game,
            explanation.total,
            k,
            run.settings.seed,
            chosen=chosen,
            noise=explanation.noise or 0.0,
            on_progress=lambda done, total: watcher.tell(done, total, "checking"),
        )
        others = [old for old in explanation.checks if old["k"] != k]
        checks = sorted([*others, check], key=lambda each: each["k"])
        explanation = measuring.with_probabilities(run, explanation, check)
        return explanation.noted(*notes).changed(checks=checks, cost=run.cost())


@contextmanager
def _asked_for() -> Iterator[None]:
    """For what was asked for by name: a budget that ends before it is an error."""
    try:
        yield
    except BudgetSpent as spent:
        msg = f"{spent} before this was measured; explain with a larger budget, or none"
        raise XaiError(msg) from None


def _settings_of(explanation: Explanation) -> Settings:
    if explanation.live is None:
        msg = "this explanation was opened without its model, so nothing more can be computed"
        raise XaiError(msg)
    return explanation.live.settings
