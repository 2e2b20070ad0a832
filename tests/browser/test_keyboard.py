"""Everything is done with the keyboard, and spoken to those who listen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

import fixtures
from harness import Harness, Open
from view_parts import prompt, question, response

pytestmark = pytest.mark.browser


def test_everything_is_done_with_the_keyboard(view: Harness) -> None:
    page = view.page
    response(page).nth(0).focus()
    page.keyboard.press("ArrowDown")
    expect(response(page).nth(1)).to_be_focused()
    expect(question(page)).to_have_text("What made “It is warm and quiet there.”")
    page.keyboard.press("Enter")
    expect(response(page).nth(1)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("End")
    expect(response(page).nth(3)).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Home")
    page.keyboard.press("Shift+Tab")
    expect(question(page)).to_contain_text("2 pinned sentences")
    page.keyboard.press("Escape")
    expect(response(page).nth(3)).to_have_attribute("aria-pressed", "false")


def test_one_unit_a_pane_is_reached_by_tab(view: Harness) -> None:
    for pane in (prompt(view.page), response(view.page)):
        stops = [unit.get_attribute("tabindex") for unit in pane.all()]
        assert sorted(stops) == ["-1"] * (len(stops) - 1) + ["0"]


def test_labels_tell_text_score_and_rank(view: Harness) -> None:
    label = prompt(view.page).nth(5).get_attribute("aria-label")
    assert label is not None
    assert re.match(r"“I love to swim.*”, \+6\.21 \[5\.77, 6\.65\], rank 1 of 8", label)


def test_arrows_follow_lines_of_running_text(open_view: Open) -> None:
    harness = open_view(viewport={"width": 400, "height": 900})
    harness.mount(fixtures.chat())
    page = harness.page
    words = prompt(page)
    words.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(words.nth(1)).to_be_focused()
    page.keyboard.press("ArrowDown")
    first, second = words.nth(1).bounding_box(), page.locator(":focus").bounding_box()
    assert first
    assert second
    assert 10 < second["y"] - first["y"] < 50
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    third = page.locator(":focus").bounding_box()
    assert third
    assert abs(third["y"] - first["y"]) < 3


def test_notebook_shortcuts_are_held_off(view: Harness) -> None:
    """JupyterLab deletes a cell on two d's unless the focused element itself says no."""
    focusable = "button, input, select, [tabindex]"
    held_off = f":is({focusable})[data-lm-suppress-shortcuts]"
    view.page.get_by_role("tab", name="Matrix").click()
    assert view.page.locator(focusable).count() == view.page.locator(held_off).count() > 30


def test_the_tooltip_shows_the_number_on_focus(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.chat())
    page = harness.page
    tooltip = page.locator(".jxai-tooltip")
    expect(tooltip).to_be_hidden()
    prompt(page).nth(4).focus()
    page.keyboard.press("ArrowRight")
    expect(tooltip).to_contain_text("rank")
    page.keyboard.press("Escape")
    expect(tooltip).to_be_hidden()
