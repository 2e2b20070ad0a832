"""Attention in the masking game: where the model looked as it read the response."""

from __future__ import annotations

from time import perf_counter

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.models.capabilities import Attended, AttentionModel
from jupyter_xai.models.locks import lock_of


def attentions(game: MaskingGame) -> Attended:
    """Attention weights for the whole prompt and the response, counted by the game's cost.

    Raises
    ------
    XaiError
        When the model does not show them, or the game's values are not those of tokens.
    BudgetSpent
        When the game's budget has no room for one more call.
    """
    model = game.model
    if game.value == "text":
        msg = Worded("attention belongs to tokens; use ", Option("value", "logprob"))
        raise XaiError(msg)
    if game.foil is not None:
        msg = "attention knows no foil; leave it out, or use the method contrastive"
        raise XaiError(msg)
    if "attentions" not in model.capabilities or not isinstance(model, AttentionModel):
        msg = f"{model.name} does not show attention weights; use another method, such as linear"
        raise XaiError(msg)
    game.budget.reserve(1, game.cost)
    started = perf_counter()
    try:
        with lock_of(model):
            found = model.attentions(game.prompt, game.response)
    finally:
        game.cost.seconds += perf_counter() - started
    game.cost.forwards += 1
    game.cost.tokens += found.tokens
    return found
