"""What is asked about an explanation after its run: checks, metrics, curves, changed prompts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from jupyter_xai.errors import XaiError
from jupyter_xai.evaluation import checks
from jupyter_xai.explainer import what_if
from jupyter_xai.explainer.settings import at_least_one
from jupyter_xai.explainer.what_if import WhatIf
from jupyter_xai.game.budget import needed_whole
from jupyter_xai.interface.explanation import Explanation, Live
from jupyter_xai.progress import Watcher


def check(explanation: Explanation, k: int, *, watcher: Watcher | None = None) -> Explanation:
    """The same explanation with its checks for k.

    Raises
    ------
    XaiError
        When k is larger than the number of units, or nothing was scored yet.
    Interrupted
        When the watcher stopped it.
    """
    live = _live(explanation)
    settings = replace(live.settings, k=at_least_one(k, "k"))
    with needed_whole():
        run = live.explainer.prepare(settings, before=explanation)
        return checks.with_check(run, explanation, k, watcher or Watcher()).changed(k=k)


def measure(
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
    live, watcher = _live(explanation), watcher or Watcher()
    explainer, settings = live.explainer, replace(live.settings, k=at_least_one(k, "k"))
    with needed_whole():
        run = explainer.prepare(settings, before=explanation)
        groups = checks.chosen_groups(
            which,
            explainer.model,
            run.game.plain("text").operator.name,
            answers=run.game.has_answers,
            truth=truth is not None,
        )
        if all(each["k"] != k for each in explanation.checks):
            explanation = checks.with_check(run, explanation, k, watcher)
        return checks.measured(explainer, run, explanation, groups, causes=truth, watcher=watcher)


def trace(explanation: Explanation, *, watcher: Watcher | None = None) -> Explanation:
    """The same explanation with its deletion and insertion curves; see `Explanation.traced`.

    Raises
    ------
    XaiError
        When nothing was scored yet, or the model fails.
    Interrupted
        When the watcher stopped it.
    """
    live = _live(explanation)
    with needed_whole():
        run = live.explainer.prepare(live.settings, before=explanation)
        return checks.traced(run, explanation, watcher or Watcher())


def change(
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
    live, watcher = _live(explanation), watcher or Watcher()
    explainer, settings = live.explainer, live.settings
    if (removed is None) == (text is None):
        msg = "say what to change: either removed=[...] or text='...'"
        raise XaiError(msg)
    if not isinstance(text, str | None):
        msg = f"the prompt's new text must be a string, not {type(text).__name__}"
        raise XaiError(msg)
    with needed_whole():
        game = explainer.prepare(settings, before=explanation).game
        if text is None:
            return what_if.without(game, removed or (), watcher)
        prompt = explainer.edited(lambda _: text).cut(explainer.units(settings))
        return what_if.edited(game, prompt, text, watcher)


def _live(explanation: Explanation) -> Live:
    if explanation.live is None:
        msg = "this explanation was opened without its model, so nothing more can be computed"
        raise XaiError(msg)
    return explanation.live
