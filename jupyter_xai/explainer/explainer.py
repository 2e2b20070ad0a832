"""One prompt, one response, one model: whoever explains them, in any way, does it here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from time import perf_counter
from typing import Any

from jupyter_xai import methods
from jupyter_xai.errors import Interrupted
from jupyter_xai.explainer import estimate as costs
from jupyter_xai.explainer.annotate import with_check
from jupyter_xai.explainer.choices import choices
from jupyter_xai.explainer.noise_floor import noise_is_known, with_noise
from jupyter_xai.explainer.prompt_cuts import Cuts
from jupyter_xai.explainer.run import Run, added, without_checks
from jupyter_xai.explainer.settings import Settings
from jupyter_xai.explanation.result import Result
from jupyter_xai.game.budget import Budget, BudgetSpent, Clock
from jupyter_xai.game.ledger import SESSION, Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.game.responses import Responses
from jupyter_xai.game.targets import CONTEXT_DEPENDENT, aimed
from jupyter_xai.methods import requirements
from jupyter_xai.models.base import Message, Model, Operator, Prompt, Response, Sampling
from jupyter_xai.models.capabilities import LocalModel, MeasuredModel
from jupyter_xai.models.locks import lock_of
from jupyter_xai.models.prices import Bill, a_call, check_limits
from jupyter_xai.models.prompts import checked_foil, checked_response
from jupyter_xai.models.speed import measure_speed
from jupyter_xai.progress import Watcher
from jupyter_xai.text.document import Span


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
        self._cuts = Cuts(model, prompt, spans, language, system, explain_system=explain_system)
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
        return self._responses.response(self._cuts.any)

    def cut(self, units: str) -> Prompt:
        """The prompt in these units.

        Raises
        ------
        XaiError
            When it cannot be cut so, or nothing of it can be removed.
        """
        return self._cuts.cut(units)

    def sources(self, units: str) -> int:
        """How many removable units the prompt has, cut this way."""
        return len(self.cut(units).document.sources)

    def check_settings(self, settings: Settings) -> None:
        """Refuse, without asking the model anything, what does not fit the model or the prompt.

        Raises
        ------
        XaiError
            When a method's needs are not met, or k is larger than the number of sources.
        """
        prompt, _ = self._fitted(settings)
        check_limits(self.model, prompt, settings.max_tokens, settings.max_cost)

    def run(
        self,
        settings: Settings,
        *,
        checks: bool | None = None,
        watcher: Watcher | None = None,
    ) -> Result:
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
        Result
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
        lost: Mapping[str, Any] = {}
        while True:
            lessons = self._lessons
            explanation = self._run(settings, checks, watcher, lost.get("forwards", 0))
            cost = added(explanation.record["cost"], lost)
            if self._lessons == lessons:
                return explanation.changed(cost=cost) if lost else explanation
            # The model was found not to bear how it was run, so that some of these numbers may be
            # wrong. It is run more carefully from now on: each time there is less to learn.
            lost = cost

    @property
    def _lessons(self) -> int:
        return self.model.lessons if isinstance(self.model, MeasuredModel) else 0

    def _run(self, settings: Settings, checks: bool | None, watcher: Watcher, lost: int) -> Result:
        watcher.tell(0, 0, "answering")
        budget = self._budget(settings, lost)
        run = self.prepare(settings, budget=budget)
        if run.method.asks_model and not run.game.make_sure():
            # It is another model by now, so its answer from before is none of its own.
            self._responses = self._responses.again()
            run = self.prepare(settings, budget=budget)
        tests = run.checks_top(checks)
        if watcher.wants_estimate:
            estimate = self._estimated(run, checks)
            watcher.expects(estimate.seconds, estimate.brief)
        if isinstance(run.method, methods.GameMethod):
            explanation = run.play(run.method, watcher)
        else:
            masks, values, stopped = run.evaluate(watcher)
            explanation = run.result(masks, values, partial=stopped)
        if explanation.partial:
            return explanation
        try:
            watcher.tell(0, 0, "checking")
            if run.measures_noise(checks):
                explanation = with_noise(run, explanation, self._ledger)
            if tests:
                if watcher.wants_updates:
                    watcher.updated(explanation)
                explanation = with_check(run, explanation, run.k, watcher)
            elif checks is None:
                explanation = explanation.noted(
                    "checks were left out: they would ask the model for more answers; "
                    "metrics() computes them"
                )
        except BudgetSpent as spent:
            return without_checks(explanation, spent.limit)
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
        prompt, k = self._fitted(settings)
        response = self._responses.written(prompt)
        foil = self._responses.written_foil(prompt)
        if isinstance(self.model, LocalModel):
            with lock_of(self.model):
                measure_speed(self.model, self.sampling.max_new_tokens)
        longest = self.sampling.max_new_tokens
        if foil is None and settings.resolved.needs_foil:
            foil = costs.unwritten(longest, first="Other")
        response = response or costs.unwritten(longest)
        run = self._made(settings, prompt, k, response, foil, Budget())
        return self._estimated(run, checks)

    def prepare(
        self,
        settings: Settings,
        before: Result | None = None,
        budget: Budget | None = None,
    ) -> Run:
        """A run by these settings, which has asked for the response only.

        Parameters
        ----------
        settings : Settings
        before : Result, optional
            What was found before by these settings; what is computed now stands beside its
            scores, by their scale, and adds to its cost.
        budget : Budget, optional
            The settings' own unless given.

        Raises
        ------
        XaiError
            When the settings do not fit the model or the prompt, or the model fails.
        """
        budget = budget or self._budget(settings)
        prompt, k = self._fitted(settings)
        if self._responses.written(prompt) is None:
            budget.refuse_answer(a_call(self.model, prompt, Operator(), self.sampling, None))
        response = self.response
        foil = self._responses.foil(prompt, needed=settings.resolved.needs_foil)
        run = self._made(settings, prompt, k, response, foil, budget)
        game, remarks = aimed(run.game, settings.targets)
        run = replace(run, game=game, remarks=remarks)
        if before is None:
            spent = self._responses.take_spent()
            budget.begin(Bill(int(spent.get("tokens", 0)), spent.get("money", 0.0)))
            return replace(run, spent=spent)
        run = replace(run, spent=before.record["cost"])
        run.settle_as(before)
        return run

    @property
    def last_text(self) -> str:
        """The prompt's text; of a chat its last message."""
        return self._cuts.last_text

    def edited(self, edit: Callable[[str], str]) -> Explainer:
        """An explainer of the same model for a prompt whose `last_text` is edited."""
        other = copy(self)
        other._cuts = self._cuts.edited(edit)
        other._responses = self._responses.again()
        return other

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
        return choices(self._cuts, foil=self._responses.given_foil)

    def _estimated(self, run: Run, checks: bool | None) -> costs.Estimate:
        responses, prompt = self._responses, run.game.prompt
        known = noise_is_known(run, self._ledger) or not run.measures_noise(checks)
        found = costs.estimate(
            run,
            checks=run.checks_top(checks),
            noise_calls=0 if known else run.game.noise_calls,
            is_written=responses.written(prompt) is not None,
        )
        return costs.with_questions(
            found,
            looks_for_targets=run.settings.targets == CONTEXT_DEPENDENT,
            looks_for_foil=run.game.foil is not None and responses.written_foil(prompt) is None,
        )

    def _budget(self, settings: Settings, lost: int = 0) -> Budget:
        """What the settings allow for, less the calls that were lost."""
        most = settings.max_forwards
        return Budget(
            None if most is None else max(1, most - lost),
            settings.max_seconds,
            self._clock,
            max_tokens=settings.max_tokens,
            max_cost=settings.max_cost,
        )

    def _fitted(self, settings: Settings) -> tuple[Prompt, int]:
        """The prompt as these settings cut it, and their k; refuses what does not fit."""
        method, units = settings.resolved, settings.prompt_units
        requirements.check(method, self.model, foil=self._responses.given_foil)
        method.check_units(units, settings.response_units)
        prompt = self.cut(units)
        return prompt, settings.k_for(len(prompt.document.sources), units)

    def _made(
        self,
        settings: Settings,
        prompt: Prompt,
        k: int,
        response: Response,
        foil: Response | None,
        budget: Budget,
    ) -> Run:
        started, method = perf_counter(), settings.resolved
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
            language=self._cuts.language,
            ledger=self._ledger,
            budget=budget,
            foil=foil,
            wary=True,
        )
        if isinstance(method, methods.MaskMethod):
            method = method.reading(game)
        return Run(settings, method, game, k, {}, started)
