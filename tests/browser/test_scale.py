"""Long prompts and answers: what is in the page stays bounded, and nothing is lost by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import fixtures
from accessibility import violations
from harness import TABS, Harness
from scale_parts import MOST_NODES, NODES, body, quiet, scroll, text_of, units
from scale_parts import large as large
from scale_parts import sent as sent
from scale_parts import view as view

pytestmark = pytest.mark.browser


def test_the_page_holds_few_nodes_wherever_one_looks(large: Page) -> None:
    counts = [large.evaluate(NODES)]
    for side in ("prompt", "response"):
        for top in (0, 300, 600, 4_000, 10**6, 9_000):
            scroll(body(large, side), top)
            counts.append(large.evaluate(NODES))
    for tab in TABS:
        large.get_by_role("tab", name=tab, exact=True).click()
        counts.append(large.evaluate(NODES))
    large.get_by_role("button", name="Show 100 of 10,000").click()
    rows = large.locator(".jxai-bars > li")
    expect(rows).to_have_count(101)
    expect(rows.nth(50)).to_have_text("… 9,900 between")
    counts.append(large.evaluate(NODES))
    assert max(counts) < MOST_NODES, counts


def test_all_of_the_text_is_there_to_search_and_copy(large: Page, sent: dict[str, Any]) -> None:
    for top in (0, 9_000):
        scroll(body(large, "prompt"), top)
        for side in ("prompt", "response"):
            whole = "".join(unit["text"] for unit in sent[side]["units"])
            assert text_of(body(large, side)) == whole


def test_drawing_moves_no_text(large: Page) -> None:
    pane = body(large, "prompt")
    height = pane.evaluate("(pane) => pane.scrollHeight")
    scroll(pane, 5_000)
    assert pane.evaluate("(pane) => pane.scrollHeight") == height


def test_a_hover_touches_each_visible_unit_twice_at_most(large: Page) -> None:
    found = large.evaluate(
        """async () => {
          const view = document.querySelector('.jxai-view');
          const panes = view.querySelector('.jxai-panes');
          const units = panes.querySelectorAll('.jxai-pane-response .jxai-unit');
          const counts = [];
          for (let index = 20; index < 60; index += 1) {
            const records = [];
            const watcher = new MutationObserver((found) => records.push(...found));
            watcher.observe(panes, { attributes: true, childList: true, subtree: true });
            units[index].dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
            records.push(...watcher.takeRecords());
            watcher.disconnect();
            counts.push([records.length, records.filter((one) => one.type === 'childList').length]);
          }
          return { counts, drawn: panes.querySelectorAll('.jxai-unit').length };
        }"""
    )
    assert found["drawn"] < 1_000
    for changes, rebuilt in found["counts"]:
        assert changes <= 2 * found["drawn"]
        assert rebuilt == 0, "hovering makes no elements in the text"


def test_what_was_scrolled_to_is_shaded_and_told(large: Page) -> None:
    scroll(body(large, "prompt"), 20_000)
    seen = body(large, "prompt").evaluate(
        """(pane) => {
          const { top, bottom } = pane.getBoundingClientRect();
          const unit = [...pane.querySelectorAll('.jxai-unit')].find((one) => {
            const rect = one.getBoundingClientRect();
            return rect.top > top && rect.bottom < bottom;
          });
          return unit?.getAttribute('aria-label') ?? null;
        }"""
    )
    assert seen is not None
    assert "of 10,000" in seen


def test_the_keyboard_reaches_the_end_and_comes_back(large: Page) -> None:
    units(large, "prompt").first.focus()
    large.keyboard.press("End")
    expect(large.locator(":focus")).to_have_text(f"tok{9_999 % 997}")
    large.keyboard.press("ArrowUp")
    large.keyboard.press("ArrowLeft")
    expect(large.locator(":focus")).to_be_in_viewport()
    large.keyboard.press("Home")
    expect(large.locator(":focus")).to_have_text("tok0")
    for _ in range(90):
        large.keyboard.press("ArrowDown")
    expect(large.locator(":focus")).to_be_in_viewport()
    assert large.locator(":focus").inner_text() != "tok0"


def test_a_row_of_the_list_leads_to_its_place_in_the_text(large: Page) -> None:
    row = large.locator(".jxai-bar-row").first
    wanted = row.locator(".jxai-bar-text").inner_text()
    row.click()
    marked = large.locator(".jxai-pane-prompt .jxai-marked")
    expect(marked).to_have_text(wanted)
    expect(marked).to_be_in_viewport()


def test_a_selection_survives_scrolling_away(large: Page) -> None:
    large.evaluate(
        """() => {
          const units = document.querySelectorAll('.jxai-pane-response .jxai-unit');
          document.getSelection().setBaseAndExtent(units[3].firstChild, 0, units[5].firstChild, 4);
        }"""
    )
    scroll(body(large, "response"), 2_000)
    assert large.evaluate("document.getSelection().toString()") == "ans3 ans4 ans5"


def test_paper_shows_every_unit_and_afterwards_few_again(view: Harness) -> None:
    view.mount(fixtures.large(1_200, 10))
    page = view.page
    before = units(page, "prompt").count()
    assert before < 1_200
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(units(page, "prompt")).to_have_count(1_200)
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.wait_for_timeout(150)
    assert units(page, "prompt").count() < 1_200


def test_rows_far_away_are_text_too(view: Harness) -> None:
    made = fixtures.large(600, 4)
    made["prompt"]["level"] = "sentence"
    view.mount(made)
    page = view.page
    assert units(page, "prompt").count() < 200
    height = body(page, "prompt").evaluate("(pane) => pane.scrollHeight")
    scroll(body(page, "prompt"), 8_000)
    expect(units(page, "prompt").nth(30)).to_be_attached()
    after = body(page, "prompt").evaluate("(pane) => pane.scrollHeight")
    assert abs(after - height) < height * 0.02, "the scroll bar does not jump"


def test_hostile_tokens_stay_text_drawn_or_not(view: Harness) -> None:
    texts = [text for _ in range(80) for text in fixtures.HOSTILE]
    made = fixtures.explanation(
        texts, ["So. "], [[1.0 + i % 7] for i in range(len(texts))], half=0, level="token"
    )
    view.mount(made)
    page = view.page
    shown = body(page, "prompt")
    for top in (0, 10**6):
        scroll(shown, top)
        assert text_of(shown) == "".join(texts)
        for tag in ("img", "script"):
            assert page.locator(f".first {tag}").count() == 0
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("document.documentElement.scrollWidth") <= 1_000


# What is folded


def test_quiet_passages_fold_and_open(view: Harness, artifacts: Path) -> None:
    view.mount(quiet())
    page = view.page
    folds = page.locator(".jxai-fold")
    expect(folds).to_have_text(
        ["… 56 sentences below the threshold", "… 19 sentences below the threshold"]
    )
    expect(units(page, "prompt")).to_have_count(5)
    page.screenshot(path=artifacts / "view-folded.png", full_page=True)
    assert violations(page) == []
    folds.nth(1).focus()
    page.keyboard.press("Enter")
    expect(folds).to_have_count(1)
    expect(page.locator(":focus")).to_contain_text("Nothing of this")
    view.arrive("result", {"request": 0, "explanation": quiet() | {"seed": 1}})
    expect(folds).to_have_count(1)


def test_what_is_pinned_or_among_the_k_is_not_folded(view: Harness) -> None:
    view.mount(quiet())
    page = view.page
    again = quiet()
    again["total"][30] = 0.004
    view.arrive("result", {"request": 0, "explanation": again})
    expect(page.locator(".jxai-fold")).to_have_count(2)
    page.get_by_label("k", exact=False).first.focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".jxai-fold")).to_have_text(
        [
            "… 26 sentences below the threshold",
            "… 29 sentences below the threshold",
            "… 19 sentences below the threshold",
        ]
    )


def test_nothing_folds_while_scores_arrive_or_where_none_was_evaluated(view: Harness) -> None:
    view.mount(quiet() | {"partial": True})
    expect(view.page.locator(".jxai-fold")).to_have_count(0)
    unknown = quiet()
    unknown["total"][5:] = [None] * 75
    view.mount(unknown, "second")
    expect(view.page.locator(".second .jxai-fold")).to_have_count(0)


def test_paper_shows_what_is_folded(view: Harness) -> None:
    view.mount(quiet())
    view.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(units(view.page, "prompt")).to_have_count(80)


# Pieces of the answer


# The matrix


@pytest.mark.parametrize(("width", "scheme"), [(1000, "light"), (360, "dark")])
def test_a_large_matrix_is_painted(
    browser: Browser, sent: dict[str, Any], artifacts: Path, width: int, scheme: str
) -> None:
    harness = Harness(browser, viewport={"width": width, "height": 1000}, color_scheme=scheme)
    harness.mount(None)
    harness.receive(sent)
    page = harness.page
    page.evaluate("first.arriving()")
    page.screenshot(path=artifacts / f"view-long-{scheme}-{width}.png", full_page=True)
    page.get_by_role("tab", name="Matrix").click()
    matrix = page.locator(".jxai-map")
    page.get_by_label("strongest rows first").uncheck()
    matrix.locator("canvas").hover(position={"x": 250, "y": 150})
    expect(page.locator(".jxai-tooltip")).to_contain_text("of 10,000")
    rows, columns = (matrix.locator(f".jxai-map-{side} button") for side in ("rows", "columns"))
    rows.first.focus()
    page.keyboard.press("End")
    expect(page.locator(":focus")).to_have_attribute("aria-label", "10,000, “tok29”")
    page.keyboard.press("Home")
    expect(page.locator(":focus")).to_have_attribute("aria-label", "1, “tok0”")
    columns.nth(2).click()
    expect(units(page, "response").nth(2)).to_have_attribute("aria-pressed", "true")
    expect(columns.nth(2)).to_have_attribute("aria-pressed", "true")
    page.screenshot(path=artifacts / f"view-map-{scheme}-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page, ".jxai-details") == []
    harness.context.close()
    assert harness.problems == []
