"""Tokens and money: counted, told, and kept within their limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import jupyter_xai as xai
from double import Double, Reply, chat, refused, serving
from jupyter_xai.cache import AnswerCache
from jupyter_xai.errors import XaiError
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.models.base import Operator, Sampling
from jupyter_xai.models.prices import money
from jupyter_xai.models.server.openai import OpenAIModel
from jupyter_xai.progress import Watcher

PROMPT = " ".join(f"Say word{i}." for i in range(8))
PRICES = (2.0, 10.0)
A_CALL = money(PRICES, 10, 3)
"""The double reads 7 tokens and writes 3, whatever it is asked."""


@pytest.fixture(autouse=True)
def own_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered from other tests."""
    monkeypatch.setattr("jupyter_xai.explainer.explainer.SESSION", Ledger())


def only_chat(body: dict[str, Any], number: int) -> Reply:
    return refused(400, "unknown") if "prompt_logprobs" in body else chat(body, number)


def explained(server: Double, answers: AnswerCache, **settings: Any) -> xai.Explanation:
    options = {"method": "leave-one-out", "max_new_tokens": 8, "progress": False, **settings}
    return xai.explain(PROMPT, model_at(server, answers), **options)


def model_at(server: Double, answers: AnswerCache) -> OpenAIModel:
    return OpenAIModel("parrot", base_url=server.url, prices=PRICES, answers=answers, timeout=5.0)


def asked(server: Double) -> int:
    """Requests for answers, without those that probe."""
    bodies = [seen.body for seen in server.seen if "prompt_logprobs" not in seen.body]
    return sum("yes" not in str(body["messages"]) for body in bodies)


def test_money_is_counted_and_told(answers: AnswerCache) -> None:
    with serving(only_chat) as server:
        e = explained(server, answers)
        calls = asked(server)
        again = explained(server, answers)
    assert calls == 1 + 8 + 2  # the answer, each unit left out, and two repetitions
    assert e.record["cost"]["tokens"] == 10 * calls
    assert e.record["cost"]["money"] == pytest.approx(A_CALL * calls)
    # By hand: 7 tokens read at 2 a million, and 3 written at 10.
    assert e.record["cost"]["money"] == pytest.approx(calls * (7 * 2 + 3 * 10) / 1e6)
    assert f"paid {A_CALL * calls:.2g}" in str(e)
    assert again.record["cost"]["money"] == 0


@pytest.mark.parametrize("limit", ["max_tokens", "max_cost"])
@pytest.mark.parametrize("calls", [40, 45, 60])
def test_limits_are_never_exceeded_and_used(limit: str, calls: int, answers: AnswerCache) -> None:
    each = 10 if limit == "max_tokens" else A_CALL
    with serving(only_chat) as server:
        e = explained(server, answers, **{limit: calls * each}, method="lime", perturbations=64)
        bought = asked(server)
    counted = e.record["cost"]["tokens" if limit == "max_tokens" else "money"]
    assert counted == pytest.approx(bought * each)
    assert bought <= calls
    assert e.partial
    assert e.stopped_at.startswith(f"stopped at {limit}=")
    # It stops only where one more call might not have fitted.
    model = OpenAIModel("parrot", base_url="http://localhost:1/v1", prices=PRICES, answers=answers)
    read, written = model.most_tokens(model.prompt(PROMPT), Operator(), Sampling(8), None)
    most = read + written if limit == "max_tokens" else money(PRICES, read + written, written)
    assert counted + most > calls * each
    assert e.record["perturbations"]["used"] == bought - 1
    assert np.isfinite(e.total).all()


def test_a_larger_limit_goes_on_without_paying_twice(answers: AnswerCache) -> None:
    with serving(only_chat) as server:
        first = explained(server, answers, max_tokens=400, method="lime", perturbations=64)
        bought = asked(server)
        whole = explained(server, answers, max_tokens=10_000, method="lime", perturbations=64)
        assert asked(server) == 1 + 64 + 2
    assert first.partial
    assert not whole.partial
    assert whole.record["cost"]["tokens"] == 10 * (1 + 64 + 2 - bought)


def test_what_is_estimated_is_never_less_than_what_is_paid(answers: AnswerCache) -> None:
    settings = {"method": "leave-one-out", "max_new_tokens": 8}
    with serving(only_chat) as server:
        model = model_at(server, answers)
        estimate = xai.estimate(PROMPT, model, **settings)
        assert asked(server) == 0
        e = explained(server, answers)
    assert estimate.generations == 1 + 8 + 2
    assert estimate.money is not None
    assert estimate.money >= e.record["cost"]["money"]
    assert estimate.tokens >= e.record["cost"]["tokens"]
    assert "to pay" in str(estimate)


def test_what_is_paid_is_told_while_it_goes_on(answers: AnswerCache) -> None:
    paid: list[float | None] = []

    class Seeing(Watcher):
        def progressed(self, done: int, total: int, what: str) -> None:
            paid.append(self.paid)

    with serving(only_chat) as server:
        explained(server, answers, progress=Seeing())
    told = [amount for amount in paid if amount is not None]
    assert told == sorted(told)
    assert told[-1] == pytest.approx(A_CALL * 9)


def test_a_server_that_counts_nothing_is_taken_to_have_used_the_most(
    answers: AnswerCache,
) -> None:
    def silent(body: dict[str, Any], number: int) -> Reply:
        reply = only_chat(body, number)
        if reply.status == 200 and isinstance(reply.body, dict):
            del reply.body["usage"]
        return reply

    with serving(silent) as server:
        e = explained(server, answers, max_tokens=700)
    assert 0 < e.record["cost"]["tokens"] <= 700


def test_limits_that_cannot_be_kept_are_refused(answers: AnswerCache) -> None:
    with serving(only_chat) as server:
        with pytest.raises(XaiError, match="max_tokens=50 is less than the answer"):
            explained(server, answers, max_tokens=50)
        assert asked(server) == 0
        model = OpenAIModel("parrot", base_url=server.url, answers=answers)
        with pytest.raises(XaiError, match="max_cost needs the prices of parrot"):
            xai.explain(PROMPT, model, max_cost=1.0)
    with pytest.raises(XaiError, match="counts no tokens"):
        xai.explain(PROMPT, str.upper, max_tokens=100)
    with pytest.raises(XaiError, match="prices=3 are not allowed"):
        xai.load("openai:m", base_url="http://localhost:1/v1", prices=3)
