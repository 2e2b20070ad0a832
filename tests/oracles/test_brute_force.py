"""Leave-one-out and Shapley values equal what brute force gives, for every architecture."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

import tiny
from brute import Game
from jupyter_xai import methods
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.masking import every
from jupyter_xai.methods.base import Attribution, MaskMethod
from jupyter_xai.models.base import Operator
from jupyter_xai.models.local.transformers import TransformersModel

TEXT = "I want to rest by the sea. No busy cities, though. A budget. A dog walked to New York. No."
EIGHT = (
    "I want rest. My dog walked. We like the sea. He has a budget. The city is busy. "
    "New York is old. No patient came. They rest."
)
ANSWER = "New York is nice. A dog."
TOLERANCE = 1e-5

ARCHITECTURES = [
    (kind, attention)
    for kind in ("gpt2", "llama", "qwen3", "gemma2", "t5")
    for attention in ("eager", "sdpa")
    if attention == "eager" or kind not in tiny.WITHOUT_SDPA
]


def attribution(game: MaskingGame, name: str) -> Attribution:
    method = methods.get(name)
    assert isinstance(method, MaskMethod)
    masks = method.plan(game.n, method.most(game.n), seed=0)
    return method.solve(masks, game.values(masks), lengths=game.lengths, seed=0)


@pytest.mark.parametrize(("kind", "attention"), ARCHITECTURES)
def test_scores_equal_brute_force(kind: str, attention: str) -> None:
    model = TransformersModel(tiny.model(kind, attention=attention), tiny.tokenizer(chat=True))
    prompt = model.prompt(TEXT)
    response = model.supplied(prompt, ANSWER)
    assert response.ids is not None
    truth = Game(model.model, prompt, response.ids)
    game = MaskingGame(model, prompt, response, response_units="token")
    assert game.n == 5
    # Response tokens that share a character are one unit; here each stands by itself.
    assert game.m == len(response.ids)
    for name, expected in (("leave-one-out", truth.leave_one_out()), ("shap", truth.shapley())):
        found = attribution(game, name)
        assert found.exact
        np.testing.assert_allclose(found.scores[:, :-1], expected, atol=TOLERANCE, rtol=0)
        total = expected.sum(axis=1)
        np.testing.assert_allclose(
            found.scores[:, -1], total, atol=TOLERANCE * len(response.ids), rtol=0
        )
        assert np.abs(expected).max() > 0.1, "the model hardly reacts, so this proves nothing"


def test_eight_units_and_mask_tokens_equal_brute_force() -> None:
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=True))
    prompt = model.prompt(EIGHT)
    response = model.supplied(prompt, "New York.")
    assert response.ids is not None
    stand_in = model.tokenizer.unk_token_id
    truth = Game(model.model, prompt, response.ids, stand_in)
    game = MaskingGame(
        model, prompt, response, response_units="token", operator=Operator("mask-token")
    )
    assert game.n == 8
    found = attribution(game, "shap")
    np.testing.assert_allclose(found.scores[:, :-1], truth.shapley(), atol=TOLERANCE, rtol=0)
    ends = game.values(np.array([[True] * 8, [False] * 8]))
    np.testing.assert_allclose(found.scores.sum(axis=0), ends[0] - ends[1], rtol=1e-9)


def test_exact_estimators_are_equal_when_fed_the_same_values() -> None:
    n = 5
    masks = every(n)
    values = np.random.default_rng(0).normal(size=(len(masks), 3)) * 10
    row = {mask.tobytes(): value for mask, value in zip(masks, values, strict=True)}

    shapley = np.zeros((n, 3))
    orders = list(permutations(range(n)))
    for order in orders:
        mask = np.zeros(n, dtype=bool)
        for i in order:
            before = row[mask.tobytes()]
            mask[i] = True
            shapley[i] += (row[mask.tobytes()] - before) / len(orders)

    shap, one_out = methods.get("shap"), methods.get("leave-one-out")
    assert isinstance(shap, MaskMethod)
    assert isinstance(one_out, MaskMethod)
    found = shap.solve(masks, values, lengths=[1] * 3, seed=0)
    np.testing.assert_allclose(found.scores, shapley, rtol=1e-6)
    found = one_out.solve(masks, values, lengths=[1] * 3, seed=0)
    expected = [values[-1] - values[2**n - 1 - 2**i] for i in range(n)]
    np.testing.assert_allclose(found.scores, expected, rtol=1e-6)
