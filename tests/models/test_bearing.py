"""What a model does not bear is found out by measuring, and the scores are right all the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import accelerate
import numpy as np
import peft
import pytest
import torch
import transformers

import jupyter_xai as xai
import tiny
from jupyter_xai.masking import every
from jupyter_xai.models.base import Operator, Sampling
from jupyter_xai.models.local.transformers import TransformersModel
from truth import RESPONSE, TEXT, left_out

IDS = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2}
TOLERANCE = 1e-4
PADDING, SHARING = "unlike lengths", "common beginnings"


def explained(model: Any, **options: Any) -> Any:
    wrapped = xai.load(model, tokenizer=tiny.tokenizer(chat=True))
    options = {"method": "leave-one-out", "value": "logprob", "response": RESPONSE} | options
    return xai.explain(TEXT, wrapped, progress=False, **options)


def seeded(make: Callable[[], Any], larger: float = 1.0) -> Any:
    """A model of its own weights, made larger so that attention and positions really matter."""
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        built = make()
        for parameter in built.parameters():
            if parameter.ndim > 1:
                parameter.mul_(larger)
    return built.eval()


def lora() -> Any:
    config = peft.LoraConfig(
        target_modules=["c_attn"], fan_in_fan_out=True, r=4, init_lora_weights=False,
        task_type="CAUSAL_LM",
    )  # fmt: skip
    return peft.get_peft_model(tiny.model("gpt2"), config)


def tuned(kind: str, base: str) -> Any:
    config = {
        "prompt": lambda **o: peft.PromptTuningConfig(**o),
        "prefix": lambda **o: peft.PrefixTuningConfig(**o),
        "p-tuning": lambda **o: peft.PromptEncoderConfig(encoder_hidden_size=16, **o),
    }[kind](num_virtual_tokens=4, task_type="CAUSAL_LM")
    built = peft.get_peft_model(tiny.model(base), config)
    with torch.no_grad():
        for parameter in built.prompt_encoder.parameters():
            parameter.mul_(3)
    return built


def decoder(name: str, **changes: Any) -> Any:
    sizes = {
        "vocab_size": 700, "d_model": 32, "decoder_layers": 2, "decoder_attention_heads": 4,
        "decoder_ffn_dim": 64, "max_position_embeddings": 512,
    } | IDS | changes  # fmt: skip
    config = getattr(transformers, f"{name}Config")(**sizes)
    return getattr(transformers, f"{name}ForCausalLM")(config)


def longrope() -> Any:
    rope = {
        "rope_type": "longrope", "rope_theta": 10000.0, "original_max_position_embeddings": 48,
        "short_factor": [1.0] * 4, "long_factor": [4.0, 6.0, 8.0, 10.0],
    }  # fmt: skip
    config = transformers.Phi3Config(
        vocab_size=700, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, max_position_embeddings=512,
        original_max_position_embeddings=48, rope_parameters=rope, **IDS,
    )  # fmt: skip
    return transformers.Phi3ForCausalLM(config)


def dynamic() -> Any:
    rope = {"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 4.0}
    return tiny.model("llama", max_position_embeddings=48, rope_parameters=rope)


def alibi() -> Any:
    config = transformers.FalconConfig(
        vocab_size=700, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, alibi=True,
        multi_query=False, parallel_attn=False, new_decoder_architecture=False, bias=True, **IDS,
    )  # fmt: skip
    return transformers.FalconForCausalLM(config)


def first_gpt() -> Any:
    sizes = {"vocab_size": 700, "n_embd": 32, "n_layer": 2, "n_head": 4}
    return transformers.OpenAIGPTLMHeadModel(transformers.OpenAIGPTConfig(**sizes))


CASES: dict[str, tuple[Callable[[], Any], float, str]] = {
    "LoRA on GPT-2": (lora, 1.0, ""),
    **{
        f"{kind} on {base}": (
            lambda kind=kind, base=base: tuned(kind, base),
            1.0,
            SHARING if kind == "prefix" else PADDING,
        )
        for kind in ("prompt", "prefix", "p-tuning")
        for base in ("llama", "gpt2")
    },
    **{
        f"{name} decoder": (lambda name=name: decoder(name), 4.0, PADDING)
        for name in ("Bart", "MBart", "Pegasus", "Blenderbot", "PLBart", "TrOCR")
    },
    "Marian decoder": (lambda: decoder("Marian", decoder_vocab_size=700), 4.0, PADDING),
    "Whisper decoder": (lambda: decoder("Whisper", max_target_positions=512), 4.0, ""),
    "longrope": (longrope, 4.0, "rotary frequencies"),
    "dynamic NTK": (dynamic, 1.0, "rotary frequencies"),
    "Falcon with ALiBi": (alibi, 4.0, SHARING),
    "the first GPT": (first_gpt, 4.0, SHARING),
}


@pytest.mark.parametrize("case", CASES)
def test_scores_are_those_of_single_rows(case: str) -> None:
    make, larger, said = CASES[case]
    model = seeded(make, larger)
    e = explained(model)
    expected = left_out(model, tiny.tokenizer(chat=True))
    np.testing.assert_allclose(e.scores[:, -1], expected, atol=TOLERANCE)
    assert np.abs(expected).max() > 0.05, "the model hardly reacts, so this would prove nothing"
    assert e.noise < TOLERANCE
    assert any(said in note for note in e.notes) or not said


def test_most_models_bear_everything() -> None:
    for kind in ("gpt2", "llama", "qwen3"):
        model = TransformersModel(tiny.model(kind), tiny.tokenizer(chat=True))
        assert model._kernel.bearing().way == "sharing"
        assert model.cautions == ()


def test_weights_that_are_offloaded(tmp_path: Path) -> None:
    expected = left_out(tiny.model("llama"), tiny.tokenizer(chat=True))
    on_cpu = accelerate.cpu_offload(tiny.model("llama"))
    np.testing.assert_allclose(explained(on_cpu).scores[:, -1], expected, atol=TOLERANCE)
    tiny.model("llama").save_pretrained(tmp_path / "model")
    places = dict.fromkeys(("model.embed_tokens", "model.layers.0", "model.norm"), "cpu")
    places |= {"model.rotary_emb": "cpu", "model.layers.1": "disk", "model.layers.2": "disk"}
    on_disk = transformers.AutoModelForCausalLM.from_pretrained(
        tmp_path / "model", device_map=places | {"lm_head": "disk"}, offload_folder=tmp_path / "off"
    )
    np.testing.assert_allclose(explained(on_disk).scores[:, -1], expected, atol=TOLERANCE)
    # Whose weights they are is told from those that lie elsewhere, too.
    other = tiny.model("llama", seed=1)
    assert xai.load(accelerate.cpu_offload(other), tokenizer=tiny.tokenizer()).identity() != (
        xai.load(on_cpu, tokenizer=tiny.tokenizer()).identity()
    )
    gradients = explained(on_disk, method="saliency").scores
    np.testing.assert_allclose(gradients, explained(tiny.model("llama"), method="saliency").scores)
    assert not any(each.is_inference() for each in on_disk.parameters())


class Following(transformers.LlamaForCausalLM):
    """Custom code in which rows of more than 46 tokens turn what stands beside them, too."""

    def forward(self, *arguments: Any, **options: Any) -> Any:
        output = super().forward(*arguments, **options)
        positions = options.get("position_ids")
        length = options["input_ids"].shape[1] if positions is None else int(positions.max()) + 1
        if length > 46:
            output.logits = output.logits * 1.5
        return output


@pytest.mark.parametrize("shares", [True, False])
def test_what_depends_on_length_is_seen_at_the_runs_own_lengths(shares: bool) -> None:
    built = tiny.model("llama")
    model = Following(built.config).eval()
    model.load_state_dict(built.state_dict())
    if not shares:
        model.config.sliding_window = 500  # no trunk for models with windows
        model.config.use_sliding_window = True
    expected = left_out(model, tiny.tokenizer(chat=True))
    e = explained(model)
    np.testing.assert_allclose(e.scores[:, -1], expected, atol=TOLERANCE)
    assert any(PADDING in note for note in e.notes)
    again = explained(model, method="linear", perturbations=16)
    assert again.noise < TOLERANCE


def test_what_was_scored_before_a_lesson_is_dropped() -> None:
    built = tiny.model("llama")
    model = Following(built.config).eval()
    model.load_state_dict(built.state_dict())
    wrapped = TransformersModel(model, tiny.tokenizer(chat=True))
    prompt = wrapped.prompt(TEXT)
    whole = xai.explain(
        TEXT, wrapped, response=RESPONSE, method="shap", perturbations=32, progress=False
    )
    said = wrapped.supplied(prompt, RESPONSE)
    n = len(prompt.document.sources)
    alone = TransformersModel(model, tiny.tokenizer(chat=True))
    values = [
        next(iter(alone.score(prompt, mask[None], Operator(), said))).logprobs.sum()
        for mask in every(n)
    ]
    exact = xai.explain(
        TEXT, wrapped, response=RESPONSE, method="leave-one-out", progress=False
    ).scores[:, -1]
    without = every(n)
    full = values[int(np.flatnonzero(without.all(axis=1))[0])]
    for i in range(n):
        row = int(np.flatnonzero((~without).sum(axis=1) * ~without[:, i] == 1)[0])
        assert exact[i] == pytest.approx(full - values[row], abs=TOLERANCE)
    assert wrapped.lessons > 0
    assert whole.noise < TOLERANCE


def test_rows_of_many_lengths_in_many_batches() -> None:
    """Batches are compared where lengths spread most, not only where they were padded most."""
    built = tiny.model("llama", sliding_window=500, use_sliding_window=True)
    model = Following(built.config).eval()
    model.load_state_dict(built.state_dict())
    wrapped = TransformersModel(model, tiny.tokenizer(chat=True))
    prompt = wrapped.prompt(TEXT, units="word")
    response = wrapped.supplied(prompt, RESPONSE)
    masks = np.random.default_rng(0).random((60, len(prompt.document.sources))) < 0.85
    wrapped._kernel._tokens_per_batch = 200
    found = np.empty((len(masks), len(response.ids or ())), np.float32)
    for batch in wrapped.score(prompt, masks, Operator(), response):
        found[batch.rows] = batch.logprobs
    for row, mask in enumerate(masks):
        [alone] = wrapped.score(prompt, mask[None], Operator(), response)
        np.testing.assert_allclose(found[row], alone.logprobs[0], atol=TOLERANCE)


def alone(model: Any, ids: list[int], pad: int) -> list[int]:
    """The tokens of a greedy answer, by `generate` for this row only."""
    encodes = model.config.is_encoder_decoder
    row = torch.tensor([ids])
    with torch.no_grad():
        output = model.generate(
            input_ids=row, attention_mask=torch.ones_like(row), max_new_tokens=10,
            do_sample=False, pad_token_id=pad, eos_token_id=[1, pad],
        )  # fmt: skip
    new = output[0, 1 if encodes else len(ids) :].tolist()
    return new[: min(new.index(end) if end in new else len(new) for end in (1, pad))]


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("llama", {"no_repeat_ngram_size": 1}),
        ("t5", {"encoder_repetition_penalty": 3.0}),
        ("gpt2", {"min_length": 40}),
    ],
)
def test_answers_together_are_those_alone(kind: str, settings: dict[str, Any]) -> None:
    model = tiny.model(kind)
    if kind == "t5":
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if parameter.ndim > 1 and "relative" not in name:
                    parameter.mul_(4)
    plain = TransformersModel(model, tiny.tokenizer(chat=True))
    prompt = plain.prompt(TEXT)
    masks = every(len(prompt.document.sources))
    inputs = plain.inputs(prompt, masks, Operator())
    # The padding is a token that ends answers and that the model says by itself.
    said = [token for item in inputs for token in alone(model, item.ids.tolist(), 1)[1:]]
    pad = (min if kind == "t5" else max)(sorted(set(said)), key=said.count)
    for name, value in settings.items():
        setattr(model.generation_config, name, value)
    model.generation_config.eos_token_id = pad
    named = tiny.tokenizer().convert_ids_to_tokens(pad)
    wrapped = TransformersModel(model, tiny.tokenizer(chat=True, pad_token=named))
    prompt = wrapped.prompt(TEXT)
    answers = wrapped.answer(prompt, masks, Operator(), Sampling(max_new_tokens=10))
    found = {answer.row: answer.text for answer in answers}
    for row, item in enumerate(wrapped.inputs(prompt, masks, Operator())):
        ids = item.ids.tolist()
        assert found[row] == wrapped._wording.text(ids, alone(model, ids, pad))
    assert len(set(found.values())) > 3


def test_an_answer_has_the_room_that_it_has_alone() -> None:
    """Near the end of the context, a short prompt is not cut short by a long one beside it."""
    tokenizer = tiny.tokenizer(chat=True)
    model = TransformersModel(tiny.model("llama", max_position_embeddings=60), tokenizer)
    prompt = model.prompt(TEXT)
    masks = every(len(prompt.document.sources))
    sampling = Sampling(max_new_tokens=30)
    together = {a.row: a.text for a in model.answer(prompt, masks, Operator(), sampling)}
    for row, mask in enumerate(masks):
        [alone] = model.answer(prompt, mask[None], Operator(), sampling)
        assert together[row] == alone.text


class Forgetful(transformers.GPT2LMHeadModel):
    """Its own way of preparing inputs for generation forgets the positions of padded rows."""

    def prepare_inputs_for_generation(
        self, input_ids: Any, attention_mask: Any = None, **options: Any
    ) -> Any:
        prepared = super().prepare_inputs_for_generation(
            input_ids, attention_mask=attention_mask, **options
        )
        prepared.pop("position_ids", None)
        return prepared


def test_answers_are_compared_at_the_runs_own_lengths() -> None:
    built = tiny.model("gpt2")
    model = Forgetful(built.config).eval()
    model.load_state_dict(built.state_dict())
    wrapped = TransformersModel(model, tiny.tokenizer(chat=True))
    prompt = wrapped.prompt(TEXT)
    masks = every(len(prompt.document.sources))
    sampling = Sampling(max_new_tokens=8)
    together = {a.row: a.text for a in wrapped.answer(prompt, masks, Operator(), sampling)}
    assert any("answered alone" in note for note in wrapped.cautions)
    for row, mask in enumerate(masks):
        [alone] = wrapped.answer(prompt, mask[None], Operator(), sampling)
        assert together[row] == alone.text


def test_rounding_is_no_difference() -> None:
    from jupyter_xai.models.local.batching import differs

    rng = np.random.default_rng(0)
    row = -rng.gamma(2, 2, size=50)
    assert not differs(row, row + rng.normal(size=50) * 1e-5, "float32")
    assert differs(row, row + rng.normal(size=50) * 1e-2, "float32")
    assert not differs(row, row + rng.normal(size=50) * 0.05, "bfloat16")
    assert differs(row, row + rng.normal(size=50) * 0.5, "bfloat16")
    assert not differs(np.array([-np.inf]), np.array([-np.inf]), "float32")
    assert differs(np.array([-np.inf]), np.array([-1.0]), "float32")
    assert differs(np.array([np.nan]), np.array([-1.0]), "float32")


def calls_of(model: Any, work: Callable[[], Any]) -> int:
    """How often a model is called meanwhile."""
    seen: list[None] = []
    hook = model.register_forward_pre_hook(lambda *_: seen.append(None))
    work()
    hook.remove()
    return len(seen)


def test_to_bear_everything_is_seen_in_few_calls() -> None:
    model = tiny.model("llama")
    wrapped = TransformersModel(model, tiny.tokenizer(chat=True))
    # Three rows alone, one of them otherwise, all of them padded, a trunk and its rows.
    assert calls_of(model, wrapped._kernel.bearing) == 7


def test_who_compares_rows_himself_pays_for_no_other_row() -> None:
    model = tiny.model("llama")
    found: dict[str, Any] = {}
    calls: dict[str, int] = {}
    for name in ("score", "score_unchecked"):
        wrapped = TransformersModel(model, tiny.tokenizer(chat=True))
        prompt = wrapped.prompt(TEXT)
        said = wrapped.supplied(prompt, RESPONSE)
        masks = every(len(prompt.document.sources))

        score = partial(getattr(wrapped, name), prompt, masks, Operator(), said)
        calls[name] = calls_of(
            model, lambda name=name, score=score: found.update({name: [*score()]})
        )
    assert calls["score"] == calls["score_unchecked"] + 1
    for one, two in zip(found["score"], found["score_unchecked"], strict=True):
        np.testing.assert_array_equal(one.logprobs, two.logprobs)
