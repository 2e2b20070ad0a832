"""What earlier versions saved opens in this one: files stay readable, and only gain fields."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

import jupyter_xai as xai
from jupyter_xai.explanation.comparison import COMPARISON_MIME
from jupyter_xai.explanation.result import MIME
from jupyter_xai.interface.exporter import XaiHTMLExporter

SAVED = Path(__file__).parent / "saved"
"""Written by commit b62a7a3: a measured explanation, one that its budget stopped, a comparison."""


def saved(name: str) -> dict[str, Any]:
    return json.loads((SAVED / f"b62a7a3-{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", ["explanation", "stopped"])
def test_an_older_file_opens_and_is_saved_with_all_that_it_said(name: str) -> None:
    before = saved(name)
    after = xai.open(SAVED / f"b62a7a3-{name}.json").to_dict()
    assert {key: after[key] for key in before} == before


def test_an_older_file_is_read_and_drawn() -> None:
    e = xai.open(SAVED / "b62a7a3-explanation.json")
    assert e.ranking()[0] == 1
    assert e.strongest() == (1,)
    assert "Somewhere warm, please." in e.top(1)["text"].tolist()[0]
    assert set(e.metrics()["metric"]) >= {"drop, top 1", "PR, top 1", "noise floor"}
    assert "Somewhere warm" in str(e)
    assert "Somewhere warm" in str(e.html())
    assert e.chart("curve").to_dict()["layer"]


def test_an_older_file_still_tells_that_it_was_stopped() -> None:
    e = xai.open(SAVED / "b62a7a3-stopped.json")
    assert e.partial
    assert e.stopped_at.startswith("stopped at max_forwards=4")


def test_an_older_notebook_becomes_a_page() -> None:
    outputs = [{MIME: saved("explanation")}, {COMPARISON_MIME: saved("comparison")}]
    cells = [
        new_code_cell("e", outputs=[new_output("display_data", data=data)]) for data in outputs
    ]
    page, _ = XaiHTMLExporter().from_notebook_node(new_notebook(cells=cells))
    assert page.count("Somewhere warm, please.") >= 3
    assert "jxai-comparison" in page
