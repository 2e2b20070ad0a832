"""A real JupyterLab: tabs, roles, thoughts and exports of one live view, by mouse and keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

import jupyter_xai as xai
from lab_server import LabServer
from notebooks import write
from visit import LIVE, SAVED, Visit

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("patient")]

HOLD = "hold"
"""While there is a file of this name, the model falls silent after a few answers."""
SOURCE = f"""\
import itertools, pathlib, time
import jupyter_xai as xai

hold = pathlib.Path({HOLD!r})
answers = itertools.count()

def think(prompt):
    while hold.exists():
        time.sleep(0.2)
        if next(answers) < 4:
            break
    return f"<think>They want {{len(prompt)}}.</think>\\n\\n{{prompt.upper()}}"

chat = [
    {{"role": "system", "content": "Be kind."}},
    {{"role": "user", "content": "Late trains annoy me. Early birds sing. Old books smell good."}},
]
xai.explain(chat, think, method="leave-one-out")"""


@pytest.fixture(scope="module")
def visit(browser: Browser, lab: LabServer, patient: None) -> Iterator[Visit]:
    visit = Visit(browser, lab).open(write(lab.root / "reading.ipynb", [SOURCE])).run_all()
    expect(visit.page.locator(LIVE)).to_be_visible()
    yield visit
    visit.end()


@pytest.fixture
def view(visit: Visit) -> Locator:
    view = visit.page.locator(LIVE)
    view.scroll_into_view_if_needed()
    return view


def tab_to(wanted: Locator) -> None:
    """Walk there with the Tab key, past at most twenty others."""
    for _ in range(20):
        if wanted.evaluate("one => one === document.activeElement"):
            break
        wanted.page.keyboard.press("Tab")
    expect(wanted).to_be_focused()


def test_roles_are_told_apart_and_thoughts_fold(view: Locator) -> None:
    expect(view.locator(".jxai-pane-prompt .jxai-role")).to_have_text(["System", "User"])
    expect(view.locator(".jxai-protected")).to_have_text("Be kind.")
    thoughts = view.locator(".jxai-pane-response summary")
    thought = view.locator(".jxai-pane-response").get_by_text("They want")
    expect(thought.first).to_be_hidden()
    thoughts.click()
    expect(thought.first).to_be_visible()
    thoughts.press("Enter")
    expect(thought.first).to_be_hidden()


def test_matrix_and_flow_are_linked_to_the_texts(view: Locator) -> None:
    keyboard = view.page.keyboard
    view.get_by_role("tab", name="Matrix").click()
    panel = view.get_by_role("tabpanel", name="Matrix")
    panel.locator("tbody td").first.hover()
    expect(view.locator(".jxai-pane-prompt .jxai-marked")).to_contain_text("Late trains")
    expect(view.locator(".jxai-tooltip")).to_be_visible()
    head = panel.locator(".jxai-matrix-response button").last
    head.click()
    pinned = view.locator(".jxai-pane-response .jxai-unit[aria-pressed=true]")
    expect(pinned).to_contain_text("OLD BOOKS")
    head.press("Enter")
    expect(pinned).to_have_count(0)
    view.get_by_role("tab", name="Matrix").press("ArrowRight")
    flow = view.get_by_role("tabpanel", name="Flow")
    flow.locator(".jxai-arc").last.hover(force=True)
    expect(view.locator(".jxai-pane-prompt .jxai-marked")).to_have_count(1)
    threshold = flow.get_by_role("slider", name="threshold")
    threshold.press("End")
    expect(flow.locator(".jxai-arc")).to_have_count(1)
    end = flow.get_by_role("button", name=re.compile("^OLD BOOKS"))
    end.press("Enter")
    expect(pinned).to_contain_text("OLD BOOKS")
    keyboard.press("Escape")
    expect(pinned).to_have_count(0)


def test_settings_tell_how_to_repeat_it(view: Locator) -> None:
    view.get_by_role("tab", name="Flow").press("End")
    panel = view.get_by_role("tabpanel", name="Settings")
    for text in ("think", "leave-one-out", "Seed", "jupyter-xai"):
        expect(panel).to_contain_text(re.compile(text.replace("-", "[- ]"), re.IGNORECASE))


def test_it_is_copied_and_exported_by_mouse_and_keys(view: Locator, tmp_path: Path) -> None:
    page = view.page
    trigger = view.get_by_role("button", name="Save", exact=True)
    trigger.press("Enter")
    menu = view.locator(".jxai-popover:visible")
    expect(menu.get_by_role("button", name="Text")).to_be_focused()
    page.keyboard.press("Enter")
    expect(menu.get_by_role("status").first).to_have_text("Copied.")
    with page.expect_download() as started:
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
    started.value.save_as(tmp_path / "saved.xai.json")
    assert "Late trains annoy me." in xai.open(tmp_path / "saved.xai.json").prompt
    for name, begins in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with page.expect_download() as started:
            menu.get_by_role("button", name=name).click()
        started.value.save_as(tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(begins)
    page.keyboard.press("Escape")
    expect(trigger).to_be_focused()
    view.get_by_role("tab", name="What if").click()
    field = view.get_by_role("textbox", name="Edited text")
    field.press("Control+A")
    field.press("Control+V")
    expect(field).to_have_value(re.compile("Late trains annoy me"))


def test_how_scores_are_shown_is_chosen_with_the_keyboard(view: Locator) -> None:
    keyboard = view.page.keyboard
    trigger = view.get_by_role("button", name="Display")
    trigger.press("Enter")
    intensity = view.get_by_label("intensity")
    expect(intensity).to_be_focused()
    keyboard.press("ArrowRight")
    expect(intensity).to_have_attribute("aria-valuetext", "× 2")
    keyboard.press("Tab")
    keyboard.press("ArrowDown")
    expect(view).to_contain_class("jxai-underline")
    keyboard.press("ArrowUp")
    expect(view).not_to_contain_class("jxai-underline")
    keyboard.press("Escape")
    expect(trigger).to_be_focused()


def test_methods_are_set_beside_with_the_keyboard(visit: Visit, view: Locator) -> None:
    keyboard = visit.page.keyboard
    view.get_by_role("button", name="Compare with other methods").press("Enter")
    view.locator(".jxai-compare-menu").get_by_label("Shapley values", exact=True).press("Space")
    view.locator(".jxai-compare-menu").get_by_role("button", name="Compare").press("Enter")
    columns = visit.page.locator(".jxai-columns > .jxai-pane")
    expect(columns).to_have_count(2)
    visit.page.get_by_role("button", name="Back to").press("Enter")
    expect(view).to_be_visible()
    keyboard.press("Escape")


def test_a_run_tells_the_time_left_and_is_cancelled_with_the_keyboard(
    view: Locator, lab: LabServer
) -> None:
    keyboard = view.page.keyboard
    status = view.locator(".jxai-status")
    (lab.root / HOLD).touch()
    view.locator(".jxai-header").get_by_label("units").focus()
    keyboard.type("words")
    line = view.locator(".jxai-status-line")
    expect(line).to_have_text(re.compile(r"\d+ of \d+ · .+ left$"))
    tab_to(view.get_by_role("button", name="Cancel", exact=True))
    keyboard.press("Enter")
    expect(line).to_have_text("Cancelling…")
    (lab.root / HOLD).unlink()
    expect(status).to_have_attribute("data-jxai-state", "cancelled")
    expect(line).to_contain_text("what arrived is kept")
    expect(view.locator(".jxai-notes")).to_contain_text("Partial")


def test_a_saved_view_is_read_with_the_keyboard(visit: Visit) -> None:
    keyboard = visit.page.keyboard
    visit.save()
    visit.end_kernel()
    visit.page.reload()
    view = visit.arrived().page.locator(SAVED)
    answer = view.locator(".jxai-pane-response .jxai-unit")
    question = view.locator(".jxai-question")
    view.locator(".jxai-pane-prompt .jxai-unit").first.focus()
    tab_to(answer.filter(has_text="BE KIND."))
    expect(question).to_contain_text("BE KIND.")
    for key in ("ArrowDown", "Enter", "Shift+Tab"):
        keyboard.press(key)
    birds = answer.filter(has_text="EARLY BIRDS")
    expect(birds).to_have_attribute("aria-pressed", "true")
    expect(question).to_contain_text("EARLY BIRDS")
    tab_to(birds)
    keyboard.press("Escape")
    expect(view.locator("[aria-pressed=true]")).to_have_count(0)
    keyboard.press("Shift+Tab")
    expect(question).to_have_text("What made the whole answer")
