"""The masking game: the ledger, finite values, columns, interruption, threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import tiny
from jupyter_xai import methods
from jupyter_xai.errors import Interrupted, XaiError
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.game.token_values import IMPOSSIBLE, logit
from jupyter_xai.masking import Masks, every
from jupyter_xai.methods.base import MaskMethod
from jupyter_xai.models.base import Operator, Prompt, Response, Sampling, Scored
from jupyter_xai.models.function import FunctionModel
from jupyter_xai.models.local.transformers import TransformersModel
from jupyter_xai.models.locks import lock_of
from jupyter_xai.text.distance import text_distance

TEXT = "I want to rest by the sea. No busy cities, though. My budget is flexible."
ANSWER = "New York is nice. A dog."


class Counting(TransformersModel):
    """Counts the masks that really go through the model, and notices two users at a time."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.rows = 0
        self.inside = 0

    def score(
        self, prompt: Prompt, masks: Masks, operator: Operator, response: Response
    ) -> Iterator[Scored]:
        self.inside += 1
        assert self.inside == 1, "two threads use the model at once"
        for batch in super().score(prompt, masks, operator, response):
            self.rows += len(batch.rows)
            yield batch
        self.inside -= 1


def counting(kind: str = "llama", **options: Any) -> Counting:
    return Counting(tiny.model(kind, **options), tiny.tokenizer(chat=True))


def played(model: TransformersModel, ledger: Ledger, **options: Any) -> MaskingGame:
    prompt = model.prompt(options.pop("text", TEXT))
    response = model.supplied(prompt, options.pop("answer", ANSWER))
    return MaskingGame(model, prompt, response, ledger=ledger, **options)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def test_equal_inputs_are_scored_once(ledger: Ledger) -> None:
    model = counting()
    game = played(model, ledger)
    masks = every(game.n)
    twice = np.concatenate([masks, masks[::-1]])
    values = game.values(twice)
    assert model.rows == len(masks)
    np.testing.assert_array_equal(values[: len(masks)], values[len(masks) :][::-1])
    np.testing.assert_array_equal(values, game.values(twice))
    assert model.rows == len(masks)
    assert game.cost.forwards == len(masks)
    assert game.cost.reused == 3 * len(masks)
    assert game.known(masks).all()


@pytest.mark.parametrize("value", ["logprob", "text"])
def test_what_is_looked_up_once_more_is_not_counted(ledger: Ledger, value: str) -> None:
    game = played(counting(), ledger, value=value, sampling=Sampling(max_new_tokens=4))
    masks = every(game.n)
    game.values(masks[:4])
    counted = replace(game.cost)
    game.values(masks[:4], count_reused=False)
    assert game.cost == counted
    more = game.values(masks[:6], count_reused=False)
    calls = game.cost.forwards + game.cost.generations
    assert calls > counted.forwards + counted.generations, "what is new costs as ever"
    assert game.cost.reused == counted.reused
    np.testing.assert_array_equal(more, game.values(masks[:6]))
    assert game.cost.reused == counted.reused + 6


def test_another_method_and_a_longer_plan_pay_only_for_what_is_new(ledger: Ledger) -> None:
    model = counting()
    game = played(model, ledger, text=TEXT * 2)
    shap, one_out = methods.get("shap"), methods.get("leave-one-out")
    assert isinstance(shap, MaskMethod)
    assert isinstance(one_out, MaskMethod)
    plan = shap.plan(game.n, 20, seed=0)
    game.values(plan)
    paid = model.rows
    alone = one_out.plan(game.n, None, seed=0)
    new = ~game.known(alone)
    played(model, ledger, text=TEXT * 2, value="logit").values(alone)
    assert model.rows == paid + new.sum()
    longer = shap.plan(game.n, 30, seed=0)
    new = ~game.known(longer)
    assert new.sum() <= len(longer) - len(plan)
    game.values(longer)
    assert game.known(longer).all()


@pytest.mark.parametrize(
    "other",
    [
        {"answer": "New York is nice. A cat."},
        {"operator": Operator("mask-token")},
        {"operator": Operator("zero-embedding")},
    ],
)
def test_another_response_or_operator_is_not_mixed_up(ledger: Ledger, other: Any) -> None:
    model = counting()
    game = played(model, ledger)
    masks = ~np.eye(game.n, dtype=bool)
    first = game.values(masks)
    paid = model.rows
    second = played(model, ledger, **other).values(masks)
    assert model.rows == 2 * paid
    assert np.abs(first - second).max() > 1e-3


