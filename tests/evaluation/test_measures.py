"""Metrics of one explanation: baselines, counted calls, one operator, planted bad explanations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import jupyter_xai as xai
from conftest import ANSWER, TRAVEL, ToyModel
from jupyter_xai.errors import XaiError
from jupyter_xai.evaluation.checks import ALIASES, GROUPS, KINDS
from jupyter_xai.evaluation.checks.evidence import Evidence
from jupyter_xai.evaluation.checks.removal import Sets, answers
from jupyter_xai.game.budget import Cost
from jupyter_xai.interface.explanation import Explanation
from jupyter_xai.masking import Masks
from jupyter_xai.methods.base import Attribution
from jupyter_xai.models.base import Answered, Operator, Prompt, Response, Sampling
from jupyter_xai.models.capabilities import Diverged

SCHEMA = json.loads(
    (Path(xai.__file__).parent / "schema" / "explanation.schema.json").read_text("utf-8")
)
TOKENS = len(ANSWER.split())
CAUSES = [1, 2, 3]


class CausalModel(ToyModel):
    """Says what its causes make it say, and tells how its distributions move."""

    def __init__(self) -> None:
        super().__init__()
        self.operators: set[Operator] = set()

    def score(self, prompt: Prompt, masks: Masks, operator: Operator, response: Response) -> Any:
        self.operators.add(operator)
        return super().score(prompt, masks, operator, response)

    def answer(
        self, prompt: Prompt, masks: Masks, operator: Operator, sampling: Sampling
    ) -> Iterator[Answered]:
        self.operators.add(operator)
        made = dict(zip(("Warm", "cities", "Money"), ANSWER.split(". "), strict=True))
        for index, row in enumerate(masks.tolist()):
            self.answered += 1
            kept = prompt.document.keep(row)
            said = [text for cause, text in made.items() if cause in kept]
            yield Answered(index, ". ".join(said) or "Stocks fell on Monday.", tokens=1)

    def divergence(
        self, prompt: Prompt, masks: Masks, operator: Operator, response: Response, of: str
    ) -> Iterator[Diverged]:
        """As if every token were one of two, with the toy's probabilities."""
        self.operators.add(operator)
        whole = np.ones((1, masks.shape[1]), dtype=bool)
        (full,) = super().score(prompt, whole, operator, response)
        for batch in super().score(prompt, masks, operator, response):
            p, q = (
                np.exp(np.minimum(batch.logprobs, -1e-3)),
                np.exp(np.minimum(full.logprobs, -1e-3)),
            )
            kl = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
            yield Diverged(batch.rows, kl.astype(np.float32), batch.tokens)


def planted(e: Explanation, total: np.ndarray) -> Explanation:
    """The same explanation with other scores for the whole response, and nothing measured yet."""
    scores = np.column_stack([e.scores, total])
    found = replace(e, attribution=Attribution(scores))
    return found.changed(checks=[], metrics=[], lds=None)


@pytest.fixture
def model() -> CausalModel:
    return CausalModel()


@pytest.fixture
def good(model: CausalModel) -> Explanation:
    return xai.explain(TRAVEL, model, method="shap", k=2)


def table(e: Explanation, **options: Any) -> Any:
    return e.metrics(**options).set_index("metric")


def test_every_figure_stands_beside_chance_and_leave_one_out(good: Explanation) -> None:
    found = table(good, which=["faithfulness", "text"], truth=CAUSES)
    costs = ["noise floor", "forwards", "backwards", "generations", "reused", "seconds"]
    assert list(found.index)[-len(costs) :] == costs
    measured = found.drop(index=costs)
    assert len(measured) == 1 + 3 + 1 + 5 + 5 + 5
    for column in ("value", "random", "random_low", "random_high", "leave_one_out"):
        assert np.isfinite(measured[column]).all(), column
    assert (measured["random_low"] <= measured["random_high"]).all()
    assert set(measured["better"]) == {"higher", "lower"}
    assert all(text and "{" not in text and "\n" not in text for text in found["meaning"])


def test_figures_by_hand(good: Explanation) -> None:
    found = table(good, which=["removal", "divergence", "curves"])["value"]
    # Without Warm (3 nats on one word) and cities (2 nats on one word).
    assert found["drop, top 2"] == pytest.approx(5, abs=1e-5)
    assert found["PR, sequence, top 2"] == pytest.approx(np.exp(-5), rel=1e-4)
    assert found["PR, top 2"] == pytest.approx(np.exp(-5 / TOKENS), rel=1e-4)
    # The whole prompt adds 3, 2 and 1.5; sizes 0 to 4 in the order of the causes.
    assert found["AOPC, deletion"] == pytest.approx((0 + 3 + 5 + 6.5 + 6.5) / 5, abs=1e-5)
    assert found["AOPC, insertion"] == pytest.approx((0 + 3 + 5 + 6.5 + 6.5) / 5, abs=1e-5)
    assert found["comprehensiveness"] == pytest.approx((3 + 5) / 2, abs=1e-5)
    assert found["sufficiency"] == pytest.approx((3.5 + 1.5) / 2, abs=1e-5)
    assert found["KL, vocabulary, top 2"] > 0


