"""What a model may have written stays text, and what a template adds stays quiet."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

import fixtures
from harness import TABS, Open
from view_parts import prompt, response

pytestmark = pytest.mark.browser


def test_hostile_text_stays_text(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.hostile())
    page = harness.page
    for tab in TABS:
        page.get_by_role("tab", name=tab).click()
    response(page).nth(0).click()
    assert page.evaluate("window.pwned") is None
    for tag in ("img", "script", "i"):
        assert page.locator(f".first {tag}").count() == 0
    expect(prompt(page).nth(0)).to_contain_text('<img src=x onerror="window.pwned=1">')
    expect(page.locator(".jxai-notes")).to_contain_text("<b>note</b>")
    texts = [unit.locator(".jxai-text").text_content() for unit in prompt(page).all()]
    assert texts == [text.strip() for text in fixtures.HOSTILE]


def test_template_and_protected_text_are_quiet(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.chat())
    page = harness.page
    expect(page.locator(".jxai-role")).to_have_text(["System", "User"])
    expect(page.locator(".jxai-protected")).to_have_text(
        "You are a travel agent. Answer in four sentences."
    )
    template = page.locator(".jxai-template").first
    expect(template).to_be_hidden()
    page.get_by_role("button", name="Show template").click()
    expect(template).to_be_visible()
