"""Python says what the view says: both are held to the cases of ``wording.json``.

What rounds to the middle between two digits may be told either way, so no case does.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import jupyter_xai
from jupyter_xai.explanation.labels import LABELS, score_name, value_name
from jupyter_xai.explanation.render.foil_and_targets import instead_of, why_no_scores
from jupyter_xai.explanation.render.text import cost_line
from jupyter_xai.text.formatting import amount, lasting

CASES = json.loads((Path(__file__).parents[1] / "support" / "wording.json").read_text("utf-8"))
SCHEMA = json.loads(
    (Path(jupyter_xai.__file__).parent / "schema" / "explanation.schema.json").read_text("utf-8")
)
NOTHING = {"forwards": 0, "backwards": 0, "generations": 0, "tokens": 0, "reused": 0}


def result(**response: Any) -> Any:
    return SimpleNamespace(record={"response": response})


@pytest.mark.parametrize(("seconds", "said"), CASES["durations"])
def test_durations(seconds: float, said: str) -> None:
    assert lasting(seconds) == said


@pytest.mark.parametrize(("paid", "said"), CASES["money"])
def test_money(paid: float, said: str) -> None:
    assert amount(paid) == said


@pytest.mark.parametrize(("cost", "said"), CASES["costs"])
def test_costs(cost: dict[str, float], said: str) -> None:
    assert cost_line({**NOTHING, **cost}) == said


@pytest.mark.parametrize(("value", "contrasted", "said"), CASES["values"])
def test_values(value: str, contrasted: bool, said: str) -> None:
    response = {"foil": {"text": "Ski."}} if contrasted else {}
    assert value_name({"value": value, "response": response}) == said


@pytest.mark.parametrize(("measure", "value", "said"), CASES["scores"])
def test_scores(measure: str, value: str, said: str) -> None:
    record = {"value": value, "response": {}, "method": {"measure": measure}}
    assert score_name(record) == said


@pytest.mark.parametrize(("foil", "said"), CASES["foils"])
def test_foils(foil: dict[str, Any], said: str) -> None:
    assert instead_of(result(foil=foil)) == said


@pytest.mark.parametrize(("response", "said"), CASES["unscored"])
def test_parts_without_scores(response: dict[str, Any], said: list[str]) -> None:
    pieces = [{"targets": ["T"]}, {"targets": []}, {"targets": []}]
    found = result(units=pieces if "targets" in response else [{}] * 3, **response)
    assert [why_no_scores(found, i) for i in range(3)] == said


def test_all_that_the_schema_knows_has_a_name_and_a_case() -> None:
    properties, parts = SCHEMA["properties"], SCHEMA["$defs"]
    values = properties["value"]["enum"]
    measures = parts["method"]["properties"]["measure"]["enum"]
    kinds = parts["targets"]["properties"]["kind"]["enum"]
    assert set(LABELS["values"]) == set(values) == {value for value, *_ in CASES["values"]}
    assert set(LABELS["measures"]) == set(measures) == {measure for measure, *_ in CASES["scores"]}
    assert set(kinds) <= set(LABELS["unscored"])
