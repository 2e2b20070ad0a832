"""A batch gives what single rows give, for every architecture, operator and padding side."""

from __future__ import annotations

import copy
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch

import tiny
from jupyter_xai.errors import XaiError
from jupyter_xai.masking import OPERATORS, every
from jupyter_xai.models.base import Operator, Prompt, Response
from jupyter_xai.models.local.scoring import ScoringKernel
from jupyter_xai.models.local.shared_prefixes import groups, shared_tokens
from jupyter_xai.models.local.token_logprobs import token_logprobs
from jupyter_xai.models.local.transformers import TransformersModel
from reference import plain_logprobs

TEXT = (
    "I want to rest by the sea. No busy cities, though. My budget is flexible. "
    "The old doctor walked. A dog."
)
TOLERANCE = 1e-5


def score(model: TransformersModel, prompt: Prompt, masks: Any, operator: Operator, r: Response):
    """All log-probabilities as one array, and the tokens counted."""
    logprobs = np.full((len(masks), len(r.ids or ())), np.nan, np.float32)
    tokens = 0
    for batch in model.score(prompt, masks, operator, r):
        assert np.isnan(logprobs[batch.rows]).all(), "a row was scored twice"
        logprobs[batch.rows] = batch.logprobs
        tokens += batch.tokens
    return logprobs, tokens


def plain(model: TransformersModel, prompt: Prompt, masks: Any, operator: Operator, r: Response):
    return np.array(
        [
            plain_logprobs(model.model, item, r.ids or (), positions=model._kernel.takes_positions)
            for item in model.inputs(prompt, masks, operator)
        ]
    )


def operator_named(name: str) -> Operator:
    return Operator(name, "xy z" if name == "replace" else None)


@pytest.mark.parametrize(
    ("kind", "attention"),
    [
        (kind, attention)
        for kind, attention in product(tiny.ALL, ["eager", "sdpa"])
        if attention == "eager" or kind not in tiny.WITHOUT_SDPA
    ],
)
def test_batches_equal_single_rows(kind: str, attention: str) -> None:
    model = TransformersModel(tiny.model(kind, attention=attention), tiny.tokenizer(chat=True))
    prompt = model.prompt(TEXT)
    response = model.supplied(prompt, "New York is nice. a b c")
    masks = every(len(prompt.document.sources))
    for name in OPERATORS:
        operator = operator_named(name)
        if name == "attention" and kind == "bloom":
            with pytest.raises(XaiError, match="use operator='delete'"):
                score(model, prompt, masks, operator, response)
            continue
        found, _ = score(model, prompt, masks, operator, response)
        expected = plain(model, prompt, masks, operator, response)
        np.testing.assert_allclose(found, expected, atol=TOLERANCE, err_msg=name)
        assert expected.std() > 0.05, "the model hardly reacts, so this would prove nothing"


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_padding_side_of_the_tokenizer_does_not_matter(kind: str, side: str) -> None:
    tokenizer = tiny.tokenizer(chat=True, padding_side=side)
    before = copy.deepcopy(tokenizer.init_kwargs), tokenizer.padding_side
    model = TransformersModel(tiny.model(kind), tokenizer)
    prompt = model.prompt(TEXT)
    response = model.supplied(prompt, "New York.")
    masks = every(len(prompt.document.sources))
    found, _ = score(model, prompt, masks, Operator(), response)
    expected = plain(model, prompt, masks, Operator(), response)
    np.testing.assert_allclose(found, expected, atol=TOLERANCE)
    assert (tokenizer.init_kwargs, tokenizer.padding_side) == before


def test_responses_with_end_and_pad_tokens_are_scored_right() -> None:
    tokenizer = tiny.tokenizer(pad_token="</s>")
    model = TransformersModel(tiny.model("llama", pad_token_id=1), tokenizer)
    prompt = model.prompt(TEXT)
    response = Response("x", ids=(40, 1, 2, 1, 50), spans=((0, 1),) * 5)
    masks = every(len(prompt.document.sources))
    found, _ = score(model, prompt, masks, Operator(), response)
    np.testing.assert_allclose(
        found, plain(model, prompt, masks, Operator(), response), atol=TOLERANCE
    )


