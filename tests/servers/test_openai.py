"""Models behind a server: what is sent, what is kept, and how each failure ends."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jupyter_xai as xai
from double import Double, Reply, Seen, chat, completion, parrot, refused, serving
from jupyter_xai.cache import AnswerCache
from jupyter_xai.errors import XaiError
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.models.base import Operator, Sampling
from jupyter_xai.models.server import openai as adapter
from jupyter_xai.models.server.openai import OpenAIModel

PROMPT = "Say red. Say blue.\nSay green.  "
WORDS = ("red", "blue")
SECRET = "sk-do-not-show-this"


def only_chat(body: dict[str, Any], number: int) -> Reply:
    """A server that refuses what it does not know, as OpenAI's does."""
    unknown = [name for name in ("prompt_logprobs", "add_generation_prompt") if name in body]
    if unknown:
        return refused(400, f"Unrecognized request argument: {unknown[0]}")
    return chat(body, number)


def model_at(server: Double, answers: AnswerCache, **options: Any) -> OpenAIModel:
    """A model that gives up soon."""
    named = {"api_key": SECRET, "timeout": 1.0, "retries": 1, "answers": answers, **options}
    return OpenAIModel("parrot", base_url=server.url, **named)


def contents(seen: list[Seen]) -> list[str]:
    """What the user said in each request for an answer."""
    asked = [s.body for s in seen if "messages" in s.body and "prompt_logprobs" not in s.body]
    return ["\n".join(m["content"] for m in body["messages"]) for body in asked]


def explained(model: OpenAIModel, **settings: Any) -> xai.Explanation:
    """An explanation that does not lean on what other tests asked."""
    return xai.explain(PROMPT, model, method="leave-one-out", progress=False, **settings)


@pytest.fixture(autouse=True)
def own_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    """The session's memory would hide what the disk remembers."""
    monkeypatch.setattr("jupyter_xai.explainer.explainer.SESSION", Ledger())


def test_each_text_is_asked_once_and_masked_messages_are_what_a_function_would_get(
    answers: AnswerCache,
) -> None:
    with serving(only_chat) as server:
        e = explained(model_at(server, answers))
        local = xai.explain(PROMPT, parrot, method="leave-one-out", progress=False)
    assert sorted(contents(server.seen)[1:]) == sorted(
        [
            *["Say red. Say blue.\nSay green."] * 3,  # twice more, to see whether it says the same
            "Say blue.\nSay green.",
            "Say red. Say green.",
            "Say red. Say blue.",
        ]
    )
    assert e.response == local.response
    assert e.scores.tolist() == local.scores.tolist()
    assert e.record["model"] == {
        "name": "parrot",
        "kind": "openai",
        "revision": "parrot-1",
        "dtype": None,
        "device": None,
        "template": None,
    }
    assert e.record["value"] == "text"
    assert e.record["cost"]["generations"] == 6
    assert e.noise == 0


def test_greedy_settings_and_length_are_sent(answers: AnswerCache) -> None:
    with serving(only_chat) as server:
        model = model_at(server, answers, extra={"top_k": 1})
        model.respond(model.prompt("Say red."), Sampling(max_new_tokens=5))
        model.respond(model.prompt("Say red."), Sampling(5, temperature=0.5, seed=3))
    asked = [seen.body for seen in server.seen if "prompt_logprobs" not in seen.body]
    first, second = asked
    assert first == {
        "model": "parrot",
        "messages": [{"role": "user", "content": "Say red."}],
        "max_tokens": 5,
        "temperature": 0.0,
        "top_k": 1,
    }
    sent = json.dumps(second["messages"]).encode()
    assert (second["temperature"], second["seed"]) == (0.5, Sampling(seed=3).seed_for(sent))


def test_system_messages_and_roles_arrive(answers: AnswerCache) -> None:
    chat_prompt = [
        {"role": "user", "content": "Say red."},
        {"role": "assistant", "content": "Red."},
        {"role": "user", "content": "Say blue. Say green."},
    ]
    with serving(only_chat) as server:
        model = model_at(server, answers)
        xai.explain(chat_prompt, model, method="leave-one-out", system="Be kind.", progress=False)
    sent = [seen.body["messages"] for seen in server.seen[2:]]
    whole = [{"role": "system", "content": "Be kind."}, *chat_prompt]
    assert whole in sent
    # The system message stays; a message that lost all it said is not sent.
    assert [whole[0], *whole[2:]] in sent
    assert all(messages[0] == whole[0] for messages in sent)


