"""`evaluate`: what it measures, that it loses nothing, and that it computes nothing twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import conftest
from jupyter_xai import evaluate, masking, methods
from jupyter_xai.errors import XaiError
from jupyter_xai.evaluation.benchmark import Case, Truth, read_cases
from jupyter_xai.evaluation.benchmark.contestants import effective
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.metrics import lds

PROMPTS = [
    {"prompt": conftest.TRAVEL, "truth": {"0": [1], "1": ["No cities"]}, "family": "travel"},
    {"prompt": "Warm. Blue. Money. Tall trees. A cat. A dog.", "truth": {"0": [0], "2": [2]}},
]


@pytest.fixture
def toy() -> conftest.ToyModel:
    return conftest.ToyModel()


def test_truth_is_found_and_random_is_not(toy: Any) -> None:
    found = evaluate(PROMPTS, ["shap", "random"], toy, perturbations="all", seeds=range(20))
    frame = found.frame().groupby(["method", "metric"])["value"].mean()
    assert frame["shap", "auroc"] == 1
    # Random scores rank a cause above another unit every second time.
    assert frame["random", "auroc"] == pytest.approx(0.5, abs=0.12)
    assert frame["shap", "drop@1"] > frame["random", "drop@1"]
    assert frame["shap", "lds"] > 0.95


def test_every_number_is_of_the_same_explanation_that_explain_gives(toy: Any) -> None:
    from jupyter_xai import explain

    found = evaluate(PROMPTS[:1], ["leave-one-out"], toy, metrics=["drop@2"])
    e = explain(conftest.TRAVEL, toy, method="leave-one-out", k=2)
    assert found.rows[0]["value"] == pytest.approx(e.checks[0]["drop"])


def test_budgets_above_what_exists_are_played_once(toy: Any) -> None:
    found = evaluate(PROMPTS[:1], {"a": "linear"}, toy, perturbations=[64, 512], metrics=["drop@1"])
    assert found.computed == 1
    assert [row["budget"] for row in found.rows] == [64, 512]
    assert {row["used"] for row in found.rows} == {15}


def test_all_masks_are_scored_once_and_serve_every_method() -> None:
    model = conftest.ToyModel()
    evaluate(
        PROMPTS[1:], ["linear", "shap", "lime", "leave-one-out"], model, perturbations=[8, "all"]
    )
    assert model.scored == 2**6


def test_lds_is_told_on_masks_outside_of_the_fit(toy: Any) -> None:
    found = evaluate(PROMPTS[1:], ["leave-one-out"], toy, metrics=["lds"])
    from jupyter_xai.evaluation.benchmark.board import Board
    from jupyter_xai.models.base import Operator, Sampling

    board = Board(
        toy,
        read_cases(PROMPTS[1:])[0],
        units="sentence",
        response_units="sentence",
        operator=Operator(),
        sampling=Sampling(),
        ledger=Ledger(),
        listed=False,
    )
    method = methods.get("leave-one-out")
    played = board.attribute(method, k=1, perturbations=None, seed=0)
    used = {row.tobytes() for row in played.masks}
    rest = np.array([row for row in masking.every(6)[1:-1] if row.tobytes() not in used])
    expected = lds(played.found.scores[:, -1], rest, board.values(rest)[:, -1])
    assert found.rows[0]["value"] == pytest.approx(expected)


def test_ratio_and_divergence_by_hand() -> None:
    """On a real model: PR from token log-probabilities, KL from the game's divergences."""
    import tiny
    from jupyter_xai.game.masking_game import MaskingGame
    from jupyter_xai.metrics import probability_ratio
    from jupyter_xai.models.local.transformers import TransformersModel

    model = TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=True), name="tiny")
    case = {"prompt": "I want to rest. No busy cities. A dog.", "response": "New York is nice."}
    found = evaluate([case], ["leave-one-out"], model, metrics=["pr@1", "kl@1", "drop@1"])
    numbers = {row["metric"]: row["value"] for row in found.rows}
    prompt = model.prompt(case["prompt"])
    response = model.supplied(prompt, case["response"])
    game = MaskingGame(model, prompt, response, ledger=Ledger())
    whole, *without = game.values(np.concatenate([np.ones((1, 3), bool), masking.leave_one_out(3)]))
    lowest = min(range(3), key=lambda i: without[i][-1])
    tokens = len(response.ids or ())
    assert numbers["drop@1"] == pytest.approx(whole[-1] - without[lowest][-1], abs=1e-4)
    ratio = probability_ratio([whole[-1] / tokens], [[without[lowest][-1] / tokens]])[0]
    assert numbers["pr@1"] == pytest.approx(ratio, abs=1e-4)
    divergence = game.divergences(masking.without(3, [lowest])).mean()
    assert numbers["kl@1"] == pytest.approx(divergence, abs=1e-4)


def test_one_bad_prompt_does_not_lose_the_rest(toy: Any) -> None:
    bad = {"prompt": "A cat. A dog.", "truth": [7]}
    found = evaluate([PROMPTS[0], bad, PROMPTS[1]], ["shap"], toy)
    assert {row["case"] for row in found.rows} == {0, 2}
    assert found.errors()["case"].tolist() == [1]
    assert "unit 7" in found.errors()["message"][0]
    assert "prompt 1" in str(found)


