"""What removing the top units does: to the whole answer, and to the part that is looked at."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

import jupyter_xai as xai
from conftest import CAUSES, ToyModel
from jupyter_xai.evaluation.checks.top_k import FEW_SETS, MOST_PARTS

SENTENCES = [
    *("I am tired. ", "Warm places please. ", "No cities. ", "Money is no matter. "),
    *("I like soup. ", "The bus was late."),
]
PROMPT = "".join(SENTENCES)
ANSWER = ["Go to a warm island. ", "It is quiet there. ", "Take the best hotel."]


def lost(removed: tuple[int, ...], answer: str) -> float:
    """By the toy's own rule: what a part of the answer loses without these sentences."""
    return sum(
        by * answer.count(word)
        for place in removed
        for cause, (word, by) in CAUSES.items()
        if cause in SENTENCES[place]
    )


def part_check(explanation: Any, unit: int) -> Any:
    (check,) = explanation.checks
    return next(part for part in check["parts"] if part["unit"] == unit)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_each_part_of_the_answer_has_a_check_of_its_own(k: int) -> None:
    e = xai.explain(PROMPT, ToyModel(), method="shap", k=k)
    assert len(e.checks[0]["parts"]) == 3
    for unit, answer in enumerate(ANSWER):
        check = part_check(e, unit)
        assert check["removed"] == sorted(np.argsort(-e.scores[:, unit], kind="stable")[:k])
        assert check["drop"] == pytest.approx(lost(tuple(check["removed"]), answer), abs=1e-4)
        every = [lost(chosen, answer) for chosen in combinations(range(6), k)]
        assert check["random"]["draws"] == len(every)
        assert check["random"]["mean"] == pytest.approx(np.mean(every), abs=1e-4)
        assert check["rank"] == 1 + sum(fall > check["drop"] + 1e-4 for fall in every) == 1
        assert check["leave_one_out"]["drop"] == pytest.approx(max(every), abs=1e-4)
        assert "this sentence’s log-probability" in check["verdict"]


def test_the_check_of_a_part_removes_what_made_that_part() -> None:
    e = xai.explain(PROMPT, ToyModel(), method="leave-one-out", k=1)
    assert [part_check(e, unit)["removed"] for unit in range(3)] == [[1], [2], [3]]
    assert e.checks[0]["removed"] == [1]
    assert "the most of all six choices" in part_check(e, 1)["verdict"]


def test_where_all_choices_are_known_the_rank_among_them_is_said() -> None:
    # All 63 masks are known. The best three of 20 are within the middle 90 % of them.
    e = xai.explain(PROMPT, ToyModel(), method="shap", k=3)
    (check,) = e.checks
    assert check["rank"] == 1
    assert check["verdict"].endswith("the most of all 20 choices of three.")
    assert "do not rely" not in str(e)


@pytest.mark.parametrize("seed", range(8))
def test_scores_by_chance_are_told_their_place(seed: int) -> None:
    e = xai.explain(PROMPT, ToyModel(), method="random", k=3, seed=seed, checks=True)
    (check,) = e.checks
    answer = "".join(ANSWER)
    drop = lost(tuple(check["removed"]), answer)
    falls = [lost(chosen, answer) for chosen in combinations(range(6), 3)]
    assert check["drop"] == pytest.approx(drop, abs=1e-4)
    assert check["rank"] == 1 + sum(fall > drop + 1e-4 for fall in falls)
    more = sum(fall > 1.02 * drop for fall in falls)
    if drop <= 0:
        assert "the scores miss what matters" in check["verdict"]
    elif more >= 0.25 * 19:
        assert "of three do more: do not rely on these scores" in check["verdict"]
    else:
        assert "do not rely" not in check["verdict"]


def test_of_many_choices_some_are_drawn() -> None:
    long = PROMPT + " " + " ".join(f"This is line {i}." for i in range(6))
    e = xai.explain(long, ToyModel(), method="leave-one-out", k=3)
    (check,) = e.checks
    assert check["rank"] is None
    assert check["random"]["draws"] < FEW_SETS
    single = xai.explain(long, ToyModel(), method="leave-one-out", k=1)
    assert single.checks[0]["rank"] == 1  # leaving one out is every choice of one
    assert single.checks[0]["random"]["draws"] == 12


def test_long_answers_are_checked_as_a_whole() -> None:
    answer = " ".join("It is quiet there." for _ in range(MOST_PARTS + 1))
    e = xai.explain(PROMPT, ToyModel(answer), method="leave-one-out")
    assert e.checks[0]["parts"] == []
    assert e.checks[0]["removed"][0] >= 0


@pytest.mark.parametrize(("n", "k"), [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (6, 3), (9, 3)])
def test_at_most_half_of_the_units_are_removed_unless_asked(n: int, k: int) -> None:
    prompt = " ".join(f"Warm line number {i}." for i in range(n))
    assert xai.explain(prompt, ToyModel(), method="leave-one-out").k == k


def test_the_text_and_the_page_tell_each_part_its_verdict() -> None:
    e = xai.explain(PROMPT, ToyModel(), method="leave-one-out", k=1)
    told = part_check(e, 1)["verdict"]
    assert told in str(e)
    assert told in e._repr_mimebundle_()["text/html"]
    assert xai.explain(PROMPT, ToyModel(), checks=False).checks == []
