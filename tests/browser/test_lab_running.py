"""Prompts run from their toolbar; the status bar tells how far a run is, and leads to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from nbformat.v4 import new_markdown_cell
from playwright.sync_api import Browser, expect

from lab_server import LabServer
from notebooks import activate, active, write
from visit import LIVE, Visit

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("patient")]

# Answers until it is held up, half-way through a run, so that no run ends before it was looked at.
GO = "go"
SLOW = f"""\
import itertools, pathlib, time

calls = itertools.count(1)

def slow(prompt):
    time.sleep(0.02)
    if next(calls) > 20:
        while not pathlib.Path({GO!r}).exists():
            time.sleep(0.02)
    return " ".join(word for word in prompt.split() if len(word) > 3)

def steady(prompt):
    if not pathlib.Path({GO!r}).exists():
        time.sleep(0.15)
    return prompt.upper()
"""
PROMPT = """\
%%xai explain --model slow --units word --perturbations 40
Slow answers come late when somebody holds them up."""
CELLS = [SLOW, "1 + 1", new_markdown_cell("%%xai is a magic."), *["pass"] * 60, PROMPT]
BUTTON = ".jp-cell-toolbar [data-jp-item-name='xai-run']:not(.lm-mod-hidden)"
ITEM = ".jxai-status-item"


@pytest.fixture(scope="module")
def visit(browser: Browser, lab: LabServer) -> Iterator[Visit]:
    visit = Visit(browser, lab).open(write(lab.root / "running.ipynb", CELLS))
    activate(visit, 0)
    visit.command("notebook:run-cell")
    yield visit
    visit.end()


def test_only_prompts_have_the_button(visit: Visit, artifacts: Path) -> None:
    last = len(CELLS) - 1
    for index, has in ((1, 0), (last, 1), (2, 0)):
        activate(visit, index)
        expect(visit.page.locator(".jp-cell-toolbar")).to_be_visible()
        expect(visit.page.locator(BUTTON)).to_have_count(has)
    activate(visit, last)
    visit.page.screenshot(path=artifacts / "lab-toolbar.png")


def test_a_cell_that_becomes_a_prompt_gets_the_button(visit: Visit) -> None:
    activate(visit, 1)
    editor = visit.page.locator(".jp-Notebook .jp-Cell").nth(1).locator(".cm-content")
    editor.fill("%xai explain 'now'")
    expect(visit.page.locator(BUTTON)).to_have_count(1)
    editor.fill("1 + 1")
    expect(visit.page.locator(BUTTON)).to_have_count(0)


def test_the_button_runs_and_the_status_bar_follows_and_leads_back(
    visit: Visit, lab: LabServer, artifacts: Path
) -> None:
    item = visit.page.locator(ITEM)
    expect(item).to_be_hidden()
    activate(visit, len(CELLS) - 1)
    # Nobody has loaded the magics in this kernel yet.
    visit.page.locator(BUTTON).locator("jp-button, button").first.click()
    expect(item).to_contain_text("XAI")
    activate(visit, 0)
    visit.page.locator(".jp-Notebook .jp-Cell").first.scroll_into_view_if_needed()
    expect(item).to_contain_text("/")
    expect(item).to_contain_text("left")
    visit.page.screenshot(path=artifacts / "lab-status.png")
    item.click()
    visit.page.wait_for_function(
        "last => window.jupyterapp.shell.currentWidget.content.activeCellIndex === last",
        arg=len(CELLS) - 1,
    )
    expect(visit.page.locator(".jp-Notebook .jxai-view")).to_be_in_viewport()
    (lab.root / GO).touch()
    expect(item).to_be_hidden()
    expect(visit.page.locator(LIVE)).to_be_visible()
    assert active(visit) == len(CELLS) - 1


COMPARE = """\
%%xai compare --model steady --methods linear,lime --units word --perturbations 400
None of these nine words here says very much."""


def test_a_run_without_a_view_is_followed_too(
    visit: Visit, lab: LabServer, artifacts: Path
) -> None:
    (lab.root / GO).unlink()
    item = visit.page.locator(ITEM)
    visit.add_and_run(COMPARE)
    expect(item).to_contain_text("/")
    expect(item).to_contain_text("left")
    visit.page.screenshot(path=artifacts / "lab-status-compare.png")
    activate(visit, 0)
    item.click()
    visit.page.wait_for_function(
        "last => window.jupyterapp.shell.currentWidget.content.activeCellIndex === last",
        arg=len(CELLS),
    )
    (lab.root / GO).touch()
    expect(item).to_be_hidden()
    expect(visit.page.locator(".jp-Notebook .jxai-columns > .jxai-pane")).to_have_count(2)
    # How far it was is nothing to be saved.
    outputs = visit.page.evaluate(
        "index => JSON.stringify(window.jupyterapp.shell.currentWidget.content.model.sharedModel"
        ".toJSON().cells[index].outputs)",
        len(CELLS),
    )
    assert "transient" not in outputs
    assert "seconds_left" not in outputs


def test_a_kernel_that_is_restarted_takes_its_run_along(visit: Visit, lab: LabServer) -> None:
    (lab.root / GO).unlink()
    item = visit.page.locator(ITEM)
    activate(visit, len(CELLS) - 1)
    visit.command("notebook:run-cell")
    expect(item).to_contain_text("XAI")
    visit.page.evaluate(
        "async () => {"
        " await window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart(); }"
    )
    expect(item).to_be_hidden()
