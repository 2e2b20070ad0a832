"""What goes to the browser: exact while it is small, packed within bounds when it is large."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from ipywidgets.widgets.widget import _put_buffers, _remove_buffers
from numpy.typing import NDArray
from test_explanation import huge

import jupyter_xai as xai
from conftest import ToyModel
from jupyter_xai.explanation import Explanation
from jupyter_xai.methods.base import Attribution
from jupyter_xai.sending import SENT_BYTES, sendable
from jupyter_xai.storage import dumps
from jupyter_xai.widget import ExplanationWidget


def unpacked(packed: dict[str, Any], name: str = "scores") -> NDArray[np.float64]:
    halves = np.frombuffer(packed[name], "<f2").astype(np.float64)
    shape = packed["rows"], packed["columns"]
    return halves.reshape(shape, order="F") * 2.0 ** packed["exponent"]


def without_intervals(explanation: Explanation) -> Explanation:
    return replace(explanation, attribution=Attribution(explanation.attribution.scores))


def test_small_explanations_go_as_they_are() -> None:
    e = huge(100, 100)
    assert sendable(e) == e.to_dict()


def test_half_precision_is_off_by_less_than_what_is_shown() -> None:
    e = huge(400, 100)
    sent = sendable(e)
    packed = sent["packed"]
    np.testing.assert_allclose(unpacked(packed), e.scores, rtol=2**-11)
    assert e.low is not None
    np.testing.assert_allclose(unpacked(packed, "low"), e.low[:, :-1], rtol=2**-11)
    assert packed["range"] == [e.scores.min(), e.scores.max()]
    np.testing.assert_allclose(packed["peaks"], np.abs(e.scores).max(axis=1), rtol=1e-3)
    assert packed["best"] == e.scores.argmax(axis=0).tolist()
    assert sent["scores"] == []
    assert sent["total"] == e.to_dict()["total"], "totals stay exact"
    assert sent["intervals"]["low"] == []
    assert sent["intervals"]["total_low"] == e.to_dict()["intervals"]["total_low"]
    assert sent["notes"] == e.notes


@pytest.mark.parametrize("scale", [1e-30, 1e-6, 1.0, 1e9, 1e300])
def test_no_scale_is_too_small_or_too_large(scale: float) -> None:
    e = without_intervals(huge(300, 200))
    e = replace(e, attribution=Attribution(e.attribution.scores * scale))
    scores = unpacked(sendable(e)["packed"])
    np.testing.assert_allclose(scores, e.scores, rtol=2**-11, atol=scale * 1e-8)


def test_what_was_not_evaluated_stays_unknown() -> None:
    e = without_intervals(huge(300, 200))
    scores = e.attribution.scores.copy()
    scores[7] = np.nan
    scores[8, 3] = np.inf
    packed = sendable(replace(e, attribution=Attribution(scores)))["packed"]
    found = unpacked(packed)
    assert np.isnan(found[7]).all()
    assert np.isnan(found[8, 3])
    assert np.isnan(found).sum() == 201
    assert packed["peaks"][7] is None
    nothing = sendable(replace(e, attribution=Attribution(np.full_like(scores, np.nan))))["packed"]
    assert np.isnan(unpacked(nothing)).all()
    assert nothing["range"] == [0.0, 0.0]
    assert nothing["best"] == [None] * 200


def test_ten_thousand_by_a_thousand_stay_within_bounds() -> None:
    e = huge(10_000, 1_000)
    sent = sendable(e)
    packed = sent.pop("packed")
    size = sum(len(each) for each in packed.values() if isinstance(each, bytes))
    numbers = {name: each for name, each in packed.items() if not isinstance(each, bytes)}
    assert len(packed["scores"]) == 2 * 10_000 * 1_000
    assert size + len(dumps({**sent, "packed": numbers}).encode()) < 21_000_000
    assert size <= SENT_BYTES
    assert packed["low"] is None
    assert "shown without the intervals" in sent["notes"][-1]
    best = int(np.argmax(np.abs(e.scores[:, 500])))
    assert unpacked(packed)[best, 500] == pytest.approx(e.scores[best, 500], rel=2**-11)


def test_what_does_not_fit_is_left_out_and_that_is_said() -> None:
    sent = sendable(huge(300, 300), most=100_000)
    assert "packed" not in sent
    assert [len(column) for column in sent["top"]["rows"]] == [20] * 300
    assert "shown with the 20 largest scores" in sent["notes"][-1]


def test_a_widget_hands_packed_scores_over_as_buffers() -> None:
    widget = ExplanationWidget(without_intervals(huge(400, 200)))
    state, paths, buffers = _remove_buffers({"result": widget.result})
    assert paths == [["result", "explanation", "packed", "scores"]]
    assert sum(map(len, buffers)) == 2 * 400 * 200
    _put_buffers(state, paths, buffers)
    assert state == {"result": widget.result}
    widget.close()


def test_letting_go_of_a_piece_goes_back_to_what_the_cell_asked(toy: ToyModel) -> None:
    e = xai.explain("Warm places. No cities.", toy, method="leave-one-out", targets=[(0, 2)])
    widget = ExplanationWidget(e)

    def targets(number: int, wanted: object) -> object:
        widget.request = {"id": number, "kind": "explain", "settings": {"targets": wanted}}
        assert widget.wait(20)
        assert widget.progress["state"] == "idle", widget.progress["message"]
        return widget.result["explanation"]["response"].get("targets")

    asked = widget.result["explanation"]["response"]["targets"]
    other = targets(1, [[3, 6]])
    assert other != asked
    assert targets(2, None) == asked, "the cell's own piece"
    assert targets(3, None) is None, "then all of it"
    widget.close()
