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
from visit import LIVE, Visit

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("patient")]

SOURCE = """\
import jupyter_xai as xai

def think(prompt):
    return f"<think>They want {len(prompt)}.</think>\\n\\n{prompt.upper()}"

chat = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": "Late trains annoy me. Early birds sing. Old books smell good."},
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