def test_a_method_that_breaks_does_not_lose_the_others(toy: Any, monkeypatch: Any) -> None:
    def broken(*_: object, **__: object) -> None:
        msg = "<b>broken</b>"
        raise RuntimeError(msg)

    monkeypatch.setattr(type(methods.get("lime")), "solve", broken)
    found = evaluate(PROMPTS, ["shap", "lime"], toy)
    assert {row["method"] for row in found.rows} == {"shap"}
    assert [failure.method for failure in found.failures] == ["lime", "lime"]
    assert "<b>" not in found._repr_mimebundle_()["text/html"]


def test_a_folder_is_gone_on_with_and_failures_are_tried_again(tmp_path: Path) -> None:
    answers = Counter()

    def model(text: str) -> str:
        answers[text] += 1
        if "cat" in text and fails.on:
            raise ValueError("no answer")
        return text.upper()

    fails = SimpleNamespace(on=True)
    prompts = ["Be brief. Be kind.", "A cat. A dog."]
    asked = {"metrics": ["drop@1"], "folder": tmp_path}
    first = evaluate(prompts, ["leave-one-out"], {"m": model}, **asked)
    assert len(first.rows) == len(first.failures) == 1
    fails.on = False
    known = Counter(answers)
    second = evaluate(prompts, ["leave-one-out"], {"m": model}, **asked)
    assert len(second.rows) == 2
    assert not second.failures
    assert second.reused == 1
    assert all("cat" in text or "dog" in text for text in (answers - known))
    third = evaluate(prompts, ["leave-one-out"], {"m": model}, **asked)
    assert third.computed == 0
    assert third.frame().equals(second.frame())


def test_other_settings_are_other_cells(tmp_path: Path) -> None:
    def asked(**settings: Any) -> int:
        return evaluate(
            ["A b. C d."], ["lime"], {"m": str.upper}, folder=tmp_path, **settings
        ).computed

    assert asked() == 1
    assert asked() == 0
    assert asked(seeds=[1]) == 1
    assert asked(units="word") == 1
    assert asked(metrics=["drop@2"]) == 1


KILLED = """
import json, os, signal, sys
from pathlib import Path
from jupyter_xai import evaluate
folder, stop = Path(sys.argv[1]), int(sys.argv[2])
calls = folder / "calls.jsonl"

def model(text):
    if sum(1 for _ in calls.open()) == stop:
        os.kill(os.getpid(), signal.SIGKILL)
    with calls.open("a") as file:
        file.write(json.dumps(text) + "\\n")
    return text.upper()

calls.touch()
found = evaluate(
    ["Red. Green. Blue. Grey.", "One. Two. Three. Four.", "A cat. A dog. A fox."],
    ["shap", "leave-one-out", "lime"],
    {"m": model},
    perturbations=[8, "all"],
    metrics=["drop@1", "lds"],
    folder=folder / "kept",
)
found.save(folder / "found.csv")
"""


def test_killed_and_started_again_it_asks_the_model_nothing_twice(tmp_path: Path) -> None:
    """Killed with SIGKILL in the middle of a prompt; every answer is asked for once."""

    def run(name: str, stop: int) -> tuple[int, list[str]]:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        command = [sys.executable, "-c", KILLED, str(folder), str(stop)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = (folder / "calls.jsonl").read_text().splitlines()
        return done.returncode, [json.loads(line) for line in lines]

    code, unbroken = run("unbroken", -1)
    assert code == 0
    assert max(Counter(unbroken).values()) == 1
    half = len(unbroken) // 2
    code, before = run("broken", half)
    assert code == -signal.SIGKILL
    assert len(before) == half
    code, after = run("broken", -1)
    assert code == 0
    assert sorted(after) == sorted(unbroken)
    frames = [pd.read_csv(tmp_path / name / "found.csv") for name in ("unbroken", "broken")]
    pd.testing.assert_frame_equal(*frames)


def test_an_interrupt_keeps_what_is_finished(tmp_path: Path) -> None:
    model = conftest.ToyModel()
    model.interrupt_after = 40
    found = evaluate(PROMPTS, ["shap"], model, perturbations="all", folder=tmp_path)
    assert found.partial
    assert {row["case"] for row in found.rows} == {0}
    assert "goes on" in str(found)


def test_summary_and_differences_by_hand(toy: Any) -> None:
    found = evaluate(PROMPTS, ["shap", "random", "leave-one-out"], toy, metrics=["drop@1"])
    frame = found.frame().set_index(["method", "case"])["value"]
    summary = found.summary(by=["method"]).set_index("method")
    assert summary.loc["shap", "mean"] == pytest.approx(frame["shap"].mean())
    assert summary.loc["shap", "low"] <= summary.loc["shap", "mean"] <= summary.loc["shap", "high"]
    ahead = found.differences("shap", "random", "drop@1").iloc[0]
    assert ahead["mean"] == pytest.approx((frame["shap"] - frame["random"]).mean())
    assert ahead["prompts"] == 2
    with pytest.raises(XaiError, match="unknown method"):
        found.differences("shap", "nobody", "drop@1")


def test_charts_are_drawn_offline(toy: Any) -> None:
    found = evaluate(PROMPTS, ["shap", "random"], toy, metrics=["auroc"])
    spec = found.chart("auroc")._repr_mimebundle_()["application/vnd.vegalite.v5+json"]
    assert len(spec["data"]["values"]) == 4
    assert "datasets" not in spec


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "no prompt"),
        ("tutor:nothing", "no family"),
        ("prompts.txt", "jsonl or .csv"),
        ("missing.jsonl", "cannot read"),
        ([{"prompt": " "}], "row 0"),
        ([{"prompt": "A.", "cause": 1}], "unknown column 'cause'"),
        ([{"prompt": "A.", "truth": "x"}], "must be JSON"),
        (7, "cannot read prompts"),
    ],
)
def test_data_that_cannot_be_read_is_told(data: Any, message: str) -> None:
    with pytest.raises(XaiError, match=message):
        read_cases(data)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"metrics": ["drop"]}, "drop@3"),
        ({"metrics": ["drop@0"]}, "drop@3"),
        ({"metrics": ["auc"]}, "unknown metric"),
        ({"perturbations": [0]}, "at least 1"),
        ({"methods": ["linear", "linear"]}, "twice"),
        ({"methods": []}, "no method"),
        ({"methods": ["attenti"]}, "unknown method"),
        ({"units": "letter"}, "unknown units"),
        ({"methods": ["contrastive"]}, "explains a contrast"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings: Any, message: str) -> None:
    with pytest.raises(XaiError, match=message):
        evaluate(["A b."], **{"methods": ["random"], "models": str.upper, **settings})