def test_an_empty_prompt_is_still_a_message(answers: AnswerCache) -> None:
    with serving(only_chat) as server:
        model = model_at(server, answers)
        prompt = model.prompt("Say red.")
        masks = np.zeros((1, 1), dtype=bool)
        (answer,) = model.answer(prompt, masks, Operator(), Sampling())
    assert server.seen[0].body["messages"] == [{"role": "user", "content": ""}]
    assert answer.text == "Silence."


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", "length"),
        ("Unsupported value: 'temperature' does not support 0.", "temperature"),
    ],
)
def test_a_servers_ways_are_learnt_from_what_it_refuses(
    said: str, field: str, answers: AnswerCache
) -> None:
    def picky(body: dict[str, Any], number: int) -> Reply:
        wrong = "max_tokens" in body if field == "length" else "temperature" in body
        return refused(400, said) if wrong else only_chat(body, number)

    with serving(picky) as server:
        model = model_at(server, answers)
        e = explained(model)
        before = len(server.seen)
        model.respond(model.prompt("Say black."), Sampling())
    assert e.response == parrot(PROMPT)
    assert len(server.seen) == before + 1  # learnt once


def script(*replies: Reply) -> Callable[[dict[str, Any], int], Reply]:
    """Answers in turn, the last again and again; probing for log-probabilities is refused."""
    left = list(replies)

    def behave(body: dict[str, Any], number: int) -> Reply:
        if "prompt_logprobs" in body:
            return refused(400, "unknown field")
        reply = left.pop(0) if len(left) > 1 else left[0]
        return chat(body) if reply.status == 200 and reply.body is None else reply

    return behave


