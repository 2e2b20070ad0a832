"""Answers behind the values of a game."""

from __future__ import annotations

import numpy as np
import pytest

from conftest import TRAVEL, ToyModel
from jupyter_xai.errors import XaiError
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.models.base import Sampling


@pytest.mark.parametrize("value", ["logprob", "logit"])
def test_values_without_answers_give_none(toy: ToyModel, value: str) -> None:
    prompt = toy.prompt(TRAVEL)
    game = MaskingGame(toy, prompt, toy.respond(prompt, Sampling()), value=value)
    whole = np.ones((1, game.n), dtype=bool)
    assert not game.has_answers
    with pytest.raises(XaiError, match=f"{value} values rest on no answers"):
        game.answer_samples(whole)
    answered = MaskingGame(toy, prompt, toy.respond(prompt, Sampling()), value="text")
    answered.values(whole)
    assert answered.answer_texts(whole) == [answered.response_text]
