"""Two-step attribution: which tokens depend on the prompt, and what is left of the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import tiny
from jupyter_xai.errors import XaiError
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.game.targets import CONTEXT_DEPENDENT, aimed, in_spans, standing_out
from jupyter_xai.masking import every
from jupyter_xai.models.local.transformers import TransformersModel

TEXT = "I want to rest by the sea. No busy cities, though. My budget is flexible."
ANSWER = "A dog. New York is nice. The sea."


def played(answer: str = ANSWER, **options: Any) -> MaskingGame:
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=True))
    prompt = model.prompt(TEXT)
    return MaskingGame(model, prompt, model.supplied(prompt, answer), ledger=Ledger(), **options)


def test_the_tokens_are_those_of_plain_distributions() -> None:
    game = played()
    model, ids = game.model, list(game.response.ids or ())
    assert isinstance(model, TransformersModel)
    both = []
    for mask in (np.ones((1, 3), dtype=bool), np.zeros((1, 3), dtype=bool)):
        (item,) = model.inputs(game.prompt, mask, game.operator)
        with torch.inference_mode():
            logits = model.model(torch.tensor([[*item.ids.tolist(), *ids]])).logits
        both.append(torch.distributions.Categorical(logits=logits[0, len(item) - 1 : -1].double()))
    expected = torch.distributions.kl_divergence(*both).numpy()
    chosen = expected > expected.mean() + expected.std()
    assert 0 < chosen.sum() < len(ids)
    found, notes = aimed(game, CONTEXT_DEPENDENT)
    assert found.targets is not None
    np.testing.assert_array_equal(found.targets, chosen)
    assert f"only {chosen.sum()} of the {len(ids)} tokens" in notes[0]
    assert game.cost.forwards == 2
    assert found.cost is game.cost


@pytest.mark.parametrize("value", ["logprob", "logit"])
def test_only_target_tokens_count(value: str) -> None:
    game = played(value=value, response_units="sentence")
    tokens = played(value="logprob", response_units="token")
    masks = every(3)
    plain = tokens.values(masks)[:, :-1]
    text = game.response.text
    spans = [(text.index("New"), text.index("York") + 2)]
    found, _ = aimed(game, tuple(spans))
    values = found.values(masks)
    chosen = in_spans(game.response, spans)
    inside = plain[:, chosen].sum(axis=1)
    if value == "logit":
        inside = inside - np.log(-np.expm1(inside))
    np.testing.assert_allclose(values[:, 1], inside, rtol=1e-5)
    np.testing.assert_allclose(values[:, -1], inside, rtol=1e-5)
    assert (values[:, [0, 2]] == 0).all(), "units without a target have the value 0"
    assert found.lengths == [1, int(chosen.sum()), 1, int(chosen.sum())]


def test_targets_everywhere_change_nothing_and_cost_nothing() -> None:
    game = played()
    masks = every(3)
    plain = game.values(masks)
    paid = game.cost.forwards
    found, notes = aimed(game, ((0, len(ANSWER)),))
    np.testing.assert_array_equal(found.values(masks), plain)
    assert game.cost.forwards == paid
    assert notes == ()
    assert aimed(game, None) == (game, ())


def test_where_no_token_stands_out_all_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    game = played()
    size = len(game.response.ids or ())
    monkeypatch.setattr(game, "divergences", lambda masks, of: np.full((1, size), 0.25))
    found, notes = aimed(game, CONTEXT_DEPENDENT)
    assert found is game
    assert "all of it is explained" in notes[0]


def test_standing_out() -> None:
    assert standing_out(np.array([0.7]))[0].tolist() == [True]
    assert standing_out(np.array([0.0]))[0].tolist() == [False]
    assert not standing_out(np.array([1.0, 1.0 + 1e-6, 1.0]))[0].any()
    rng = np.random.default_rng(0)
    divergence = rng.exponential(size=50)
    chosen, bound = standing_out(divergence)
    np.testing.assert_array_equal(chosen, divergence > divergence.mean() + divergence.std())
    assert bound == pytest.approx(divergence.mean() + divergence.std())
    assert standing_out(np.array([np.inf, 0.1, 0.1, 0.1]))[0].tolist() == [True, *[False] * 3]


def test_a_response_of_one_token() -> None:
    game = played("A")
    assert len(game.response.ids or ()) == 1
    found, _ = aimed(game, CONTEXT_DEPENDENT)
    np.testing.assert_array_equal(found.values(every(3)), game.values(every(3)))


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        ([(0, 400)], r"\(0, 400\) leaves the response, which has 33 characters"),
        ([(6, 7)], "only white space"),
    ],
)
def test_spans_that_hold_no_token_are_refused(spans: Any, said: str) -> None:
    with pytest.raises(XaiError, match=said):
        aimed(played(), tuple(spans))


def test_text_values_have_no_targets() -> None:
    with pytest.raises(XaiError, match="need value='logprob'"):
        aimed(played(value="text"), CONTEXT_DEPENDENT)
