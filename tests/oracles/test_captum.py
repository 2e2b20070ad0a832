"""Captum's ablation of the same units gives our scores, the removed tokens being replaced alike."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch

import tiny
from jupyter_xai import methods
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.methods.base import MaskMethod
from jupyter_xai.models.base import Operator
from jupyter_xai.models.local.transformers import TransformersModel

TEXT = "I want to rest by the sea. No busy cities, though. My budget is flexible. "
"""The tokenizer splits off the last space, so that the response tokenises as it does alone."""

ANSWER = "New York is nice."
KINDS = ("gpt2", "llama", "qwen3", "gemma2")


def ours(model: TransformersModel, units: str, name: str) -> tuple[MaskingGame, Any]:
    prompt = model.prompt(TEXT, units=units)
    response = model.supplied(prompt, ANSWER)
    game = MaskingGame(
        model, prompt, response, response_units="token", operator=Operator("mask-token")
    )
    method = methods.get(name)
    assert isinstance(method, MaskMethod)
    masks = method.plan(game.n, method.most(game.n), seed=0)
    return game, method.solve(masks, game.values(masks), lengths=game.lengths, seed=0).scores


@pytest.fixture(autouse=True)
def _quiet_captum() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("kind", KINDS)
def test_llm_attribution_over_tokens(kind: str) -> None:
    from captum.attr import FeatureAblation, LLMAttribution, TextTokenInput

    model = TransformersModel(tiny.model(kind), tiny.tokenizer())
    game, scores = ours(model, "token", "leave-one-out")
    explainer = LLMAttribution(FeatureAblation(model.model), model.tokenizer)
    features = TextTokenInput(TEXT, model.tokenizer, baselines=model.tokenizer.unk_token_id)
    assert tuple(features.inp_tensor[0].tolist()) == game.prompt.ids
    result = explainer.attribute(
        features, target=torch.tensor(game.response.ids), forward_in_tokens=False
    )
    assert result.token_attr is not None
    assert scores.shape == (game.n, game.m + 1)
    np.testing.assert_allclose(scores[:, :-1], result.token_attr.numpy().T, atol=2e-5)
    np.testing.assert_allclose(scores[:, -1], result.seq_attr.numpy(), atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["leave-one-out", "shap"])
def test_ablation_and_shapley_values_over_sentences(kind: str, name: str) -> None:
    from captum.attr import FeatureAblation, ShapleyValues

    model = TransformersModel(tiny.model(kind), tiny.tokenizer())
    game, scores = ours(model, "sentence", name)
    assert game.prompt.token_source is not None
    answer = torch.tensor(game.response.ids)

    def forward(ids: torch.Tensor) -> torch.Tensor:
        rows = torch.cat([ids, answer.expand(len(ids), -1)], dim=1)
        with torch.inference_mode():
            logprobs = model.model(input_ids=rows).logits.log_softmax(-1)
        return logprobs[0, ids.shape[1] - 1 : -1][range(len(answer)), answer].sum()[None]

    method = FeatureAblation(forward) if name == "leave-one-out" else ShapleyValues(forward)
    found = method.attribute(
        torch.tensor([game.prompt.ids]),
        baselines=model.tokenizer.unk_token_id,
        feature_mask=torch.from_numpy(game.prompt.token_source)[None],
    )[0]
    # Captum gives every token the score of its unit.
    first = [int(np.argmax(game.prompt.token_source == i)) for i in range(game.n)]
    np.testing.assert_allclose(scores[:, -1], found[first].numpy(), atol=1e-4)
