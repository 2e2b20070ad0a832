"""Gradient methods: stopped, within budgets, refused, and models left as they were."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch

import jupyter_xai as xai
import tiny
from gradient_games import ANSWER, NAMES, TEXT, play, tiny_game
from gradient_games import _one_quiet_thread as _one_quiet_thread
from jupyter_xai import methods
from jupyter_xai.errors import Interrupted, XaiError
from jupyter_xai.game.budget import Budget
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.models.local.transformers import TransformersModel


@pytest.mark.parametrize("name", NAMES)
def test_a_stopped_run_keeps_its_columns(name: str) -> None:
    game = tiny_game("llama", response_units="token", answer="New York is nice. A dog. a b c d e")
    complete = play(game, name)
    per_column = methods.get(name).passes(None)  # type: ignore[attr-defined]
    assert game.m > 8

    def stop(done: int, total: int) -> None:
        assert total == game.m * per_column or name == "integrated-gradients"
        if done > 8 * per_column:
            raise Interrupted

    settings = {"most_steps": 20} if name == "integrated-gradients" else {}
    found = play(game, name, on_progress=stop, **settings)
    assert found.stopped
    assert not found.exact
    assert np.isfinite(found.scores[:, :8]).all()
    assert np.isnan(found.scores[:, 8:]).all()
    if not settings:
        np.testing.assert_array_equal(found.scores[:, :8], complete.scores[:, :8])


@pytest.mark.parametrize("name", NAMES)
def test_budgets_are_kept(name: str) -> None:
    game = tiny_game("llama", budget=Budget(max_forwards=3))
    found = play(game, name)
    assert found.stopped
    assert np.isnan(found.scores).all()
    assert game.cost.forwards + game.cost.backwards <= 3


@pytest.mark.parametrize("name", NAMES)
def test_costs_are_estimated_from_above(name: str) -> None:
    game = tiny_game("llama", response_units="word")
    play(game, name)
    expected = methods.get(name).cost(game.n, game.m)
    assert game.cost.forwards <= expected.masks + expected.forwards
    assert game.cost.backwards <= expected.backwards
    assert expected.forwards <= 8 * game.cost.forwards


@pytest.mark.parametrize("name", NAMES)
def test_seeds_are_local_and_models_untouched(name: str) -> None:
    game = tiny_game("llama")
    model: Any = game.model
    weights = copy.deepcopy(model.model.state_dict())
    torch_state, numpy_state = torch.random.get_rng_state(), np.random.get_state()
    one, two = play(game, name), play(game, name)
    np.testing.assert_array_equal(one.scores, two.scores)
    assert torch.equal(torch.random.get_rng_state(), torch_state)
    assert all(np.array_equal(a, b) for a, b in zip(np.random.get_state(), numpy_state))  # noqa: B905
    for key, value in model.model.state_dict().items():
        assert torch.equal(value, weights[key])
    assert all(parameter.grad is None for parameter in model.model.parameters())


@pytest.mark.parametrize("name", NAMES)
def test_nan_and_text_are_refused(name: str) -> None:
    game = tiny_game("llama")
    game.values(np.ones((1, game.n), dtype=bool))
    model: Any = game.model
    with torch.no_grad():
        model.model.model.norm.weight.fill_(torch.nan)
    with pytest.raises(XaiError, match="returned NaN"):
        play(game, name)
    with pytest.raises(XaiError, match=f"{name} needs gradients; .* gives answers"):
        xai.explain(TEXT, str.upper, method=name)
    with pytest.raises(XaiError, match="use value='logprob'"):
        xai.explain(TEXT, "tutor", response="Rest.", method=name, value="text")


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("saliency", {"variant": "abs"}, "unknown variant 'abs'; choose one of projection, norm"),
        ("integrated-gradients", {"steps": 0}, "steps=0 is not allowed"),
        ("integrated-gradients", {"steps": 1, "quadrature": "trapezoid"}, "needs both ends"),
        ("integrated-gradients", {"baseline": "pad"}, "choose one of token, zero, mean"),
        ("integrated-gradients", {"quadrature": "simpson"}, "choose one of gausslegendre"),
        ("gradient-shap", {"baseline": "noise"}, "choose one of vocabulary, token"),
    ],
)
def test_settings_are_checked(name: str, settings: Any, said: str) -> None:
    with pytest.raises(XaiError, match=said):
        methods.get(name, **settings)


@pytest.mark.parametrize("name", NAMES)
def test_from_the_public_function(name: str) -> None:
    found = xai.explain(TEXT, "tutor", response="Rest by the sea.", method=name, units="word")
    assert found.record["method"]["name"] == name
    assert np.isfinite(found.attribution.scores).all()
    assert found.record["cost"]["backwards"] > 0
    again = xai.Explanation.from_dict(found.to_dict()).record["method"]
    assert again["settings"] == found.record["method"]["settings"]
    assert again["details"].keys() == found.record["method"]["details"].keys()


def test_gradient_shap_draws_no_sample_twice() -> None:
    """More samples cost only what is new."""
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=True))
    prompt = model.prompt(TEXT)
    ledger = Ledger()

    def played(samples: int, *, seed: int = 0) -> tuple[Any, int]:
        response = model.supplied(prompt, ANSWER)
        game = MaskingGame(model, prompt, response, ledger=ledger)
        found = play(game, "gradient-shap", perturbations=samples, seed=seed)
        return found, game.cost.backwards

    columns = 2  # the response's sentences; the whole is their sum
    _, first = played(6)
    refined, more = played(16)
    _, again = played(16)
    assert (first, more, again) == (6 * columns, 10 * columns, 0)
    _, other = played(4, seed=1)
    assert other == 4 * columns
    ledger.clear()
    afresh, every = played(16)
    assert every == 16 * columns
    np.testing.assert_allclose(refined.scores, afresh.scores, atol=1e-5)
    np.testing.assert_allclose(refined.low, afresh.low, atol=1e-5)
