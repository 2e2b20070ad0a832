"""What the widget says of a run's cost and of a budget that ended it."""

from __future__ import annotations

import re

import jupyter_xai as xai
from conftest import ToyModel
from jupyter_xai.interface.widget.widget import ExplanationWidget
from jupyter_xai.models.speed import pace_of

PROMPT = "Warm places. " + " ".join(f"Sentence number {i}." for i in range(9))
SLOW = 60.0
"""Seconds after which something is taken to hang."""


def ask(widget: ExplanationWidget, number: int, **settings: object) -> None:
    widget.request = {"id": number, "kind": "explain", "settings": settings}
    assert widget.wait(SLOW)


def test_a_run_that_ends_at_its_budget_says_so_and_goes_on(toy: ToyModel) -> None:
    widget = ExplanationWidget(xai.explain(PROMPT, toy, perturbations=16, max_forwards=60))
    ask(widget, 1, perturbations=200)
    assert widget.result["explanation"]["partial"]
    assert widget.progress["state"] == "cancelled"
    assert widget.progress["message"] == "stopped at max_forwards=60"
    ask(widget, 2, perturbations=64)
    assert not widget.result["explanation"]["partial"]
    assert (widget.progress["state"], widget.progress["message"]) == ("idle", "")
    widget.close()


def test_a_long_run_is_announced(toy: ToyModel) -> None:
    widget = ExplanationWidget(xai.explain(PROMPT, toy, method="leave-one-out"))
    said: list[str] = []
    widget.observe(lambda change: said.append(change["new"]["message"]), names="progress")
    pace_of(toy).scored(1, 20.0)
    ask(widget, 1, method="linear", perturbations=64)
    assert any(re.fullmatch(r"about [\d.]+ (s|min), \d+ forwards", each) for each in said)
    widget.close()
