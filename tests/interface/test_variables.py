"""A DataFrame for a variable of the notebook, asked for in the view."""

from __future__ import annotations

import pandas as pd
import pytest

import jupyter_xai as xai
from jupyter_xai.interface.explanation import Explanation
from jupyter_xai.interface.widget.variables import hand_frame
from jupyter_xai.interface.widget.widget import ExplanationWidget


@pytest.fixture
def e() -> Explanation:
    return xai.explain("Be brief. Be kind.", str.upper, method="leave-one-out")


def test_the_frame_lands_in_the_variable(e: Explanation) -> None:
    names: dict[str, object] = {}
    reply = hand_frame(e, {"name": "scores"}, names)
    assert reply == {"rows": len(e.frame()), "taken": False, "error": ""}
    pd.testing.assert_frame_equal(names["scores"], e.frame())  # type: ignore[arg-type]


def test_a_taken_name_is_replaced_only_on_demand(e: Explanation) -> None:
    names: dict[str, object] = {"scores": 3}
    reply = hand_frame(e, {"name": "scores", "replace": False}, names)
    assert reply == {"rows": 0, "taken": True, "error": "scores is in use (int)."}
    assert names == {"scores": 3}
    assert hand_frame(e, {"name": "scores", "replace": True}, names)["error"] == ""
    assert isinstance(names["scores"], pd.DataFrame)


@pytest.mark.parametrize("name", ["", "2nd", "a b", "a.b", "class", "x; import os"])
def test_what_is_no_name_is_refused(e: Explanation, name: str) -> None:
    names: dict[str, object] = {}
    reply = hand_frame(e, {"name": name}, names)
    assert "is no name for a variable" in reply["error"]
    assert names == {}


def test_outside_a_notebook_the_widget_says_so(e: Explanation) -> None:
    widget = ExplanationWidget(e)
    widget.request = {"id": 4, "kind": "frame", "name": "scores", "replace": False}
    assert widget.framed["request"] == 4
    assert "no notebook" in widget.framed["error"]
