"""A model that was changed in whatever way between two runs gives new numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import peft
import pytest
import torch
import transformers
from numpy.typing import NDArray

import jupyter_xai as xai
import tiny
from jupyter_xai.game.ledger import SESSION
from jupyter_xai.models.local.rendering import sample_rows
from jupyter_xai.models.local.transformers import TransformersModel
from truth import left_out

TEXT = "Rest by the sea. No cities. Budget is flexible."
RESPONSE = "New York is nice."
TOLERANCE = 1e-4


def explained(model: Any, text: str = TEXT, **options: Any) -> Any:
    wrapped = xai.load(model, tokenizer=tiny.tokenizer(chat=True))
    chosen = {"method": "leave-one-out", "value": "logprob", "response": RESPONSE} | options
    return xai.explain(text, wrapped, progress=False, **chosen)


def scores(model: Any, text: str = TEXT, **options: Any) -> NDArray[np.float64]:
    return explained(model, text, **options).scores[:, -1]


def expected(model: Any, text: str = TEXT) -> NDArray[np.float64]:
    return left_out(model, tiny.tokenizer(chat=True), text, RESPONSE)


def adapted() -> Any:
    config = peft.LoraConfig(
        target_modules=["q_proj", "v_proj"], r=4, init_lora_weights=False, task_type="CAUSAL_LM"
    )
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = peft.get_peft_model(tiny.model("llama"), config, adapter_name="a")
        torch.manual_seed(2)
        model.add_adapter("b", config)
    return model.eval()


def steer(model: Any) -> None:
    towards = torch.linspace(-3, 3, 64)
    model.model.layers[1].register_forward_hook(
        lambda _module, _inputs, output: (
            (output[0] + towards, *output[1:]) if isinstance(output, tuple) else output + towards
        )
    )


@torch.no_grad()
def prune(model: Any) -> None:
    model.model.layers[1].self_attn.o_proj.weight[:, 16:24] = 0


def prune_unseen(model: Any) -> None:
    """Through `.data`, of which versions of tensors know nothing."""
    model.model.layers[1].self_attn.o_proj.weight.data[:, 16:24] = 0


def slow_rotation(model: Any) -> None:
    model.model.rotary_emb.inv_freq.mul_(0.25)


@torch.no_grad()
def another_word(model: Any) -> None:
    """Embeddings that the fixed short text does not use, in one coordinate of each."""
    tokenizer = tiny.tokenizer(chat=True)
    used = {token for row in sample_rows(tokenizer) for token in row}
    for token in set(tokenizer(TEXT)["input_ids"]) - used:
        model.model.embed_tokens.weight.data[token] += 1.0


CHANGES: dict[str, Callable[[Any], None]] = {
    "a forward hook": steer,
    "a pruned head": prune,
    "a pruned head, through .data": prune_unseen,
    "a buffer": slow_rotation,
    "embeddings of other words, through .data": another_word,
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("method", ["leave-one-out", "saliency"])
def test_what_was_changed_gives_new_numbers(change: str, method: str) -> None:
    # A side of 64: in square matrices, evenly spaced weights may all be of one column.
    model = tiny.model("llama", hidden_size=64, num_key_value_heads=4)
    before = scores(model, method=method)
    CHANGES[change](model)
    after = scores(model, method=method)
    assert np.abs(after - before).max() > 1e-3
    if method == "leave-one-out":
        np.testing.assert_allclose(after, expected(model), atol=TOLERANCE)
    else:
        SESSION.clear()
        np.testing.assert_allclose(after, scores(model, method=method), atol=TOLERANCE)


def test_adapters() -> None:
    model = adapted()
    of_a = scores(model)
    np.testing.assert_allclose(of_a, expected(model), atol=TOLERANCE)
    model.set_adapter("b")
    of_b = scores(model)
    np.testing.assert_allclose(of_b, expected(model), atol=TOLERANCE)
    with model.disable_adapter():
        of_neither = scores(model)
        np.testing.assert_allclose(of_neither, expected(model), atol=TOLERANCE)
    assert np.abs(of_a - of_b).max() > 1e-2
    assert np.abs(of_a - of_neither).max() > 1e-2
    model.set_adapter("a")
    again = explained(model)
    np.testing.assert_allclose(again.scores[:, -1], of_a, atol=1e-6)
    assert again.record["cost"]["forwards"] == 0, "what adapter a gave is known"


def mixture() -> Any:
    config = transformers.MixtralConfig(
        vocab_size=700, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, num_local_experts=16,
        num_experts_per_tok=1, bos_token_id=0, eos_token_id=1, pad_token_id=2,
    )  # fmt: skip
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        model = transformers.MixtralForCausalLM(config)
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.mul_(4)
    return model.eval()


@torch.no_grad()
def change_experts(model: Any, unused_by: list[int], factor: float) -> int:
    """Change experts that no token of a row is routed to, where no sample of weights looks."""
    routed: list[set[int]] = []

    def note(_module: Any, _inputs: Any, output: Any) -> None:
        routed.append(set(output[-1].flatten().tolist()))

    gates = [layer.mlp.gate for layer in model.model.layers]
    hooks = [gate.register_forward_hook(note) for gate in gates]
    model(input_ids=torch.tensor([unused_by]))
    for hook in hooks:
        hook.remove()
    changed = 0
    for layer, used in zip(model.model.layers, routed, strict=True):
        for expert in set(range(16)) - used:
            weight = layer.mlp.experts.down_proj
            sampled = _sampled(weight)
            spared = weight.data[expert].clone().mul_(factor)
            kept = sampled[expert]
            weight.data[expert] = torch.where(kept, weight.data[expert], spared)
            changed += 1
    return changed


def _sampled(weight: torch.Tensor) -> torch.Tensor:
    """Which weights might be looked at: every tenth is spared."""
    return (torch.arange(weight.numel()) % 10 == 0).reshape(weight.shape)


def test_experts_that_the_fixed_text_is_not_routed_to() -> None:
    model = mixture()
    sample = sample_rows(tiny.tokenizer(chat=True))
    before = scores(model)
    assert change_experts(model, min(sample, key=len), 1.3) > 4
    after = explained(model)
    np.testing.assert_allclose(after.scores[:, -1], expected(model), atol=TOLERANCE)
    assert np.abs(after.scores[:, -1] - before).max() > 1e-3
    # Once it was noticed, all is as ever.
    again = explained(model)
    np.testing.assert_array_equal(again.scores, after.scores)
    assert again.record["cost"]["forwards"] == 0


class Silent(transformers.LlamaForCausalLM):
    """What it makes of one word can be changed from outside, where no weight shows it."""

    turn = 0.0

    def forward(self, *arguments: Any, **options: Any) -> Any:
        output = super().forward(*arguments, **options)
        ids = options["input_ids"]
        seen = (ids == self.word).cumsum(dim=1) > 0
        steered = torch.linspace(-9, 9, 700) * self.turn * seen[:, -output.logits.shape[1] :, None]
        output.logits = output.logits + steered
        return output


@pytest.mark.parametrize("value", ["logprob", "text"])
@pytest.mark.parametrize("given", [True, False])
def test_what_only_the_runs_own_prompt_shows(value: str, given: bool) -> None:
    built = tiny.model("llama", sliding_window=500, use_sliding_window=True)
    model = Silent(built.config).eval()
    model.load_state_dict(built.state_dict())
    tokenizer = tiny.tokenizer(chat=True)
    sampled = {token for row in sample_rows(tokenizer) for token in row}
    model.word = next(token for token in tokenizer(TEXT)["input_ids"] if token not in sampled)
    options: dict[str, Any] = {"value": value, "max_new_tokens": 8}
    options |= {} if given else {"response": None}
    before = explained(model, **options)
    model.turn = -1.0
    after = explained(model, **options)
    SESSION.clear()
    fresh = explained(model, **options)
    np.testing.assert_allclose(after.scores, fresh.scores, atol=TOLERANCE)
    assert after.targets == fresh.targets
    assert np.abs(after.scores - before.scores).max() > 1e-3 or after.targets != before.targets
    if value == "logprob" and given:
        np.testing.assert_allclose(after.scores[:, -1], expected(model), atol=TOLERANCE)


def quantised(seed: int) -> Any:
    model = tiny.model("llama", seed=seed)
    return torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear}, dtype=torch.qint8)


def test_dynamic_int8_models_are_told_apart() -> None:
    one, two, like_one = (
        TransformersModel(quantised(seed), tiny.tokenizer(chat=True)) for seed in (0, 1, 0)
    )
    assert one.fingerprint() != two.fingerprint()
    assert one.identity() == like_one.identity() != two.identity()
    np.testing.assert_allclose(scores(one.model), expected(one.model), atol=TOLERANCE)
    np.testing.assert_allclose(scores(two.model), expected(two.model), atol=TOLERANCE)


def test_columns_of_square_matrices_are_all_looked_at() -> None:
    model = TransformersModel(
        tiny.model("llama", hidden_size=64, intermediate_size=128), tiny.tokenizer()
    )
    before = model.identity()
    model.model.model.layers[0].self_attn.q_proj.weight.data[:, 1:] += 0.25
    assert model.identity() != before


def test_how_a_model_generates_belongs_to_its_answers() -> None:
    model = tiny.model("llama")
    options: dict[str, Any] = {"response": None, "value": "text", "max_new_tokens": 8}
    before = explained(model, **options)
    said = before.live.explainer.response.ids
    model.generation_config.suppress_tokens = list(said)
    after = explained(model, **options)
    assert not set(after.live.explainer.response.ids) & set(said)
    assert after.record["cost"]["generations"] > 0


def test_an_unchanged_model_is_asked_for_nothing_twice() -> None:
    for kind in ("llama", "gpt2", "t5"):
        model = tiny.model(kind)
        first = explained(model)
        again = explained(model)
        np.testing.assert_array_equal(first.scores, again.scores)
        assert again.record["cost"]["forwards"] == 0
        assert again.record["cost"]["reused"] > 0