def test_sharing_spares_tokens_and_changes_nothing() -> None:
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=True))
    prompt = model.prompt(TEXT, units="token")
    response = model.supplied(prompt, "New York is nice.")
    n = len(prompt.document.sources)
    masks = np.concatenate([np.ones((1, n), bool), ~np.eye(n, dtype=bool)])
    shared, tokens = score(model, prompt, masks, Operator(), response)
    inputs = model.inputs(prompt, masks, Operator())
    rows = sum(len(item) + len(response.ids or ()) - 1 for item in inputs)
    assert tokens == rows - shared_tokens(inputs)
    again, _ = score(model, prompt, masks, Operator(), response)
    np.testing.assert_array_equal(shared, again)  # nothing held was changed by the first run
    np.testing.assert_allclose(
        shared, plain(model, prompt, masks, Operator(), response), atol=TOLERANCE
    )


@pytest.mark.parametrize("most", [1, 40, 90, 10_000])
def test_groups_rebuild_every_row(most: int) -> None:
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer())
    prompt = model.prompt(TEXT, units="word")
    n = len(prompt.document.sources)
    rng = np.random.default_rng(0)
    masks = rng.random((50, n)) < 0.8
    masks[-1] = False
    for name in ("delete", "attention", "zero-embedding"):
        inputs = model.inputs(prompt, masks, operator_named(name))
        seen: list[int] = []
        trunk_tokens = 0
        for group in groups(inputs, most=most):
            trunk = group.trunk
            assert len(trunk) <= max(most, *(len(item) for item in inputs))
            trunk_tokens += len(trunk)
            for row, path in zip(group.rows.tolist(), group.paths, strict=True):
                item = inputs[row]
                assert len(path) < len(item), "the last token must give its own logits"
                np.testing.assert_array_equal(trunk.ids[path], item.ids[: len(path)])
                np.testing.assert_array_equal(trunk.positions[path], item.positions[: len(path)])
                np.testing.assert_array_equal(trunk.zeroed[path], item.zeroed[: len(path)])
                for depth, token in enumerate(path):
                    np.testing.assert_array_equal(
                        np.flatnonzero(trunk.ancestors[token]), np.sort(path[: depth + 1])
                    )
                seen.append(row)
        assert sorted(seen) == list(range(len(inputs)))
        if most == 10_000:
            total = sum(map(len, inputs))
            paths = sum(len(p) for g in groups(inputs, most=most) for p in g.paths)
            assert total - shared_tokens(inputs) == total - paths + trunk_tokens


@pytest.mark.parametrize("text", ["a", "a b"])
def test_shortest_prompts(text: str) -> None:
    model = TransformersModel(tiny.model("gpt2"), tiny.tokenizer())
    prompt = model.prompt(text, units="word")
    response = model.supplied(prompt, "b")
    masks = every(len(prompt.document.sources))
    found, _ = score(model, prompt, masks, Operator(), response)
    expected = plain(model, prompt, masks, Operator(), response)
    np.testing.assert_allclose(found, expected, atol=TOLERANCE)


def test_long_trunks_run_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_xai.models.local.prefix_cache._CHUNK", 7)
    model = TransformersModel(tiny.model("qwen3"), tiny.tokenizer())
    prompt = model.prompt(TEXT, units="word")
    response = model.supplied(prompt, "New York")
    n = len(prompt.document.sources)
    masks = ~np.eye(n, dtype=bool)
    found, _ = score(model, prompt, masks, Operator(), response)
    expected = plain(model, prompt, masks, Operator(), response)
    np.testing.assert_allclose(found, expected, atol=TOLERANCE)


def test_batches_are_halved_when_memory_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer())
    prompt = model.prompt(TEXT)
    response = model.supplied(prompt, "New York")
    masks = every(len(prompt.document.sources))
    expected, _ = score(model, prompt, masks, Operator(), response)
    sizes: list[int] = []
    forward = ScoringKernel._forward

    def small_memory(self: ScoringKernel, *arguments: Any) -> Any:
        sizes.append(len(arguments[2]))
        if sizes[-1] > 3:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return forward(self, *arguments)

    monkeypatch.setattr(ScoringKernel, "_forward", small_memory)
    found, _ = score(model, prompt, masks, Operator(), response)
    np.testing.assert_allclose(found, expected, atol=TOLERANCE)
    assert max(sizes) > 3 >= sizes[-1]


