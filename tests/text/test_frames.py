"""What frames show: all columns, three digits, no NaN; what they hold stays exact."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd

import jupyter_xai as xai
from jupyter_xai.text.frames import ReadableFrame


def test_the_strongest_units_can_be_read_in_a_terminal_and_in_a_notebook() -> None:
    explanation = xai.explain("I want to rest. No cities, though.", "tutor", method="shap", k=1)
    top = explanation.top()
    for shown in (
        repr(top),
        top._repr_html_() or "",
        repr(top.head()),
        repr(explanation.metrics()),
    ):
        assert "NaN" not in shown
    assert "target_text" in repr(top)
    assert {"low", "high"} <= set(top.columns)
    assert np.isnan(top["low"]).all()


def test_what_is_rounded_on_paper_is_exact_in_hand() -> None:
    frame = ReadableFrame({"x": [1.23456789, -0.0, 123456.7]})
    assert repr(frame).split() == ["x", "0", "1.23", "1", "0", "2", "123,457"]
    assert frame["x"].tolist() == [1.23456789, 0.0, 123456.7]
    assert pickle.loads(pickle.dumps(frame)).equals(frame)


def test_long_frames_are_cut_and_empty_ones_keep_their_columns() -> None:
    long = ReadableFrame({"x": np.arange(5000)})
    assert len(repr(long).splitlines()) < pd.get_option("display.max_rows") + 5
    assert (long._repr_html_() or "").count("<tr") < 80
    assert "5000 rows" in repr(long)
    assert "score" in repr(ReadableFrame(columns=["score"]))


def test_text_in_html_is_escaped() -> None:
    assert "<img" not in (ReadableFrame({"x": ["<img src=x>"]})._repr_html_() or "")
