"""What bugs would show that nobody noticed when they were planted; see tests/mutants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jupyter_xai as xai
import tiny
from conftest import ANSWER, TRAVEL, ToyModel
from double import Reply, completion, refused, serving
from jupyter_xai.cache import AnswerCache
from jupyter_xai.game.ledger import SESSION, Ledger
from jupyter_xai.models.base import Operator, Sampling
from jupyter_xai.models.local.transformers import TransformersModel
from jupyter_xai.models.prices import money
from jupyter_xai.models.server.openai import OpenAIModel

ALIKE = ("Go to a warm island. It is quiet.", "Take the best hotel. So let it be.")
"""Two answers of as many words in as many sentences."""

SAID = ("A dog walked.", "A walked dog.")
"""The same tokens in another order."""


@pytest.fixture(scope="module")
def llama() -> TransformersModel:
    return TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=True), name="tiny")


def test_of_two_answers_of_equal_length_each_has_its_own_scores(toy: ToyModel) -> None:
    def explained(response: str) -> list[float]:
        e = xai.explain(TRAVEL, toy, response=response, method="leave-one-out", progress=False)
        return e.total.tolist()

    first, second = (explained(response) for response in ALIKE)
    SESSION.clear()
    assert explained(ALIKE[1]) == second
    assert first != second


@pytest.mark.parametrize("method", ["gradient-shap", "integrated-gradients"])
def test_of_two_answers_of_equal_length_each_has_its_own_gradients(
    method: str, llama: TransformersModel
) -> None:
    prompt = "I want to rest. No busy cities."
    lengths = [len(llama.supplied(llama.prompt(prompt), text).ids or ()) for text in SAID]
    assert lengths[0] == lengths[1]

    def explained(response: str) -> list[float]:
        e = xai.explain(prompt, llama, response=response, method=method, progress=False)
        return e.total.tolist()

    first, second = (explained(response) for response in SAID)
    SESSION.clear()
    assert explained(SAID[1]) == pytest.approx(second)
    assert first != pytest.approx(second)


def test_what_the_answer_cost_counts_against_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    prompt, prices = "Say red. Say blue. Say green.", (2.0, 10.0)
    answers = AnswerCache(tmp_path / "answers.sqlite3")
    model = OpenAIModel("m", base_url="http://localhost:1/v1", prices=prices, answers=answers)
    read, written = model.most_tokens(model.prompt(prompt), Operator(), Sampling(8), None)
    usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    most = money(prices, read + written, written)

    def dear(body: dict[str, Any], _: int) -> Reply:
        """A server that takes all that it may."""
        if "prompt_logprobs" in body:
            return refused(400, "unknown field")
        return completion({"message": {"content": "I say red."}}, usage=usage)

    with serving(dear) as server:
        model = OpenAIModel("m", base_url=server.url, prices=prices, answers=answers)
        e = xai.explain(
            prompt,
            model,
            method="leave-one-out",
            max_new_tokens=8,
            max_cost=1.5 * most,
            progress=False,
        )
    assert e.record["cost"]["money"] == pytest.approx(most)
    assert e.stopped_at.startswith("stopped at max_cost=")


def test_no_mask_of_the_fit_tests_the_fit(toy: ToyModel) -> None:
    """Of six sentences all masks are in the fit, so that none is left to test it by."""
    prompt = "Warm. No cities. Money. A dog. A cat. A fox."
    e = xai.explain(prompt, toy, method="linear", perturbations=63, k=1, progress=False)
    measured = e.measured(which="lds").record["lds"]
    assert measured is None or measured["kind"] != "fresh"
    e = xai.explain(prompt, toy, method="linear", perturbations=20, k=1, progress=False)
    measured = e.measured(which="lds").record["lds"]
    assert measured is None or measured["masks"] <= 2**6 - 20


def test_the_noise_floor_holds_for_differences_of_two_batches() -> None:
    """Of a model whose batches are off by 0.001 a token, two values are off by twice that."""
    e = xai.explain(TRAVEL, ToyModel(noisy=True), method="leave-one-out", value="logprob")
    assert e.noise == pytest.approx(2 * 1e-3 * len(ANSWER.split()), rel=1e-3)


@pytest.mark.parametrize("chat", [False, True])
def test_a_token_with_a_leading_space_belongs_to_the_unit_of_its_word(chat: bool) -> None:
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=chat), name="tiny")
    text = "I want to rest by the sea. No busy cities, though. My budget is flexible."
    prompt = model.prompt(text)
    assert prompt.ids is not None
    assert prompt.token_source is not None
    source = np.asarray(prompt.token_source)
    ids = np.asarray(prompt.ids)
    spaced = 0
    for place, unit in enumerate(prompt.document.sources):
        said = tiny.tokenizer(chat=chat).decode(ids[source == place].tolist())
        assert said.strip() == unit.text.strip()
        spaced += said.startswith(" ")
    assert spaced or chat, "the test needs a token that begins with a space"


def test_of_equally_good_sets_the_first_is_named(toy: ToyModel) -> None:
    e = xai.explain("A dog. A cat. A fox.", toy, method="joint", k=2, progress=False)
    assert e.sets is not None
    assert e.sets[1] == (0,)
    assert e.sets[2] == (0, 1)


def test_what_makes_the_answer_supports_it() -> None:
    """Of functions, too: without it the answer is another, so its score is above zero."""

    def said(text: str) -> str:
        return "It is red." if "red" in text else "There is nothing to be said about colours."

    e = xai.explain("Say red. Be kind.", said, method="leave-one-out", progress=False)
    assert e.total[0] > 0.1
    assert e.total[1] == pytest.approx(0, abs=1e-6)
    assert e.scores[0, 0] > 0.1


def test_a_full_ledger_forgets_what_was_not_used_for_the_longest_time() -> None:
    ledger: Ledger = Ledger(max_bytes=12_000)
    for name in "abc":
        ledger.put(name, name, size=3_000)
    assert ledger.get("a") == "a"
    ledger.put("d", "d", size=3_000)
    assert "d" in ledger
    assert "a" in ledger
    assert "b" not in ledger
