"""What a reader would see if a key, a floor, a border or a limit were a little wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import jupyter_xai as xai
import tiny
from conftest import ANSWER, TRAVEL, ToyModel
from jupyter_xai.game.ledger import SESSION
from jupyter_xai.masking import Masks
from jupyter_xai.models.base import Answered, Operator, Prompt, Response, Sampling
from truth import RESPONSE, left_out, total

OTHER = "Stay in a warm house. It is quite so. Take the worst hotel."


def scores(model: Any, response: str, prompt: str = TRAVEL, **options: Any) -> Any:
    chosen = {"method": "leave-one-out", "progress": False, "checks": False} | options
    return xai.explain(prompt, model, response=response, **chosen).scores


def test_two_responses_of_one_length_have_scores_of_their_own(toy: ToyModel) -> None:
    assert len(toy.supplied(None, ANSWER).ids or ()) == len(toy.supplied(None, OTHER).ids or ())  # type: ignore[arg-type]
    first = scores(toy, ANSWER)
    second = scores(toy, OTHER)
    assert np.abs(first - second).max() > 1
    SESSION.clear()
    np.testing.assert_array_equal(scores(toy, OTHER), second)


@pytest.mark.parametrize("method", ["gradient-shap", "saliency", "integrated-gradients"])
def test_two_responses_of_one_length_have_gradients_of_their_own(method: str) -> None:
    model = xai.load(tiny.model("llama"), tokenizer=tiny.tokenizer(chat=True))
    texts = ("New York is nice.", "New York is nice?")
    lengths = {len(model.supplied(model.prompt("A."), text).ids or ()) for text in texts}
    assert len(lengths) == 1
    first, second = (scores(model, text, method=method) for text in texts)
    assert np.abs(first - second).max() > 1e-3
    SESSION.clear()
    np.testing.assert_allclose(scores(model, texts[1], method=method), second, atol=1e-6)


def test_the_noise_floor_is_that_of_a_difference() -> None:
    """Each value of a batch is off by a thousandth a word; a score compares two of them."""
    toy = ToyModel(noisy=True)
    words = len(toy.token_spans(ANSWER))
    e = xai.explain(TRAVEL, toy, method="leave-one-out", progress=False)
    assert e.noise == pytest.approx(2 * words * 1e-3, rel=1e-3)


def test_a_space_belongs_to_the_word_behind_it() -> None:
    """Tokens such as " Warm" begin with white space of the sentence before, and go with theirs."""
    tokenizer = tiny.tokenizer()
    text = "I want to rest. The sea is nice. New York is not."
    model = tiny.model("gpt2")
    encoded = tokenizer(text, return_offsets_mapping=True)
    spans = encoded["offset_mapping"]
    starts = [text.index(word) for word in ("I want", "The sea", "New York")]
    assert any(text[start] == " " and start + 1 in starts for start, _ in spans), "no such token"
    # A token of nothing but white space stays where it stands.
    first = [
        next((at for at in range(start, end) if text[at] != " "), start) for start, end in spans
    ]
    unit = [max(i for i, start in enumerate(starts) if start <= at) for at in first]
    said = xai.load(model, tokenizer=tokenizer)
    response = said.supplied(said.prompt(text), RESPONSE).ids
    assert response is not None
    values = [
        total(model, [t for t, u in zip(encoded["input_ids"], unit, strict=True) if u != gone],
              response)
        for gone in (None, 0, 1, 2)
    ]  # fmt: skip
    found = scores(said, RESPONSE, text, value="logprob")
    np.testing.assert_allclose(found[:, -1], values[0] - np.array(values[1:]), atol=1e-4)
    np.testing.assert_allclose(found[:, -1], left_out(model, tokenizer, text), atol=1e-4)


def test_of_equal_sets_the_first_is_told(toy: ToyModel) -> None:
    prompt = "One thing. Another thing. A third thing. A fourth thing. A fifth thing."
    e = xai.explain(prompt, toy, method="joint", k=2, progress=False, checks=False)
    assert (e.record["sets"]["1"], e.record["sets"]["2"]) == ([0], [0, 1])


def test_masks_of_the_fit_are_no_fresh_masks(toy: ToyModel) -> None:
    """Of a prompt whose keep-half masks were all fitted, none is left to test the scores with."""
    few = "Warm places. No cities. Money is none. I am tired. Go."
    e = xai.explain(few, toy, method="lime", perturbations=30, progress=False, checks=False)
    assert e.record["perturbations"]["used"] == 30
    frame = e.metrics(which="lds")
    kinds = e.measured(which="lds").record["lds"]
    assert kinds is None or kinds["kind"] != "fresh"
    assert not frame["metric"].astype(str).str.contains("fresh").any()


class Paid(ToyModel):
    """A served model whose explained answer costs as much as ten others."""

    host = "a till"
    prices = (1e6, 1e6)
    capabilities = frozenset({"text"})  # type: ignore[assignment]

    def repetition(self, number: int) -> Paid:
        return self

    def most_tokens(
        self, prompt: Prompt, operator: Operator, sampling: Sampling, response: Response | None
    ) -> tuple[int, int]:
        return (5, 5)

    def respond(self, prompt: Prompt, sampling: Sampling) -> Response:
        return Response(ANSWER, tokens=100, written=50)

    def answer(
        self, prompt: Prompt, masks: Masks, operator: Operator, sampling: Sampling
    ) -> Iterator[Answered]:
        for answered in super().answer(prompt, masks, operator, sampling):
            yield Answered(answered.row, answered.text, tokens=10, written=5)


@pytest.mark.parametrize(("limit", "counted"), [("max_cost", "money"), ("max_tokens", "tokens")])
def test_the_explained_answer_is_paid_for_too(limit: str, counted: str) -> None:
    e = xai.explain(
        TRAVEL + " Be brief. Be kind. Be true.", Paid(), method="lime", perturbations=60,
        progress=False, checks=False, **{limit: 150},
    )  # fmt: skip
    assert 110 <= e.record["cost"][counted] <= 150
    assert e.stopped_at.startswith(f"stopped at {limit}=150")
