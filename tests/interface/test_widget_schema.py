"""What the widget and its view say to each other, by the schema that types the view."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import jupyter_xai as xai
from conftest import TRAVEL, ToyModel
from jupyter_xai.explainer.options import LIVE
from jupyter_xai.interface.widget.widget import ExplanationWidget

SCHEMA = json.loads(
    (Path(xai.__file__).parent / "schema" / "widget.schema.json").read_text("utf-8")
)
SLOW = 20.0


def check(message: Any, part: str) -> None:
    whole = {**SCHEMA, "required": []}
    # As JSON has it: tuples are lists.
    Draft202012Validator(whole).validate(json.loads(json.dumps({part: message})))


@pytest.fixture
def widget(toy: ToyModel) -> ExplanationWidget:
    return ExplanationWidget(xai.explain(TRAVEL, toy, method="leave-one-out", k=1))


def test_a_reader_can_change_what_the_options_say() -> None:
    assert set(SCHEMA["properties"]["settings"]["properties"]) == {*LIVE, "foil"}


def test_what_it_says_without_a_request(widget: ExplanationWidget) -> None:
    check(widget.choices, "choices")
    check(widget.progress, "progress")
    check(ExplanationWidget().choices, "choices")


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "explain", "settings": {"method": "linear", "k": 2, "targets": [[0, 4]]}},
        {"kind": "explain", "settings": {"foil": "Go to Rome.", "units": "word"}},
        {"kind": "checks", "k": 2},
        {"kind": "metrics", "groups": ["removal"], "k": 1},
        {"kind": "curves"},
        {"kind": "what-if", "removed": [0]},
        {"kind": "what-if", "text": "Warm."},
        {"kind": "compare", "methods": ["random"]},
        {"kind": "frame", "name": "scores", "replace": False},
    ],
)
def test_every_request_is_answered_as_the_schema_says(
    widget: ExplanationWidget, asked: dict[str, Any]
) -> None:
    request = {"id": 1, **asked}
    check(request, "request")
    widget.request = request
    assert widget.wait(SLOW)
    check(widget.progress, "progress")
    assert widget.progress["state"] == "idle", widget.progress["message"]
    check(widget.choices, "choices")
    if asked["kind"] == "what-if":
        check(widget.what_if, "what_if")
    if asked["kind"] == "frame":
        check(widget.framed, "frame_reply")


def test_the_schema_refuses_what_nobody_sends(widget: ExplanationWidget) -> None:
    validator = Draft202012Validator({**SCHEMA, "required": []})
    assert not validator.is_valid({"request": {"id": 1, "kind": "dance"}})
    assert not validator.is_valid({"settings": {"seed": 1}})
    assert not validator.is_valid({"progress": {**widget.progress, "state": "done"}})
