"""Log-probabilities and values as functions of embeddings: as of tokens, and harmless."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import tiny
from jupyter_xai.errors import XaiError
from jupyter_xai.game.differentiable_game import DifferentiableGame
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.models.base import Operator, Sampling
from jupyter_xai.models.capabilities import GradientModel
from jupyter_xai.models.function import FunctionModel
from jupyter_xai.models.local.transformers import TransformersModel

TEXT = "I want to rest by the sea. No busy cities, though. My budget is flexible."
ANSWER = "New York is nice. A dog."


def played(model: Any, **options: Any) -> MaskingGame:
    prompt = model.prompt(options.pop("text", TEXT))
    response = model.supplied(prompt, ANSWER)
    return MaskingGame(model, prompt, response, ledger=Ledger(), **options)


def tiny_model(kind: str, **options: Any) -> TransformersModel:
    return TransformersModel(tiny.model(kind, **options), tiny.tokenizer(chat=True))


def gradients_of(game: DifferentiableGame, columns: Any, copies: int = 1) -> list[torch.Tensor]:
    """Gradients at the whole prompt, all batches together: one [copies, P, d] a column."""
    rows = game.embeddings.expand(copies, -1, -1)
    batches = [batch.gradients for batch in game.gradients(rows, columns)]
    return [torch.cat(parts) for parts in zip(*batches, strict=True)]


@pytest.mark.parametrize("kind", tiny.ALL)
def test_embeddings_of_the_prompt_give_what_its_tokens_give(kind: str) -> None:
    model = tiny_model(kind)
    assert isinstance(model, GradientModel)
    prompt = model.prompt(TEXT)
    response = model.supplied(prompt, ANSWER)
    everything = np.ones((1, 3), dtype=bool)
    [scored] = model.score(prompt, everything, Operator(), response)
    function = model.differentiable(prompt, response)
    found = function.logprobs(function.embeddings[None].repeat(2, 1, 1))
    assert found.dtype == function.embeddings.dtype == torch.float32
    np.testing.assert_allclose(found.detach(), np.repeat(scored.logprobs, 2, 0), atol=1e-5)
    np.testing.assert_array_equal(function.token_source, prompt.token_source)


@pytest.mark.parametrize("value", ["logprob", "logit"])
@pytest.mark.parametrize("kind", tiny.ALL)
def test_gradients_of_units_are_those_of_autograd_by_hand(kind: str, value: str) -> None:
    game = DifferentiableGame(played(tiny_model(kind), value=value))
    found = gradients_of(game, range(game.game.m + 1))
    model = tiny_model(kind).model.double()
    ids = list(game.game.response.ids or ())
    inputs = game.embeddings.double()[None].requires_grad_()
    if model.config.is_encoder_decoder:
        decoder = torch.tensor([[model.config.decoder_start_token_id, *ids[:-1]]])
        logits = model(inputs_embeds=inputs, decoder_input_ids=decoder).logits[0]
    else:
        behind = model.get_input_embeddings()(torch.tensor([ids[:-1]]))
        logits = model(inputs_embeds=torch.cat([inputs, behind], 1)).logits[0, -len(ids) :]
    logprobs = logits.log_softmax(-1)[range(len(ids)), ids]
    for column, gradient in zip(game.game.columns, found, strict=True):
        target = logprobs[column].sum()
        if value == "logit":
            target = target - torch.log(1 - target.exp())
        (expected,) = torch.autograd.grad(target, inputs, retain_graph=True)
        assert expected.abs().max() > 1e-3
        np.testing.assert_allclose(
            gradient, expected, rtol=1e-3, atol=1e-4 * float(expected.abs().max())
        )


def test_rows_run_in_batches_give_what_single_rows_give(monkeypatch: pytest.MonkeyPatch) -> None:
    game = DifferentiableGame(played(tiny_model("llama")))
    generator = torch.Generator().manual_seed(0)
    rows = torch.randn((5, *game.embeddings.shape), generator=generator)
    [batch] = game.gradients(rows, [0, 2])
    cost = game.game.cost
    forwards, backwards, tokens = cost.forwards, cost.backwards, cost.tokens
    monkeypatch.setattr(game, "most_rows", 2)
    parts = list(game.gradients(rows, [0, 2]))
    assert [part.rows for part in parts] == [slice(0, 2), slice(2, 4), slice(4, 5)]
    np.testing.assert_allclose(
        np.concatenate([p.values for p in parts]), batch.values, rtol=1e-5, atol=1e-4
    )
    for column in range(2):
        joined = torch.cat([part.gradients[column] for part in parts])
        np.testing.assert_allclose(joined, batch.gradients[column], rtol=1e-3, atol=1e-4)
    assert (cost.forwards - forwards, cost.backwards - backwards) == (5, 10)
    assert cost.tokens - tokens == 5 * (
        len(game.embeddings) + len(game.game.response.ids or ()) - 1
    )


def test_too_little_memory_halves_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    game = DifferentiableGame(played(tiny_model("llama")))
    expected = gradients_of(game, [0], copies=5)
    plain, limit = game._sides[0].logprobs, 2

    def limited(embeddings: torch.Tensor) -> torch.Tensor:
        if len(embeddings) > limit:
            message = "CUDA out of memory. Tried to allocate 20.00 MiB"
            raise torch.OutOfMemoryError(message)
        return plain(embeddings)

    monkeypatch.setattr(game._sides[0], "logprobs", limited)
    found = gradients_of(game, [0], copies=5)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-3, atol=1e-4)
    limit = 0
    with pytest.raises(XaiError, match="not enough memory for the gradients of a single prompt"):
        gradients_of(game, [0])


def test_the_model_is_left_as_it_was_found() -> None:
    built = tiny.model("llama")
    built.train()
    built.model.layers[0].eval()
    wanting = list(built.parameters())[::2]
    for parameter in built.parameters():
        parameter.requires_grad_(False)
    for parameter in wanting:
        parameter.requires_grad_(True)
    game = played(TransformersModel(built, tiny.tokenizer(chat=True)))

    def state() -> Any:
        return (
            [module.training for module in built.modules()],
            [parameter.requires_grad for parameter in built.parameters()],
            [parameter.grad for parameter in built.parameters()],
            [len(module._forward_hooks) for module in built.modules()],
            built.config.to_json_string(),
            torch.is_grad_enabled(),
        )

    before = state()
    weights = [parameter.detach().clone() for parameter in built.parameters()]
    seed = torch.random.get_rng_state()
    gradients_of(DifferentiableGame(game), range(game.m + 1))
    assert state() == before
    assert torch.equal(torch.random.get_rng_state(), seed)
    for parameter, weight in zip(built.parameters(), weights, strict=True):
        assert torch.equal(parameter, weight)


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_callers_without_gradients_get_them_too(mode: Any) -> None:
    model = tiny_model("llama")
    expected = gradients_of(DifferentiableGame(played(model)), [0])[0]
    with mode(), torch.autocast("cpu", torch.bfloat16):
        found = gradients_of(DifferentiableGame(played(model)), [0])[0]
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(("dtype", "share"), [(torch.bfloat16, 0.15), (torch.float16, 0.02)])
def test_small_dtypes_give_nearly_the_same_gradients(dtype: torch.dtype, share: float) -> None:
    model = tiny_model("llama")
    expected = gradients_of(DifferentiableGame(played(model)), [0, 2])
    found = gradients_of(DifferentiableGame(played(tiny_low(dtype))), [0, 2])
    for gradient, full in zip(found, expected, strict=True):
        assert gradient.dtype == torch.float32
        assert (gradient - full).norm() < share * full.norm()


def tiny_low(dtype: torch.dtype) -> TransformersModel:
    return TransformersModel(tiny.model("llama").to(dtype), tiny.tokenizer(chat=True))


def test_small_gradients_survive_float16() -> None:
    game = DifferentiableGame(played(tiny_low(torch.float16)))
    with torch.no_grad():
        # A hundred thousandth of the gradient would be lost below the smallest number.
        tiny_share = 1e-5
        inputs = game.embeddings[None].clone()
    inputs.requires_grad_()
    target = game._sides[0].logprobs(inputs).sum() * tiny_share
    (found,) = torch.autograd.grad(target, inputs)
    expected = gradients_of(game, [game.game.m])[0] * tiny_share
    assert (found - expected).norm() < 0.05 * expected.norm()


def test_what_gives_no_gradients_is_said() -> None:
    model = FunctionModel(str.upper)
    assert "gradients" not in model.capabilities
    prompt = model.prompt("Be brief. Be kind.")
    game = MaskingGame(
        model, prompt, model.respond(prompt, Sampling()), value="text", ledger=Ledger()
    )
    with pytest.raises(XaiError, match="gradients need log-probabilities; use value='logprob'"):
        DifferentiableGame(game)


def test_models_without_embeddings_as_input_lack_the_capability() -> None:
    built = tiny.model("llama")
    plain = type(built).forward

    def forward(self: Any, input_ids: Any, attention_mask: Any = None, **options: Any) -> Any:
        return plain(self, input_ids=input_ids, attention_mask=attention_mask, **options)

    built.__class__ = type("Tokens", (type(built),), {"forward": forward})
    model = TransformersModel(built, tiny.tokenizer(chat=True))
    assert model.capabilities == {"text", "logprob", "attentions"}
    with pytest.raises(XaiError, match="gives no gradients"):
        DifferentiableGame(played(model))


def test_nan_is_one_clear_error() -> None:
    model = tiny_model("llama")
    game = DifferentiableGame(played(model))
    game.values(game.embeddings[None])
    with torch.no_grad():
        model.model.model.norm.weight.fill_(torch.nan)
    with pytest.raises(XaiError, match=r"returned NaN") as caught:
        gradients_of(game, [0])
    assert "\n" not in str(caught.value)


def test_embeddings_that_mean_something_else_are_refused() -> None:
    """Some models scale embeddings only when they look them up themselves."""
    built = tiny.model("llama")
    plain = type(built).forward

    def forward(self: Any, *arguments: Any, inputs_embeds: Any = None, **options: Any) -> Any:
        scaled = None if inputs_embeds is None else 3 * inputs_embeds
        return plain(self, *arguments, inputs_embeds=scaled, **options)

    wrapped = type("Scaling", (type(built),), {"forward": forward})
    built.__class__ = wrapped
    game = DifferentiableGame(played(TransformersModel(built, tiny.tokenizer(chat=True))))
    with pytest.raises(XaiError, match="computes something else from embeddings"):
        gradients_of(game, [0])
