"""Changed prompts: numbers of the game, real answers, word differences, readable refusals."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import jupyter_xai as xai
from conftest import ANSWER, BASE, TRAVEL, ToyModel
from jupyter_xai import masking
from jupyter_xai.errors import Interrupted, XaiError
from jupyter_xai.explainer.what_if import changes
from jupyter_xai.progress import Watcher

WITHOUT_WARM = 3.0
"""What the toy's cause "Warm" gives to the whole answer, in nats."""


def test_removing_units_is_what_the_game_says(toy: ToyModel) -> None:
    e = xai.explain(TRAVEL, toy, method="leave-one-out")
    found = e.what_if(removed=[1])
    assert found.logprob_before == pytest.approx(e.full[-1])
    assert found.logprob_before is not None
    assert found.logprob is not None
    assert found.logprob_before - found.logprob == pytest.approx(e.total[1])
    assert found.logprob_before - found.logprob == pytest.approx(WITHOUT_WARM)
    assert found.removed == (1,)
    assert found.before == ANSWER
    assert found.response == "Go to a warm island"
    # The causes that are left: "cities" and "Money" speak of nothing in the new answer.
    assert found.logprob_response == pytest.approx(BASE * 5)


def test_several_units_at_once_are_one_mask(toy: ToyModel) -> None:
    e = xai.explain(TRAVEL, toy, method="leave-one-out")
    game = e.live.explainer.prepare(e.live.settings).game  # type: ignore[union-attr]
    value = game.values(masking.without(game.n, [1, 3]))[0, -1]
    found = e.what_if(removed=[3, 1, 1])
    assert found.removed == (1, 3)
    assert found.logprob == pytest.approx(value)


def test_what_was_evaluated_costs_nothing(toy: ToyModel) -> None:
    e = xai.explain(TRAVEL, toy, method="leave-one-out")
    before = toy.scored
    first = e.what_if(removed=[2])
    # The mask is leave-one-out's own; only the new answer had to be written and scored.
    assert toy.scored == before + 1
    assert (first.cost["forwards"], first.cost["generations"]) == (1, 1)
    again = e.what_if(removed=[2])
    assert (again.cost["forwards"], again.cost["generations"]) == (0, 0)
    assert again.logprob == first.logprob
    assert "money" not in again.cost


def test_an_edited_prompt_is_asked_anew(toy: ToyModel) -> None:
    e = xai.explain(TRAVEL, toy, method="leave-one-out")
    found = e.what_if(text=TRAVEL.replace("Warm places please. ", ""))
    assert found.response == ANSWER
    assert found.logprob == pytest.approx(e.full[-1] - WITHOUT_WARM)
    assert found.logprob_response == found.logprob
    assert [kind for kind, _ in found.changes] == ["same"]
    assert found.cost["generations"] == 1


def test_the_new_answer_is_scored_with_the_tokens_it_was_written_with() -> None:
    tutor = xai.load("tutor")
    question = "Ada has two coins. Eve has three. How many coins has Ada?"
    e = xai.explain(question, tutor, method="leave-one-out", checks=False)
    edited = question.replace("two", "five")
    found = e.what_if(text=edited)
    again = xai.explain(edited, tutor, value="logprob", method="leave-one-out", checks=False)
    assert found.response == again.response
    assert found.logprob_response == pytest.approx(again.full[-1], rel=1e-5)
    assert found.logprob_response is not None
    assert found.logprob is not None
    assert found.logprob_response >= found.logprob


def test_a_chat_keeps_its_first_messages(toy: ToyModel) -> None:
    chat: Any = [
        {"role": "user", "content": "No cities. "},
        {"role": "assistant", "content": "Noted. "},
        {"role": "user", "content": "Warm places please."},
    ]
    e = xai.explain(chat, toy, method="leave-one-out")
    assert e.live is not None
    assert e.live.explainer.last_text == "Warm places please."
    found = e.what_if(text="Money is no matter.")
    # Gone is what "Warm" gave, new is what "Money" gives; "cities" stays.
    assert found.logprob == pytest.approx(e.full[-1] - 3.0 + 1.5)


