"""The tabs beside the texts: matrix, checks, settings, scores."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

import fixtures
from harness import IDLE, Harness, Open
from view_parts import prompt, response, running

pytestmark = pytest.mark.browser


def test_the_matrix_is_linked_to_the_text(view: Harness) -> None:
    page = view.page
    page.get_by_role("tab", name="Matrix").click()
    cells = page.locator(".jxai-matrix tbody td")
    expect(cells).to_have_count(32)
    cells.nth(5 * 4 + 3).hover()
    expect(page.locator(".jxai-tooltip")).to_contain_text("+3.87")
    expect(prompt(page).nth(5)).to_have_class(re.compile("jxai-marked"))
    expect(response(page).nth(3)).to_have_class(re.compile("jxai-marked"))
    page.locator(".jxai-matrix-response button").nth(1).click()
    expect(response(page).nth(1)).to_have_attribute("aria-pressed", "true")


def test_checks_stand_beside_chance_and_the_rival(view: Harness) -> None:
    page = view.page
    page.get_by_role("tab", name="Checks").click()
    expect(page.locator(".jxai-verdict")).to_contain_text("13 times as much as 3 at random")
    for row in (
        "Top 3",
        "At random",
        "Leave-one-out",
        "PR, top 3",
        "What PR says.",
        "Held-out LDS",
        "Noise",
        "Model calls",
        "Time",
    ):
        expect(page.locator(".jxai-checks")).to_contain_text(row)
    # What was measured for another k is not shown beside this one.
    expect(page.locator(".jxai-checks")).not_to_contain_text("PR, top 1")


def test_more_is_measured_on_demand(view: Harness, artifacts: Path) -> None:
    page = view.page
    page.get_by_role("tab", name="Checks").click()
    panel = page.get_by_role("tabpanel", name="Checks")
    expect(panel).to_contain_text("200 forwards")
    expect(panel.get_by_role("button", name="Answers")).to_be_disabled()
    expect(panel).to_contain_text("no text")
    curves = panel.get_by_role("button", name="Curves")
    curves.focus()
    page.keyboard.press("Enter")
    assert view.sent() == [{"id": 1, "kind": "metrics", "groups": ["curves"], "k": 3}]
    view.arrive("progress", running(1) | {"message": "curves"})
    expect(curves).to_have_text("Curves: measuring…")
    expect(curves).to_be_focused()
    page.keyboard.press("Enter")
    assert len(view.sent()) == 1
    page.screenshot(path=artifacts / "checks-measuring.png", full_page=True)
    measured = fixtures.travel()
    measured["metrics"].append(fixtures.metric("AOPC", None, 0.7, 0.2))
    view.arrive("result", {"request": 1, "explanation": measured})
    view.arrive("progress", IDLE | {"request": 1})
    expect(panel).to_contain_text("AOPC")
    expect(curves).to_have_text("Curves")
    expect(curves).to_be_focused()
    curves.click()
    view.arrive("progress", IDLE | {"request": 2, "state": "failed", "message": "No memory."})
    expect(curves).to_have_text("Curves")
    expect(page.locator(".jxai-status-line")).to_have_text("No memory.")


def test_without_a_kernel_nothing_more_is_measured(open_view: Open) -> None:
    harness = open_view()
    harness.mount_saved(fixtures.travel())
    harness.page.get_by_role("tab", name="Checks").click()
    panel = harness.page.get_by_role("tabpanel", name="Checks")
    expect(panel).to_contain_text("Run the cell again")
    expect(panel.get_by_role("button")).to_have_count(0)


def test_settings_hold_what_repeats_the_run(view: Harness) -> None:
    page = view.page
    page.get_by_role("tab", name="Scores").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name="Settings")).to_be_focused()
    for text in ("tutor", "3f2a9c1", "float32", "delete", "Seed", "2.13.0"):
        expect(page.locator(".jxai-settings")).to_contain_text(text)


def test_scores_are_sorted_and_found_again_in_the_text(view: Harness) -> None:
    page = view.page
    rows = page.locator(".jxai-bar-row")
    expect(rows.first).to_contain_text("I love to swim")
    expect(rows.first).to_contain_text("[5.77, 6.65]")
    rows.first.hover()
    expect(prompt(page).nth(5)).to_have_class(re.compile("jxai-marked"))


def test_paper_shows_every_tab(view: Harness) -> None:
    page = view.page
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    for panel in ("Scores", "Matrix", "Checks", "Settings"):
        expect(page.get_by_role("tabpanel", name=panel)).to_be_visible()
    expect(page.locator(".jxai-matrix tbody td")).to_have_count(32)
