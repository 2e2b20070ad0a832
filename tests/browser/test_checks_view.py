"""Checks are about what is looked at: the part of the answer that is pinned."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

import fixtures
from harness import Harness, Open
from view_parts import response

pytestmark = pytest.mark.browser


@pytest.fixture(params=["live", "saved"])
def page(request: pytest.FixtureRequest, open_view: Open) -> Page:
    harness: Harness = open_view()
    mount = harness.mount if request.param == "live" else harness.mount_saved
    mount(fixtures.with_parts(fixtures.travel()))
    return harness.page


def test_the_verdict_is_about_the_pinned_part(page: Page) -> None:
    page.get_by_role("tab", name="Checks").click()
    panel, verdict = page.get_by_role("tabpanel"), page.locator(".jxai-verdict")
    expect(verdict).to_contain_text("Removing these 3 lowers")
    response(page).nth(1).click()
    expect(verdict).to_contain_text("Part 1 alone loses")
    expect(panel).to_contain_text("About “It is warm and quiet there.”")
    expect(panel).to_contain_text("All 20 choices of 3")
    expect(panel).to_contain_text("PR, top 3, whole answer")
    expect(panel).to_contain_text("Held-out LDS, whole answer")
    response(page).nth(1).click()
    response(page).nth(2).click()
    expect(verdict).to_contain_text("Part 2 alone loses")
    page.keyboard.press("Escape")
    expect(verdict).to_contain_text("Removing these 3 lowers")
    expect(panel).not_to_contain_text("About")


def test_the_line_below_is_about_the_pinned_part(page: Page) -> None:
    summary = page.locator(".jxai-summary")
    expect(summary).not_to_contain_text("part")
    whole = summary.inner_text()
    response(page).nth(1).click()
    expect(summary).to_contain_text("the pinned part:")
    expect(summary).to_contain_text("removed any 3")
    expect(summary).to_contain_text("held-out LDS of the whole answer")
    assert summary.inner_text() != whole


def test_what_was_not_tested_by_itself_is_said(page: Page) -> None:
    page.get_by_role("tab", name="Checks").click()
    response(page).nth(1).click()
    response(page).nth(2).click()
    panel = page.get_by_role("tabpanel")
    expect(panel).to_contain_text("About the whole answer: what is pinned was not tested by itself")
    expect(page.locator(".jxai-verdict")).to_contain_text("Removing these 3 lowers")
    expect(page.locator(".jxai-summary")).to_contain_text("whole answer:")


def test_hosts_that_give_all_columns_one_width_do_not_make_figures_overlap(page: Page) -> None:
    page.add_style_tag(content="table { table-layout: fixed }")
    page.get_by_role("tab", name="Checks").click()
    overflowing = page.evaluate(
        """() => [...document.querySelectorAll('.jxai-checks td')].filter(
          (cell) => cell.scrollWidth > cell.clientWidth + 1).length"""
    )
    assert overflowing == 0
