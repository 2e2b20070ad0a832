"""Prompts are rendered once; ids, units and texts stay in step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tiny
from jupyter_xai.errors import XaiError
from jupyter_xai.masking import every
from jupyter_xai.models.base import Operator
from jupyter_xai.models.local.rendering import encode, spans_by_decoding
from jupyter_xai.models.local.transformers import TransformersModel

HOSTILE = [
    "a a a",
    "One.\r\nTwo.\tThree.\n\n\nFour.",
    "emoji 😀🎉👨‍👩‍👧 and e\u0301 combining. Naïve café.",
    "你好世界。我很好。 العربية هنا. \u202eRTL override.",
    "<img onerror=alert(1)> </script> <|user|> &amp; {braces} {{x}} %s",
    "  leading and trailing  ",
    "x" * 200,
]


@pytest.fixture(params=["bytes", "sentencepiece"])
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


def wrapped(kind: str = "bytes", *, chat: bool = True, **options: Any) -> TransformersModel:
    return TransformersModel(tiny.model("llama"), tiny.tokenizer(kind, chat=chat, **options))


@pytest.mark.parametrize("units", ["token", "word", "sentence", "paragraph", "message"])
@pytest.mark.parametrize("text", HOSTILE)
def test_units_rebuild_the_rendered_text(kind: str, units: str, text: str) -> None:
    model = wrapped(kind)
    prompt = model.prompt(text, units=units)
    rendered = model.tokenizer.apply_chat_template(
        [{"role": "user", "content": text}], tokenize=False, add_generation_prompt=True
    )
    assert prompt.document.text == rendered
    assert "".join(unit.text for unit in prompt.document.sources) == text
    ids = model.tokenizer.apply_chat_template(
        [{"role": "user", "content": text}], add_generation_prompt=True, return_dict=True
    )["input_ids"]
    assert list(prompt.ids or ()) == list(ids)


@pytest.mark.parametrize("text", HOSTILE)
def test_every_token_has_one_source_in_order(kind: str, text: str) -> None:
    prompt = wrapped(kind).prompt(text, units="word")
    sources = prompt.token_source
    assert sources is not None
    assert len(sources) == len(prompt.ids or ())
    own = sources[sources >= 0]
    assert (np.diff(own) >= 0).all()
    assert set(own) <= set(range(len(prompt.document.sources)))


def test_exactly_one_beginning_of_text(kind: str) -> None:
    bos = 0
    for chat in (True, False):
        ids = wrapped(kind, chat=chat).prompt("Some text.").ids or ()
        assert ids.count(bos) <= 1
    assert (wrapped(kind, chat=True).prompt("Some text.").ids or ())[0] == bos


def test_template_ids_stay_whatever_is_removed(kind: str) -> None:
    model = wrapped(kind)
    prompt = model.prompt("I want to rest. No cities.", system="Be kind. Be brief.")
    assert prompt.ids is not None
    assert prompt.token_source is not None
    n = len(prompt.document.sources)
    assert n == 2
    protected = [i for i, s in zip(prompt.ids, prompt.token_source, strict=True) if s < 0]
    nothing = model.inputs(prompt, np.zeros((1, n), bool), Operator())[0]
    assert nothing.ids.tolist() == protected
    for mask, item in zip(every(n), model.inputs(prompt, every(n), Operator()), strict=True):
        expected = [
            token
            for token, source in zip(prompt.ids, prompt.token_source, strict=True)
            if source < 0 or mask[source]
        ]
        assert item.ids.tolist() == expected


def test_system_text_is_protected_unless_asked_for() -> None:
    model = wrapped()
    quiet = model.prompt("Rest.", system="Be kind. Be brief.")
    assert [unit.text for unit in quiet.document.sources] == ["Rest."]
    asked = model.prompt("Rest.", system="Be kind. Be brief.", explain_system=True)
    assert [unit.role for unit in asked.document.sources] == ["system", "system", "user"]


def test_earlier_turns_are_told_apart() -> None:
    prompt = wrapped().prompt(
        [
            {"role": "user", "content": "Hello."},
            {"role": "assistant", "content": "Hi. How are you?"},
            {"role": "user", "content": "Hello."},
        ]
    )
    assert [(unit.role, unit.text) for unit in prompt.document.sources] == [
        ("user", "Hello."),
        ("assistant", "Hi. "),
        ("assistant", "How are you?"),
        ("user", "Hello."),
    ]


def test_a_prompt_that_occurs_in_the_template_is_found_in_its_place() -> None:
    prompt = wrapped().prompt("user")
    before = prompt.document.units[0]
    assert before.protected
    assert before.text.endswith("<|user|>\n")


def test_templates_that_strip_messages_are_followed() -> None:
    model = wrapped()
    model.tokenizer.chat_template = tiny.CHAT_TEMPLATE.replace(
        "m['content']", "m['content'] | trim"
    )
    prompt = model.prompt("  Rest now.  ")
    assert [unit.text for unit in prompt.document.sources] == ["Rest now."]


def test_templates_that_rewrite_messages_are_refused() -> None:
    model = wrapped()
    model.tokenizer.chat_template = tiny.CHAT_TEMPLATE.replace(
        "m['content']", "m['content'] | upper"
    )
    with pytest.raises(XaiError, match="changes the user message"):
        model.prompt("Rest now.")


def test_templates_that_refuse_a_role_say_so() -> None:
    model = wrapped()
    model.tokenizer.chat_template = (
        "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system here') }}{% endif %}"
        + tiny.CHAT_TEMPLATE
    )
    with pytest.raises(XaiError, match="refuses the roles system, user: no system here"):
        model.prompt("Rest.", system="Be kind.")


@pytest.mark.parametrize("blank", ["", "   ", "\n\t"])
def test_blank_prompts_are_refused(blank: str) -> None:
    with pytest.raises(XaiError, match="the prompt is empty"):
        wrapped().prompt(blank)


def test_prompts_beyond_the_context_length_are_refused_not_cut() -> None:
    with pytest.raises(XaiError, match=r"has [\d,]+ tokens, but .* takes at most 512"):
        wrapped().prompt("word " * 600)


@pytest.mark.parametrize(
    ("prompt", "response"),
    [("New", " York"), ("foo", "bar"), ("Paris is", " nice 😀."), ("a", "\n\nb"), ("x", "你好")],
)
def test_supplied_responses_continue_the_text(kind: str, prompt: str, response: str) -> None:
    model = wrapped(kind, chat=False)
    rendered = model.prompt(prompt)
    given = model.supplied(rendered, response)
    assert given.supplied
    assert given.text == response
    joined = model.tokenizer.decode([*(rendered.ids or ()), *(given.ids or ())])
    assert joined.endswith(prompt + response)
    assert not set(given.ids or ()) & {0, 1, 2}, "no special tokens"
    assert_spans_fit(given.spans, response)


@pytest.mark.parametrize("text", HOSTILE)
def test_spans_found_by_decoding_agree_with_the_tokenizer(text: str) -> None:
    tokenizer = tiny.tokenizer()
    encoded = encode(tokenizer, text, special=False)
    found = spans_by_decoding(tokenizer, encoded.ids, text)
    # A token of a space and half an emoji may count as either.
    for (start, end), (other_start, other_end) in zip(found, encoded.spans, strict=True):
        assert start == other_start
        assert start < end <= other_end
    assert_spans_fit(found, text)


def assert_spans_fit(spans: Any, text: str) -> None:
    assert spans is not None
    starts = [start for start, _ in spans]
    assert starts == sorted(starts)
    covered = {position for start, end in spans for position in range(start, end)}
    assert covered >= {i for i, character in enumerate(text) if not character.isspace()}


def test_generated_ids_are_kept(kind: str) -> None:
    from jupyter_xai.models.base import Sampling

    model = wrapped(kind)
    prompt = model.prompt("I want to rest.")
    response = model.respond(prompt, Sampling(max_new_tokens=12))
    assert response.ids is not None
    assert response.spans is not None
    assert len(response.ids) == len(response.spans)
    again = model._writer.write(
        model.inputs(prompt, np.ones((1, 1), bool), Operator()), Sampling(max_new_tokens=12)
    )[0]
    assert list(response.ids) == [i for i in again if i != 1]
    assert_spans_fit(response.spans, response.text)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60).filter(str.strip))
def test_any_unicode_goes_through(text: str) -> None:
    model = wrapped(chat=False)
    prompt = model.prompt(text, units="word")
    assert prompt.document.text == text
    assert prompt.token_source is not None
    assert prompt.token_source.max() == len(prompt.document.sources) - 1


def test_given_spans_are_counted_in_the_prompt_as_given(kind: str) -> None:
    model = wrapped(kind)
    model.tokenizer.chat_template = tiny.CHAT_TEMPLATE.replace(
        "m['content']", "m['content'] | trim"
    )
    text = "  Rest is what I need. "
    prompt = model.prompt(text, units="span", spans=[(0, 6), (15, 22)])
    assert [unit.text for unit in prompt.document.sources] == ["Rest", "I need."]
    assert prompt.token_source is not None
    assert set(prompt.token_source.tolist()) == {-1, 0, 1}
