"""Functions from text to text: what is sent, what is asked, and what happens when they fail."""

from __future__ import annotations

import numpy as np
import pytest

import jupyter_xai as xai
from conftest import HOSTILE
from jupyter_xai.errors import XaiError
from jupyter_xai.models.base import Operator, Sampling
from jupyter_xai.models.function import FunctionModel

PROMPT = "Say red. Say blue.\nSay green.  "


class Parrot:
    """Repeats the last word of each sentence; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, text: str) -> str:
        self.asked.append(text)
        words = [line.split()[-1] for line in text.replace("\n", " ").split(".") if line.split()]
        return " ".join(f"I say {word}." for word in words) or "Silence."


def test_only_distinct_texts_are_asked() -> None:
    parrot = Parrot()
    e = xai.explain(PROMPT, parrot, method="leave-one-out")
    assert parrot.asked == [
        "Say red. Say blue.\nSay green.",
        "Say blue.\nSay green.",
        "Say red. Say green.",
        "Say red. Say blue.",
    ]
    assert e.record["cost"]["generations"] == 4
    assert e.record["cost"]["forwards"] == 0
    assert e.record["value"] == "text"
    assert e.record["model"]["kind"] == "function"
    assert [e.ranking(target)[0] for target in range(3)] == [0, 1, 2]


def test_checks_are_left_out_unless_asked_for() -> None:
    parrot = Parrot()
    e = xai.explain(PROMPT, parrot, method="leave-one-out")
    assert e.checks == []
    assert any("metrics() computes them" in note for note in e.notes)
    before = len(parrot.asked)
    assert "drop, top 2" in set(e.metrics(k=2)["metric"])
    assert len(parrot.asked) > before
    asked = xai.explain(PROMPT, parrot, method="leave-one-out", k=1, checks=True)
    assert [check["k"] for check in asked.checks] == [1]


def test_repeating_an_explanation_asks_nothing() -> None:
    parrot = Parrot()
    xai.explain(PROMPT, parrot, method="leave-one-out")
    before = len(parrot.asked)
    xai.explain(PROMPT, parrot, method="leave-one-out", response_units="word")
    assert len(parrot.asked) == before


def test_messages_are_joined_by_blank_lines() -> None:
    model = FunctionModel(Parrot())
    chat = [
        {"role": "system", "content": "Be kind. "},
        {"role": "user", "content": "Say red. Say blue.\n"},
        {"role": "assistant", "content": "Why?"},
    ]
    prompt = model.prompt(chat)
    units = prompt.document.units
    assert prompt.document.text == "Be kind. \n\nSay red. Say blue.\n\n\nWhy?"
    assert [(u.role, u.protected) for u in units] == [
        ("system", True),
        ("template", True),
        ("user", False),
        ("user", False),
        ("template", True),
        ("assistant", False),
    ]
    masks = np.array([[1, 1, 1], [1, 0, 1], [0, 0, 1], [0, 0, 0]], dtype=bool)
    assert [key.decode() for key in model.keys(prompt, masks, Operator())] == [
        "Be kind.\n\nSay red. Say blue.\n\nWhy?",
        "Be kind.\n\nSay red.\n\nWhy?",
        "Be kind.\n\nWhy?",
        "Be kind.",
    ]


def test_replacing_keeps_the_white_space() -> None:
    model = FunctionModel(Parrot())
    prompt = model.prompt("Say red. Say blue.")
    masks = np.array([[False, True]])
    assert model.keys(prompt, masks, Operator("replace", "...")) == [b"... Say blue."]


@pytest.mark.parametrize("operator", ["mask-token", "zero-embedding", "attention"])
def test_operators_on_tokens_are_refused(operator: str) -> None:
    with pytest.raises(XaiError, match="a function takes delete or replace"):
        xai.explain(PROMPT, Parrot(), operator=operator)


def test_hostile_text_is_sent_as_it_is() -> None:
    parrot = Parrot()
    xai.explain(HOSTILE, parrot, method="leave-one-out", units="word", response="x y")
    assert HOSTILE.rstrip() in parrot.asked


def test_functions_are_told_apart_by_identity() -> None:
    one, two = Parrot(), Parrot()
    assert FunctionModel(one).fingerprint() == FunctionModel(one).fingerprint()
    assert FunctionModel(one).fingerprint() != FunctionModel(two).fingerprint()
    unhashable = type("Odd", (), {"__call__": lambda self, text: text, "__hash__": None})()
    assert FunctionModel(unhashable).fingerprint() != FunctionModel(unhashable).fingerprint()


def _raises(text: str) -> str:
    msg = "server is down\nmore"
    raise RuntimeError(msg)


def _fails_when_short(text: str) -> str:
    if len(text) < 20:
        msg = "too short"
        raise ValueError(msg)
    return text


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (_raises, "_raises raised RuntimeError: server is down"),
        (_fails_when_short, "_fails_when_short raised ValueError: too short (asked "),
        (lambda text: None, "returned NoneType, but a text (str) is needed"),
        (lambda text: b"x", "returned bytes"),
        (lambda text: " \n", "answered the prompt with nothing"),
    ],
)
def test_failing_functions_give_one_readable_line(function: object, message: str) -> None:
    with pytest.raises(XaiError) as caught:
        xai.explain("Say red now. Say blue now.", function, method="shap")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_was_answered_before_a_failure_is_kept() -> None:
    parrot, broken = Parrot(), [True]

    def flaky(text: str) -> str:
        if broken[0] and len(parrot.asked) == 3:
            msg = "try again"
            raise ConnectionError(msg)
        return parrot(text)

    with pytest.raises(XaiError, match="try again"):
        xai.explain(PROMPT, flaky, method="leave-one-out")
    broken[0] = False
    xai.explain(PROMPT, flaky, method="leave-one-out")
    assert len(parrot.asked) == 4


@pytest.mark.parametrize("asked", ["whole", "masked", "given"])
def test_a_megabyte_of_answer_is_told_at_once(asked: str) -> None:
    """Compared sentence by sentence, it would take minutes for every masked prompt."""
    long, calls = "Some more. " * 90_000, []

    def model(text: str) -> str:
        calls.append(text)
        return long if asked == "whole" or (asked == "masked" and "red" not in text) else "Yes."

    response = long if asked == "given" else None
    with pytest.raises(XaiError, match=r"990,000 characters, which is too long: at most 100,000"):
        xai.explain("Say red. Say blue.", model, response=response, method="leave-one-out")
    assert len(calls) <= 3


def test_too_many_units_of_a_response_are_told_before_any_is_compared() -> None:
    answer = "So it is. " * 2_500
    with pytest.raises(XaiError, match=r"2,500 sentences, which are too many to compare"):
        xai.explain("Say red. Say blue.", lambda text: answer, method="leave-one-out")


def test_token_units_are_refused() -> None:
    with pytest.raises(XaiError, match="has no tokenizer; use word or sentence units"):
        xai.explain(PROMPT, Parrot(), units="token")
    with pytest.raises(XaiError, match="gives no tokens"):
        xai.explain(PROMPT, Parrot(), response_units="token")


def test_loading() -> None:
    assert xai.load(str.upper, name="shout").name == "shout"


def test_functions_are_called_by_their_plain_names() -> None:
    def shout(text: str) -> str:
        return text.upper()

    assert xai.load(shout).name == "shout"
    assert xai.load(lambda text: text).name == "lambda"
    model = FunctionModel(str.upper)
    assert xai.load(model) is model
    with pytest.raises(XaiError, match="takes no option device"):
        xai.load(str.upper, device="cpu")
    prompt = model.prompt("Say red.")
    assert model.respond(prompt, Sampling()).text == "SAY RED."
