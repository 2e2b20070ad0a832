"""What the tests of the view show follows the schema."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

import fixtures
from harness import ROOT


@pytest.mark.parametrize(
    "name", ["travel", "chat", "hostile", "partial", "fixed", "curved", "large"]
)
def test_fixtures_follow_the_schema(name: str) -> None:
    schema = json.loads((ROOT / "jupyter_xai/schema/explanation.schema.json").read_text())
    Draft202012Validator(schema).validate(getattr(fixtures, name)())