def test_files_and_frames_hold_the_same_cases(tmp_path: Path) -> None:
    rows = [{"prompt": "A cat. A dog.", "response": "Meow.", "truth": [0]}, {"prompt": "B."}]
    lines = tmp_path / "cases.jsonl"
    lines.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    frame = pd.DataFrame([{**row, "truth": json.dumps(row.get("truth"))} for row in rows])
    frame.to_csv(tmp_path / "cases.csv", index=False)
    expected = [Case("A cat. A dog.", "Meow.", (Truth((0,)),)), Case("B.")]
    assert read_cases(rows) == expected
    assert read_cases(lines) == expected
    assert read_cases(tmp_path / "cases.csv") == expected
    assert read_cases(frame) == expected


@pytest.mark.parametrize("units", ["sentence", "word"])
def test_the_tutors_causes_are_pieces_of_its_prompts(units: str) -> None:
    for case in read_cases("tutor", n=3, seed=4, units=units):
        assert case.truth
        for truth in case.truth:
            for cause in truth.causes:
                assert isinstance(cause, tuple)
                text = case.prompt[cause[0] : cause[1]]
                assert isinstance(text, str)
                assert text == text.strip() != ""


def test_effective_budgets() -> None:
    linear, one_out = methods.get("linear"), methods.get("leave-one-out")
    assert effective(linear, 4, 64) == (True, 15)
    # Samples of noise have no end, so there are no "all" of them.
    assert effective(methods.get("gradient-shap"), 4, "all")[0] is False
    assert effective(linear, 40, "all")[0] is False
    assert effective(linear, 4, "all") == (True, 15)
    assert effective(one_out, 4, 64) == (True, None)


def test_models_in_one_folder_have_their_own_answers(tmp_path: Path) -> None:
    """Of two models that were asked the same, the second is not taken for the first."""

    def early(text: str) -> str:
        return text.split(". ")[0]

    def late(text: str) -> str:
        return text.split(". ")[-1]

    prompts = ["Be brief. Be kind. Be quick."]
    asked = {"metrics": ["drop@1"], "folder": tmp_path}
    both = evaluate(prompts, ["leave-one-out"], {"a": early, "b": late}, **asked).frame()
    for label, model in (("a", early), ("b", late)):
        alone = evaluate(prompts, ["leave-one-out"], {label: model}, metrics=["drop@1"]).frame()
        own = both[both["model"] == label].reset_index(drop=True)
        assert own.equals(alone)
    # In a later session, too; another model under another label is asked.
    again = evaluate(prompts, ["leave-one-out"], {"c": late}, **asked)
    assert again.computed == 1
    assert again.frame()["value"].tolist() == both[both["model"] == "b"]["value"].tolist()


def test_more_seeds_are_no_more_prompts(toy: Any) -> None:
    """Intervals are over prompts: what was drawn thrice for one of them counts once."""
    found = evaluate(PROMPTS, ["random"], toy, metrics=["auroc"], seeds=range(3))
    assert len(found.rows) == 6
    (row,) = found.summary(by=["method"]).to_dict("records")
    assert row["prompts"] == 2
    by_prompt = found.frame().groupby("case")["value"].mean()
    assert row["mean"] == pytest.approx(by_prompt.mean())
    assert by_prompt.min() - 1e-9 <= row["low"]
    assert row["high"] <= by_prompt.max() + 1e-9