def test_memory_for_not_even_one_row_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer())
    prompt = model.prompt("One. Two.")
    response = model.supplied(prompt, "x")

    def no_memory(*_: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(ScoringKernel, "_forward", no_memory)
    with pytest.raises(XaiError, match="single masked prompt"):
        score(model, prompt, every(2), Operator(), response)


def test_logits_outside_the_response_are_never_computed() -> None:
    built = tiny.model("llama")
    seen: list[int] = []
    built.lm_head.register_forward_hook(lambda _m, inputs, _o: seen.append(inputs[0].shape[1]))
    model = TransformersModel(built, tiny.tokenizer())
    prompt = model.prompt(TEXT)
    response = model.supplied(prompt, "New York")
    score(model, prompt, every(len(prompt.document.sources)), Operator(), response)
    # One position for the trunk's own pass, the response's for all others.
    assert set(seen) == {1, len(response.ids or ())}


def test_training_mode_is_restored_and_dropout_is_off() -> None:
    built = tiny.model("gpt2")
    built.train()
    built.transformer.h[0].eval()
    modes = [module.training for module in built.modules()]
    model = TransformersModel(built, tiny.tokenizer())
    prompt = model.prompt(TEXT)
    response = model.supplied(prompt, "New York")
    masks = every(len(prompt.document.sources))
    first, _ = score(model, prompt, masks, Operator(), response)
    second, _ = score(model, prompt, masks, Operator(), response)
    np.testing.assert_array_equal(first, second)
    assert [module.training for module in built.modules()] == modes


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_low_precision_logits_are_normalised_in_float32(dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(0)
    logits = (torch.randn(3, 5, 1000, generator=generator) * 8).to(dtype)
    response = [1, 10, 100, 999, 0]
    expected = logits.double().log_softmax(-1)[:, range(5), response].numpy()
    found = token_logprobs(logits, response)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_probabilities_over_the_vocabulary_sum_to_one() -> None:
    # As many positions as tokens, so that no shape tells over which axis the softmax goes.
    logits = 5 * torch.randn(2, 7, 7, generator=torch.Generator().manual_seed(1))
    every_token = [token_logprobs(logits, [token] * 7) for token in range(7)]
    np.testing.assert_allclose(np.exp(every_token).sum(axis=0), np.ones((2, 7)), rtol=1e-5)


def test_certain_and_impossible_tokens() -> None:
    logits = torch.tensor([[[0.0, 30.0, 0.0], [0.0, -torch.inf, 0.0]]])
    certain, impossible = token_logprobs(logits, [1, 1])[0]
    assert -2.1e-13 < certain < 0  # a plain float32 softmax would round it to zero
    assert impossible == -np.inf


def test_recurrent_models_get_rows_of_one_length_only() -> None:
    built = tiny.model("llama")
    built.config.layer_types = ["linear_attention", "full_attention", "full_attention"]
    kernel = ScoringKernel(built)
    del built.config.layer_types
    assert not kernel._traits.padding_is_safe
    assert not kernel._traits.may_share
    model = TransformersModel(built, tiny.tokenizer())
    model._kernel = kernel
    widths: list[tuple[int, bool]] = []
    built.register_forward_pre_hook(
        lambda _m, _a, kw: widths.append((len(kw["input_ids"]), bool(kw["attention_mask"].all()))),
        with_kwargs=True,
    )
    prompt = model.prompt(TEXT)
    response = model.supplied(prompt, "New York")
    masks = every(len(prompt.document.sources))
    found, _ = score(model, prompt, masks, Operator(), response)
    assert all(unpadded for _, unpadded in widths)
    np.testing.assert_allclose(
        found, plain(model, prompt, masks, Operator(), response), atol=TOLERANCE
    )


def test_models_with_sliding_windows_do_not_share() -> None:
    assert not ScoringKernel(tiny.model("gemma2"))._traits.may_share
    assert ScoringKernel(tiny.model("llama"))._traits.may_share


def test_two_models_in_one_process_do_not_disturb_each_other() -> None:
    tokenizer = tiny.tokenizer()
    models = [TransformersModel(tiny.model("llama", seed=s), tokenizer) for s in (0, 1)]
    prompts = [model.prompt(TEXT) for model in models]
    masks = every(len(prompts[0].document.sources))
    alone = [
        score(m, p, masks, Operator(), m.supplied(p, "New York"))[0]
        for m, p in zip(models, prompts, strict=True)
    ]
    streams = [
        m.score(p, masks, Operator(), m.supplied(p, "New York"))
        for m, p in zip(models, prompts, strict=True)
    ]
    mixed = [np.empty_like(values) for values in alone]
    for turn, which in product(range(len(masks)), range(2)):
        del turn
        batch = next(streams[which], None)
        if batch is not None:
            mixed[which][batch.rows] = batch.logprobs
    for expected, found in zip(alone, mixed, strict=True):
        np.testing.assert_array_equal(expected, found)
