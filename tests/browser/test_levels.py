"""How finely the prompt is cut and how scores are made visible, without asking the model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import fixtures
from accessibility import violations
from harness import Harness

pytestmark = pytest.mark.browser


@pytest.fixture
def view(browser: Browser) -> Iterator[Harness]:
    harness = Harness(browser)
    harness.mount(fixtures.chat())
    yield harness
    harness.context.close()
    assert harness.problems == []


def units(page: Page) -> Locator:
    return page.locator(".jxai-header").get_by_label("units")


def prompt(page: Page) -> Locator:
    return page.locator(".jxai-pane-prompt .jxai-unit")


def test_sentences_are_summed_from_words_and_say_so(view: Harness, artifacts: Path) -> None:
    page = view.page
    units(page).select_option(label="sentences, summed")
    assert view.sent() == []
    expect(prompt(page)).to_have_count(8)
    explanation = fixtures.chat()
    words = [unit["text"] for unit in explanation["prompt"]["units"] if unit["role"] == "user"]
    first = len("".join(fixtures.PROMPT[0]).split())
    assert "".join(words[:first]) == fixtures.PROMPT[0]
    total = sum(explanation["total"][:first])
    shown = prompt(page).nth(0).locator(".jxai-number").inner_text()
    assert float(shown.replace("−", "-")) == pytest.approx(total, abs=0.05)
    expect(page.locator(".jxai-pane-prompt .jxai-size")).to_have_text(
        "8 sentences, summed from 58 words"
    )
    assert "not the sum" in (
        page.locator(".jxai-pane-prompt .jxai-size").get_attribute("title") or ""
    )
    expect(page.locator(".jxai-coverage")).to_contain_text("k counts computed words: 3 of 58")
    page.screenshot(path=artifacts / "summed.png", full_page=True)
    page.get_by_label("k", exact=False).first.focus()
    page.keyboard.press("End")
    expect(page.locator(".jxai-coverage")).to_contain_text("58 of 58")


def test_back_to_computed_and_on_to_others(view: Harness) -> None:
    page = view.page
    page.locator(".jxai-pane-response .jxai-unit").nth(2).click()
    units(page).select_option(label="sentences, summed")
    expect(page.locator(".jxai-question")).to_contain_text("that")
    units(page).select_option(label="words")
    expect(prompt(page)).to_have_count(58)
    expect(page.locator(".jxai-pane-prompt .jxai-size")).to_have_text("58 words")
    assert view.sent() == []
    units(page).select_option(label="sentences, compute")
    assert view.sent() == [{"id": 1, "kind": "explain", "settings": {"units": "sentence"}}]


def test_a_saved_view_sums_too(browser: Browser) -> None:
    harness = Harness(browser)
    harness.mount_saved(fixtures.chat())
    labels = units(harness.page).locator("option").all_inner_texts()
    assert labels == ["words", "sentences, summed", "paragraphs, summed", "messages, summed"]
    units(harness.page).select_option(label="messages, summed")
    expect(prompt(harness.page)).to_have_count(1)
    harness.context.close()


def test_shades_are_lifted_and_the_legend_follows(view: Harness) -> None:
    page = view.page
    unit = prompt(page).nth(20)
    before = page.locator(".jxai-legend-end").last.inner_text()
    trigger = page.get_by_role("button", name="Display")
    trigger.focus()
    page.keyboard.press("Enter")
    slider = page.get_by_label("intensity")
    expect(slider).to_be_focused()
    shade = "(one) => Number(one.style.getPropertyValue('--jxai-tint') || 0)"
    low = [one.evaluate(shade) for one in prompt(page).all()]
    page.keyboard.press("ArrowRight")
    high = [one.evaluate(shade) for one in prompt(page).all()]
    assert all(b >= a for a, b in zip(low, high, strict=True))
    assert sum(high) > sum(low)
    assert max(high) == 1
    after = page.locator(".jxai-legend-end").last
    expect(after).to_contain_text("≥")
    number = float(before.split()[0])
    assert float(after.inner_text().split()[1]) == pytest.approx(number / 2, rel=0.02)
    page.get_by_label("scores are shown by").select_option("underline")
    assert unit.evaluate("(one) => getComputedStyle(one).backgroundColor").endswith("0)")
    assert "underline" in unit.evaluate("(one) => getComputedStyle(one).textDecorationLine")
    page.keyboard.press("Escape")
    expect(trigger).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1000])
def test_the_display_menu_fits_and_axe_finds_nothing(
    browser: Browser, artifacts: Path, width: int, scheme: str
) -> None:
    size = {"width": width, "height": 800}
    harness = Harness(browser, viewport=size, color_scheme=scheme)
    harness.mount(fixtures.chat())
    page = harness.page
    units(page).select_option(label="sentences, summed")
    page.get_by_role("button", name="Display").click()
    page.get_by_label("scores are shown by").select_option("underline")
    box = page.locator(".jxai-popover:visible").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    page.screenshot(path=artifacts / f"display-{scheme}-{width}.png")
    harness.context.close()
