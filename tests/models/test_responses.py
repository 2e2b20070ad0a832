"""Responses: their ids are those that were generated, and their end is counted only if asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import tiny
from jupyter_xai.masking import every
from jupyter_xai.models.base import Operator, Sampling
from jupyter_xai.models.local.scoring import ScoringKernel
from jupyter_xai.models.local.transformers import TransformersModel

END = 1


def scripted(monkeypatch: pytest.MonkeyPatch, ids: list[int], **options: Any) -> TransformersModel:
    """A model that answers with given token ids."""
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=True), **options)
    monkeypatch.setattr(
        "jupyter_xai.models.local.answer_writer.generate",
        lambda *_, **__: [list(ids)],
        raising=True,
    )
    return model


def test_the_end_token_is_left_out_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    said = list(tiny.tokenizer()(" by the sea").input_ids)
    plain = scripted(monkeypatch, [*said, END])
    response = plain.respond(plain.prompt("Rest."), Sampling())
    assert response.ids == tuple(said)
    assert response.finished
    ended = scripted(monkeypatch, [*said, END], include_eos=True)
    response = ended.respond(ended.prompt("Rest."), Sampling())
    assert response.ids == (*said, END)
    assert response.spans is not None
    assert len(response.spans) == len(response.ids)
    assert response.text == " by the sea"
    cut = scripted(monkeypatch, said, include_eos=True)
    response = cut.respond(cut.prompt("Rest."), Sampling())
    assert response.ids == tuple(said)
    assert not response.finished


def test_special_tokens_inside_an_answer_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = tiny.tokenizer()
    mark = tokenizer.convert_tokens_to_ids("<|end|>")
    said = [*tokenizer("a ").input_ids, mark, *tokenizer(" b").input_ids]
    model = scripted(monkeypatch, [*said, END])
    response = model.respond(model.prompt("Rest."), Sampling())
    assert response.ids == tuple(said)
    assert "<|end|>" in response.text


def test_removing_everything_from_a_plain_prompt_leaves_a_beginning() -> None:
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer())
    prompt = model.prompt("Rest. Now.")
    (nothing,) = model.inputs(prompt, np.zeros((1, 2), bool), Operator())
    assert nothing.ids.tolist() == [model.tokenizer.bos_token_id]


def test_what_is_scored_decodes_to_the_text_that_is_left() -> None:
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=True))
    prompt = model.prompt("I want to rest. No cities! 你好。 My budget: 5 €.")
    masks = every(len(prompt.document.sources))
    for mask, item in zip(masks, model.inputs(prompt, masks, Operator()), strict=True):
        # A space between two units belongs to the unit before it in the text and to the token
        # after it in the ids, so the two agree but for single spaces.
        left = model.tokenizer.decode(item.ids, clean_up_tokenization_spaces=False)
        assert left.replace(" ", "") == prompt.document.keep(mask.tolist()).replace(" ", "")


def test_logits_with_one_axis_more_are_understood() -> None:
    built = tiny.model("llama")
    kernel = ScoringKernel(built)
    inner = TransformersModel(built, tiny.tokenizer())
    prompt = inner.prompt("Rest. Now.")
    response = inner.supplied(prompt, "New York")
    expected = {
        int(row): values
        for batch in inner.score(prompt, every(2), Operator(), response)
        for row, values in zip(batch.rows, batch.logprobs, strict=True)
    }

    def add_axis(_module: Any, _inputs: Any, output: Any) -> Any:
        output.logits = output.logits[:, None]
        return output

    with_axis = built.register_forward_hook(add_axis)
    inputs = inner.inputs(prompt, every(2), Operator())
    for batch in kernel.score(inputs, response.ids or ()):
        for row, values in zip(batch.rows, batch.logprobs, strict=True):
            np.testing.assert_array_equal(values, expected[int(row)])
    with_axis.remove()


@pytest.mark.parametrize("kind", ["llama", "cohere"])
def test_tied_heads_and_padded_vocabularies(kind: str) -> None:
    built = tiny.model(kind, vocab_size=1024, tie_word_embeddings=True)
    model = TransformersModel(built, tiny.tokenizer())
    prompt = model.prompt("Rest. Now.")
    response = model.supplied(prompt, "New York")
    (batch,) = model.score(prompt, np.ones((1, 2), bool), Operator(), response)
    ids = torch.tensor([[*(prompt.ids or ()), *(response.ids or ())]])
    with torch.inference_mode():
        logits = built(ids).logits[0, len(prompt.ids or ()) - 1 : -1].double()
    expected = logits.log_softmax(-1)[range(len(response.ids or ())), list(response.ids or ())]
    np.testing.assert_allclose(batch.logprobs[0], expected.numpy(), atol=1e-5)


def test_an_autocast_around_the_call_is_no_concern_of_the_kernel() -> None:
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer())
    prompt = model.prompt("Rest. Now.")
    response = model.supplied(prompt, "New York")
    (batch,) = model.score(prompt, np.ones((1, 2), bool), Operator(), response)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        (again,) = model.score(prompt, np.ones((1, 2), bool), Operator(), response)
    np.testing.assert_array_equal(batch.logprobs, again.logprobs)


def test_readers_are_not_left_in_inference_mode() -> None:
    built = tiny.model("gpt2").train()
    model = TransformersModel(built, tiny.tokenizer())
    prompt = model.prompt("Rest. Now.", units="word")
    response = model.supplied(prompt, "New York")
    stream = model.score(prompt, every(2), Operator(), response)
    next(stream)
    assert not torch.is_inference_mode_enabled()
    assert built.training
    stream.close()


def test_sampling_is_repeatable_and_leaves_the_global_state() -> None:
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=True))
    prompt = model.prompt("Rest now.")
    before = torch.random.get_rng_state()
    first, again, other = (
        model.respond(prompt, Sampling(max_new_tokens=8, temperature=2.0, seed=seed)).ids
        for seed in (3, 3, 4)
    )
    assert first == again != other
    assert torch.equal(before, torch.random.get_rng_state())
