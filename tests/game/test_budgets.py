"""Budgets are kept to the call, give the best there is within them, and go on when raised."""

from __future__ import annotations

import numpy as np
import pytest

import jupyter_xai as xai
import tiny
from conftest import ToyModel
from jupyter_xai.errors import XaiError
from jupyter_xai.explainer.explainer import Explainer
from jupyter_xai.explainer.settings import Settings
from jupyter_xai.game.budget import Budget, BudgetSpent, Cost
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.masking import every
from jupyter_xai.models.base import Sampling
from jupyter_xai.models.local.transformers import TransformersModel

PROMPT = "Warm places. " + " ".join(f"Sentence number {i}." for i in range(9))


@pytest.mark.parametrize("most", [1, 2, 7, 32, 41, 43, 46, 50, 66, 70, 200])
def test_calls_are_kept_and_used(toy: ToyModel, most: int) -> None:
    e = xai.explain(PROMPT, toy, perturbations=40, max_forwards=most)
    whole = xai.explain(PROMPT, ToyModel(), perturbations=40)
    assert toy.scored == e.record["cost"]["forwards"] <= most
    # Leave-one-out's choice, for the whole response and for each part, might have been new to the
    # model, so that as many calls are held back; here some of them are known.
    needed = whole.record["cost"]["forwards"]
    held_back = 1 + len(whole.targets)
    assert e.partial or needed <= most
    assert not e.partial or most < needed + held_back
    assert e.record["perturbations"]["used"] == min(40, most - 1)
    assert bool(e.checks) == (not e.partial)
    stopped = {"limit": "max_forwards", "most": most} if e.partial else None
    assert e.record.get("stopped") == stopped
    if most < 41:
        assert toy.scored == most
        assert e.stopped_at.startswith(f"stopped at max_forwards={most}: the scores rest on")
    elif e.partial:
        assert e.stopped_at == (
            f"stopped at max_forwards={most}: the scores are complete, checks were left out"
        )
        assert (e.noise is None) == (most < 46)


def test_scores_within_a_budget_are_those_of_the_shorter_plan(toy: ToyModel) -> None:
    cut = xai.explain(PROMPT, toy, perturbations=40, max_forwards=25)
    short = xai.explain(PROMPT, toy, perturbations=24, checks=False)
    np.testing.assert_array_equal(cut.scores, short.scores)
    assert cut.low is not None
    assert short.low is not None
    np.testing.assert_array_equal(cut.low, short.low)


def test_raising_the_budget_goes_on(toy: ToyModel) -> None:
    xai.explain(PROMPT, toy, perturbations=40, max_forwards=20)
    more = xai.explain(PROMPT, toy, perturbations=40, max_forwards=200, checks=False)
    assert not more.partial
    assert toy.scored == 41 + 5  # nothing twice, and the noise floor
    assert more.record["cost"]["reused"] >= 20


def test_leave_one_out_tells_which_units_it_did_not_reach(toy: ToyModel) -> None:
    e = xai.explain(PROMPT, toy, method="leave-one-out", max_forwards=5)
    assert np.isfinite(e.total).tolist() == [True] * 4 + [False] * 6
    assert e.total[0] == pytest.approx(3.0, abs=1e-5)


def test_shapley_values_are_sampled_where_exactness_is_too_dear(toy: ToyModel) -> None:
    few = "Warm places. No cities. Money is no matter. Sea. Sun."
    exact = xai.explain(few, toy, method="shap")
    assert exact.record["method"]["exact"]
    sampled = xai.explain(few, ToyModel(), method="shap", max_forwards=20)
    assert not sampled.record["method"]["exact"]
    assert sampled.record["perturbations"]["used"] == 19
    np.testing.assert_allclose(sampled.total.sum(), exact.total.sum(), atol=1e-4)


def test_answers_are_counted_for_models_of_text_only() -> None:
    asked: list[str] = []

    def shout(prompt: str) -> str:
        asked.append(prompt)
        return prompt.upper()

    e = xai.explain(PROMPT, shout, method="leave-one-out", max_forwards=4)
    assert len(asked) == 1 + 4  # the answer itself is not counted
    assert np.isfinite(e.total).sum() == 4
    assert e.partial


def test_two_sides_of_a_contrast_are_asked_together(toy: ToyModel) -> None:
    prompt = toy.prompt(PROMPT)
    response = toy.respond(prompt, Sampling())
    game = MaskingGame(
        toy, prompt, response, foil=toy.supplied(prompt, "Stay."), budget=Budget(max_forwards=7)
    )
    with pytest.raises(BudgetSpent):
        game.values(every(10)[:20])
    assert toy.scored == 6
    assert game.known(every(10)[:20]).tolist() == [True] * 3 + [False] * 17


def test_time_is_kept_by_the_clock_that_is_given(toy: ToyModel) -> None:
    now = [0.0]

    def tick() -> None:
        now[0] += 1.0

    toy.on_batch = tick
    explainer = Explainer(toy, PROMPT, ledger=Ledger(), clock=lambda: now[0])
    settings = Settings(perturbations=40, max_seconds=10.0)
    e = explainer.run(settings)
    assert toy.scored == 10
    assert e.stopped_at.startswith("stopped at max_seconds=10: the scores rest on 9 of 40")
    again = explainer.run(settings)
    assert again.record["perturbations"]["used"] == 19
    while explainer.run(settings).partial:
        assert toy.scored < 100
    assert explainer.run(settings).checks


def test_a_call_that_would_not_end_in_time_is_not_begun() -> None:
    now = [0.0]
    budget = Budget(max_seconds=10.0, clock=lambda: now[0])
    slow = Cost(forwards=2, seconds=6.0)
    assert budget.room(8, Cost()) == 1  # nothing was measured yet
    assert budget.room(8, slow) == 3
    now[0] = 8.0
    with pytest.raises(BudgetSpent, match="max_seconds=10 is used up"):
        budget.room(8, slow)
    assert budget.reached == ("max_seconds", 10.0)


def test_what_is_asked_for_by_name_says_when_a_budget_forbids_it(toy: ToyModel) -> None:
    e = xai.explain(PROMPT, toy, method="leave-one-out", max_forwards=11)
    assert e.partial
    with pytest.raises(XaiError, match="max_forwards=11 is used up before this was measured"):
        e.metrics()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_forwards": 0}, "max_forwards must be at least 1, not 0"),
        ({"max_forwards": 2.5}, "max_forwards must be a whole number"),
        ({"max_seconds": 0}, "max_seconds=0 is not allowed"),
        ({"max_seconds": float("nan")}, "max_seconds=nan is not allowed"),
    ],
)
def test_budgets_that_make_no_sense_are_refused(
    toy: ToyModel, options: dict[str, float], message: str
) -> None:
    with pytest.raises(XaiError, match=message):
        xai.explain(PROMPT, toy, **options)  # type: ignore[arg-type]


def test_budgets_are_recorded(toy: ToyModel) -> None:
    settings = xai.explain(PROMPT, toy, max_forwards=9).record["method"]["settings"]
    assert settings["max_forwards"] == 9
    assert "max_seconds" not in settings


def test_methods_without_perturbations_speak_of_none() -> None:
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=True), name="tiny")
    for method in ("saliency", "integrated-gradients"):
        e = xai.explain("Be kind. Be brief.", model, response="a b", method=method, max_forwards=2)
        assert e.partial
        assert e.stopped_at == (
            "stopped at max_forwards=2: some scores are missing, checks were left out; raise it "
            "to have them"
        )