def test_other_weights_are_noticed(ledger: Ledger) -> None:
    one, two = counting(seed=0), counting(seed=1)
    masks = every(3)
    first = played(one, ledger).values(masks)
    second = played(two, ledger).values(masks)
    assert one.rows == two.rows == len(masks)
    assert np.abs(first - second).max() > 1e-3
    with torch.no_grad():
        for parameter in one.model.parameters():
            parameter.mul_(1.01)
    third = played(one, ledger).values(masks)
    assert one.rows == 2 * len(masks)
    assert np.abs(first - third).max() > 1e-3


def test_logits_are_finite_and_right() -> None:
    p = np.array([1 - 1e-12, 0.5, 1e-300])
    np.testing.assert_allclose(logit(np.log(p)), np.log(p) - np.log1p(-p), rtol=1e-3, atol=1e-15)
    ends = logit(np.array([-0.0, -1e-45, -1e-30, IMPOSSIBLE, -1e-12]))
    assert np.isfinite(ends).all()
    np.testing.assert_allclose(ends[-1], 12 * np.log(10), rtol=1e-6)
    falling = logit(-np.logspace(-37, 4, 200))
    assert (np.diff(falling) < 0).all()


class Given(TransformersModel):
    """Returns prescribed log-probabilities."""

    logprobs: NDArray[np.float32]

    def score(
        self, prompt: Prompt, masks: Masks, operator: Operator, response: Response
    ) -> Iterator[Scored]:
        logprobs = np.tile(self.logprobs, (len(masks), 1))
        yield Scored(np.arange(len(masks)), logprobs, tokens=0)


def given(logprobs: Sequence[float], ledger: Ledger, value: str) -> MaskingGame:
    model = Given(tiny.model("llama"), tiny.tokenizer())
    model.logprobs = np.array(logprobs, dtype=np.float32)
    prompt = model.prompt(TEXT)
    spans = tuple((i, i + 1) for i in range(len(logprobs)))
    response = Response("x" * len(logprobs), tuple(range(len(logprobs))), spans)
    return MaskingGame(model, prompt, response, response_units="token", value=value, ledger=ledger)


@pytest.mark.parametrize("value", ["logprob", "logit"])
def test_certain_and_impossible_tokens_have_finite_values(ledger: Ledger, value: str) -> None:
    values = given([-0.0, -np.inf, -1e-12], ledger, value).values(every(3))
    assert np.isfinite(values).all()
    assert (values[:, 1] < -1000).all()


@pytest.mark.parametrize("value", ["logprob", "logit"])
def test_a_long_response_has_finite_values(ledger: Ledger, value: str) -> None:
    values = given([-12.5] * 2000, ledger, value).values(every(3))
    np.testing.assert_allclose(values[:, -1], -25_000, rtol=1e-6)


def test_nan_is_one_clear_error(ledger: Ledger) -> None:
    model = counting()
    with torch.no_grad():
        model.model.model.norm.weight.fill_(torch.nan)
    with pytest.raises(XaiError, match=r"returned NaN") as caught:
        played(model, ledger).values(every(3))
    assert "\n" not in str(caught.value)
    assert not len(ledger)


def test_units_sum_to_the_total_and_cutting_otherwise_is_free(ledger: Ledger) -> None:
    model = counting()
    game = played(model, ledger, response_units="token")
    masks = every(game.n)
    tokens = game.values(masks)
    paid = model.rows
    for units in ("token", "word", "sentence", "paragraph"):
        other = game.retarget(units)
        values = other.values(masks)
        assert values.shape == (len(masks), other.m + 1)
        np.testing.assert_allclose(values[:, :-1].sum(axis=1), values[:, -1], rtol=1e-12)
        np.testing.assert_allclose(values[:, -1], tokens[:, -1], rtol=1e-12)
        assert sum(other.lengths[:-1]) == other.lengths[-1] == len(game.response.ids or ())
    assert model.rows == paid


