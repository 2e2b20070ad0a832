"""The noise floor of one explanation, written into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jupyter_xai.game.ledger import Ledger
from jupyter_xai.models.base import Operator
from jupyter_xai.models.capabilities import ServedModel

if TYPE_CHECKING:
    from jupyter_xai.explainer.run import Run
    from jupyter_xai.explanation.result import AnyResult


def with_noise(run: Run, explanation: AnyResult, ledger: Ledger) -> AnyResult:
    """The same explanation with its noise floor, see `MaskingGame.noise`.

    Of local models it is measured once a prompt and value, and kept in the ledger.
    """
    game, model = run.game, run.game.model
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
    noise = ledger.get(_name(run))
    if noise is None:
        noise = game.noise()
        ledger.put(_name(run), noise, size=8)
    return explanation.changed(noise=noise, cost=run.cost())


def noise_is_known(run: Run, ledger: Ledger) -> bool:
    """Whether the noise floor was measured before."""
    return ledger.get(_name(run)) is not None


def _name(run: Run) -> tuple[object, ...]:
    """How the ledger calls it: it holds for any cut of the response."""
    game = run.game
    everything = np.ones((1, game.n), dtype=bool)
    key = game.model.keys(game.prompt, everything, Operator())[0]
    return (game.fingerprint, "noise", key, *game.asked, game.value)
