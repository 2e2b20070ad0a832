"""An explainer and settings: what is asked about a result after its run, and of whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from jupyter_xai.errors import Interrupted, XaiError, at_least_one
from jupyter_xai.evaluation.checks.groups import chosen_groups
from jupyter_xai.explainer import annotate, curves, what_if
from jupyter_xai.explainer.estimate import Estimate
from jupyter_xai.explainer.explainer import Explainer
from jupyter_xai.explainer.measure import measured
from jupyter_xai.explainer.settings import Settings
from jupyter_xai.explainer.what_if import WhatIf
from jupyter_xai.explanation.comparison import ComparedResults
from jupyter_xai.explanation.result import AnyResult, Result
from jupyter_xai.game.budget import needed_whole
from jupyter_xai.progress import Watcher

WITHOUT_MODEL = (
    "this explanation was opened without its model, so it has what was saved and no more; explain "
    "again to go on"
)
"""Why nothing can be asked of it."""


@dataclass(frozen=True)
class Session:
    """One explainer with the settings of its last run.

    What is given to its methods comes back as the same kind of result, with more in it.

    Attributes
    ----------
    explainer : Explainer
    settings : Settings
    """

    explainer: Explainer
    settings: Settings

    def run(self, *, checks: bool | None = None, watcher: Watcher | None = None) -> LiveResult:
        """Explain the response; see `Explainer.run`."""
        found = self.explainer.run(self.settings, checks=checks, watcher=watcher)
        return LiveResult(found.record, found.attribution, found.full, live=self)

    def estimate(self, *, checks: bool | None = None) -> Estimate:
        """What `run` would ask for; see `Explainer.estimate`."""
        return self.explainer.estimate(self.settings, checks=checks)

    def check(self, result: AnyResult, k: int, *, watcher: Watcher | None = None) -> AnyResult:
        """The same explanation with its checks for k.

        Raises
        ------
        XaiError
            When k is larger than the number of units, or nothing was scored yet.
        Interrupted
            When the watcher stopped it.
        """
        settings = replace(self.settings, k=at_least_one(k, "k"))
        with needed_whole():
            run = self.explainer.prepare(settings, before=result)
            return annotate.with_check(run, result, k, watcher or Watcher()).changed(k=k)

    def measure(
        self,
        result: AnyResult,
        k: int,
        which: str | Iterable[str] | None = None,
        *,
        truth: Sequence[int] | None = None,
        watcher: Watcher | None = None,
    ) -> AnyResult:
        """The same explanation with metrics; see `jupyter_xai.Explanation.metrics`.

        Raises
        ------
        XaiError
            When k is larger than the number of units, nothing was scored yet, or a group is
            unknown or cannot be measured here.
        Interrupted
            When the watcher stopped it.
        """
        watcher = watcher or Watcher()
        explainer, settings = self.explainer, replace(self.settings, k=at_least_one(k, "k"))
        with needed_whole():
            run = explainer.prepare(settings, before=result)
            groups = chosen_groups(
                which,
                explainer.model,
                run.game.plain("text").operator.name,
                answers=run.game.has_answers,
                truth=truth is not None,
            )
            if all(each["k"] != k for each in result.checks):
                result = annotate.with_check(run, result, k, watcher)
            return measured(explainer, run, result, groups, causes=truth, watcher=watcher)

    def trace(self, result: AnyResult, *, watcher: Watcher | None = None) -> AnyResult:
        """The same explanation with its curves; see `jupyter_xai.Explanation.traced`.

        Raises
        ------
        XaiError
            When nothing was scored yet, or the model fails.
        Interrupted
            When the watcher stopped it.
        """
        with needed_whole():
            run = self.explainer.prepare(self.settings, before=result)
            return curves.traced(run, result, watcher or Watcher())

    def change(
        self,
        result: Result,
        *,
        removed: Sequence[int] | None = None,
        text: str | None = None,
        watcher: Watcher | None = None,
    ) -> WhatIf:
        """The answer to a changed prompt; see `jupyter_xai.Explanation.what_if`.

        Raises
        ------
        XaiError
            When nothing is changed, nothing is left, or the model fails.
        Interrupted
            When the watcher stopped it.
        """
        watcher = watcher or Watcher()
        explainer, settings = self.explainer, self.settings
        if (removed is None) == (text is None):
            msg = "say what to change: either removed=[...] or text='...'"
            raise XaiError(msg)
        if not isinstance(text, str | None):
            msg = f"the prompt's new text must be a string, not {type(text).__name__}"
            raise XaiError(msg)
        with needed_whole():
            game = explainer.prepare(settings, before=result).game
            if text is None:
                return what_if.without(game, removed or (), watcher)
            prompt = explainer.edited(lambda _: text).cut(settings.prompt_units)
            return what_if.edited(game, prompt, text, watcher)

    def compare(
        self, result: Result, methods: Sequence[str], *, watcher: Watcher | None = None
    ) -> ComparedResults[Result]:
        """A result beside what other methods say of the same prompt and response.

        They keep its settings, except those of its method and its number of perturbations, and
        what they need of the model is asked anew only where it is not known.

        Parameters
        ----------
        result : Result
            As it came from a run.
        methods : list of str
            Names of other methods.
        watcher : Watcher, optional
            Sees progress, and may stop it; what was found until then is compared.

        Raises
        ------
        XaiError
            When no other method is named, or one does not fit the model.
        Interrupted
            When the watcher stopped it before any other method had scores.
        """
        explainer, settings = self.explainer, self.settings
        own = result.record["method"]["name"]
        others = [name for name in dict.fromkeys(methods) if name != own]
        if not others:
            msg = f"name at least one method beside {own}"
            raise XaiError(msg)
        watcher = watcher or Watcher()
        found = {own: result}
        for name in others:
            chosen = replace(
                settings,
                method=name,
                method_settings={},
                perturbations=None,
                units=settings.prompt_units,
            )
            try:
                explainer.check_settings(chosen)
                found[name] = explainer.run(chosen, checks=False, watcher=_OneOf(watcher, name))
            except Interrupted:
                break
            if watcher.cancel.is_set():
                break
        if len(found) == 1:
            raise Interrupted
        return ComparedResults(found, "methods", result.record["k"])


@dataclass(frozen=True, eq=False, repr=False)
class LiveResult(Result):
    """A result that knows whom to ask for more.

    Attributes
    ----------
    live : Session, optional
        The model's side; None when the result was opened from a file.
    """

    live: Session | None = None

    def _live(self) -> Session:
        """Whom to ask for more.

        Raises
        ------
        XaiError
            When it was opened without its model.
        """
        if self.live is None:
            raise XaiError(WITHOUT_MODEL)
        return self.live


class _OneOf(Watcher):
    """Watches one of several runs for whoever watches all; they stop together."""

    def __init__(self, watcher: Watcher, name: str) -> None:
        super().__init__()
        self.cancel = watcher.cancel
        self._watcher = watcher
        self._name = name

    def progressed(self, done: int, total: int, what: str) -> None:
        self._watcher.paid = self.paid
        self._watcher.progressed(done, total, f"{self._name}: {what}" if what else self._name)
