"""Log-probabilities of given texts, from doubles that tell them as vLLM and llama.cpp do.

The doubles are no real servers: they run the tutor behind the two protocols.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import jupyter_xai as xai
from double import Reply, completion, serving
from jupyter_xai.cache import AnswerCache
from jupyter_xai.errors import XaiError
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.models.base import Operator
from jupyter_xai.models.server.openai import OpenAIModel
from jupyter_xai.models.server.text_logprobs import TokenScores, found

PROMPT = "I want to rest. No cities, though. Somewhere warm would be nice."


class Vllm:
    """vLLM's chat with ``prompt_logprobs``, the tutor inside."""

    def __init__(self) -> None:
        self.tutor: Any = xai.load("tutor")
        self.scored = 0

    def __call__(self, body: dict[str, Any], _: int) -> Reply:
        *messages, last = body["messages"]
        if last["role"] != "assistant":
            prompt = self.tutor.prompt(body["messages"])
            from jupyter_xai.models.base import Sampling

            text = self.tutor.respond(prompt, Sampling(body["max_tokens"])).text
            return completion({"message": {"content": text}, "finish_reason": "stop"})
        assert body["continue_final_message"] is True
        assert body["add_generation_prompt"] is False
        assert body["prompt_logprobs"] == 0
        self.scored += 1
        if not any(message["content"] for message in messages):
            messages = [{"role": "user", "content": " "}]
        prompt = self.tutor.prompt(messages)
        response = self.tutor.supplied(prompt, last["content"])
        everything = np.ones((1, len(prompt.document.sources)), dtype=bool)
        (scored,) = self.tutor.score(prompt, everything, Operator(), response)
        tokens = [last["content"][a:b] for a, b in response.spans]
        before = [None, *({"9": {"logprob": -1.0, "decoded_token": "?"}} for _ in range(3))]
        rows = [
            {str(token): {"logprob": float(lp), "rank": 1, "decoded_token": text}}
            for token, lp, text in zip(response.ids, scored.logprobs[0], tokens, strict=True)
        ]
        reply = completion({"message": {"content": "x"}, "finish_reason": "length"})
        assert isinstance(reply.body, dict)
        reply.body["prompt_logprobs"] = [*before, *rows]
        return reply


def locally(prompt: str, response: str) -> float:
    """Log-probability of a response by the tutor at hand."""
    tutor: Any = xai.load("tutor")
    asked = tutor.prompt(prompt)
    everything = np.ones((1, len(asked.document.sources)), dtype=bool)
    (scored,) = tutor.score(asked, everything, Operator(), tutor.supplied(asked, response))
    return float(scored.logprobs.sum())


