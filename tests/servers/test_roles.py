"""Roles, calls of tools and turns without text: passed on as they are, or refused in one line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import jupyter_xai as xai
import tiny
from double import Double, Reply, chat, completion, serving
from jupyter_xai.cache import AnswerCache
from jupyter_xai.errors import XaiError
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.models.base import Operator
from jupyter_xai.models.function import FunctionModel
from jupyter_xai.models.local.transformers import TransformersModel
from jupyter_xai.models.server.openai import OpenAIModel

CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"at": "sea"}'}}
CHAT: list[Any] = [
    {"role": "developer", "content": "Be brief."},
    {"role": "user", "content": "Say red. Say blue."},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "content": "It is calm.", "tool_call_id": "c1"},
    {"role": "assistant", "content": ""},
    {"role": "user", "content": "Say green."},
]

TOOL_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<|{{ m['role'] }}|>\n{{ m['content'] or '' }}"
    "{% for c in m['tool_calls'] or [] %}<call>{{ c['function']['name'] }}</call>{% endfor %}"
    "<|end|>\n{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


@pytest.fixture(autouse=True)
def own_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_xai.explainer.explainer.SESSION", Ledger())


def answering(body: dict[str, Any], number: int) -> Reply:
    if "prompt_logprobs" in body:
        return Reply(400, {"error": {"message": "Unrecognized request argument: prompt_logprobs"}})
    shown = {**body, "messages": [{**m, "content": m["content"] or ""} for m in body["messages"]]}
    return chat(shown, number)


def model_at(server: Double, answers: AnswerCache, **options: Any) -> OpenAIModel:
    return OpenAIModel(
        "parrot",
        base_url=server.url,
        api_key="k",
        timeout=5.0,
        retries=0,
        answers=answers,
        **options,
    )


def asked(server: Double) -> list[list[Any]]:
    """What was sent for answers, but for the first question: whether it answers at all."""
    sent = [s.body for s in server.seen if "prompt_logprobs" not in s.body]
    return [body["messages"] for body in sent if body["messages"][0]["content"] != "Say yes."]


def test_servers_are_sent_messages_as_they_are(answers: AnswerCache) -> None:
    with serving(answering) as server:
        e = xai.explain(
            CHAT, model_at(server, answers), method="leave-one-out", checks=False, progress=False
        )
    assert CHAT in asked(server)
    assert len(asked(server)) == 1 + len(e.sources)
    roles = [(unit["role"], unit["protected"]) for unit in e.record["prompt"]["units"]]
    assert roles[0] == ("developer", True)
    assert [unit.strip() for unit in e.sources] == [
        "Say red.", "Say blue.", "It is calm.", "Say green."
    ]  # fmt: skip
    for sent in asked(server):
        assert sent[0] == CHAT[0]
        # The call and its answer stay, even where the answer's text is removed.
        assert CHAT[2] in sent
        tool = next(m for m in sent if m["role"] == "tool")
        assert tool["tool_call_id"] == "c1"
        assert tool["content"] in ("It is calm.", "")
        assert {"role": "assistant", "content": ""} in sent
    assert any(m["role"] == "tool" and not m["content"] for sent in asked(server) for m in sent)


def test_explained_instructions_may_be_removed(answers: AnswerCache) -> None:
    with serving(answering) as server:
        e = xai.explain(
            CHAT, model_at(server, answers), method="leave-one-out", explain_system=True,
            checks=False, progress=False,
        )  # fmt: skip
    assert e.sources[0] == "Be brief."
    assert any(sent[0]["role"] == "user" for sent in asked(server))


def test_functions_protect_developers_and_refuse_calls() -> None:
    seen: list[str] = []

    def answer(text: str) -> str:
        seen.append(text)
        return text.upper()

    e = xai.explain([CHAT[0], CHAT[1]], answer, method="leave-one-out", progress=False)
    assert e.sources == ("Say red. ", "Say blue.")
    assert all(text.startswith("Be brief.") for text in seen)
    for message in CHAT[2:4]:
        with pytest.raises(XaiError, match=r"'tool_call.*cannot be passed on") as caught:
            xai.explain([CHAT[1], message], answer)
        assert "\n" not in str(caught.value)


def test_plain_completions_refuse_calls(answers: AnswerCache) -> None:
    with serving(lambda _body, _: completion({"text": "Yes.", "finish_reason": "stop"})) as server:
        model = model_at(server, answers, endpoint="completion")
        with pytest.raises(XaiError, match="'tool_calls' of message 2 cannot be passed on"):
            model.prompt([CHAT[1], CHAT[2]])


def test_templates_are_handed_calls_or_refuse_them() -> None:
    tokenizer = tiny.tokenizer(chat=True)
    tokenizer.chat_template = TOOL_TEMPLATE
    model = TransformersModel(tiny.model("llama"), tokenizer)
    prompt = model.prompt(CHAT)
    assert prompt.document.text == tokenizer.apply_chat_template(
        CHAT, tokenize=False, add_generation_prompt=True
    )
    assert "<call>look</call>" in prompt.document.text
    assert [u.text.strip() for u in prompt.document.sources] == [
        "Say red.", "Say blue.", "It is calm.", "Say green."
    ]  # fmt: skip
    # Typed anew, the call is still there.
    (key,) = model.keys(prompt, np.array([[False, True, True, True]]), Operator("text"))
    other = [CHAT[0], {**CHAT[1], "content": "Say blue."}, *CHAT[2:]]
    alone = model.prompt(other)
    assert key == model.keys(alone, np.ones((1, 3), dtype=bool), Operator("text"))[0]
    tokenizer.chat_template = tiny.CHAT_TEMPLATE.replace("m['content']", "m['content'] or ''")
    with pytest.raises(XaiError, match="leaves out the tool_calls of message 3"):
        model.prompt(CHAT)
    plain = TransformersModel(tiny.model("llama"), tiny.tokenizer())
    with pytest.raises(XaiError, match="has no chat template"):
        plain.prompt(CHAT)


def test_developers_are_protected_at_token_models() -> None:
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=True))
    units = model.prompt(CHAT[:2]).document.units
    assert [(u.role, u.protected) for u in units if u.role != "template"] == [
        ("developer", True), ("user", False), ("user", False)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ({"role": "critic", "content": "Hm."}, "unknown role 'critic'"),
        ({"role": "user", "content": None}, "a chat prompt is a list of messages such as"),
        ({"role": "user", "content": 5}, "a chat prompt is a list of messages such as"),
        ({"role": "assistant", "content": None, "tool_calls": [{1, 2}]}, "must be plain JSON"),
    ],
)
def test_what_is_no_message_is_refused_everywhere(message: Any, told: str) -> None:
    for model in (
        FunctionModel(str.upper),
        TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=True)),
    ):
        with pytest.raises(XaiError, match=told):
            model.prompt([CHAT[1], message])
        with pytest.raises(XaiError, match=told):
            xai.explain([CHAT[1], message], model)


PARTS: list[tuple[Any, str]] = [
    ([{"type": "text", "text": "Go "}, {"type": "text", "text": "north."}], "Go north."),
    (
        [
            {"type": "thinking", "thinking": [{"type": "text", "text": "Where is it?"}]},
            {"type": "text", "text": "Go north."},
        ],
        "<think>\nWhere is it?\n</think>\n\nGo north.",
    ),
    (
        [{"type": "thinking", "thinking": "Hm."}, {"type": "image_url", "image_url": {}}, "Go."],
        "<think>\nHm.\n</think>\n\nGo.",
    ),
]


@pytest.mark.parametrize(("content", "text"), PARTS)
def test_replies_in_parts_are_read(content: Any, text: str, answers: AnswerCache) -> None:
    def behaviour(body: dict[str, Any], _: int) -> Reply:
        if "prompt_logprobs" in body:
            return Reply(400, {"error": {"message": "Unrecognized: prompt_logprobs"}})
        return completion({"message": {"content": content}, "finish_reason": "stop"})

    with serving(behaviour) as server:
        e = xai.explain(
            "Where? North.", model_at(server, answers), method="leave-one-out", checks=False,
            progress=False,
        )  # fmt: skip
    assert e.response == text
