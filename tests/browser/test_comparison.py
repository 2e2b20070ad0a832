"""Explanations side by side: linked, on one scale, with their agreement."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import fixtures
from accessibility import violations
from harness import IDLE, STATIC, Harness, Open
from jupyter_xai.interface.comparison import Comparison
from jupyter_xai.interface.explanation import Explanation

pytestmark = pytest.mark.browser

MOUNT = """async ({esm, comparison}) => {
  const source = new Blob([esm], {type: 'text/javascript'});
  const { mountComparison } = await import(URL.createObjectURL(source));
  const el = document.createElement('div');
  el.className = 'first';
  document.body.append(el);
  window.first = mountComparison(el, comparison);
}"""


def methods() -> Comparison:
    """The same prompt by two methods, the second with other scores in other units of measure."""
    one, two = fixtures.travel(), copy.deepcopy(fixtures.fixed())
    two["scores"] = [[10 * score for score in row] for row in two["scores"]]
    two["total"] = [10 * score for score in reversed(two["total"])]
    found = {"linear": one, "leave-one-out": two}
    return Comparison({k: Explanation.from_dict(v) for k, v in found.items()}, "methods", 3)


def wordings() -> Comparison:
    one, two = fixtures.travel(), fixtures.travel()
    for name in ("scores", "total"):
        del two[name][4]
    for side in two["intervals"]:
        if side != "confidence":
            del two["intervals"][side][4]
    del two["prompt"]["units"][4]
    two["response"]["units"][0]["text"] = "<img src=x onerror='window.pwned=1'> I suggest Oslo. "
    found = {"as it was": one, "without <b>the</b> sister": two}
    return Comparison({k: Explanation.from_dict(v) for k, v in found.items()}, "prompts", 3)


@pytest.fixture
def opened(browser: Browser) -> Iterator[Any]:
    harnesses: list[Harness] = []

    def open_comparison(comparison: Comparison, **options: Any) -> Harness:
        harness = Harness(browser, **options)
        harnesses.append(harness)
        esm = (STATIC / "view.js").read_text()
        data = {"esm": esm, "comparison": comparison.to_dict()}
        harness.page.evaluate(MOUNT, data)
        return harness

    yield open_comparison
    for harness in harnesses:
        harness.context.close()
        assert harness.problems == []


def column(page: Page, index: int) -> Locator:
    return page.locator(".jxai-columns > .jxai-pane").nth(index).locator(".jxai-unit")


def test_what_is_pointed_at_is_found_in_every_column(opened: Any) -> None:
    page = opened(methods()).page
    column(page, 0).nth(5).hover()
    for index in (0, 1):
        expect(column(page, index).nth(5)).to_contain_class("jxai-marked")
    line = page.locator(".jxai-standing")
    expect(line).to_contain_text("I love to swim")
    expect(line).to_contain_text("linear +6.21 (1.00, rank 1)")
    expect(line).to_contain_text("leave-one-out")


def test_all_columns_are_on_one_scale(opened: Any) -> None:
    comparison = methods()
    page = opened(comparison).page
    for index, label in enumerate(comparison.explanations):
        scaled = comparison.scaled(label)
        for row, one in enumerate(column(page, index).all()):
            shade = float(one.evaluate("(e) => e.style.getPropertyValue('--jxai-tint') || '0'"))
            # The nearest of 40 shades.
            assert shade == pytest.approx(abs(scaled[row]) ** 0.75, abs=0.5 / 40 + 0.001)


def test_agreement_is_pythons_and_follows_k(opened: Any) -> None:
    comparison = methods()
    page = opened(comparison).page
    facts = page.locator(".jxai-facts")
    for k in (3, 4):
        agreement = Comparison(comparison.explanations, "methods", k).agreement()[0]
        common = round((agreement.overlap or 0) * k)
        expect(facts).to_contain_text(f"{common} of the top {k} in common (of 8 shared units)")
        page.get_by_role("slider").focus()
        page.keyboard.press("ArrowRight")


def test_a_part_of_the_answer_is_asked_about_in_all(opened: Any) -> None:
    page = opened(methods()).page
    before = column(page, 0).nth(5).inner_text()
    answer = page.locator(".jxai-comparison > .jxai-pane-response .jxai-unit")
    answer.nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".jxai-question")).to_contain_text("warm and quiet")
    assert column(page, 0).nth(5).inner_text() != before
    expect(column(page, 1).nth(2)).to_contain_text("+34.1")
    page.keyboard.press("Escape")
    expect(page.locator(".jxai-question")).to_have_text("What made the whole answer")


def test_wordings_are_linked_by_their_words(opened: Any) -> None:
    page = opened(wordings()).page
    column(page, 1).nth(4).hover()
    expect(column(page, 0).nth(5)).to_contain_class("jxai-marked")
    column(page, 0).nth(4).hover()
    expect(page.locator(".jxai-standing")).to_contain_text("not in it")
    expect(page.locator(".jxai-columns .jxai-foil-text")).to_have_count(2)
    assert page.evaluate("window.pwned") is None
    assert page.locator(".first img, .first b").count() == 0


def test_the_page_needs_nothing_else(browser: Browser, tmp_path: Path) -> None:
    path = methods().html(tmp_path / "compared.html")
    page = browser.new_page()
    page.goto(Path(path).as_uri())
    expect(page.locator(".jxai-columns > .jxai-pane")).to_have_count(2)
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1000])
@pytest.mark.parametrize("make", [methods, wordings])
def test_it_fits_and_axe_finds_nothing(
    opened: Any, artifacts: Path, make: Any, width: int, scheme: str
) -> None:
    size = {"width": width, "height": 800}
    page = opened(make(), viewport=size, color_scheme=scheme).page
    column(page, 0).nth(2).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    page.screenshot(
        path=artifacts / f"compare-{make.__name__}-{scheme}-{width}.png", full_page=True
    )


@pytest.fixture
def live(open_view: Open) -> Harness:
    """A live view of the first of the methods that are compared."""
    harness = open_view()
    harness.mount(fixtures.travel())
    return harness


def compare_menu(page: Page) -> Locator:
    """The open menu of methods to compare with."""
    page.get_by_role("button", name="Compare with other methods").click()
    return page.locator(".jxai-compare-menu")


def test_methods_are_set_beside_and_put_away_with_the_keyboard(live: Harness) -> None:
    page = live.page
    trigger = page.get_by_role("button", name="Compare with other methods")
    trigger.focus()
    page.keyboard.press("Enter")
    menu = page.locator(".jxai-compare-menu")
    ask = menu.get_by_role("button", name="Compare")
    expect(ask).to_be_disabled()
    expect(menu.get_by_label("Linear")).to_have_count(0)
    expect(menu.get_by_label("Saliency")).to_be_disabled()
    expect(menu).to_contain_text("needs gradients")
    expect(menu.get_by_label("Leave one out")).to_be_focused()
    page.keyboard.press("Space")
    ask.press("Enter")
    assert live.sent() == [{"id": 1, "kind": "compare", "methods": ["leave-one-out"]}]
    running = {"request": 1, "state": "running", "done": 3, "total": 8}
    live.arrive("progress", {**IDLE, **running, "message": "leave-one-out"})
    expect(menu.locator(".jxai-inquiry")).to_contain_text("leave-one-out · 3 of 8")
    live.arrive("compared", {"request": 0, **wordings().to_dict()})
    expect(page.locator(".jxai-columns")).to_have_count(0)
    live.arrive("compared", {"request": 1, **methods().to_dict()})
    live.arrive("progress", {**IDLE, "request": 1})
    expect(page.locator(".jxai-columns > .jxai-pane")).to_have_count(2)
    expect(page.locator(".jxai-facts")).to_contain_text("Kendall")
    expect(page.locator(".jxai-details")).to_be_hidden()
    back = page.get_by_role("button", name="Back to Linear")
    expect(back).to_be_focused()
    column(page, 1).nth(2).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(back).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".jxai-columns")).to_have_count(0)
    expect(page.locator(".jxai-details")).to_be_visible()
    expect(trigger).to_be_focused()


def test_a_comparison_is_cancelled_and_a_refusal_is_told(live: Harness) -> None:
    menu = compare_menu(live.page)
    menu.get_by_label("SHAP").check()
    ask = menu.get_by_role("button", name="Compare")
    ask.click()
    menu.get_by_role("button", name="Cancel").click()
    assert live.sent()[-1] == {"id": 2, "kind": "cancel"}
    live.arrive("progress", {**IDLE, "request": 1, "state": "cancelled"})
    expect(menu.locator(".jxai-inquiry")).to_have_text("Cancelled.Cancel")
    ask.click()
    failed = {"request": 3, "state": "failed", "message": "SHAP does not fit."}
    live.arrive("progress", {**IDLE, **failed})
    expect(menu.locator(".jxai-inquiry")).to_contain_text("SHAP does not fit.")


def test_whoever_writes_elsewhere_is_not_torn_away(live: Harness) -> None:
    page = live.page
    page.evaluate("document.body.prepend(document.createElement('textarea'))")
    menu = compare_menu(page)
    menu.get_by_label("SHAP").check()
    menu.get_by_role("button", name="Compare").click()
    page.locator("textarea").first.focus()
    live.arrive("compared", {"request": 1, **methods().to_dict()})
    expect(page.locator("textarea").first).to_be_focused()
    expect(page.get_by_role("button", name="Back to Linear")).to_be_visible()


def test_without_a_kernel_nothing_is_offered(open_view: Open) -> None:
    harness = open_view()
    harness.mount_saved(fixtures.travel())
    menu = compare_menu(harness.page)
    expect(menu).to_contain_text("It needs the model. Run the cell again to change it.")
    expect(menu.locator("input, button")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1000])
def test_the_menu_of_methods_fits_and_axe_finds_nothing(
    open_view: Open, artifacts: Path, width: int, scheme: str
) -> None:
    harness = open_view(viewport={"width": width, "height": 800}, color_scheme=scheme)
    harness.mount(fixtures.travel())
    page = harness.page
    box = compare_menu(page).bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert violations(page) == []
    page.screenshot(path=artifacts / f"compare-menu-{scheme}-{width}.png")