def test_text_metrics_are_those_of_the_answer_to_the_masked_prompt(good: Explanation) -> None:
    found = table(good, which="text")["value"]
    without = "Take the best hotel."
    assert found["BLEU, top 2"] == pytest.approx(xai.metrics.bleu(ANSWER, [without])[0])
    rouge = xai.metrics.rouge_l(ANSWER, [without])
    assert found["ROUGE-L precision, top 2"] == pytest.approx(rouge.precision[0]) == 1
    assert found["ROUGE-L recall, top 2"] == pytest.approx(rouge.recall[0])
    expected = xai.metrics.embedding_similarity(ANSWER, [without])[0]
    assert found["similarity, top 2"] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("kind", ["reversed", "shuffled", "constant"])
def test_a_planted_bad_explanation_is_ranked_below_a_good_one(good: Explanation, kind: str) -> None:
    bad = {
        "reversed": -good.total,
        "shuffled": good.total[[1, 0, 3, 2]],
        "constant": np.ones(4),
    }[kind]
    which = ["faithfulness", "text"]
    first, second = table(good, which=which), table(planted(good, bad), which=which)
    # All words of a shortened answer still stand in the response, so precision cannot notice.
    names = first.index[(first["better"] != "") & (first.index != "ROUGE-L precision, top 2")]
    assert len(names) == 14
    for name in names:
        ahead = first.loc[name, "value"] - second.loc[name, "value"]
        ahead *= 1 if first.loc[name, "better"] == "higher" else -1
        assert ahead > 1e-6, f"{name} does not notice that the scores are {kind}"


def test_the_operator_of_the_search_is_that_of_the_check(model: CausalModel) -> None:
    chosen = Operator("replace", "x")
    e = xai.explain(TRAVEL, model, method="shap", operator="replace", replacement="x")
    e.metrics(which=["faithfulness", "text", "stability"], truth=CAUSES)
    assert model.operators == {chosen}


def test_what_the_operator_does_not_allow_is_refused_and_never_swapped(model: CausalModel) -> None:
    e = xai.explain(TRAVEL, model, method="shap", operator="zero-embedding")
    with pytest.raises(XaiError, match=r"'text' cannot be computed: answers.*zero-embedding"):
        e.metrics(which="text")
    assert not any("BLEU" in name for name in e.metrics(which="all")["metric"])
    assert model.operators == {Operator("zero-embedding")}


def test_what_the_check_asked_for_gives_probabilities_too(model: CausalModel) -> None:
    e = xai.explain(TRAVEL, model, method="shap", k=2)
    before = model.scored, model.answered
    reused = e.record["cost"]["reused"]
    found = e.metrics(which="removal")
    assert (model.scored, model.answered) == before
    assert "PR, top 2" in set(found["metric"])
    assert e.measured(which="removal").record["cost"]["reused"] == reused


def test_calls_are_counted(model: CausalModel) -> None:
    prompt = f"{TRAVEL} One. Two. Three. Four."
    e = xai.explain(prompt, model, method="leave-one-out", k=2)
    found = e.measured(which=["faithfulness", "text"])
    cost = found.record["cost"]
    assert cost["generations"] == model.answered > e.record["cost"]["generations"]
    # The toy scores the whole prompt and each mask for divergences without being asked to score.
    assert cost["forwards"] == model.scored
    again = found.measured(which=["faithfulness", "text"])
    assert again.record["cost"]["forwards"] == cost["forwards"]
    assert again.record["cost"]["generations"] == cost["generations"]


def test_nothing_expensive_runs_unasked(model: CausalModel) -> None:
    e = xai.explain(TRAVEL, model, method="shap")
    answered = model.answered
    names = set(e.metrics()["metric"])
    assert model.answered == answered
    assert not any("BLEU" in name or "AOPC" in name or "stability" in name for name in names)


def test_the_lds_has_an_interval_and_baselines(model: CausalModel) -> None:
    prompt = f"{TRAVEL} " + " ".join(f"Filler {i}." for i in range(8))
    e = xai.explain(prompt, model, method="shap", perturbations=64)
    row = table(e).loc["LDS, fresh"]
    assert row["low"] <= row["value"] <= row["high"]
    assert row["random_low"] < 0 < row["random_high"]
    assert row["random_high"] < row["value"]
    assert row["leave_one_out"] > 0.9
    for bad in (-e.total, np.random.default_rng(0).permutation(e.total)):
        assert table(planted(e, bad)).loc["LDS, fresh", "value"] < row["value"] - 0.1


