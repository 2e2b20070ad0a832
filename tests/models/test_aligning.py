"""Tokenizers without offsets: their tokens fall to the units that a fast tokenizer tells."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

import jupyter_xai as xai
import slow
import tiny
from jupyter_xai.models.base import Operator
from jupyter_xai.models.local.token_spans import aligned
from jupyter_xai.models.local.transformers import TransformersModel

PROMPT = "I want to rest.  No cities. My budget is flexible."
RESPONSE = "New York is nice."

WORDS = st.sampled_from(
    [
        "rest",
        "No",
        "cities.",
        "flexible",
        "naïve",
        "CAFÉ",
        "日本",
        "ζ",
        "😀",
        "e\u0301",
        "a",
        "aa",
        "-",
    ]
)
GAPS = st.sampled_from([" ", "  ", "\n", "\n\n", "\t", " \n ", "\u00a0", "\r\n"])
TEXTS = st.lists(st.tuples(WORDS, GAPS), min_size=1, max_size=8).map(
    lambda pairs: "".join(word + gap for word, gap in pairs)
)


def encoded(tokenizer: Any, text: str) -> tuple[int, ...]:
    return tuple(tokenizer(text, add_special_tokens=False)["input_ids"])


@pytest.mark.parametrize("kind", slow.KINDS)
@settings(max_examples=60)
@given(text=TEXTS)
@example(text="I want\nto rest.  No ζ cities. 日本 is\tnice.")
@example(text="aa a aaa ζζ ζ a")
def test_each_token_falls_to_one_unit_in_order(kind: str, text: str) -> None:
    fast, plain = slow.pair(kind)
    sources = []
    for tokenizer in (fast, plain):
        model = TransformersModel(tiny.model("llama"), tokenizer)
        prompt = model.prompt(text, units="word")
        assert prompt.token_source is not None
        assert len(prompt.token_source) == len(prompt.ids or ())
        own = prompt.token_source[prompt.token_source >= 0]
        assert (np.diff(own) >= 0).all()
        sources.append((prompt.ids, prompt.token_source.tolist()))
    (ids, told), (other, found) = sources
    assert ids == other
    blank = [not fast.decode([token]).strip() for token in ids or ()]
    # A token of white space alone may count to either side.
    assert [s for s, b in zip(found, blank, strict=True) if not b] == [
        s for s, b in zip(told, blank, strict=True) if not b
    ]


@pytest.mark.parametrize("kind", slow.KINDS)
@pytest.mark.parametrize("chat", [False, True])
@pytest.mark.parametrize(
    "text",
    [PROMPT, "I want to rest.\nNo cities.", "I want ζ rest. No 日本. Café.", "a\n\n\n  b. C."],
)
def test_scores_are_those_of_the_fast_tokenizer(kind: str, chat: bool, text: str) -> None:
    totals = []
    for tokenizer in slow.pair(kind, chat=chat):
        model = TransformersModel(tiny.model("llama"), tokenizer, name=kind)
        e = xai.explain(
            text, model, response=RESPONSE, method="leave-one-out", value="logprob",
            operator="delete", checks=False, progress=False,
        )  # fmt: skip
        totals.append(e.total)
    np.testing.assert_allclose(totals[1], totals[0], atol=1e-4)


def test_a_double_space_costs_nothing() -> None:
    """By plain forwards of the rows that are left: each token told from its text."""
    _, tokenizer = slow.pair("wordpiece")
    net = tiny.model("llama")
    model = TransformersModel(net, tokenizer)
    sentences = ["I want to rest.", "No cities.", "My budget is flexible."]
    pieces = [list(encoded(tokenizer, sentence)) for sentence in sentences]
    response = list(encoded(tokenizer, RESPONSE))

    def logprob(ids: list[int]) -> float:
        with torch.no_grad():
            logits = net(input_ids=torch.tensor([[*ids, *response]])).logits[0].double()
        told = logits.log_softmax(-1)[len(ids) - 1 : -1]
        return float(told[range(len(response)), response].sum())

    whole = logprob([*pieces[0], *pieces[1], *pieces[2]])
    right = [
        whole - logprob([token for j, piece in enumerate(pieces) if j != i for token in piece])
        for i in range(3)
    ]
    for text in (PROMPT, PROMPT.replace("  ", "\n"), PROMPT.replace("  ", "\n\n ")):
        e = xai.explain(
            text, model, response=RESPONSE, method="leave-one-out", value="logprob",
            checks=False, progress=False,
        )  # fmt: skip
        np.testing.assert_allclose(e.total, right, atol=1e-4)


@pytest.mark.parametrize(
    "text", ["日本語の文です。" * 20, "word " * 200, "x" * 300, " a", "a ", "\n"]
)
@pytest.mark.parametrize("kind", slow.KINDS)
def test_spans_are_found_for_long_and_odd_texts(kind: str, text: str) -> None:
    _, tokenizer = slow.pair(kind)
    ids = encoded(tokenizer, text)
    spans = aligned(lambda piece: encoded(tokenizer, piece), ids, text)
    assert spans is not None
    assert len(spans) == len(ids)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)


@pytest.mark.parametrize("kind", slow.KINDS)
@pytest.mark.parametrize("chat", [False, True])
def test_what_is_left_has_the_tokens_of_the_fast_tokenizer(kind: str, chat: bool) -> None:
    masks = np.array([[True, True, True], [False, True, True], [True, False, True]])
    keys = []
    for tokenizer in slow.pair(kind, chat=chat):
        model = TransformersModel(tiny.model("llama"), tokenizer)
        keys.append(model.keys(model.prompt(PROMPT), masks, Operator("text")))
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == 3
