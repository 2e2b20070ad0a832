"""Notebook 7 does what JupyterLab does, and leaves out in silence what it has no place for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

import fixtures
from lab_server import LabServer
from notebooks import MIME, activate, active, explained, sources, write
from visit import LIVE, Visit

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("patient")]

ECHO = "def echo(prompt): return prompt[::-1]"
PROMPT = "%%xai explain --model echo --units word\nStop here. Go on."
BUTTON = ".jp-cell-toolbar [data-jp-item-name='xai-run']:not(.lm-mod-hidden)"

OWN = (
    "Cannot read properties of undefined (reading 'schema')",
    "Command 'filebrowser:open-path' not registered.",
)
"""What Notebook says of itself, without our extension just the same."""


@pytest.fixture(scope="module")
def visit(browser: Browser, lab: LabServer) -> Iterator[Visit]:
    cells = [ECHO, "I am tired.", PROMPT, explained(fixtures.travel())]
    visit = Visit(browser, lab).open(write(lab.root / "seven.ipynb", cells), "notebooks")
    yield visit
    assert [problem for problem in visit.problems if problem not in OWN] == []
    assert visit.strangers == []
    visit.close()


def test_explanations_are_listed_and_found(visit: Visit, artifacts: Path) -> None:
    visit.command("xai:show-explanations")
    card = visit.page.locator("#jupyter-xai-explanations .jxai-card")
    expect(card).to_have_count(1)
    visit.page.screenshot(path=artifacts / "lab-notebook.png")
    card.click()
    assert active(visit) == 3


def test_a_prompt_runs_from_its_toolbar(visit: Visit) -> None:
    activate(visit, 0)
    visit.command("notebook:run-cell")
    activate(visit, 2)
    visit.page.locator(BUTTON).locator("jp-button, button").first.click()
    expect(visit.page.locator(LIVE)).to_be_visible()


def test_what_is_asked_in_a_view_is_saved(visit: Visit) -> None:
    view = visit.page.locator(LIVE)
    view.get_by_role("tab", name="Curve").click()
    view.get_by_role("tabpanel", name="Curve").get_by_role("button", name="Compute").click()
    visit.page.wait_for_function(
        "mime => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells[2]"
        ".getOutputs().some(({ data }) => data?.[mime]?.curves)",
        arg=MIME,
    )


def test_a_cell_is_explained_from_its_menu(visit: Visit) -> None:
    prompt = visit.page.locator(".jp-Notebook .jp-Cell").nth(1).locator(".jp-InputPrompt")
    prompt.click()
    prompt.click(button="right")
    visit.page.locator(".lm-Menu-item[data-command='xai:explain-selection']").click()
    expect(visit.page.locator(".jp-Notebook .jp-Cell")).to_have_count(6)
    assert sources(visit)[2:4] == ["%load_ext jupyter_xai", "%%xai explain\nI am tired."]


def test_settings_reach_its_views(visit: Visit) -> None:
    expect(visit.page.locator("body")).to_have_attribute("data-jxai-palette", "blue-orange")
