"""Other words in the place of removed ones, for models of text and of tokens."""

from __future__ import annotations

import numpy as np
import pytest

import jupyter_xai as xai
import tiny
from jupyter_xai.errors import XaiError
from jupyter_xai.masking import every
from jupyter_xai.models.base import Operator, Sampling
from jupyter_xai.models.function import FunctionModel
from jupyter_xai.models.local.token_substitution import substitute_tokens
from jupyter_xai.models.local.transformers import TransformersModel
from jupyter_xai.models.messages import kept_messages
from jupyter_xai.models.substitution import nearest_word, substitutes
from jupyter_xai.text.distance import word_costs, word_table

TEXT = "I want to rest by the sea. No BUSY cities, though."
NEAREST = Operator("substitute")


def test_the_neighbour_is_the_nearest_of_all_whole_words() -> None:
    names = [n for n in word_table()[1].get_vocab() if n.isalnum() and len(n) > 1]
    for word in ("sea", "hotel", "unheardofword"):
        apart = word_costs([word], names)[0]
        others = [i for i, name in enumerate(names) if name != word]
        assert nearest_word(word) == names[min(others, key=lambda i: apart[i])]


def test_only_words_change_and_capitals_stay() -> None:
    first, second = substitutes(["No BUSY cities, ", "though.\n"], NEAREST)
    assert first == (
        f"{nearest_word('no').capitalize()} {nearest_word('busy').upper()} "
        f"{nearest_word('cities')}, "
    )
    assert second == f"{nearest_word('though')}.\n"
    assert substitutes(["...", "!? "], NEAREST) == ("...", "!? ")


def test_words_are_drawn_from_a_list_by_the_seed_and_never_stay() -> None:
    texts = ["one two three one two three "] * 3
    drawn = [substitutes(texts, Operator("substitute", "one two four", seed)) for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    for made in drawn:
        for text, other in zip(texts, made, strict=True):
            pairs = list(zip(text.split(), other.split(), strict=True))
            assert all(before != after for before, after in pairs)
            assert {after for _, after in pairs} <= {"one", "two", "four"}


def test_a_list_without_words_is_refused() -> None:
    with pytest.raises(XaiError, match="blank"):
        Operator("substitute", "  ")


def test_functions_are_asked_with_the_other_words_in_place() -> None:
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return "Go to the sea." if "sea" in prompt else "Stay in town."

    e = xai.explain(
        "rest at sea please", answer, method="gsmile", operator="substitute", replacement="home"
    )
    assert e.sources[e.ranking()[0]].strip() == "sea"
    assert set(asked) == {
        " ".join(word if kept else "home" for word, kept in zip(e.prompt.split(), row, strict=True))
        for row in every(4)[1:]
    }
    assert e.record["operator"] == "substitute"
    assert e.record["method"]["settings"]["replacement"] == "home"


@pytest.mark.parametrize("chat", [True, False])
@pytest.mark.parametrize("units", ["word", "sentence"])
def test_tokens_are_those_of_the_prompt_written_with_the_other_words(
    chat: bool, units: str
) -> None:
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=chat))
    prompt = model.prompt(TEXT, units=units)
    sources = prompt.document.sources
    # Words that the tokenizer knows.
    operator = Operator("substitute", "sea rest cities", seed=3)
    others = substitutes([unit.text for unit in sources], operator)
    for row in every(len(sources))[:: max(1, 2 ** len(sources) // 16)]:
        made = model.inputs(prompt, row[None], operator)[0]
        written = "".join(
            unit.text if kept else other
            for unit, kept, other in zip(sources, row, others, strict=True)
        )
        assert made.ids.tolist() == list(model.prompt(written, units=units).ids or ())
        assert made.positions.tolist() == list(range(len(made)))


def test_scores_and_answers_are_those_of_the_written_prompt() -> None:
    model = xai.load("tutor")
    assert isinstance(model, TransformersModel)
    prompt = model.prompt(TEXT)
    operator = Operator("substitute", "sun boat")
    mask = np.array([[True, False]])
    other = substitutes([unit.text for unit in prompt.document.sources], operator)[1]
    written = model.prompt(prompt.document.sources[0].text + other)
    sampling = Sampling(max_new_tokens=12)
    answer = next(iter(model.answer(prompt, mask, operator, sampling))).text
    assert answer == model.respond(written, sampling).text
    response = model.supplied(prompt, "Go to the sea.")
    found = next(iter(model.score(prompt, mask, operator, response))).logprobs
    plain = next(
        iter(model.score(written, np.ones((1, 2), dtype=bool), Operator(), response))
    ).logprobs
    np.testing.assert_allclose(found, plain, atol=1e-5)


def test_a_function_keeps_its_text_where_nothing_is_a_word() -> None:
    model = FunctionModel(str.upper)
    prompt = model.prompt("... !!! now", units="word")
    assert model.keys(prompt, ~np.ones((1, 3), dtype=bool), Operator("substitute", "then")) == [
        b"... !!! then"
    ]


def test_tokens_of_sources_are_found_for_every_source() -> None:
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer())
    prompt = model.prompt(TEXT, units="word")
    found = substitute_tokens(model.tokenizer, prompt, Operator("substitute", "sea"))
    assert len(found) == len(prompt.document.sources)
    assert all(found)


@pytest.mark.parametrize("operator", [Operator("substitute", "then"), Operator("replace", "...")])
def test_messages_for_servers_hold_what_functions_are_sent(operator: Operator) -> None:
    chat = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Where is the sea? Tell me. "},
    ]
    document = FunctionModel(str.upper).prompt(chat).document
    model = FunctionModel(str.upper)
    prompt = model.prompt(chat)
    for row in every(2):
        messages = kept_messages(document, row.tolist(), operator)
        written = "\n\n".join(message["content"] for message in messages)
        assert model.keys(prompt, row[None], operator) == [written.encode()]
