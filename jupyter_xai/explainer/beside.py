"""Other methods beside an explanation, as its reader asks for them in the view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jupyter_xai.errors import Interrupted, XaiError
from jupyter_xai.interface.comparison import Comparison
from jupyter_xai.interface.explanation import Explanation
from jupyter_xai.progress import Watcher


def beside(
    explanation: Explanation, methods: Sequence[str], *, watcher: Watcher | None = None
) -> Comparison:
    """An explanation beside what other methods say of the same prompt and response.

    They keep its settings, except those of its method and its number of perturbations, and what
    they need of the model is asked anew only where it is not known.

    Parameters
    ----------
    explanation : Explanation
        As it came from a run.
    methods : list of str
        Names of other methods.
    watcher : Watcher, optional
        Sees progress, and may stop it; what was found until then is compared.

    Raises
    ------
    XaiError
        When no other method is named, one does not fit the model, or the explanation was opened
        without its model.
    Interrupted
        When the watcher stopped it before any other method had scores.
    """
    if explanation.live is None:
        msg = "this explanation was opened without its model, so nothing more can be computed"
        raise XaiError(msg)
    explainer, settings = explanation.live.explainer, explanation.live.settings
    own = explanation.record["method"]["name"]
    others = [name for name in dict.fromkeys(methods) if name != own]
    if not others:
        msg = f"name at least one method beside {own}"
        raise XaiError(msg)
    watcher = watcher or Watcher()
    found = {own: explanation}
    for name in others:
        chosen = replace(
            settings,
            method=name,
            method_settings={},
            perturbations=None,
            units=explainer.units(settings),
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
    return Comparison(found, "methods", explanation.record["k"])


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