def test_metrics_are_saved_and_told_without_the_model(good: Explanation, tmp_path: Path) -> None:
    found = good.measured(which=["faithfulness", "text"], truth=CAUSES)
    jsonschema.validate(found.to_dict(), SCHEMA)
    opened = xai.open(found.save(tmp_path / "e.json"))
    saved, live = opened.metrics(), found.metrics(which=["faithfulness", "text"], truth=CAUSES)
    assert set(live["metric"]) <= set(saved["metric"])
    with pytest.raises(XaiError, match="opened without its model"):
        opened.measured()
    with pytest.raises(XaiError, match="opened without its model"):
        opened.metrics(which="text")


def test_consistency_and_stability_of_steady_and_of_random_scores(model: CausalModel) -> None:
    which = ["consistency", "stability"]
    steady = table(xai.explain(TRAVEL, model, method="leave-one-out", k=2), which=which)
    noise = table(xai.explain(TRAVEL, model, method="random", k=2), which=which)
    assert steady.loc["deviation over seeds", "value"] == 0
    assert steady.loc["Kendall over seeds", "value"] == pytest.approx(1)
    assert noise.loc["deviation over seeds", "value"] > 0.1
    assert noise.loc["Kendall over seeds", "value"] < 0.9
    assert steady.loc["stability, appended token, top 2", "value"] == 1
    assert steady.loc["stability, thanks, top 2", "value"] == 1
    assert steady.loc["stability, thanks, top 2", "random"] < 0.8


def test_a_measure_of_an_edit_says_so_in_fields_of_its_own(model: CausalModel) -> None:
    e = xai.explain(TRAVEL, model, method="leave-one-out", k=2).measured(which="stability")
    found = {each["name"]: (each["kind"], each["on"]) for each in e.record["metrics"]}
    assert found["stability, thanks"] == ("stability", "thanks")
    assert found["PR, sequence"] == ("PR, sequence", None)


def test_a_file_of_before_there_were_such_fields_is_read_the_same(model: CausalModel) -> None:
    e = xai.explain(TRAVEL, model, method="leave-one-out", k=2).measured(which="stability")
    data = e.to_dict()
    for metric in data["metrics"]:
        del metric["kind"], metric["on"]
    old = Explanation.from_dict(data)
    for group in ("removal", "stability"):
        now, before = (str(Evidence(each, each.k, [group])) for each in (e, old))
        assert now == before
    assert "stability, thanks" in before
    assert "PR, sequence" not in before


def test_ground_truth_must_be_of_the_prompt(good: Explanation) -> None:
    with pytest.raises(XaiError, match="counted from 0 to 3"):
        good.metrics(truth=[4])
    with pytest.raises(XaiError, match="give the units that matter"):
        good.metrics(which="truth")


def test_unknown_groups_are_named(good: Explanation) -> None:
    with pytest.raises(XaiError, match="did you mean 'curves'"):
        good.metrics(which="curve")
    for name in ("faithfulness", "text", "curves"):
        with pytest.raises(XaiError, match="group of metrics"):
            good.metrics(which=[name, "nothing"])


def test_a_model_that_only_answers_gets_what_answers_can_tell() -> None:
    e = xai.explain("Be brief. Be kind. Be here.", str.upper, method="leave-one-out", k=1)
    names = set(e.metrics()["metric"])
    # The answers of the check are at hand, so their words cost nothing.
    assert {"drop, top 1", "BLEU, top 1", "similarity, top 1"} <= names
    assert not any("PR" in name or "KL" in name for name in names)
    with pytest.raises(XaiError, match="whole next-token distributions"):
        e.metrics(which="divergence")


def test_groups_and_kinds_fit() -> None:
    assert {kind.group for kind in KINDS.values()} | {"lds"} == set(GROUPS)
    assert all(set(groups) <= set(GROUPS) for groups in ALIASES.values())


def test_of_several_answers_the_mean_is_told() -> None:
    class Drawn:
        response = Response("a b c d")
        cost = Cost()

        def plain(self, value: str) -> Drawn:
            assert value == "text"
            return self

        def values(self, masks: Masks, **options: Any) -> None: ...

        def answer_samples(self, masks: Masks) -> list[tuple[str, ...]]:
            return [("a b c d", "x"), ("a b", "a"), ("x",)]

    sets = Sets(2, [0], np.array([[1]]), [1])
    found = {each.name: each for each in answers(Drawn(), sets)}  # type: ignore[arg-type]
    recall = found["ROUGE-L recall"]
    assert recall.value == pytest.approx((1 + 0) / 2)
    assert recall.random == pytest.approx(((1 / 2 + 1 / 4) / 2,) * 3)
    assert recall.leave_one_out == 0


def test_the_verdict_of_a_contrast_speaks_of_the_foil(model: CausalModel) -> None:
    e = xai.explain(TRAVEL, model, method="shap", k=2, foil="Go to a city.")
    assert "lowers the answer’s lead over the foil by 5" in e.checks[0]["verdict"]


def test_the_verdict_of_targets_speaks_of_the_explained_parts(model: CausalModel) -> None:
    e = xai.explain(TRAVEL, model, method="leave-one-out", k=1, targets=[(0, 12)])
    assert "lowers the log-probability of the explained parts by" in e.checks[0]["verdict"]
