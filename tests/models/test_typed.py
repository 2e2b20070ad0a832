"""The operator ``text``: what is left of a prompt is what somebody would type."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import jupyter_xai as xai
import tiny
from conftest import TRAVEL, ToyModel
from jupyter_xai.errors import XaiError
from jupyter_xai.game.asker import _WITNESSED
from jupyter_xai.masking import every
from jupyter_xai.models.base import Operator, Sampling
from jupyter_xai.models.function import FunctionModel
from jupyter_xai.models.local.transformers import TransformersModel

MEANING = "What is the meaning of life?"
SENTENCES = ["I want to rest. ", "No cities, though. ", "A dog!"]
TEXT = Operator("text")


def wrapped(kind: str, *, chat: bool) -> TransformersModel:
    return TransformersModel(
        tiny.model("llama", vocab_size=600), tiny.tokenizer(kind, chat=chat), name=f"{kind} {chat}"
    )


def typed_ids(model: TransformersModel, text: str) -> list[int]:
    """What the model reads when a text is typed, without the project's code."""
    if not model.tokenizer.chat_template:
        return model.tokenizer(text)["input_ids"]
    rendered = model.tokenizer.apply_chat_template(
        [{"role": "user", "content": text}], tokenize=False, add_generation_prompt=True
    )
    return model.tokenizer(rendered, add_special_tokens=False)["input_ids"]


def left(mask: list[bool]) -> str:
    kept = "".join(s for s, stays in zip(SENTENCES, mask, strict=True) if stays)
    return kept if mask[-1] else kept.rstrip()


def test_gsmile_asks_the_tutor_with_texts() -> None:
    """The prompt of Tables 4 to 9; the same numbers as when a function is asked that types."""
    tutor = xai.load("tutor")
    e = xai.explain(MEANING, tutor, method="gsmile", progress=False)
    assert e.record["operator"] == "text"
    scores = dict(zip((unit.strip() for unit in e.sources), e.total, strict=True))
    right = {"What": 0.306, "is": 0.055, "the": 0.116, "meaning": 0.088, "life?": 0.722}
    for word, score in right.items():
        assert scores[word] == pytest.approx(score, abs=5e-4)
    fidelity = e.record["method"]["details"]["fidelity"]["in_sample"]
    assert fidelity["weighted_r2"] == pytest.approx(0.686, abs=5e-4)

    def typing(text: str) -> str:
        return tutor.respond(tutor.prompt(text), Sampling()).text

    asked = xai.explain(MEANING, typing, method="gsmile", progress=False)
    assert asked.record["operator"] == "text"
    np.testing.assert_allclose(asked.total, e.total, atol=1e-9)


@pytest.mark.parametrize("kind", ["bytes", "sentencepiece"])
@pytest.mark.parametrize("chat", [False, True])
def test_what_is_left_is_rendered_and_tokenised_anew(kind: str, chat: bool) -> None:
    model = wrapped(kind, chat=chat)
    prompt = model.prompt("".join(SENTENCES))
    masks = every(3)[1:]
    keys = model.keys(prompt, masks, TEXT)
    for mask, key in zip(masks.tolist(), keys, strict=True):
        alone = model.prompt(left(mask))
        assert list(alone.ids or ()) == typed_ids(model, left(mask))
        everything = np.ones((1, len(alone.document.sources)), dtype=bool)
        assert key == model.keys(alone, everything, TEXT)[0]
    # The whole prompt is the same input, whatever removing would mean.
    assert keys[-1] == model.keys(prompt, masks[-1:], Operator("delete"))[0]


@pytest.mark.parametrize("chat", [False, True])
def test_answers_and_log_probabilities_are_those_of_the_typed_prompt(chat: bool) -> None:
    model = wrapped("bytes", chat=chat)
    prompt, masks = model.prompt("".join(SENTENCES)), every(3)[1:]
    response = model.supplied(prompt, "New York is nice.")
    answers = {each.row: each.text for each in model.answer(prompt, masks, TEXT, Sampling(6))}
    scores = {
        int(row): float(logprobs.sum())
        for batch in model.score(prompt, masks, TEXT, response)
        for row, logprobs in zip(batch.rows, batch.logprobs, strict=True)
    }
    for row, mask in enumerate(masks.tolist()):
        ids = typed_ids(model, left(mask))
        with torch.no_grad():
            said = model.model.generate(
                torch.tensor([ids]), max_new_tokens=6, do_sample=False, pad_token_id=2
            )[0, len(ids) :].tolist()
            logits = model.model(torch.tensor([[*ids, *(response.ids or ())]])).logits[0].double()
        said = said[: said.index(1)] if 1 in said else said
        assert (
            answers[row]
            == model.tokenizer.decode([*ids, *said])[len(model.tokenizer.decode(ids)) :]
        )
        own = list(response.ids or ())
        told = logits.log_softmax(-1)[len(ids) - 1 : -1]
        assert scores[row] == pytest.approx(float(told[range(len(own)), own].sum()), abs=1e-4)