def test_a_foil_changes_nothing(toy: ToyModel) -> None:
    e = xai.explain(TRAVEL, toy, method="leave-one-out", foil="Go home.")
    plain = xai.explain(TRAVEL, toy, method="leave-one-out")
    assert e.what_if(removed=[1]).logprob == pytest.approx(plain.what_if(removed=[1]).logprob)


def test_models_without_probabilities_still_answer() -> None:
    e = xai.explain("Be brief. Be kind.", str.upper, method="leave-one-out")
    found = e.what_if(removed=[0])
    assert found.response == "BE KIND."
    assert found.logprob is found.logprob_before is found.logprob_response is None
    assert "log p" not in str(found)
    assert e.what_if(text="Be bold.").response == "BE BOLD."


def test_operators_that_leave_no_text_give_the_number_alone() -> None:
    e = xai.explain("Ada has two coins. Eve has three.", "tutor", operator="attention")
    found = e.what_if(removed=[1])
    assert found.response is None
    assert found.changes == ()
    assert found.logprob is not None
    assert "no new answer" in found.notes[0]


def test_differences_are_told_word_by_word() -> None:
    assert changes("One two  three.", "One four three.\n") == (
        ("same", "One"),
        ("removed", " two"),
        ("added", " four"),
        ("same", " three."),
        ("added", "\n"),
    )
    assert changes("我爱海。", "我爱山。") == (
        ("same", "我爱"),
        ("removed", "海"),
        ("added", "山"),
        ("same", "。"),
    )
    assert changes("", "New.") == (("added", "New."),)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "either removed=[...] or text='...'"),
        ({"removed": [0], "text": "both"}, "either removed=[...] or text='...'"),
        ({"removed": []}, "nothing is switched off"),
        ({"removed": [0, 1, 2, 3]}, "all 4 sentences are switched off"),
        ({"removed": [4]}, "counted from 0 to 3"),
        ({"removed": [-1]}, "counted from 0 to 3"),
        ({"removed": ["first"]}, "is not understood"),
        ({"text": "  "}, "the prompt is"),
    ],
)
def test_what_cannot_be_asked_is_refused_readably(
    toy: ToyModel, asked: dict[str, Any], message: str
) -> None:
    e = xai.explain(TRAVEL, toy, method="leave-one-out")
    with pytest.raises(XaiError) as caught:
        e.what_if(**asked)
    assert message in str(caught.value)


def test_without_a_model_nothing_can_be_asked(toy: ToyModel, tmp_path: Any) -> None:
    path = xai.explain(TRAVEL, toy, method="random").save(tmp_path / "e.json")
    with pytest.raises(XaiError, match="opened without its model"):
        xai.open(path).what_if(removed=[0])


def test_it_can_be_stopped(toy: ToyModel) -> None:
    e = xai.explain(TRAVEL, toy, method="leave-one-out")
    watcher = Watcher()
    watcher.cancel.set()
    assert e.live is not None
    with pytest.raises(Interrupted):
        e.live.change(e, removed=[1], watcher=watcher)


def test_drawn_answers_say_that_chance_has_a_part() -> None:
    e = xai.explain("Ada has two coins. Eve has three.", "tutor", temperature=1.0, seed=1)
    assert any("chance" in note for note in e.what_if(removed=[1]).notes)


def test_it_is_plain_json(toy: ToyModel) -> None:
    found = xai.explain(TRAVEL, toy, method="leave-one-out").what_if(removed=[1])
    told = json.loads(json.dumps(found.to_dict()))
    assert told["changes"][0] == {"kind": "same", "text": "Go to a warm"}
    assert np.isfinite(told["logprob"])
