"""What other libraries got wrong about masks, weights and caches, on whole games."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tiny
from jupyter_xai import methods, metrics
from jupyter_xai.evaluation.checks import top_k
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.masking import every
from jupyter_xai.methods.base import MaskMethod
from jupyter_xai.models.base import Sampling
from jupyter_xai.models.function import FunctionModel
from jupyter_xai.models.local.transformers import TransformersModel

TEXT = "I want to rest by the sea. No busy cities, though. My budget is flexible. The old dog."
SURROGATES = ("lime", "linear", "contrastive")


def solved(name: str) -> tuple[MaskMethod, Callable[..., np.ndarray], np.ndarray]:
    method = methods.get(name)
    assert isinstance(method, MaskMethod)
    masks = method.plan(6, 40, seed=0)

    def solve(values: np.ndarray) -> np.ndarray:
        return method.solve(masks, values[:, None], lengths=[1], seed=0).scores[:, 0]

    return method, solve, masks


def test_limes_weights_hang_on_the_masks_only() -> None:  # T36
    _, solve, masks = solved("lime")
    one, two = np.random.default_rng(0).normal(size=(2, len(masks)))
    # A weight that looked at the values could not add up over them.
    np.testing.assert_allclose(solve(one + 5 * two), solve(one) + 5 * solve(two), atol=1e-9)


@pytest.mark.parametrize("name", SURROGATES)
def test_what_was_fitted_does_not_count_as_held_out(name: str) -> None:  # T34
    method, solve, masks = solved(name)
    inside, outside = [], []
    for noise in np.random.default_rng(3).normal(size=(12, len(masks))):
        inside.append(metrics.lds(solve(noise), masks, noise))
        outside.append(metrics.cross_fitted_lds(method, masks, noise[:, None], [1], 0)[0])
    assert np.mean(inside) > np.mean(outside) + 0.25
    assert np.mean(outside) < 0.1


@pytest.mark.parametrize("name", SURROGATES)
@pytest.mark.parametrize("contrast", [False, True])
def test_every_mask_is_asked_once_and_no_other(name: str, contrast: bool) -> None:  # T37
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=True))
    prompt = model.prompt(TEXT)
    response = model.supplied(prompt, "New York is nice.")
    foil = model.supplied(prompt, "New cities, though.") if contrast else None
    game = MaskingGame(model, prompt, response, foil=foil, ledger=Ledger())
    method = methods.get(name)
    assert isinstance(method, MaskMethod)
    masks = method.plan(game.n, 9, seed=0)
    game.values(masks)
    assert len(masks) == 1 + 9
    assert len(np.unique(masks, axis=0)) == len(masks)
    assert game.cost.forwards == len(masks) * (1 + contrast)


def test_answers_by_other_settings_are_other_answers() -> None:  # T47
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return "Yes."

    ledger = Ledger()
    model = FunctionModel(answer)
    prompt = model.prompt("Be brief. Be kind.")
    for sampling in (Sampling(), Sampling(), Sampling(temperature=1.0), Sampling(seed=1)):
        response = model.supplied(prompt, "No.")
        game = MaskingGame(model, prompt, response, value="text", sampling=sampling, ledger=ledger)
        game.values(every(2))
    assert Sampling().temperature == 0, "greedy unless asked otherwise"
    assert len(asked) == 3 * 4


@pytest.mark.parametrize("k", [1, 2, 3])
def test_choices_of_one_size_are_compared(k: int, monkeypatch: pytest.MonkeyPatch) -> None:  # T50
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=True))
    prompt = model.prompt(TEXT)
    game = MaskingGame(model, prompt, model.supplied(prompt, "New York."), ledger=Ledger())
    seen: list[np.ndarray] = []
    values = game.values

    def noted(masks: np.ndarray, **options: Any) -> np.ndarray:
        seen.append(masks)
        return values(masks, **options)

    monkeypatch.setattr(game, "values", noted)
    scores = np.array([[0.1, 3.0, -1.0, 2.0]]).T
    check, _ = top_k.drops(game, scores, k, 0)
    assert len(check["removed"]) == len(check["leave_one_out"]["removed"]) == k
    removed = game.n - np.concatenate(seen).sum(axis=1)
    # The whole prompt, the sets that are compared, and single units for leave-one-out's choice.
    assert set(removed.tolist()) == {0, 1, k}
    assert (removed == k).sum() >= 2 + check["random"]["draws"]
