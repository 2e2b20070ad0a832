"""A slow kernel in a real JupyterLab: the last change wins, and a late answer is never drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from delay import Line
from lab_server import LabServer
from notebooks import write
from visit import LIVE, Visit

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("patient")]

PROMPT = (
    "I have been very tired. I want to lie on a warm beach, swim and rest. "
    "No busy cities, though. My budget is quite flexible. I travel alone."
)
TUTOR = f"import jupyter_xai as xai\nxai.explain({PROMPT!r}, perturbations=8, k=1)"
GO = "go-on"
HELD_UP = f"""\
import itertools, pathlib, time
asked = []

def held_up(prompt):
    asked.append(prompt)
    while len(asked) > 20 and not pathlib.Path({GO!r}).exists():
        time.sleep(0.02)
    return prompt.upper()

xai.explain({PROMPT!r}, held_up, method="leave-one-out")"""

# Notes every change of the view, and asks the kernel something whose answer ends what it says now.
WATCH = """view => {
  window.drawn = [];
  const note = () => window.drawn.push(view.innerText);
  window.watch = new MutationObserver(note);
  window.watch.observe(view, {
    subtree: true, childList: true, characterData: true, attributes: true,
  });
}"""
FLUSH = """() => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  window.flushed = kernel.requestCommInfo({ target_name: 'none' });
}"""


@pytest.fixture(scope="module")
def line_and_visit(browser: Browser, lab: LabServer) -> Iterator[tuple[Line, Visit]]:
    visit = Visit(browser, lab)
    line = Line(visit.page)
    visit.open(write(lab.root / "delayed.ipynb", [TUTOR, HELD_UP])).run_all()
    for source in ("perturbations=8", "held_up"):
        view = visit.cell_output(source).locator(LIVE)
        wait_until_idle(view)
        view.get_by_role("tab", name="Settings").click()
    yield line, visit
    visit.end()


def wait_until_idle(view: Locator) -> None:
    expect(view.locator(".jxai-status")).to_have_attribute("data-jxai-state", "idle")


def setting(view: Locator, name: str) -> Locator:
    """What the explanation that is drawn was asked for."""
    line = view.locator(".jxai-settings > div").filter(has=view.page.get_by_text(name, exact=True))
    return line.locator("dd")


def move(name: str) -> Callable[[Locator, int], None]:
    def change(view: Locator, step: int) -> None:
        view.locator(".jxai-slider", has_text=name).locator("input").fill(str(step))

    return change


def choose_units(view: Locator, step: int) -> None:
    view.locator(".jxai-header select").nth(1).select_option(["sentence", "word", "token"][step])


CHANGES = [
    pytest.param(move("k"), "k", "3", id="k"),
    pytest.param(move("perturbations"), "Perturbations", "31 used, 31 asked, 31 exist", id="masks"),
    pytest.param(choose_units, "Prompt units", "tokens", id="units"),
]


@pytest.mark.parametrize(("change", "name", "last"), CHANGES)
def test_an_answer_that_comes_late_is_not_drawn(
    line_and_visit: tuple[Line, Visit],
    change: Callable[[Locator, int], None],
    name: str,
    last: str,
) -> None:
    line, visit = line_and_visit
    page, view = visit.page, visit.cell_output("perturbations=8").locator(LIVE)
    asked = view.evaluate("() => window.asked ?? 0")
    line.hold()
    change(view, 1)
    line.wait_for(rf'"request": ?{asked + 1}, ?"state": ?"idle"')
    page.evaluate(FLUSH)
    line.wait_for("comm_info_reply")
    first = line.take()
    change(view, 2)
    line.wait_for(rf'"request": ?{asked + 2}, ?"state": ?"idle"')
    page.evaluate("asked => { window.asked = asked; }", asked + 2)
    view.evaluate(WATCH)
    line.deliver(first)
    page.evaluate("async () => { await window.flushed; }")
    assert page.evaluate("() => window.drawn") == []
    line.let_go()
    expect(setting(view, name)).to_have_text(last)
    wait_until_idle(view)


def test_of_many_changes_while_the_model_is_held_up_the_last_is_drawn(
    line_and_visit: tuple[Line, Visit], lab: LabServer
) -> None:
    _, visit = line_and_visit
    view = visit.cell_output("held_up").locator(LIVE)
    view.scroll_into_view_if_needed()
    view.locator(".jxai-header select").nth(1).select_option("word")
    expect(view.locator(".jxai-status")).to_have_attribute("data-jxai-state", "running")
    expect(view.get_by_role("button", name="Cancel", exact=True)).to_be_visible()
    view.evaluate(WATCH)
    for units in ("paragraph", "word", "paragraph"):
        view.locator(".jxai-header select").nth(1).select_option(units)
    (lab.root / GO).touch()
    expect(setting(view, "Prompt units")).to_have_text("paragraphs")
    wait_until_idle(view)
    assert not [text for text in visit.page.evaluate("() => window.drawn") if "\nwords\n" in text]
