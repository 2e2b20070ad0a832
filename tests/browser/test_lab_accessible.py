"""axe over what the extension adds to JupyterLab: list, status bar, launcher, menu, toolbar."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

import fixtures
from accessibility import violations
from lab_server import LabServer
from notebooks import activate, explained, write
from visit import Visit

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("patient")]

GO = "go-accessible"
SLOW = f"""\
import pathlib, time
%load_ext jupyter_xai

def slow(prompt):
    while not pathlib.Path({GO!r}).exists():
        time.sleep(0.02)
    return prompt.upper()"""
PROMPT = "%%xai explain --model slow --units word\nAll of this can be read by everybody."

SHELF = "#jupyter-xai-explanations"
ITEM = ".jxai-status-item"
BUTTON = ".jp-cell-toolbar [data-jp-item-name='xai-run']"
ENTRY = ".lm-Menu-item[data-command='xai:explain-selection']"
CARD = ".jp-LauncherCard[data-category='XAI']"


@pytest.fixture(scope="module")
def visit(browser: Browser, lab: LabServer) -> Iterator[Visit]:
    cells = [SLOW, PROMPT, explained(fixtures.travel()), explained(fixtures.chat())]
    options = {"viewport": {"width": 1600, "height": 1000}}
    visit = Visit(browser, lab, **options).open(write(lab.root / "accessible.ipynb", cells))
    for index in (0, 1):
        activate(visit, index)
        visit.command("notebook:run-cell")
    visit.command("xai:show-explanations")
    expect(visit.page.locator(ITEM)).to_have_text("XAI answering")
    yield visit
    (lab.root / GO).touch()
    expect(visit.page.locator(ITEM)).to_be_hidden()
    assert visit.problems == []
    assert visit.strangers == []
    visit.close()


# Light last: JupyterLab keeps its theme for the tests that follow.
@pytest.mark.parametrize("theme", ["Dark", "Light"])
def test_axe_finds_nothing_in_what_is_ours(visit: Visit, theme: str, artifacts: Path) -> None:
    page = visit.page
    visit.theme(theme)
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)
    activate(visit, 1)
    expect(page.locator(BUTTON)).to_be_visible()
    page.screenshot(path=artifacts / f"lab-accessible-{theme}.png")
    found = {each: violations(page, each) for each in (SHELF, ITEM, BUTTON)}
    page.locator(".jp-Notebook .jp-Cell").first.locator(".jp-InputPrompt").click(button="right")
    page.locator(ENTRY).hover()
    page.screenshot(path=artifacts / f"lab-menu-{theme}.png")
    found[ENTRY] = violations(page, ENTRY)
    page.keyboard.press("Escape")
    visit.command("launcher:create")
    expect(page.locator(CARD)).to_be_visible()
    page.screenshot(path=artifacts / f"lab-launcher-{theme}.png")
    found[CARD] = violations(page, CARD)
    page.evaluate("() => { window.jupyterapp.shell.currentWidget.close(); }")
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget?.content?.model?.cells")
    assert {each: what for each, what in found.items() if what} == {}
