"""The record's types are those of the schema."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import jupyter_xai as xai
from conftest import TRAVEL, ToyModel
from jupyter_xai.explanation.record import Check, Record

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / ".ci" / "typed_record.py"))


def test_the_types_are_made_of_the_schema() -> None:
    schema: dict[str, Any] = json.loads(SCRIPT["SCHEMA"].read_text("utf-8"))
    made = SCRIPT["WRITTEN"].read_text("utf-8")
    assert SCRIPT["written"](schema) == made, "call `npm run protocol`"
    schema["properties"]["more"] = {"type": ["integer", "null"], "description": "New."}
    more = SCRIPT["written"](schema)
    assert '    more: NotRequired[int | None]\n    """New."""\n' in more
    assert more != made


def test_a_run_fills_every_field_that_is_required(toy: ToyModel) -> None:
    e = xai.explain(TRAVEL, toy, method="leave-one-out", k=2)
    assert Record.__required_keys__ <= set(e.record) <= set(Record.__annotations__)
    (check,) = e.checks
    assert set(check) <= set(Check.__annotations__)
    assert {"curves", "stopped"} == Record.__optional_keys__ - set(e.record)