def test_duplicate_sentences_stay_apart(ledger: Ledger) -> None:
    model = counting()
    game = played(model, ledger, text="No cities. No cities. No cities.")
    assert game.n == 3
    values = game.values(every(3))
    # Without the first or without the second is not the same: the first has no space before it.
    # Only inputs that are equal token by token are one: the second alone and the third alone.
    assert values[0b010, -1] == values[0b100, -1]
    assert values[0b011, -1] == values[0b101, -1]
    assert len(np.unique(values[:, -1])) == model.rows == 6


def test_progress_counts_masks_and_an_interrupt_keeps_what_is_known(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = counting()
    monkeypatch.setattr(model._kernel, "_tokens_per_batch", 1)  # one mask a batch
    game = played(model, ledger)
    masks = every(game.n)
    told: list[tuple[int, int]] = []

    def stop_after_three(done: int, total: int) -> None:
        told.append((done, total))
        if done == 3:
            raise Interrupted

    with pytest.raises(Interrupted):
        game.values(masks, on_progress=stop_after_three)
    assert told == [(0, 8), (1, 8), (2, 8), (3, 8)]
    assert game.known(masks).sum() == 3
    model.inside = 0
    told.clear()
    game.values(masks, on_progress=lambda done, total: told.append((done, total)))
    assert told[0] == (3, 8)
    assert told[-1] == (8, 8)
    assert model.rows == 8


def test_text_values_compare_with_the_nearest_sentence(ledger: Ledger) -> None:
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        sea = "Go to the sea. " if "sea" in prompt else ""
        return sea + ("Take a train." if "fly" in prompt else "Take a plane.")

    model = FunctionModel(answer)
    prompt = model.prompt("I love the sea. I do not fly.")
    response = model.respond(prompt, Sampling())
    assert response.text == "Go to the sea. Take a train."
    game = MaskingGame(model, prompt, response, value="text", ledger=ledger)
    asked.clear()
    values = game.values(every(2))
    assert game.lengths == [1, 1, 1]
    assert len(asked) == 3, "the answer to the whole prompt is the response, and known"
    whole = {0: "Take a plane.", 1: "Go to the sea. Take a plane.", 2: "Take a train.", 3: None}
    for row, text in whole.items():
        text = text or response.text
        parts = [part.strip(" .") + "." for part in text.split(". ")]
        for j, unit in enumerate(("Go to the sea.", "Take a train.")):
            nearest = min(text_distance("cosine", unit, parts))
            np.testing.assert_allclose(values[row, j], -nearest, atol=1e-6)
        whole_text = text_distance("cosine", response.text, [text])[0]
        np.testing.assert_allclose(values[row, 2], -whole_text, atol=1e-6)
    game.values(every(2))
    assert len(asked) == 3


def test_noise_is_larger_in_low_precision(ledger: Ledger) -> None:
    noise = []
    for dtype in (torch.float32, torch.bfloat16):
        model = TransformersModel(tiny.model("llama").to(dtype), tiny.tokenizer(chat=True))
        noise.append(played(model, ledger).noise())
    assert 0 <= noise[0] < 1e-4 < noise[1]


def test_threads_take_turns(ledger: Ledger) -> None:
    model = counting()
    games = [
        played(model, ledger, operator=Operator(name))
        for name in ("delete", "mask-token", "zero-embedding", "attention")
    ]
    masks = every(3)
    alone = [played(model, Ledger(), operator=game.operator).values(masks) for game in games]
    found: dict[int, NDArray[np.float64]] = {}

    def work(index: int) -> None:
        found[index] = games[index].values(masks)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(games))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index, expected in enumerate(alone):
        np.testing.assert_allclose(found[index], expected, atol=2e-5)
    assert lock_of(model) is lock_of(model)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"value": "magic"}, "unknown value 'magic'"),
        ({"answer": "  "}, "blank"),
    ],
)
def test_what_cannot_be_played_is_said(ledger: Ledger, options: Any, said: str) -> None:
    with pytest.raises(XaiError, match=said):
        played(counting(), ledger, **options)


def test_text_models_have_no_log_probabilities(ledger: Ledger) -> None:
    model = FunctionModel(str.upper)
    prompt = model.prompt("Be brief. Be kind.")
    with pytest.raises(XaiError, match="use value='text'"):
        MaskingGame(model, prompt, model.respond(prompt, Sampling()), ledger=ledger)


def test_masks_of_another_width_are_refused(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match=r"\[R, 3\]"):
        played(counting(), ledger).values(every(2))
