"""Attention: what eager attention gives, summed by hand; rollout by hand; nothing is changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import jupyter_xai as xai
import tiny
from jupyter_xai import methods
from jupyter_xai.errors import Interrupted, XaiError
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.methods.attention import CAVEAT, rolled
from jupyter_xai.methods.base import Attribution, GameMethod
from jupyter_xai.models.local.transformers import TransformersModel

TEXT = "I want to rest by the sea. No busy cities, though. My budget is flexible."
ANSWER = "New York is nice. A dog."


def tiny_game(kind: str, **options: Any) -> MaskingGame:
    model = TransformersModel(tiny.model(kind), tiny.tokenizer(chat=True))
    prompt = model.prompt(TEXT, units=options.pop("units", "sentence"))
    foil = options.pop("foil", None)
    if foil is not None:
        options["foil"] = model.supplied(prompt, foil)
    return MaskingGame(model, prompt, model.supplied(prompt, ANSWER), ledger=Ledger(), **options)


def play(game: MaskingGame, on_progress: Any = lambda done, total: None, **settings: Any) -> Any:
    method = methods.get("attention", **settings)
    assert isinstance(method, GameMethod)
    return method.play(game, k=1, perturbations=None, seed=0, on_progress=on_progress)


def plain(game: MaskingGame, kind: str) -> Any:
    """All attention weights of an eager model of the same weights."""
    eager = tiny.model(kind, attention="eager")
    ids, behind = list(game.prompt.ids or ()), list(game.response.ids or ())[:-1]
    with torch.no_grad():
        if kind == "t5":
            decoder = torch.tensor([[2, *behind]])
            return eager(
                input_ids=torch.tensor([ids]), decoder_input_ids=decoder, output_attentions=True
            )
        return eager(input_ids=torch.tensor([ids + behind]), output_attentions=True)


@pytest.mark.parametrize("units", ["token", "word", "sentence"])
@pytest.mark.parametrize("kind", tiny.CAUSAL)
@pytest.mark.parametrize("layer", [-1, 0])
def test_a_layer_is_read_from_where_tokens_are_predicted(kind: str, units: str, layer: int) -> None:
    game = tiny_game(kind, units=units)
    weights = plain(game, kind).attentions[layer][0].mean(0).double().numpy()
    source, size = game.prompt.token_source, len(game.prompt.ids or ())
    assert source is not None
    expected = np.zeros((game.n, game.m + 1))
    for j, tokens in enumerate(game.columns):
        for t in tokens:
            for q in range(size):
                if source[q] >= 0:
                    expected[source[q], j] += weights[size - 1 + t, q] / len(tokens)
    found = play(game, variant="layer", layer=layer)
    np.testing.assert_allclose(found.scores, expected, atol=1e-5)
    outside = found.details["share outside sources"]
    np.testing.assert_allclose(1 - expected.sum(axis=0), outside, atol=1e-5)
    assert found.notes == (CAVEAT,)
    assert game.cost.forwards == 1


def test_rollout_by_hand() -> None:
    """Two layers of two tokens: ((A2 + I) / 2) ((A1 + I) / 2), worked out on paper."""
    first = np.array([[1, 0], [0.2, 0.8]], dtype=np.float32)
    second = np.array([[1, 0], [0.6, 0.4]], dtype=np.float32)
    # ((.3, .7)) times (((1, 0), (.1, .9))) is (.3 + .07, .63).
    found = rolled(np.eye(2), np.stack([first, second]))
    np.testing.assert_allclose(found, [[1, 0], [0.37, 0.63]], atol=1e-6)


@pytest.mark.parametrize("kind", ["gpt2", "llama", "gemma2"])
def test_rollout_is_the_product_over_layers(kind: str) -> None:
    game = tiny_game(kind, units="token")
    product = np.eye(len(game.prompt.ids or ()) + len(game.response.ids or ()) - 1)
    for layer in plain(game, kind).attentions:
        mean = layer[0].mean(0).double().numpy()
        product = (0.5 * mean + 0.5 * np.eye(len(mean))) @ product
    source, size = game.prompt.token_source, len(game.prompt.ids or ())
    assert source is not None
    rows = product[size - 1 :][:, :size]
    expected = np.stack([rows[:, source == i].sum(1).mean() for i in range(game.n)])
    np.testing.assert_allclose(play(game).scores[:, -1], expected, atol=1e-5)


def test_encoder_decoder_models_look_across() -> None:
    game = tiny_game("t5")
    output = plain(game, "t5")
    cross = output.cross_attentions[-1][0].mean(0).double().numpy()
    source = game.prompt.token_source
    assert source is not None

    def summed(rows: Any) -> Any:
        return np.stack([rows[:, source == i].sum(1).mean() for i in range(game.n)])

    found = play(game, variant="layer").scores[:, -1]
    np.testing.assert_allclose(found, summed(cross), atol=1e-5)
    through = cross
    for layer in output.encoder_attentions[::-1]:
        through = through @ (0.5 * layer[0].mean(0).double().numpy() + 0.5 * np.eye(len(source)))
    np.testing.assert_allclose(play(game).scores[:, -1], summed(through), atol=1e-5)


@pytest.mark.parametrize("kind", ["llama", "t5"])
def test_the_implementation_of_attention_is_left_as_found(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = tiny_game(kind)
    built: Any = game.model.model  # type: ignore[attr-defined]
    other = TransformersModel(tiny.model(kind), tiny.tokenizer(chat=True))
    game.values(np.ones((1, game.n), dtype=bool))

    def state() -> Any:
        return (
            [
                getattr(m.config, "_attn_implementation", None)
                for m in built.modules()
                if hasattr(m, "config")
            ],
            built.config.to_json_string(),
            built.training,
            game.model.fingerprint(),
            other.model.config._attn_implementation,
        )

    before = state()
    assert "sdpa" in before[0]
    play(game)
    assert state() == before

    def fail(*arguments: Any, **options: Any) -> Any:
        assert built.config._attn_implementation == "eager"
        raise KeyError

    monkeypatch.setattr(type(built), "forward", fail)
    with pytest.raises(KeyError):
        play(game)
    monkeypatch.undo()
    assert state() == before


def test_what_does_not_fit_is_said() -> None:
    with pytest.raises(XaiError, match="use value='logprob'"):
        play(tiny_game("llama", value="text"))
    with pytest.raises(XaiError, match="attention knows no foil"):
        play(tiny_game("llama", foil="A cat."))
    with pytest.raises(XaiError, match="layer=3 is not allowed: the model has 3, from 0 to 2"):
        play(tiny_game("llama"), variant="layer", layer=3)
    with pytest.raises(XaiError, match="unknown variant 'flow'"):
        methods.get("attention", variant="flow")
    with pytest.raises(XaiError, match="attention needs attention weights"):
        xai.explain(TEXT, str.upper, method="attention")


def test_nan_is_refused() -> None:
    game = tiny_game("llama")
    model: Any = game.model
    with torch.no_grad():
        model.model.model.embed_tokens.weight.fill_(torch.nan)
    with pytest.raises(XaiError, match="NaN attention weights"):
        play(game)


def test_a_stopped_run_has_nothing() -> None:
    def stop(done: int, total: int) -> None:
        raise Interrupted

    found: Attribution = play(tiny_game("llama"), on_progress=stop)
    assert found.stopped
    assert np.isnan(found.scores).all()


def test_from_the_public_function() -> None:
    found = xai.explain(TEXT, "tutor", response="Rest by the sea.", method="attention")
    assert (found.total >= 0).all()
    assert CAVEAT in found.record["notes"]
