"""What a server may answer is checked once, at the door: no wrong type comes through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jupyter_xai as xai
from double import Double, Reply, chat, completion, refused, serving
from jupyter_xai.cache import AnswerCache
from jupyter_xai.errors import XaiError
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.models.base import Sampling
from jupyter_xai.models.server.openai import OpenAIModel
from spoiling import WRONG, places, replaced

USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
CHAT = {
    "id": "1",
    "model": "parrot-1",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "I say red.", "refusal": None},
            "logprobs": None,
        }
    ],
    "usage": USAGE,
}
SCORED = {
    **CHAT,
    "prompt_logprobs": [
        None,
        {"5": {"logprob": -1.5, "rank": 1, "decoded_token": "Say red."}},
        {"6": {"logprob": -0.5, "decoded_token": "I say"}, "7": {"logprob": -0.1}},
        {"8": {"logprob": -0.25, "decoded_token": " red."}},
    ],
}
ECHOED = {
    "model": "parrot-1",
    "choices": [
        {
            "text": "Say red.I say red.!",
            "finish_reason": "length",
            "logprobs": {
                "tokens": ["Say red.", "I say", " red.", "!"],
                "token_logprobs": [None, -0.5, -0.25, -1.0],
            },
        }
    ],
    "usage": USAGE,
}


@pytest.fixture(autouse=True)
def own_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_xai.explainer.explainer.SESSION", Ledger())


class Forgetful(AnswerCache):
    """A cache that always asks anew."""

    def get(self, key: bytes) -> None:
        del key


def model_at(server: Double, answers: AnswerCache, **options: Any) -> OpenAIModel:
    named = {"timeout": 5.0, "retries": 0, "answers": answers, **options}
    return OpenAIModel("parrot", base_url=server.url, **named)


@pytest.mark.parametrize(
    ("endpoint", "reply"), [("chat", CHAT), ("chat", SCORED), ("completion", ECHOED)]
)
def test_any_field_of_a_reply_may_be_wrong(
    endpoint: Any, reply: dict[str, Any], tmp_path: Path
) -> None:
    """Either the answer and its numbers are sound, or one line says what is wrong."""
    told: dict[str, Any] = {"reply": reply}

    def behave(body: dict[str, Any], _: int) -> Reply:
        if ("prompt_logprobs" in body or "echo" in body) and reply is CHAT:
            return refused(400, "unknown field")
        return Reply(body=json.dumps(told["reply"]))

    faults, served = 0, 0
    with serving(behave) as server:
        model = model_at(server, Forgetful(tmp_path / "none"), endpoint=endpoint)
        prompt = model.prompt("Say red.")
        assert ("logprob" in model.capabilities) is (reply is not CHAT)
        for at in places(reply):
            for wrong in WRONG:
                told["reply"] = replaced(reply, at, wrong)
                try:
                    if reply is CHAT:
                        found = model.respond(prompt, Sampling())
                    else:
                        found = model.supplied(prompt, "I say red.")
                except XaiError as error:
                    message = str(error)
                    assert "\n" not in message
                    assert len(message) < 700
                    faults += 1
                    continue
                served += 1
                assert isinstance(found.text, str)
                assert found.text.strip()
                assert isinstance(found.tokens, int)
                assert 0 <= found.written <= 2**53
                assert 0 <= found.tokens <= 2**53
    assert faults > served / 2
    assert served


@pytest.mark.parametrize(
    ("at", "wrong", "field"),
    [
        (("usage",), [1, 2], "usage is [1, 2]: an object is needed"),
        (("usage", "total_tokens"), "many", "usage.total_tokens is 'many': a number is needed"),
        (("usage", "completion_tokens"), -3, "usage.completion_tokens is -3: a number of at least"),
        (("choices", 0), None, "choices[0] is None: an object is needed"),
        (("choices", 0, "message", "content"), 5, "choices[0].message.content is 5: a text"),
        (("choices", 0, "finish_reason"), {}, "choices[0].finish_reason is {}: a text is needed"),
        (("choices", 0, "logprobs"), [1], "choices[0].logprobs is [1]: an object is needed"),
        (("model",), 7, "model is 7: a text is needed"),
    ],
)
def test_the_line_names_the_field(
    at: tuple[Any, ...], wrong: Any, field: str, answers: AnswerCache
) -> None:
    with serving(lambda *_: Reply(body=replaced(CHAT, at, wrong))) as server:
        model = model_at(server, answers)
        with pytest.raises(XaiError) as caught:
            model.respond(model.prompt("Say red."), Sampling())
    assert field in str(caught.value)
    assert f"127.0.0.1:{server.server_address[1]} answered with a damaged" in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"choices": ' + "[" * 50_000 + "]" * 50_000 + "}",
        '{"choices": [{"message": {"content": "I say red."}}], "usage": {"total_tokens": '
        + "9" * 5_000
        + "}}",
    ],
)
def test_what_nests_deep_or_counts_long_ends_in_one_line(body: str, answers: AnswerCache) -> None:
    with serving(lambda *_: Reply(body=body)) as server:
        model = model_at(server, answers)
        with pytest.raises(XaiError, match="no usable JSON") as caught:
            model.respond(model.prompt("Say red."), Sampling())
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("logprob", [float("-inf"), float("inf"), float("nan"), 0.5])
def test_log_probabilities_that_are_none_are_refused(logprob: float, answers: AnswerCache) -> None:
    at = ("choices", 0, "logprobs", "token_logprobs", 2)
    body = json.dumps(replaced(ECHOED, at, logprob))
    with serving(lambda *_: Reply(body=body)) as server:
        model = model_at(server, answers, endpoint="completion")
        with pytest.raises(XaiError, match=r"choices\[0\]\.logprobs\.token_logprobs\[2\] is"):
            model.supplied(model.prompt("Say red."), "I say red.")


def test_a_count_that_goes_down_cannot_lift_a_limit(answers: AnswerCache) -> None:
    """Negative usage would give back what was paid, so that max_tokens is never reached."""

    def shrinking(body: dict[str, Any], number: int) -> Reply:
        if "prompt_logprobs" in body:
            return refused(400, "unknown field")
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": -(10**6)}
        return chat(body, usage=usage)

    with serving(shrinking) as server:
        model = model_at(server, answers)
        with pytest.raises(XaiError, match=r"usage\.total_tokens is -1000000"):
            xai.explain("Say red. Say blue.", model, max_tokens=5_000, progress=False)


def test_parts_and_thoughts_come_through_the_door(answers: AnswerCache) -> None:
    """Contents in parts are of the protocol; what is read of them is up to the reader."""
    from jupyter_xai.models.server.replies import fault

    parts = [{"type": "thinking", "thinking": [{"text": "Hm."}]}, {"type": "text", "text": "Yes."}]
    reply = completion({"message": {"content": parts, "reasoning_content": "Hm."}}).body
    assert fault(reply) is None


def test_what_was_spoilt_on_disk_is_asked_again(answers: AnswerCache) -> None:
    """An entry of the cache that somebody else wrote is no answer."""
    with serving(lambda body, _: chat(body)) as server:
        model = model_at(server, answers, endpoint="chat")
        prompt = model.prompt("Say red.")
        first = model.respond(prompt, Sampling())
        for spoilt in ('{"text": 5}', "[1]", "{", '{"spans": [1], "logprobs": ["x"]}'):
            connection = answers._connected()
            connection.execute("UPDATE answers SET answer = ?", (spoilt,))
            before = len(server.seen)
            assert model.respond(prompt, Sampling()).text == first.text
            assert len(server.seen) == before + 1
    assert np.isfinite(first.tokens or 0)


def test_a_megabyte_of_answer_is_told_at_once(answers: AnswerCache) -> None:
    """Whatever max_tokens said: it would be compared sentence by sentence for minutes."""

    def endless(body: dict[str, Any], _: int) -> Reply:
        return completion({"message": {"content": "Some more. " * 90_000}})

    with serving(endless) as server:
        model = model_at(server, answers)
        with pytest.raises(XaiError, match=r"990,000 characters, which is too long"):
            xai.explain("Say red. Say blue.", model, progress=False)
    assert len(server.seen) <= 2
