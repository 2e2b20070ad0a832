"""What is told before a run is what is counted after it."""

from __future__ import annotations

import numpy as np
import pytest

import jupyter_xai as xai
from conftest import TRAVEL, ToyModel
from jupyter_xai import methods
from jupyter_xai.evaluation.checks.top_k import MOST_PARTS
from jupyter_xai.explainer.estimate import Estimate, unwritten
from jupyter_xai.explainer.explainer import Explainer
from jupyter_xai.explainer.settings import Settings
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.methods.base import GameMethod
from jupyter_xai.methods.table import MethodsTable, Row, table
from jupyter_xai.models.base import Operator
from jupyter_xai.models.function import FunctionModel
from jupyter_xai.models.speed import Pace, pace_of, prompt_tokens
from jupyter_xai.progress import TimeLeft, Watcher

PROMPT = "Warm places. " + " ".join(f"Sentence number {i}." for i in range(9))
PLANNED = [n for n in methods.names() if not isinstance(methods.get(n), GameMethod)]
SEARCHED = ["joint"]


def explainer_of(model: ToyModel, method: str) -> Explainer:
    """For methods that contrast, there is something to contrast with."""
    return Explainer(model, PROMPT, foil="Stay at home." if method == "contrastive" else None)


def calls(cost: dict[str, int]) -> tuple[int, int, int]:
    return cost["forwards"], cost["backwards"], cost["generations"]


def estimated(estimate: Estimate) -> tuple[int, int, int]:
    return estimate.forwards, estimate.backwards, estimate.generations


@pytest.mark.parametrize("value", ["logprob", "text"])
@pytest.mark.parametrize("method", PLANNED)
def test_planned_methods_cost_what_was_estimated(toy: ToyModel, method: str, value: str) -> None:
    explainer = explainer_of(toy, method)
    settings = Settings(method=method, value=value, perturbations=40, units="sentence")
    before = explainer.estimate(settings, checks=False)
    assert (toy.scored, toy.answered) == (0, 0)
    assert before.m is None
    assert any("not answered yet" in note for note in before.notes)
    cost = explainer.run(settings, checks=False).record["cost"]
    assert estimated(before) == calls(cost)
    assert estimated(explainer.estimate(settings, checks=False)) == (0, 0, 0)


@pytest.mark.parametrize("method", PLANNED + SEARCHED)
def test_an_estimate_is_never_less_than_what_is_counted(toy: ToyModel, method: str) -> None:
    explainer = explainer_of(toy, method)
    settings = Settings(method=method, perturbations=40, units="sentence")
    estimate = explainer.estimate(settings, checks=True)
    counted = calls(explainer.run(settings, checks=True).record["cost"])
    assert all(a <= b for a, b in zip(counted, estimated(estimate), strict=True))
    if method in PLANNED:
        # Which are the top k, and leave-one-out's choice, shows only in the end: of the whole
        # response and of each part, of which there may be the most that are checked.
        sides = 2 if methods.get(method).needs_foil else 1
        most = 2 * (1 + MOST_PARTS) * sides
        assert sum(estimated(estimate)) - sum(counted) <= most


def test_what_is_known_is_free(toy: ToyModel) -> None:
    explainer = Explainer(toy, PROMPT)
    explainer.run(Settings(method="linear", perturbations=16), checks=False)
    more = explainer.estimate(Settings(method="linear", perturbations=40), checks=False)
    assert estimated(more) == (24, 0, 0)
    assert more.reused == 17
    other = explainer.estimate(Settings(method="leave-one-out"), checks=False)
    assert other.forwards == 10  # the noise of another value is read from the same passes
    assert other.m == 3


def test_a_budget_bounds_the_estimate(toy: ToyModel) -> None:
    explainer = Explainer(toy, PROMPT)
    for most in (1, 9, 44, 50, 70):
        settings = Settings(method="linear", perturbations=40, max_forwards=most)
        assert explainer.estimate(settings).forwards <= most


def test_of_a_model_of_text_only_answers_are_counted() -> None:
    asked: list[str] = []

    def shout(prompt: str) -> str:
        asked.append(prompt)
        return prompt.upper()

    estimate = xai.estimate(PROMPT, shout, method="leave-one-out")
    assert asked == []
    assert estimated(estimate) == (0, 0, 11)
    xai.explain(PROMPT, shout, method="leave-one-out")
    assert len(asked) == 11


def test_seconds_follow_from_the_measured_pace(toy: ToyModel) -> None:
    explainer = Explainer(toy, PROMPT)
    settings = Settings(method="leave-one-out", value="text")
    assert explainer.estimate(settings, checks=False).seconds is None
    pace_of(toy).answered(2, 6.0)
    assert explainer.estimate(settings, checks=False).seconds == pytest.approx(3.0 * 11)
    assert explainer.estimate(Settings(max_seconds=5.0, value="text")).seconds == 5.0


def test_a_pace_trusts_the_newest_measurements_most() -> None:
    pace = Pace()
    assert pace.a_token is None
    pace.scored(10, 100.0)  # warming up
    for _ in range(10):
        pace.scored(10, 1.0)
    assert pace.a_token == pytest.approx(0.1, rel=0.1)
    pace.scored(0, 50.0)  # nothing was scored, so nothing was learnt
    assert pace.a_token == pytest.approx(0.1, rel=0.1)


