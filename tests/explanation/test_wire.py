"""What goes to the browser: exact while it is small, packed within bounds when it is large."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from math import floor, log2
from typing import Any

import numpy as np
import pytest
from ipywidgets.widgets.widget import _put_buffers, _remove_buffers
from numpy.typing import NDArray

import jupyter_xai as xai
from conftest import ToyModel
from jupyter_xai.explanation.half_precision import halves
from jupyter_xai.explanation.wire import SENT_BYTES, sendable
from jupyter_xai.files import dumps
from jupyter_xai.interface.explanation import Explanation
from jupyter_xai.interface.widget.widget import ExplanationWidget
from jupyter_xai.methods.base import Attribution
from results import huge


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
    np.testing.assert_allclose(unpacked(packed), e.scores, rtol=2**-10)
    assert e.low is not None
    np.testing.assert_allclose(unpacked(packed, "low"), e.low[:, :-1], rtol=2**-10)
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
    np.testing.assert_allclose(scores, e.scores, rtol=2**-10, atol=scale * 1e-8)


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


def number(value: float) -> str:
    """As `number` in the view's ``format.ts`` writes it, without its sign: halves go up."""
    size = abs(value)
    if 0 < size < 0.00095:
        return f"{size:.0e}"
    limits = [(99.95, "1"), (9.995, "0.1"), (0.0995, "0.01"), (0.0, "0.001")]
    last = next(Decimal(last) for limit, last in limits if size >= limit)
    return str(Decimal(size).quantize(last, ROUND_HALF_UP))


@pytest.mark.parametrize("largest", [0.01, 0.3, 4.0, 77.0, 2048.0])
def test_half_precision_never_changes_a_digit_that_is_shown(largest: float) -> None:
    generator = np.random.default_rng(0)
    drawn = generator.uniform(-1, 1, size=20_000) * 2.0 ** generator.uniform(-25, 0, 20_000)
    # Just below and above the places where the last digit that is shown changes.
    places = np.concatenate([(np.arange(1000) + 0.5) / per for per in (1e6, 1e5, 1e3, 1e2, 10, 1)])
    edges = np.concatenate([places * (1 - 1e-9), places * (1 + 1e-9), -places * (1 + 1e-5)])
    numbers = np.concatenate([drawn * largest, edges, [largest, 0.0, 0.00095, 0.0995, 9.995]])
    numbers = numbers[np.abs(numbers) <= largest][:, None]
    exponent = floor(log2(largest)) - 14
    read = np.ldexp(halves(numbers, exponent).astype(np.float64), exponent)
    large = np.abs(numbers) >= largest / 2**28
    np.testing.assert_allclose(read[large], numbers[large], rtol=2**-10)
    shown = [number(each) for each in numbers[large].tolist()]
    assert [number(each) for each in read[large].tolist()] == shown
    nearest = np.ldexp(np.ldexp(numbers, -exponent).astype(np.float16).astype(float), exponent)
    assert [number(each) for each in nearest[large].tolist()] != shown, "the nearest would not do"


def test_a_page_of_ten_thousand_by_a_thousand_is_bounded_and_says_so() -> None:
    e = without_intervals(huge(10_000, 1_000))
    page = e.html()
    assert isinstance(page, str)
    # Half-precision floats in base64, and both texts.
    assert len(page.encode()) < SENT_BYTES * 4 / 3 + 2_000_000
    assert "in half precision; save() keeps everything" in page


def test_a_small_page_is_exact() -> None:
    e = huge(60, 40)
    page = e.html()
    assert isinstance(page, str)
    held = re.search(r'id="jxai-explanation">(.*?)</script>', page)
    assert held
    assert json.loads(held[1]) == json.loads(dumps(e.to_dict()))