FAILURES = {
    "key": (refused(401, f"Incorrect API key provided: {SECRET}"), "does not take the API key", 1),
    "model": (refused(404, "The model `parrot` does not exist"), "has no model 'parrot'", 1),
    "bad request": (refused(400, "context length is 10"), "refused the request (400): context", 1),
    "busy": (refused(429, "slow down", **{"retry-after": "0.01"}), "after 2 tries", 2),
    "broken": (refused(500, "oops"), "failed 2 times (500: oops)", 2),
    "slow": (Reply(delay=3.0, body={"choices": []}), "did not answer within 1 s, 2 times", 2),
    "dropped": (Reply(body={"choices": [1]}, drops=True), "cannot reach", 2),
    "no json": (Reply(body="<html>Hello</html>"), "no JSON: <html>Hello", 1),
    "no choice": (Reply(body={"choices": []}), "without any choice", 1),
    "empty": (completion({"message": {"content": ""}}), "answered the prompt with nothing", 1),
    "redirect": (
        Reply(307, {}, {"location": "http://127.0.0.2:9/v1/chat/completions"}),
        "redirects to http://127.0.0.2:9",
        1,
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_each_failure_ends_in_one_line_within_bounded_requests(
    name: str, answers: AnswerCache
) -> None:
    reply, line, requests = FAILURES[name]
    with serving(script(reply)) as server:
        model = model_at(server, answers)
        with pytest.raises(XaiError, match=re.escape(line)) as caught:
            model.respond(model.prompt(PROMPT), Sampling())
    message = str(caught.value)
    assert "\n" not in message
    assert SECRET not in message
    assert len(server.seen) == requests
    assert caught.value.__cause__ is None or SECRET not in repr(caught.value.__cause__)


@pytest.mark.parametrize("name", ["busy", "broken", "dropped"])
def test_what_passes_is_repeated(name: str, answers: AnswerCache) -> None:
    with serving(script(FAILURES[name][0], Reply())) as server:
        model = model_at(server, answers)
        assert model.respond(model.prompt(PROMPT), Sampling()).text == parrot(PROMPT)
    assert len(contents(server.seen)) == 2


def test_a_refusal_is_an_answer_to_a_masked_prompt(answers: AnswerCache) -> None:
    def careful(body: dict[str, Any], number: int) -> Reply:
        if "blue" not in str(body["messages"]):
            return completion({"message": {"content": None, "refusal": "I cannot say."}})
        return only_chat(body, number)

    with serving(careful) as server:
        e = explained(model_at(server, answers))
    assert e.ranking()[0] == 1


def test_a_failure_in_the_middle_keeps_what_was_answered(answers: AnswerCache) -> None:
    def fails_without_blue(body: dict[str, Any], number: int) -> Reply:
        if "blue" not in str(body["messages"]):
            return refused(400, "no blue")
        return only_chat(body, number)

    with serving(fails_without_blue) as server:
        model = model_at(server, answers, concurrency=1)
        with pytest.raises(XaiError, match="no blue"):
            explained(model)
        server.behaviour = only_chat
        before = len(server.seen)
        explained(model)
        asked_again = contents(server.seen[before:])
    finished = set(contents(server.seen[:before]))
    assert not [text for text in asked_again if text in finished and "blue" in text]


def test_no_server_is_told_with_its_address(answers: AnswerCache) -> None:
    model = OpenAIModel(
        "m", base_url="http://127.0.0.1:9/v1", retries=0, timeout=1.0, answers=answers
    )
    with pytest.raises(XaiError, match=r"cannot reach 127\.0\.0\.1:9 .*is the server running"):
        model.respond(model.prompt("Hello."), Sampling())


def test_keys_go_to_their_own_server_only(
    answers: AnswerCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    with serving(only_chat) as server:
        # Another server than that of the environment is not handed its key.
        model = OpenAIModel("parrot", base_url=server.url, answers=answers)
        model.respond(model.prompt("Say red."), Sampling())
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        model = OpenAIModel("parrot", answers=answers)
        model.respond(model.prompt("Say blue."), Sampling())
    keys = {str(seen.body["messages"]): seen.headers["authorization"] for seen in server.seen}
    red, blue = (next(key for said, key in keys.items() if word in said) for word in WORDS)
    assert SECRET not in red
    assert blue == f"Bearer {SECRET}"


def test_a_redirect_to_another_host_gets_nothing(answers: AnswerCache) -> None:
    with serving(chat) as other:
        away = Reply(307, {}, {"location": f"{other.url}/chat/completions"})
        with serving(script(away)) as server:
            model = model_at(server, answers)
            with pytest.raises(XaiError, match="redirects"):
                model.respond(model.prompt("Say red."), Sampling())
    assert other.seen == []


def test_secrets_are_nowhere(
    answers: AnswerCache, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(0)
    with serving(only_chat) as server:
        model = model_at(server, answers)
        e = explained(model)
    answers.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    shown = [repr(model), repr(model._server), json.dumps(e.to_dict()), str(e), caplog.text]
    assert not [text for text in shown if SECRET in text]
    assert SECRET.encode() not in kept
    assert b"Say red" not in kept


def test_bad_settings_are_refused() -> None:
    with pytest.raises(XaiError, match="needs a key"):
        xai.load("openai:gpt")
    with pytest.raises(XaiError, match="is no address"):
        xai.load("openai:gpt", base_url="localhost:8000", api_key="x")
    with pytest.raises(XaiError, match="no option 'speed'; it takes base_url"):
        xai.load("openai:gpt", base_url="http://localhost:1/v1", speed=3)
    with pytest.raises(XaiError, match="concurrency=0"):
        xai.load("openai:gpt", base_url="http://localhost:1/v1", concurrency=0)
    with pytest.raises(XaiError, match="choose chat or completion"):
        xai.load("openai:gpt", base_url="http://localhost:1/v1", endpoint="x")
    model = xai.load("openai:gpt", base_url="http://localhost:1/v1")
    assert model is xai.load("openai:gpt", base_url="http://localhost:1/v1")
    with pytest.raises(XaiError, match="has no tokenizer"):
        model.prompt("Hello.", units="token")
    assert adapter.OFFICIAL.startswith("https://")


def test_sockets_are_closed_with_the_last_model_that_uses_them(answers: AnswerCache) -> None:
    import gc
    import threading

    def threads() -> set[threading.Thread]:
        return {each for each in threading.enumerate() if each.name.startswith("jupyter-xai ")}

    with serving(only_chat) as server:
        before = threads()
        model = model_at(server, answers)
        model.respond(model.prompt("Be brief."), Sampling(8))
        client = model._server._client
        [own] = threads() - before
        assert not client.is_closed()
        del model
        gc.collect()
        own.join(5)
    assert client.is_closed()
    assert not own.is_alive()


def test_another_temperature_is_another_question(answers: AnswerCache) -> None:
    def warm(body: dict[str, Any], _: int) -> Reply:
        if "prompt_logprobs" in body:
            return refused(400, "unknown field")
        text = f"It is {body['temperature']} degrees."
        return completion({"message": {"content": text}, "finish_reason": "stop"})

    with serving(warm) as server:
        model = model_at(server, answers)
        prompt = model.prompt("How warm is it?")
        said = [model.respond(prompt, Sampling(8, t, seed=1)).text for t in (0.5, 1.0, 0.5, 0.0)]
    assert said == [f"It is {t} degrees." for t in (0.5, 1.0, 0.5, 0.0)]
    # The third was known.
    assert len(contents(server.seen)) == 3


def test_retries_have_an_end(answers: AnswerCache) -> None:
    """A server that is always busy is asked so often as was said, and no more."""
    busy = refused(503, "busy", **{"retry-after": "0.001"})
    with serving(script(busy)) as server:
        model = model_at(server, answers, retries=3)
        with pytest.raises(XaiError, match="failed 4 times"):
            model.respond(model.prompt(PROMPT), Sampling())
    assert len(contents(server.seen)) == 4
