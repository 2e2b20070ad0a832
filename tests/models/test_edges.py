"""Models at the edge: a right result, or one line that says what to do."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

import jupyter_xai as xai
import tiny
from jupyter_xai.errors import XaiError
from jupyter_xai.game.ledger import SESSION
from truth import RESPONSE, TEXT, left_out

IDS = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2}
SMALL = {
    "vocab_size": 700, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
    "intermediate_size": 64,
}  # fmt: skip
SIDES = {
    "vocab_size": 700, "d_model": 32, "encoder_layers": 2, "decoder_layers": 2,
    "encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64, "decoder_start_token_id": 1, **IDS,
}  # fmt: skip
STATES = {"vocab_size": 700, "hidden_size": 32, "num_hidden_layers": 2, **IDS}


def built(name: str, config: str, larger: float = 1.0, **sizes: Any) -> Any:
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        cls, made = getattr(transformers, name), getattr(transformers, config)(**sizes)
        model = cls(made)
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.mul_(larger)
    return model.eval()


def loaded(model: Any) -> Any:
    return xai.load(model, tokenizer=tiny.tokenizer(chat=True))


def explained(model: Any, text: str = TEXT, **options: Any) -> Any:
    chosen = {"method": "leave-one-out", "value": "logprob", "response": RESPONSE} | options
    return xai.explain(text, loaded(model), progress=False, **chosen)


RECURRENT: dict[str, Callable[[], Any]] = {
    "Mamba": lambda: built("MambaForCausalLM", "MambaConfig", 2, state_size=8, **STATES),
    "Mamba2": lambda: built(
        "Mamba2ForCausalLM", "Mamba2Config", 2, state_size=8, num_heads=8, head_dim=8, n_groups=1,
        **STATES,
    ),
    "FalconMamba": lambda: built(
        "FalconMambaForCausalLM", "FalconMambaConfig", 2, state_size=8, **STATES
    ),
    "RWKV": lambda: built(
        "RwkvForCausalLM", "RwkvConfig", 2, attention_hidden_size=32, intermediate_size=64, **STATES
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RECURRENT)
def test_recurrent_models(name: str) -> None:
    model = RECURRENT[name]()
    expected = left_out(model, tiny.tokenizer(chat=True))
    np.testing.assert_allclose(explained(model).scores[:, -1], expected, atol=1e-4)
    assert np.abs(expected).max() > 0.01
    # Integrated gradients add up to what they explain, whatever the model is made of.
    gradients = explained(model, method="integrated-gradients", perturbations=200)
    prompt = loaded(model).prompt(TEXT)
    ids, source = np.array(prompt.ids), prompt.token_source
    blank = np.where(source >= 0, 3, ids)
    said = torch.tensor(loaded(model).supplied(prompt, RESPONSE).ids)
    totals = []
    for row in (ids, blank):
        whole = torch.cat([torch.tensor(row), said[:-1]])[None]
        with torch.no_grad():
            logits = copy.deepcopy(model)(input_ids=whole).logits[0, -len(said) :]
        totals.append(float(logits.double().log_softmax(-1)[range(len(said)), said].sum()))
    apart = totals[0] - totals[1]
    assert gradients.scores[:, -1].sum() == pytest.approx(apart, abs=0.05 + 0.05 * abs(apart))


def bart(**changes: Any) -> Any:
    sizes = SIDES | {"max_position_embeddings": 40} | changes
    return built("BartForConditionalGeneration", "BartConfig", 4, **sizes)


def test_encoder_decoders_end_where_their_positions_do() -> None:
    model = bart()
    with pytest.raises(XaiError, match=r"^the prompt has \d+ tokens, .* takes at most 40"):
        explained(model)
    with pytest.raises(XaiError, match=r"^the response has \d+ tokens, .* takes at most 40"):
        explained(model, "Rest. Go.", response="a b c d e f g " * 10)
    model.generation_config.suppress_tokens = [1]
    e = explained(model, "Rest. Go.", response=None, max_new_tokens=200)
    assert len(e.live.explainer.response.ids) == 39
    assert not e.live.explainer.response.finished
    assert explained(tiny.model("t5"), TEXT * 40).scores.shape[0] == 200, "no positions, no end"
    led = built(
        "LEDForConditionalGeneration", "LEDConfig", attention_window=8,
        max_encoder_position_embeddings=512, max_decoder_position_embeddings=32, **SIDES,
    )  # fmt: skip
    with pytest.raises(XaiError, match=r"^the response has \d+ tokens, .* takes at most 32"):
        explained(led, response="a b c d e f g " * 10)


@pytest.mark.parametrize(
    "settings",
    [{"return_dict_in_generate": True}, {"num_return_sequences": 3}, {"num_beams": 4}],
)
@pytest.mark.parametrize("value", ["text", "logprob"])
def test_settings_of_generation_that_change_no_answer(settings: dict[str, Any], value: str) -> None:
    options: dict[str, Any] = {"response": None, "value": value, "max_new_tokens": 6}
    plain = explained(tiny.model("llama"), **options)
    SESSION.clear()
    model = tiny.model("llama")
    for name, setting in settings.items():
        setattr(model.generation_config, name, setting)
    found = explained(model, **options)
    assert found.live.explainer.response.text == plain.live.explainer.response.text
    np.testing.assert_allclose(found.scores, plain.scores, atol=1e-6)
    assert all(getattr(model.generation_config, each) == settings[each] for each in settings)


def test_answers_stop_at_a_text() -> None:
    model = tiny.model("llama")
    plain = explained(model, response=None, max_new_tokens=12).live.explainer.response.text
    stop = plain.strip()[len(plain) // 2]
    model.generation_config.stop_strings = [stop]
    response = explained(model, response=None, max_new_tokens=12).live.explainer.response
    assert response.text == plain[: plain.index(stop) + len(response.text) - plain.index(stop)]
    assert stop in response.text
    assert len(response.text) < len(plain)
    assert response.finished


REFUSED: dict[str, Callable[[], Any]] = {
    "fills gaps": lambda: built("BertForMaskedLM", "BertConfig", 4, **SMALL),
    "fills gaps, as a head": lambda: built("BertLMHeadModel", "BertConfig", **SMALL),
    "fills gaps, by name causal": lambda: built("RobertaForCausalLM", "RobertaConfig", **SMALL),
    "classifies": lambda: transformers.LlamaForSequenceClassification(tiny.model("llama").config),
    "classifies, too": lambda: built(
        "BartForSequenceClassification", "BartConfig", num_labels=2, **SIDES
    ),
    "trunk": lambda: transformers.LlamaModel(tiny.model("llama").config),
    "encoder": lambda: transformers.T5EncoderModel(tiny.model("t5").config),
    "trunk of two": lambda: transformers.T5Model(tiny.model("t5").config),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_continues_no_text_is_refused_at_load(what: str) -> None:
    model = REFUSED[what]().eval()
    with pytest.raises(XaiError, match="language model") as caught:
        loaded(model)
    assert type(model).__name__ in str(caught.value)
    assert "\n" not in str(caught.value)


class Bidirectional(transformers.LlamaForCausalLM):
    """Looks causal by its name and its methods; every token sees every other."""

    def forward(self, *arguments: Any, **options: Any) -> Any:
        output = super().forward(*arguments, **options)
        seen = self.model.embed_tokens(options["input_ids"]).mean(dim=1, keepdim=True)
        output.logits = output.logits + self.lm_head(seen)
        return output


def test_what_was_told_to_be_a_decoder_is_taken() -> None:
    for name in ("BertLMHeadModel", "RobertaForCausalLM"):
        config = name.replace("LMHeadModel", "Config").replace("ForCausalLM", "Config")
        model = built(name, config, 4, is_decoder=True, **SMALL)
        np.testing.assert_allclose(
            explained(model).scores[:, -1], left_out(model, tiny.tokenizer(chat=True)), atol=1e-4
        )


def test_models_that_look_ahead_are_refused() -> None:
    source = tiny.model("llama")
    model = Bidirectional(source.config).eval()
    model.load_state_dict(source.state_dict())
    with pytest.raises(XaiError, match="sees the words that it is to predict"):
        explained(model)


def test_attention_is_withheld_where_it_cannot_be_read() -> None:
    blocks = built(
        "LongT5ForConditionalGeneration", "LongT5Config", vocab_size=700, d_model=32, d_kv=8,
        d_ff=64, num_layers=2, num_heads=4, local_radius=8, decoder_start_token_id=2,
        pad_token_id=2, eos_token_id=1,
    )  # fmt: skip
    windows = built(
        "LEDForConditionalGeneration", "LEDConfig", attention_window=8,
        max_encoder_position_embeddings=512, max_decoder_position_embeddings=128, **SIDES,
    )  # fmt: skip
    for model in (blocks, windows):
        assert "attentions" not in loaded(model).capabilities
        with pytest.raises(XaiError, match="attention"):
            explained(model, method="attention")
        np.testing.assert_allclose(
            explained(model).scores[:, -1], left_out(model, tiny.tokenizer(chat=True)), atol=1e-4
        )
    assert "attentions" in loaded(tiny.model("t5")).capabilities


def test_code_of_their_own_is_not_run_unasked(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("raise SystemExit('this must not run')\n")
    (tmp_path / "config.json").write_text(
        '{"model_type": "own", "auto_map": {"AutoConfig": "own.Config", '
        '"AutoModelForCausalLM": "own.Model"}}'
    )
    with pytest.raises(XaiError, match="pass trust_remote_code=True") as caught:
        xai.load(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_explanations_can_be_pickled_and_copied(tmp_path: Path) -> None:
    e = explained(tiny.model("llama"))
    opened = pickle.loads(pickle.dumps(e))
    assert opened.live is None
    np.testing.assert_array_equal(opened.scores, e.scores)
    assert opened.top(2).equals(e.top(2))
    opened.save(tmp_path / "opened.json")
    e.save(tmp_path / "own.json")
    assert (tmp_path / "opened.json").read_text() == (tmp_path / "own.json").read_text()
    with pytest.raises(XaiError, match="without its model"):
        opened.measured()
    twin = copy.deepcopy(e)
    assert twin.live is e.live
    assert twin.record == e.record
    twin.record["notes"].append("of the copy")
    assert "of the copy" not in e.record["notes"]
    assert copy.copy(e).live is e.live


def infinite(model: Any, token: int, value: float) -> Any:
    """Where a word is missing, one token's logit is infinite."""
    words = set(tiny.tokenizer(chat=True)(" cities")["input_ids"])

    def spoil(_module: Any, arguments: Any, options: Any, output: Any) -> Any:
        del arguments
        ids = options.get("input_ids")
        for row, logits in zip(ids, output.logits, strict=True):
            whole = set(row.tolist())
            if len(row) > 30 and not words <= whole:
                logits[..., token] = value
        return output

    model.register_forward_hook(spoil, with_kwargs=True)
    return model


def test_infinite_logits_are_refused_and_impossible_tokens_noted() -> None:
    tokenizer = tiny.tokenizer(chat=True)
    of_response = tokenizer(RESPONSE, add_special_tokens=False)["input_ids"][1]
    for token in (of_response, 300):
        with pytest.raises(XaiError, match="returned NaN"):
            explained(infinite(tiny.model("bloom"), token, float("inf")))
    e = explained(infinite(tiny.model("bloom"), of_response, -float("inf")))
    assert any("rules out a token of the response" in note for note in e.notes)
    assert not any("rules out" in note for note in explained(tiny.model("bloom")).notes)