def test_a_server_that_scores_given_text_gives_what_the_same_model_gives_locally(
    answers: AnswerCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_xai.explainer.explainer.SESSION", Ledger())
    double = Vllm()
    with serving(double) as server:
        model = OpenAIModel("tutor", base_url=server.url, answers=answers, timeout=30.0)
        assert model.capabilities == {"text", "logprob"}
        far = xai.explain(PROMPT, model, method="leave-one-out", checks=False, progress=False)
        near = xai.explain(PROMPT, "tutor", method="leave-one-out", checks=False, progress=False)
        assert (far.response, far.record["value"]) == (near.response, near.record["value"])
        assert far.targets == near.targets
        # A server gets the text that is left, which begins with a capital and not with a space.
        left = ["".join(far.sources[:i] + far.sources[i + 1 :]).rstrip() for i in range(3)]
        values = [locally(text, far.response) for text in (PROMPT, *left)]
        np.testing.assert_allclose(far.total, values[0] - np.array(values[1:]), atol=2e-4)
        np.testing.assert_allclose(far.scores[1:], near.scores[1:], atol=2e-4)
        asked = double.scored
        again = OpenAIModel("tutor", base_url=server.url, answers=answers, timeout=30.0)
        monkeypatch.setattr("jupyter_xai.explainer.explainer.SESSION", Ledger())
        e = xai.explain(PROMPT, again, method="leave-one-out", checks=False, progress=False)
        # Only what the server can do was asked again.
        assert double.scored == asked + 1
    assert e.record["cost"]["forwards"] == 0


def test_echo_is_read_by_its_tokens_whatever_stands_around_them() -> None:
    told = [("<s>", None), ("Say", -3.0), (" it", -2.0), (". Y", -1.0), ("es.", -0.5), ("!", -4.0)]
    scores = found(told, "Say it.", " Yes.", host="h")
    # A token over the seam belongs to the response that begins in it.
    assert scores.spans == ((0, 2), (2, 5))
    assert scores.logprobs.tolist() == [-1.0, -0.5]


def test_tokens_that_do_not_spell_the_response_are_refused() -> None:
    with pytest.raises(XaiError, match="other tokens than those of the response"):
        found([("No", -1.0)], "", "Yes", host="h")
    with pytest.raises(XaiError, match="other tokens"):
        found([("Yes", None)], "", "Yes", host="h")


def test_another_cut_keeps_the_sum() -> None:
    scores = TokenScores(((0, 3), (3, 4), (4, 9)), np.array([-1.0, -2.0, -4.0]))
    on = scores.on([(0, 1), (1, 4), (4, 6), (6, 9)])
    assert on.tolist() == [-1.0, -2.0, -4.0, 0.0]
    assert on.sum() == scores.logprobs.sum()


def test_a_completion_server_with_echo(answers: AnswerCache) -> None:
    """Each word costs its length, so that every score is known."""

    def echo(body: dict[str, Any], _: int) -> Reply:
        text = body["prompt"]
        if not body.get("echo"):
            return completion({"text": " Yes indeed.", "finish_reason": "stop"})
        tokens = ["<s>", *re.findall(r"\s*\S+", text), " more"]
        # The longer the text up to a token's end, the likelier it is.
        ends = np.cumsum([len(token) for token in tokens[1:]])
        logprobs = [None, *(-1.0 / end for end in ends)]
        return completion(
            {
                "text": text + " more",
                "logprobs": {"tokens": tokens, "token_logprobs": logprobs, "text_offset": []},
            }
        )

    with serving(echo) as server:
        model = OpenAIModel(
            "m", base_url=server.url, endpoint="completion", answers=answers, retries=0
        )
        e = xai.explain(
            "First one. Then two.", model, method="leave-one-out", value="logprob", progress=False
        )
    whole, without = len("First one. Then two."), len("First one.")
    expected = sum(-1 / (whole + n) + 1 / (without + n) for n in (4, 12))
    assert e.response == " Yes indeed."
    assert e.total[1] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("before", "pieces"),
    [
        ("Say 😀 yes. So?", ["Say", " \ufffd", "\ufffd", "\ufffd", " yes", ".", " So", "?"]),
        ("😀", ["\ufffd", "\ufffd"]),
        ("Oh yes. 😀", ["Oh", " yes", ".", " bytes:\\xf0\\x9f", "bytes:\\x98\\x80"]),
        ("日本", ["\ufffd\ufffd", "日", "本"]),
    ],
)
@pytest.mark.parametrize("written", [[], ["."], [" yes"], [" More"], ["\ufffd"]])
def test_the_response_is_found_behind_characters_in_pieces(
    before: str, pieces: list[str], written: list[str]
) -> None:
    told: Any = [(piece, -9.0) for piece in pieces]
    told += [(" yes", -0.5), (".", -0.25), *((each, -7.0) for each in written)]
    scores = found(told, before, " yes.", host="h")
    assert scores.logprobs.tolist() == [-0.5, -0.25]
    assert scores.spans == ((0, 4), (4, 5))


def test_a_chat_response_is_found_from_the_end_where_the_prompt_says_it_too() -> None:
    told: Any = [("<u>", None), ("Say", -3.0), (" yes", -4.0), (".", -5.0), ("<a>", -6.0)]
    told += [(" yes", -0.5), (".", -0.25)]
    assert found(told, "", " yes.", host="h").logprobs.tolist() == [-0.5, -0.25]


def test_what_is_not_there_is_still_refused() -> None:
    told: Any = [("Say", -3.0), (" \ufffd", -4.0), (" no", -0.5), (".", -0.25)]
    with pytest.raises(XaiError, match="other tokens than those of the response"):
        found(told, "Say 😀", " yes.", host="h")
