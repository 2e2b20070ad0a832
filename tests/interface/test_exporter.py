"""Notebooks as pages by nbconvert: what is in them, and what is not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from traitlets.config import Config

import jupyter_xai as xai
from conftest import HOSTILE, TRAVEL, ToyModel
from jupyter_xai.explanation.comparison import COMPARISON_MIME
from jupyter_xai.explanation.render.bundle import saved_bundle
from jupyter_xai.explanation.result import MIME
from jupyter_xai.interface.explanation import Explanation
from jupyter_xai.interface.exporter import XaiHTMLExporter
from jupyter_xai.interface.widget.front_end import WIDGET_VIEW

FETCHED = re.compile(
    r"""<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)\s*=|@import|url\(\s*['"]?http"""
)


@pytest.fixture
def e(toy: ToyModel) -> Explanation:
    return xai.explain(TRAVEL, toy, method="leave-one-out", k=1)


def notebook(*bundles: dict[str, Any], **metadata: Any) -> NotebookNode:
    cells = [new_markdown_cell("# A heading\n\nThe value is $v^2$.")]
    cells += [
        new_code_cell("e", outputs=[new_output("display_data", data=data)]) for data in bundles
    ]
    return new_notebook(cells=cells, metadata=metadata)


def exported(made: NotebookNode, **options: Any) -> str:
    return XaiHTMLExporter(**options).from_notebook_node(made)[0]


def held(page: str) -> list[dict[str, Any]]:
    """What stands in the page for its script, one an output."""
    found = re.findall(r'<script type="application/json">(.*?)</script>', page, flags=re.DOTALL)
    return [json.loads(each) for each in found]


def test_listing_exporters_stays_light() -> None:
    code = "import jupyter_xai.interface.exporter, sys; print('numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert run.stdout.strip() == "False", run.stderr


def test_nbconvert_finds_it_by_its_dotted_name(e: Explanation, tmp_path: Path) -> None:
    nbformat.write(notebook(saved_bundle(e)), tmp_path / "trip.ipynb")
    command = [
        sys.executable,
        "-m",
        "nbconvert",
        "--to",
        "jupyter_xai.interface.exporter.XaiHTMLExporter",
    ]
    run = subprocess.run(
        [*command, "trip.ipynb"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    assert held((tmp_path / "trip.html").read_text()) == [{"explanation": e.to_dict()}]


def test_every_output_is_held_and_the_view_once(e: Explanation, toy: ToyModel) -> None:
    both = xai.compare(TRAVEL, toy, methods=["leave-one-out", "shap"])
    page = exported(notebook(saved_bundle(e), saved_bundle(e), both._repr_mimebundle_()))
    first, second, compared = held(page)
    assert first == second == {"explanation": e.to_dict()}
    assert compared == {"comparison": json.loads(json.dumps(both.to_dict()))}
    assert page.count('id="jxai-view"') == page.count('id="jxai-style"') == 1
    assert page.count('class="jxai-static"') == 3, "what is read without JavaScript"
    assert "openNotebook();" in page
    assert not FETCHED.search(page)
    assert "$v^2$" in page


def test_a_notebook_without_explanations_gets_no_view() -> None:
    page = exported(notebook({"text/plain": "just a result"}))
    assert "just a result" in page
    assert "jxai-view" not in page
    assert not FETCHED.search(page)


def test_templates_of_others_get_the_view_too(e: Explanation) -> None:
    for template in ("classic", "basic"):
        page = exported(notebook(saved_bundle(e)), template_name=template)
        assert len(held(page)) == page.count('id="jxai-view"') == 1
        assert not FETCHED.search(page)
    theirs = exported(notebook(saved_bundle(e)), extra_template_basedirs=["/nowhere"])
    assert len(held(theirs)) == 1


@pytest.mark.parametrize(("theme", "told"), [("light", "true"), ("dark", "false"), ("auto", None)])
def test_themes(theme: str, told: str | None) -> None:
    page = exported(notebook(), theme=theme)
    (body,) = re.findall("<body[^>]*>", page)
    assert re.findall('data-jp-theme-light="(.*?)"', body) == ([] if told is None else [told])
    assert ("prefers-color-scheme: dark" in page) == (theme == "auto")


def test_a_saved_widget_brings_no_manager(e: Explanation) -> None:
    view = {"version_major": 2, "version_minor": 0, "model_id": "ab"}
    state = {"ab": {"model_name": "AnyModel", "model_module": "anywidget", "state": {}}}
    made = notebook(
        {WIDGET_VIEW: view, **saved_bundle(e)},
        {WIDGET_VIEW: view, "text/plain": "a slider of somebody"},
        widgets={"application/vnd.jupyter.widget-state+json": {"state": state}},
    )
    page = exported(made)
    assert len(held(page)) == 1
    assert "a slider of somebody" in page
    assert "html-manager" not in page
    assert "widget-view+json" not in page
    assert made.metadata.widgets, "the notebook itself stays as it was"


def test_the_answer_to_a_changed_prompt_is_held(e: Explanation) -> None:
    made = notebook(saved_bundle(e))
    made.cells[1].outputs[0].metadata = {MIME: {"what_if": {"request": 3, "response": "New."}}}
    assert held(exported(made))[0]["what_if"]["response"] == "New."


def test_hostile_texts_stay_text() -> None:
    e = xai.explain(HOSTILE, ToyModel(HOSTILE), method="leave-one-out", k=1)
    bundle = saved_bundle(e)
    bundle["text/html"] = "<script>window.tampered = 1</script>"
    page = exported(notebook(bundle))
    assert held(page) == [{"explanation": e.to_dict()}]
    assert "tampered" not in page, "the HTML is made of the record, not taken over"
    outside = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert "<script" not in outside
    assert "onerror=alert(1)>" not in outside
    assert len(re.findall("<script", page)) == 3


@pytest.mark.parametrize(
    "record",
    [None, "text", [], {}, {"schema": 99}, {"schema": 1, "prompt": 3}],
    ids=["null", "text", "list", "empty", "later", "damaged"],
)
def test_damaged_records_leave_their_text(record: Any) -> None:
    for mime in (MIME, COMPARISON_MIME):
        page = exported(notebook({mime: record, "text/plain": "a <b>bold</b> text"}))
        assert "<pre>a &lt;b&gt;bold&lt;/b&gt; text</pre>" in page
        assert "jxai-view" not in page


def test_large_explanations_are_held_as_the_notebook_holds_them(e: Explanation) -> None:
    compact = {**e.to_dict(), "scores": []}
    compact["top"] = {
        "rows": [[1]] * len(e.targets),
        "scores": [[1.5]] * len(e.targets),
    }
    compact["intervals"] = None
    assert held(exported(notebook({**saved_bundle(e), MIME: compact}))) == [
        {"explanation": compact}
    ]


@pytest.mark.parametrize("where", ["page", "plain"])
def test_a_notebook_that_nobody_watches_shows_its_explanations(where: str, tmp_path: Path) -> None:
    """With nbconvert's own defaults: the state of widgets is stored."""
    source = """\
import jupyter_xai as xai
from jupyter_xai.interface.widget.widget import ExplanationWidget
%load_ext jupyter_xai
e = xai.explain("Late trains. Early birds.", str.upper, method="leave-one-out", k=1)"""
    cells = [source, "e", "ExplanationWidget(e)", "%xai explain --prompt p --model shout"]
    cells[0] += '\nshout, p = str.upper, "Old books. New shoes."'
    made = new_notebook(cells=[new_code_cell(each) for each in cells])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path / "run.ipynb"
    nbformat.write(made, path)
    executing = Config({"ExecutePreprocessor": {"enabled": True, "store_widget_state": True}})
    exporter = (XaiHTMLExporter if where == "page" else HTMLExporter)(config=executing)
    page, _ = exporter.from_filename(str(path))
    assert page.count('class="jxai-static"') == 3
    assert "html-manager" not in page
    assert len(held(page)) == (3 if where == "page" else 0)
