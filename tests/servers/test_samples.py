"""Servers that draw their answers, and servers that should not and do."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest

import jupyter_xai as xai
from double import Double, Reply, Seen, chat, completion, refused, serving
from jupyter_xai.cache import AnswerCache
from jupyter_xai.errors import XaiError
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.models.server.openai import OpenAIModel

PROMPT = "Say red. Say blue. Say green."
ANSWERS = ("A warm day at the sea.", "Old castles in the rain.", "Nothing at all.")


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every explanation begins without memory, so that only the disk remembers."""
    _forget(monkeypatch)


def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_xai.explainer.explainer.SESSION", Ledger())


def drawing(body: dict[str, Any], _: int) -> Reply:
    """Draws by the seed; with blue in the prompt one answer is more probable."""
    if "prompt_logprobs" in body:
        return refused(400, "unknown field")
    if "seed" not in body:
        return chat(body)
    weights = (8, 1, 1) if "blue" in str(body["messages"]) else (1, 1, 1)
    (text,) = random.Random(body["seed"]).choices(ANSWERS, weights)
    return completion({"message": {"content": text}})


def asked(seen: list[Seen]) -> list[dict[str, Any]]:
    """Requests for answers to (what is left of) the prompt, without those that probe."""
    sent = [each.body for each in seen if "prompt_logprobs" not in each.body]
    return [body for body in sent if "Say yes." not in str(body["messages"])]


def explained(server: Double, answers: AnswerCache, **settings: Any) -> xai.Explanation:
    model = OpenAIModel("m", base_url=server.url, timeout=2.0, retries=0, answers=answers)
    options = {"method": "gsmile", "units": "sentence", "progress": False, **settings}
    return xai.explain(PROMPT, model, **options)


def test_each_answer_is_drawn_by_a_seed_of_its_own_and_kept(
    answers: AnswerCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(drawing) as server:
        first = explained(server, answers, temperature=1.0, samples=5)
        sent = asked(server.seen)
        _forget(monkeypatch)
        again = explained(server, answers, temperature=1.0, samples=5)
        assert len(asked(server.seen)) == len(sent)
    seeds = [body["seed"] for body in sent]
    assert len(set(seeds)) == len(seeds)
    # Five for each of the seven masks, and the response, which is drawn apart.
    each = Counter(json.dumps(body["messages"]) for body in sent)
    assert sorted(each.values()) == [5] * 6 + [6]
    assert again.record["cost"]["generations"] == 0
    assert again.scores.tolist() == first.scores.tolist()
    assert first.low is not None
    assert first.high is not None
    assert (first.high - first.low > 0).all()
    assert first.noise is not None
    assert first.noise > 0


def test_more_samples_cost_only_what_is_new(answers: AnswerCache) -> None:
    with serving(drawing) as server:
        explained(server, answers, temperature=1.0, samples=2)
        before = len(asked(server.seen))
        explained(server, answers, temperature=1.0, samples=3)
    assert before == 7 * 2 + 1
    assert len(asked(server.seen)) == 7 * 3 + 1


def test_a_server_that_takes_no_seed_is_asked_without(answers: AnswerCache) -> None:
    def without(body: dict[str, Any], number: int) -> Reply:
        wrong = [name for name in ("prompt_logprobs", "seed") if name in body]
        return refused(400, f"unknown field {wrong[0]}") if wrong else chat(body)

    with serving(without) as server:
        e = explained(server, answers, temperature=1.0, samples=3)
    assert e.record["cost"]["generations"] == 7 * 3 + 1


def test_samples_without_temperature_are_refused(answers: AnswerCache) -> None:
    with serving(drawing) as server, pytest.raises(XaiError, match="needs a temperature above 0"):
        explained(server, answers, samples=3)


def test_a_server_that_says_something_else_each_time_is_noticed(
    answers: AnswerCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: Counter[str] = Counter()

    def alternating(body: dict[str, Any], _: int) -> Reply:
        if "prompt_logprobs" in body:
            return refused(400, "unknown field")
        key = str(body["messages"])
        told[key] += 1
        return completion({"message": {"content": ANSWERS[told[key] % 2]}})

    with serving(alternating) as server:
        e = explained(server, answers, method="leave-one-out", distance="cosine")
        host = server.url.split("/")[2]
        whole = [body for body in asked(server.seen) if PROMPT in str(body)]
        assert len(whole) == 3
        before = len(server.seen)
        _forget(monkeypatch)
        again = explained(server, answers, method="leave-one-out", distance="cosine")
        assert len(asked(server.seen[before:])) == 0
    assert e.noise is not None
    assert e.noise > 0.1
    assert any(note.startswith(f"{host} is not deterministic at temperature 0") for note in e.notes)
    assert (again.noise, again.scores.tolist()) == (e.noise, e.scores.tolist())


def test_repetitions_are_left_out_with_the_checks_or_beyond_the_budget(
    answers: AnswerCache,
) -> None:
    with serving(drawing) as server:
        plain = explained(server, answers, method="leave-one-out", checks=False)
        count = len(asked(server.seen))
        assert (plain.noise, count) == (None, 4)
        dear = explained(server, answers, method="leave-one-out", max_forwards=1)
        assert dear.noise is None
        assert "the scores are complete, checks were left out" in dear.stopped_at
        assert len(asked(server.seen)) == count
