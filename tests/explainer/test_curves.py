"""Curves of an explanation: their ends, their areas, what they cost, and that they are saved."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import jupyter_xai as xai
from conftest import TRAVEL, ToyModel
from jupyter_xai import masking
from jupyter_xai.errors import XaiError
from jupyter_xai.evaluation.checks import curves as metric_curves
from jupyter_xai.explainer import curves
from jupyter_xai.explanation.render.offline_chart import specification
from jupyter_xai.methods.base import Attribution

SCHEMA = json.loads(
    (Path(xai.__file__).parent / "schema" / "explanation.schema.json").read_text("utf-8")
)
LONG = TRAVEL + " " + " ".join(f"Sentence number {i}." for i in range(21))


def traced(toy: ToyModel, prompt: str = TRAVEL) -> Any:
    return xai.explain(prompt, toy, method="leave-one-out").traced()


@pytest.mark.parametrize("prompt", [TRAVEL, LONG])
def test_curves_begin_with_everything_and_end_with_nothing(toy: ToyModel, prompt: str) -> None:
    e = traced(toy, prompt)
    found = e.record["curves"]
    game = e.live.explainer.prepare(e.live.settings).game
    n = game.n
    everything, nothing = game.values(np.array([[True] * n, [False] * n]))[:, -1]
    for name in ("mean", "low", "high"):
        assert found["random"][name][0] == pytest.approx(everything)
        assert found["random"][name][-1] == pytest.approx(nothing)
    assert found["deletion"][:: len(found["sizes"]) - 1] == pytest.approx([everything, nothing])
    assert found["insertion"][:: len(found["sizes"]) - 1] == pytest.approx([nothing, everything])
    assert found["sizes"][0] == 0
    assert found["sizes"][-1] == n
    assert sorted(found["order"]) == list(range(n))
    for size, value in zip(found["sizes"], found["deletion"], strict=True):
        mask = masking.without(n, found["order"][:size])
        assert game.values(mask)[0, -1] == pytest.approx(value)


def test_the_toys_curve_is_its_causes_in_order(toy: ToyModel) -> None:
    found = traced(toy).record["curves"]
    assert found["order"] == [1, 2, 3, 0]
    assert -np.diff(found["deletion"]) == pytest.approx([3.0, 2.0, 1.5, 0.0])
    assert np.diff(found["insertion"]) == pytest.approx([3.0, 2.0, 1.5, 0.0])
    random = found["random"]
    assert np.all(np.array(random["low"]) <= random["mean"])
    assert np.all(np.array(random["mean"]) <= random["high"])
    assert np.all(found["deletion"] <= np.array(random["mean"]) + 1e-9), "causes go first"


@pytest.mark.parametrize("prompt", [TRAVEL, LONG])
def test_areas_are_those_of_the_metrics(toy: ToyModel, prompt: str) -> None:
    e = traced(toy, prompt)
    scored = toy.scored
    metrics = e.metrics(which="curves").set_index("metric")["value"]
    found = e.record["curves"]
    deletion, insertion = np.array(found["deletion"]), np.array(found["insertion"])
    assert metrics["AOPC, deletion"] == pytest.approx(np.mean(deletion[0] - deletion))
    assert metrics["AOPC, insertion"] == pytest.approx(np.mean(insertion - insertion[0]))
    assert metrics["insertion - deletion"] == pytest.approx(np.mean(insertion - deletion))
    assert metric_curves.DRAWS <= curves.DRAWS
    # What the curves have asked for is not asked again: other sizes, insertions of random
    # rankings and leave-one-out's own remain.
    assert toy.scored - scored < e.live.explainer.sources("sentence") * 8


@pytest.mark.parametrize("prompt", [TRAVEL, LONG])
def test_it_costs_no_more_than_the_view_announces(toy: ToyModel, prompt: str) -> None:
    e = xai.explain(prompt, toy, method="random", checks=False)
    points = min(len(e.sources), 10) + 1
    before = toy.scored
    after = e.traced()
    assert toy.scored - before <= 2 + (points - 2) * (2 + curves.DRAWS)
    assert after.record["cost"]["forwards"] - e.record["cost"]["forwards"] == toy.scored - before


def test_curves_are_saved_and_drawn_without_the_model(toy: ToyModel, tmp_path: Path) -> None:
    e = traced(toy)
    jsonschema.validate(e.to_dict(), SCHEMA)
    again = xai.open(e.save(tmp_path / "e.json"))
    assert again.to_dict() == e.to_dict()
    rows = specification(again.chart("curve"))["data"]["values"]
    assert rows == specification(e.chart("curve"))["data"]["values"]
    first = {row["order"]: row["value"] for row in rows if row["removed"] == 0}
    assert set(first) == {"most important first", "at random", "least important first"}
    assert all(value == pytest.approx(e.full[-1], rel=1e-5) for value in first.values())
    with pytest.raises(XaiError, match="opened without its model"):
        again.traced()
    plain = xai.open(xai.explain(TRAVEL, toy).save(tmp_path / "plain.json"))
    with pytest.raises(XaiError, match="opened without its model"):
        plain.chart("curve")
    assert "curves" not in plain.to_dict()


def test_checks_keep_the_curves_and_another_run_drops_them(toy: ToyModel) -> None:
    e = traced(toy)
    assert e.live is not None
    assert "curves" in e.live.check(e, 2).record
    assert "curves" not in e.live.explainer.run(e.live.settings).record


def test_nothing_scored_has_no_order(toy: ToyModel) -> None:
    e = xai.explain(TRAVEL, toy, method="leave-one-out")
    blank = replace(e, attribution=Attribution(np.full_like(e.attribution.scores, np.nan)))
    with pytest.raises(XaiError, match="no order to follow"):
        blank.traced()
