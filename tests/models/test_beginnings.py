"""Decoders begin as `generate` begins; what is forced there is no part of a response."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    T5GemmaConfig,
    T5GemmaForConditionalGeneration,
)

import jupyter_xai as xai
import tiny
from jupyter_xai.models.base import Operator, Sampling
from jupyter_xai.models.local.transformers import TransformersModel

PROMPT = "Rest by the sea. No cities."
IDS = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2}
FORCED = 300


def t5(**where: Any) -> Any:
    """T5 whose decoder start is named where it is said to be, and nowhere else."""
    model = tiny.model("t5", vocab_size=400)
    for holder in (model.config, model.generation_config):
        holder.decoder_start_token_id = holder.bos_token_id = None
    for name, token in where.items():
        setattr(model.generation_config, name, token)
    return model


def bart() -> Any:
    torch.manual_seed(0)
    config = BartConfig(
        vocab_size=400, d_model=32, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4,
        decoder_attention_heads=4, encoder_ffn_dim=64, decoder_ffn_dim=64,
        max_position_embeddings=128, decoder_start_token_id=1, **IDS,
    )  # fmt: skip
    model = BartForConditionalGeneration(config).eval()
    model.generation_config.forced_bos_token_id = FORCED
    model.generation_config.forced_eos_token_id = None
    return louder(model)


def t5gemma() -> Any:
    torch.manual_seed(0)
    sizes = {
        "vocab_size": 400, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8, "sliding_window": 16,
        "query_pre_attn_scalar": 8, **IDS,
    }  # fmt: skip
    config = T5GemmaConfig(
        encoder=sizes, decoder={**sizes, "is_decoder": True}, vocab_size=400, **IDS
    )
    return louder(T5GemmaForConditionalGeneration(config).eval())


def louder(model: Any) -> Any:
    """With larger weights, so that one token is likelier than others."""
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.mul_(4)
    return model


KINDS: dict[str, tuple[Any, list[int]]] = {
    "config": (lambda: tiny.model("t5", vocab_size=400), [2]),
    "generation config": (lambda: t5(decoder_start_token_id=5), [5]),
    "beginning of text": (lambda: t5(bos_token_id=7), [7]),
    "forced": (bart, [1, FORCED]),
    "T5Gemma": (t5gemma, [0]),
}


def by_hand(model: Any, source: list[int], begin: list[int], response: list[int]) -> list[float]:
    """One row, one plain forward."""
    with torch.no_grad():
        logits = model(
            input_ids=torch.tensor([source]),
            decoder_input_ids=torch.tensor([[*begin, *response[:-1]]]),
        ).logits[0, len(begin) - 1 :]
    told = logits.double().log_softmax(-1)
    return told[range(len(response)), response].tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_answers_and_scores_begin_alike(kind: str) -> None:
    make, begin = KINDS[kind]
    net, tokenizer = make(), tiny.tokenizer()
    model = TransformersModel(net, tokenizer)
    prompt = model.prompt(PROMPT)
    source = list(prompt.ids or ())
    with torch.no_grad():
        said = net.generate(
            torch.tensor([source]), max_new_tokens=8 + len(begin) - 1, do_sample=False
        )[0].tolist()
    assert said[: len(begin)] == begin
    response = model.respond(prompt, Sampling(8))
    assert list(response.ids or ()) == said[len(begin) : len(begin) + 8]
    right = by_hand(net, source, begin, list(response.ids or ()))
    (scored,) = model.score(prompt, np.ones((1, 2), dtype=bool), Operator(), response)
    np.testing.assert_allclose(scored.logprobs[0], right, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_given_response_is_scored_in_every_way_from_there(kind: str) -> None:
    make, begin = KINDS[kind]
    net = make()
    model = TransformersModel(net, tiny.tokenizer())
    prompt = model.prompt(PROMPT)
    response = model.supplied(prompt, "New York is nice.")
    own = list(response.ids or ())
    assert FORCED not in own
    right = by_hand(net, list(prompt.ids or ()), begin, own)
    embedded = model.differentiable(prompt, response)
    gradients = embedded.logprobs(embedded.embeddings[None])[0].detach().numpy()
    np.testing.assert_allclose(gradients, right, atol=1e-5)
    attended = model.attentions(prompt, response)
    assert attended.cross is not None
    assert attended.cross.shape[1] == len(own)
    masks = np.array([[True, True], [False, True]])
    moved = {
        int(row): batch.divergence[place]
        for batch in model.divergence(prompt, masks, Operator(), response, "masked")
        for place, row in enumerate(batch.rows)
    }
    assert moved[0].shape == (len(own),)
    np.testing.assert_allclose(moved[0], 0, atol=1e-5)
    e = xai.explain(
        PROMPT, model, response="New York is nice.", method="leave-one-out", checks=False,
        progress=False,
    )  # fmt: skip
    assert e.full[-1] == pytest.approx(sum(right), abs=1e-4)


def test_forced_tokens_are_neither_a_unit_nor_a_part_of_another_answer() -> None:
    model = TransformersModel(bart(), tiny.tokenizer())
    prompt = model.prompt(PROMPT)
    response = model.respond(prompt, Sampling(6))
    other = model.runner_up(prompt, response, Sampling(6))
    assert len(response.ids or ()) == 6
    assert other.text != response.text
    own = list(other.ids or ())
    right = by_hand(model.model, list(prompt.ids or ()), [1, FORCED], own)
    (scored,) = model.score(prompt, np.ones((1, 2), dtype=bool), Operator(), other)
    np.testing.assert_allclose(scored.logprobs[0], right, atol=1e-5)