def test_removing_in_what_if_is_typing_the_rest() -> None:
    e = xai.explain(MEANING, "tutor", method="leave-one-out", units="word", checks=False)
    assert e.record["operator"] == "delete"
    removed, typed = e.what_if(removed=[0, 1, 2]), e.what_if(text="meaning of life?")
    assert removed.response == typed.response != e.response
    assert removed.changes == typed.changes
    assert removed.logprob == pytest.approx(typed.logprob, abs=1e-5)
    assert removed.logprob == pytest.approx(-16.7, abs=0.05)
    assert removed.logprob_response == pytest.approx(typed.logprob_response, abs=1e-5)
    # By ids nothing changes, which is what the scores are about.
    assert any("delete token ids" in note and "0.00556" in note for note in removed.notes)
    again = xai.explain(MEANING, "tutor", method="leave-one-out", units="word", value="text")
    same = again.what_if(removed=[0, 1, 2])
    assert (same.response, same.logprob) == (removed.response, removed.logprob)
    assert not any("token ids" in note for note in same.notes)


def test_what_if_says_nothing_where_typing_makes_no_difference() -> None:
    e = xai.explain("Ada has two coins. Eve has three. How many coins has Ada?", "tutor")
    assert not any("token ids" in note for note in e.what_if(removed=[1]).notes)


@pytest.mark.parametrize(
    ("how", "recorded"),
    [
        ({"value": "text"}, "text"),
        ({"value": "text", "operator": "delete"}, "delete"),
        ({"value": "logprob"}, "delete"),
        ({"value": "logprob", "operator": "text"}, "text"),
        ({"value": "logit"}, "delete"),
    ],
)
def test_each_value_has_its_operator_unless_one_is_chosen(how: Any, recorded: str) -> None:
    e = xai.explain(
        "Ada has two coins. Eve has three.", "tutor", method="leave-one-out", checks=False, **how
    )
    assert e.record["operator"] == recorded


@pytest.mark.parametrize("operator", [None, "delete", "text"])
def test_models_of_text_know_one_way_and_record_it(operator: str | None) -> None:
    asked: list[str] = []

    def answer(text: str) -> str:
        asked.append(text)
        return text.upper()

    e = xai.explain("Be brief. Be kind. ", answer, method="leave-one-out", operator=operator)
    assert e.record["operator"] == "text"
    assert asked == ["Be brief. Be kind.", "Be kind.", "Be brief."]


def test_deleting_and_typing_are_one_in_the_ledger_of_text_models() -> None:
    model = FunctionModel(str.upper)
    first = xai.explain("Be brief. Be kind.", model, method="leave-one-out", operator="delete")
    second = xai.explain("Be brief. Be kind.", model, method="leave-one-out")
    assert first.record["cost"]["generations"] == 3
    assert second.record["cost"]["generations"] == 0


def test_messages_of_which_nothing_is_left_stay_in_a_chat() -> None:
    model = wrapped("bytes", chat=True)
    chat: Any = [
        {"role": "user", "content": "No cities."},
        {"role": "assistant", "content": "Noted. "},
        {"role": "user", "content": "Rest by the sea. A dog."},
    ]
    prompt = model.prompt(chat)
    (key,) = model.keys(prompt, np.array([[False, True, True, False]]), TEXT)
    other = [{**chat[0], "content": ""}, chat[1], {**chat[2], "content": "Rest by the sea."}]
    rendered = model.tokenizer.apply_chat_template(
        other, tokenize=False, add_generation_prompt=True
    )
    ids = model.tokenizer(rendered, add_special_tokens=False)["input_ids"]
    assert key.startswith((np.arange(len(ids)) * 2**33 + np.array(ids) * 2).tobytes())


def test_messages_without_a_template_are_joined_by_blank_lines() -> None:
    model = wrapped("bytes", chat=False)
    chat: Any = [
        {"role": "user", "content": "No cities."},
        {"role": "user", "content": "Rest by the sea. A dog. "},
    ]
    prompt = model.prompt(chat)
    for mask, text in (
        ([True, False, True], "No cities.\n\nA dog. "),
        ([False, True, False], "Rest by the sea."),
        ([True, False, False], "No cities."),
    ):
        (key,) = model.keys(prompt, np.array([mask]), TEXT)
        alone = model.prompt(text, units="paragraph")
        everything = np.ones((1, len(alone.document.sources)), dtype=bool)
        assert key == model.keys(alone, everything, TEXT)[0]


def test_tokens_are_counted_as_they_are_sent() -> None:
    model = wrapped("bytes", chat=True)
    e = xai.explain(
        "".join(SENTENCES), model, method="leave-one-out", value="text", max_new_tokens=4,
        checks=False, progress=False,
    )  # fmt: skip
    masks = [[True, True, True], [False, True, True], [True, False, True], [True, True, False]]
    read = sum(len(typed_ids(model, left(mask))) for mask in masks)
    written = 4 * 4
    # A short text was scored after the whole prompt, to be sure of what the ledger knows.
    witness = len(typed_ids(model, left(masks[0]))) + len(_WITNESSED)
    assert read < e.record["cost"]["tokens"] <= read + written + witness


def test_a_replacement_without_its_operator_is_refused() -> None:
    with pytest.raises(XaiError, match="needs an operator that puts it in"):
        xai.explain("Be brief.", str.upper, replacement="...")


def test_models_that_cannot_render_anew_say_so(toy: ToyModel) -> None:
    with pytest.raises(XaiError, match="cannot render what is left of a prompt anew"):
        xai.explain(TRAVEL, toy, operator="text")
    assert xai.explain(TRAVEL, toy, value="text", checks=False).record["operator"] == "delete"
