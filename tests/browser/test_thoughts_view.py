"""Thoughts of a model fold away."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

import fixtures
from accessibility import violations
from harness import Open
from view_parts import question, response

pytestmark = pytest.mark.browser


def thinking() -> fixtures.Json:
    made = fixtures.travel()
    texts = ["<think>\nWarm, by the sea. ", "Then Naxos.</think>\n\n", *fixtures.RESPONSE[2:]]
    made["response"]["units"] = [{"text": text} for text in texts]
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_thoughts_fold_by_mouse_and_keyboard(open_view: Open, artifacts: Path, scheme: str) -> None:
    harness = open_view(color_scheme=scheme)
    harness.mount(thinking())
    page = harness.page
    summary = page.locator("summary")
    expect(summary).to_have_text("Thoughts, 2 parts")
    expect(response(page).nth(0)).to_be_hidden()
    expect(response(page).nth(2)).to_be_visible()
    expect(response(page).nth(2)).to_have_attribute("tabindex", "0")
    response(page).nth(2).focus()
    page.keyboard.press("Home")
    expect(response(page).nth(2)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    expect(response(page).nth(0)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    expect(response(page).nth(0)).to_be_focused()
    expect(question(page)).to_contain_text("<think>")
    harness.arrive("result", {"request": 0, "explanation": thinking() | {"k": 2}})
    expect(response(page).nth(0)).to_be_visible()
    summary.focus()
    expect(question(page)).to_have_text("What made the whole answer")
    assert violations(page) == []
    page.screenshot(path=artifacts / f"view-thoughts-{scheme}.png", full_page=True)
    summary.click()
    expect(response(page).nth(0)).to_be_hidden()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(response(page).nth(0)).to_be_visible()
