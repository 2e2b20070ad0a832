"""From what was given to a session that is ready to run; what cannot be served is refused here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jupyter_xai.errors import XaiError, at_least_one
from jupyter_xai.explainer.explainer import Explainer
from jupyter_xai.explainer.options import ABOUT, Options
from jupyter_xai.explainer.session import Session
from jupyter_xai.explainer.settings import Settings
from jupyter_xai.game.targets import checked_targets
from jupyter_xai.game.values import chosen_operator
from jupyter_xai.models.base import Message, Sampling
from jupyter_xai.models.load import load
from jupyter_xai.models.prompts import checked_foil, checked_prompt, checked_response, checked_spans
from jupyter_xai.text.distance import is_relative


def prepare(prompt: str | Sequence[Message], model: Any = None, **given: Any) -> Session:
    """A session of this prompt and model, checked and loaded; the model is not asked yet.

    Parameters
    ----------
    prompt : str or list of messages
    model : optional
        Anything that `jupyter_xai.load` takes; the embedded tutor unless given.
    **given
        Fields of `Options`; all else are settings of the method.

    Raises
    ------
    XaiError
        When something does not fit; the message says what to do.

    Examples
    --------
    >>> session = prepare("Be brief. Be kind.", str.upper, method="leave-one-out")
    >>> session.run().total.shape
    (2,)
    """
    own = {name: value for name, value in given.items() if name not in ABOUT}
    options = Options(**{name: value for name, value in given.items() if name in ABOUT})
    units = options.units
    spans = () if units is None or isinstance(units, str) else units
    settings = Settings(
        method=options.method,
        method_settings=own,
        units=units if units is None or isinstance(units, str) else "span",
        response_units=options.response_units,
        value=options.value,
        operator=chosen_operator(options.operator, options.replacement, options.seed),
        k=options.k,
        perturbations=options.perturbations,
        seed=options.seed,
        targets=checked_targets(options.targets),
        max_forwards=options.max_forwards,
        max_seconds=options.max_seconds,
        max_tokens=options.max_tokens,
        max_cost=options.max_cost,
    )
    if not options.temperature >= 0:
        msg = f"the temperature must be 0 or more, not {options.temperature}"
        raise XaiError(msg)
    # All that can be refused without the model is refused before it is loaded.
    checked_prompt(prompt)
    if settings.units == "span":
        checked_spans(prompt, spans)
    checked_response(options.response)
    checked_foil(options.foil)
    if options.distance is not None:
        is_relative(options.distance)  # raises for an unknown one
    _ = settings.resolved  # raises for an unknown method, or a setting that it does not have
    samples = at_least_one(options.samples, "samples")
    length = at_least_one(options.max_new_tokens, "max_new_tokens")
    explainer = Explainer(
        load("tutor" if model is None else model),
        prompt,
        response=options.response,
        foil=options.foil,
        system=options.system,
        explain_system=options.explain_system,
        spans=spans,
        sampling=Sampling(length, options.temperature, options.seed, samples),
        language=options.language,
        distance=options.distance,
    )
    explainer.check_settings(settings)
    return Session(explainer, settings)
