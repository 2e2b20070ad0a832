"""A real JupyterLab: other prompts and the curve, asked of a slow model in the kernel."""

from __future__ import annotations

from collections.abc import Iterator

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Locator, expect

from lab_server import LabServer
from visit import LIVE, SAVED, Visit

pytestmark = pytest.mark.browser

PROMPT = "Late trains annoy me. Early birds sing well. Old books smell good."
SLOW = f"""\
import time
import jupyter_xai as xai

def shout(prompt: str) -> str:
    time.sleep(0.3)
    return prompt.upper()

e = xai.explain({PROMPT!r}, shout, method="leave-one-out")
e"""
TRACED = "e.traced()"


@pytest.fixture(scope="module")
def visit(browser: Browser, lab: LabServer, patient: None) -> Iterator[Visit]:
    notebook = new_notebook(cells=[new_code_cell(SLOW), new_code_cell(TRACED)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, lab.root / "asking.ipynb")
    visit = Visit(browser, lab).open("asking.ipynb").run_all()
    expect(visit.cell_output(TRACED).locator(LIVE)).to_be_visible()
    yield visit
    visit.end()


@pytest.fixture
def view(visit: Visit) -> Locator:
    view = visit.cell_output("time.sleep").locator(LIVE)
    view.scroll_into_view_if_needed()
    return view


def test_another_prompt_is_answered(view: Locator) -> None:
    view.get_by_role("tab", name="What if").click()
    panel = view.get_by_role("tabpanel", name="What if")
    panel.get_by_role("switch").nth(1).click()
    panel.get_by_role("button", name="Ask without").click()
    expect(panel).to_contain_text("Without 1 sentence the answer changes.")
    expect(panel.locator("del")).to_have_text(" EARLY BIRDS SING WELL.")
    field = panel.get_by_role("textbox", name="Edited text")
    expect(field).to_have_value(PROMPT)
    field.fill("Late trains please me.")
    field.press("Control+Enter")
    expect(panel).to_contain_text("With the edited text the answer changes.")
    expect(panel.locator("ins")).to_contain_text("PLEASE")


def test_of_two_questions_to_a_slow_model_the_newest_is_answered(view: Locator) -> None:
    panel = view.get_by_role("tabpanel", name="What if")
    field = panel.get_by_role("textbox", name="Edited text")
    for text in ("The first question.", "The second question."):
        field.fill(text)
        field.press("Control+Enter")
    expect(panel.get_by_text("THE SECOND QUESTION.").first).to_be_visible()
    expect(panel.locator(".jxai-inquiry [role=status]")).to_have_text("")
    expect(panel).not_to_contain_text("THE FIRST QUESTION.")


def test_the_curve_is_computed_and_saved(visit: Visit, view: Locator) -> None:
    view.get_by_role("tab", name="Curve").click()
    panel = view.get_by_role("tabpanel", name="Curve")
    panel.get_by_role("button", name="Compute the curve (up to 8 answers)").click()
    expect(panel.get_by_role("img")).to_be_visible()
    expect(panel.get_by_role("row", name="most important first")).to_contain_text("0")
    visit.save()
    visit.end_kernel()
    visit.page.reload()
    saved = visit.cell_output(TRACED).locator(SAVED)
    saved.get_by_role("tab", name="Curve").click()
    expect(saved.get_by_role("tabpanel", name="Curve").get_by_role("img")).to_be_visible()
    saved.get_by_role("tab", name="What if").click()
    expect(saved.get_by_role("tabpanel", name="What if")).to_contain_text("It needs the model")
