"""Games of tiny models whose gradients can be followed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import tiny
from jupyter_xai import methods
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.methods.base import Attribution, GameMethod
from jupyter_xai.models.local.transformers import TransformersModel

TEXT = "I want to rest by the sea. No busy cities, though. My budget is flexible."


ANSWER = "New York is nice. A dog."


KINDS = ("gpt2", "llama", "gemma2", "t5")


NAMES = ("saliency", "input-x-gradient", "integrated-gradients", "gradient-shap")


@pytest.fixture(autouse=True)
def _one_quiet_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    torch.set_num_threads(threads)


def game_of(model: Any, **options: Any) -> MaskingGame:
    prompt = model.prompt(options.pop("text", TEXT), units=options.pop("units", "sentence"))
    response = model.supplied(prompt, options.pop("answer", ANSWER))
    foil = options.pop("foil", None)
    if foil is not None:
        options["foil"] = model.supplied(prompt, foil)
    return MaskingGame(model, prompt, response, ledger=Ledger(), **options)


def tiny_game(kind: str, **options: Any) -> MaskingGame:
    return game_of(TransformersModel(tiny.model(kind), tiny.tokenizer(chat=True)), **options)


def play(game: MaskingGame, name: str, **settings: Any) -> Attribution:
    told = settings.pop("on_progress", lambda done, total: None)
    perturbations, seed = settings.pop("perturbations", None), settings.pop("seed", 0)
    method = methods.get(name, **settings)
    assert isinstance(method, GameMethod)
    return method.play(game, k=1, perturbations=perturbations, seed=seed, on_progress=told)


def close(found: NDArray[np.float64], expected: NDArray[np.float64], share: float = 1e-3) -> None:
    assert np.abs(expected).max() > 0.01
    np.testing.assert_allclose(found, expected, rtol=share, atol=share * np.abs(expected).max())