def test_tokens_and_memory_of_the_tutor_are_bounds() -> None:
    tutor = xai.load("tutor")
    explainer = Explainer(tutor, "Mia has a red kite. Tom has a blue kite. Who has the red kite?")
    settings = Settings(method="shap", value="logprob")
    assert explainer.response
    estimate = explainer.estimate(settings, checks=False)
    cost = explainer.run(settings, checks=False).record["cost"]
    assert estimate.forwards == cost["forwards"]
    assert cost["tokens"] - 200 <= estimate.tokens
    assert cost["tokens"] <= estimate.tokens <= 3 * cost["tokens"]
    assert estimate.seconds is not None
    assert estimate.bytes is not None
    assert "MB beside the weights" in str(estimate)


@pytest.mark.parametrize("operator", ["delete", "attention", "replace", "zero-embedding"])
def test_tokens_of_masked_prompts_are_those_of_the_model(operator: str) -> None:
    tutor = xai.load("tutor")
    prompt = tutor.prompt("Mia has a red kite. Tom has a blue kite.", units="word")
    masks = np.random.default_rng(0).random((20, len(prompt.document.sources))) < 0.5
    chosen = Operator(operator, "x" if operator == "replace" else None)
    inputs = tutor.inputs(prompt, masks, chosen)
    assert prompt_tokens(prompt, masks, chosen).tolist() == [len(each) for each in inputs]


def test_the_stand_in_of_an_unwritten_answer_is_as_long_as_allowed() -> None:
    response = unwritten(40)
    assert response.ids is not None
    assert response.spans is not None
    assert len(response.ids) == len(response.spans) == 40
    assert response.text.count(".") == 2
    assert max(end for _, end in response.spans) - 1 == len(response.text)


def test_counts_are_those_of_the_survey() -> None:
    # Zhao et al., table 1: mask perturbation O(N), LIME O(N_aug), SHAP O(2^N), no passes back.
    assert methods.get("leave-one-out").cost(9, 3).masks == 10
    assert methods.get("lime").cost(20, 3, 50).masks == 51
    assert methods.get("shap").cost(6, 3).masks == 2**6
    for name in PLANNED:
        counts = methods.get(name).cost(9, 3)
        assert (counts.forwards, counts.backwards) == (0, 0)


def test_a_long_run_is_announced(toy: ToyModel) -> None:
    class Seen(Watcher):
        wants_estimate = True

        def expects(self, seconds: float | None, brief: str) -> None:
            self.brief = brief
            self.asked = toy.scored

    pace_of(toy).scored(1, 2.0)
    seen = Seen()
    e = xai.explain(PROMPT, toy, method="leave-one-out", progress=seen, checks=False)
    assert seen.asked == 0
    assert e.record["cost"]["forwards"] == 16
    assert seen.brief.startswith("about ")
    assert seen.brief.endswith("16 forwards")


def test_time_left_is_that_of_the_present_part() -> None:
    now = [0.0]
    left = TimeLeft(lambda: now[0])
    left.expect(20.0)
    assert left.told(0, 0, "answering") == 20.0
    now[0] = 10.0
    assert left.told(40, 100, "") == 10.0  # 40 were known before
    now[0] = 12.0
    assert left.told(50, 100, "") == pytest.approx(10.0)
    assert left.told(0, 10, "checking") == 8.0
    now[0] = 40.0
    assert left.told(0, 10, "next") is None


def test_the_table_of_methods_escapes_and_marks() -> None:
    assert [row.name for row in table().rows] == methods.names()
    assert all(row.needs and row.costs and row.use.endswith(".") for row in table().rows)
    marked = table(FunctionModel(str.upper, name="<b>shout</b>"))
    assert not next(row for row in marked.rows if row.name == "linear").why_not
    evil = MethodsTable([Row("<i>x</i>", "a", "b", "c", "needs <u>more</u>")], "<b>shout</b>")
    html = evil._repr_html_()
    assert "<i>" not in html
    assert "<u>" not in html
    assert "<b>" not in html
    assert "not for <b>shout</b>: needs <u>more</u>" in repr(evil)


def test_an_estimate_uses_the_ledger_that_it_is_given(toy: ToyModel) -> None:
    Explainer(toy, PROMPT, ledger=Ledger()).run(Settings(method="leave-one-out"), checks=False)
    fresh = Explainer(toy, PROMPT, ledger=Ledger()).estimate(
        Settings(method="leave-one-out"), checks=False
    )
    assert fresh.forwards == 16
    assert xai.estimate(TRAVEL, toy, method="leave-one-out", checks=False).forwards == 10


def test_a_model_that_cannot_write_is_measured_by_what_it_scores() -> None:
    """A model that only scores given responses has a pace, too; it is asked for no answer."""
    import tiny
    from jupyter_xai.models.local.transformers import TransformersModel

    built = tiny.model("llama")

    def refuses(*args: object, **options: object) -> None:
        raise NotImplementedError

    built.generate = refuses
    built.prepare_inputs_for_generation = refuses
    model = TransformersModel(built, tiny.tokenizer(chat=True))
    told = xai.estimate(
        PROMPT, model, response="Go there. Now.", method="leave-one-out", checks=False
    )
    assert told.seconds is not None
    assert told.seconds > 0
    assert told.generations == 0
    e = xai.explain(PROMPT, model, response="Go there. Now.", method="leave-one-out", checks=False)
    assert e.record["cost"]["forwards"] == told.forwards
