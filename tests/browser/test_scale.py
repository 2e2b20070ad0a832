"""Long prompts and answers: what is in the page stays bounded, and nothing is lost by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import fixtures
from accessibility import violations
from harness import TABS, Harness
from jupyter_xai.explanation.wire import sendable

pytestmark = pytest.mark.browser

MOST_NODES = 5_000
NODES = """() => {
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
  let count = 1;
  while (walker.nextNode()) count += 1;
  return count;
}"""
QUIET = "Nothing of this matters, however long it goes on so. "


@pytest.fixture(scope="module")
def sent() -> dict[str, Any]:
    return sendable(fixtures.long())


@pytest.fixture
def view(browser: Browser) -> Iterator[Harness]:
    harness = Harness(browser)
    yield harness
    harness.context.close()
    assert harness.problems == []


@pytest.fixture
def large(view: Harness, sent: dict[str, Any]) -> Page:
    view.mount(None)
    view.receive(sent)
    view.page.evaluate("first.arriving()")
    return view.page


def units(page: Page, side: str) -> Locator:
    return page.locator(f".jxai-pane-{side} .jxai-unit")


def body(page: Page, side: str) -> Locator:
    return page.locator(f".jxai-pane-{side} .jxai-pane-body")


def text_of(pane: Locator) -> str:
    return pane.evaluate("(pane) => pane.textContent")


def scroll(pane: Locator, top: int) -> None:
    pane.evaluate("(pane, top) => { pane.scrollTop = top; }", top)
    pane.page.wait_for_timeout(150)


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


def quiet(causes: tuple[int, ...] = (3, 60)) -> fixtures.Json:
    texts = [QUIET] * 80
    scores = [[0.001, 0.0] for _ in texts]
    for row in causes:
        scores[row] = [2.0, 1.0 + row / 100]
    return fixtures.explanation(texts, fixtures.RESPONSE[:2], scores, half=0) | {"k": 1}


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


def explained(start: int, end: int) -> fixtures.Json:
    made = fixtures.travel()
    made["response"]["targets"] = {"kind": "spans", "spans": [[start, end]]}
    return made


def test_the_very_characters_that_are_explained_are_marked(view: Harness) -> None:
    view.mount(fixtures.travel())
    page = view.page
    text = "".join(fixtures.RESPONSE)
    start, end = text.index("Naxos"), text.index("quiet")
    marks = page.locator(".jxai-target")
    view.arrive("result", {"request": 0, "explanation": explained(start, end)})
    expect(marks).to_have_text(["Naxos.", "It is warm and "])
    expect(page.locator(".jxai-pending")).to_have_count(0)
    for pane in ("prompt", "response"):
        assert "".join(text_of(unit) for unit in units(page, pane).all())
    marks.nth(1).click()
    assert view.sent()[-1] == {"id": 1, "kind": "explain", "settings": {"targets": None}}
    expect(marks).to_have_count(0)
    view.arrive("result", {"request": 1, "explanation": fixtures.travel()})
    units(page, "response").nth(1).click()
    expect(units(page, "response").nth(1)).to_have_attribute("aria-pressed", "true")


def test_a_piece_that_is_on_its_way_is_marked_as_such(view: Harness) -> None:
    view.mount(fixtures.travel())
    page = view.page
    units(page, "response").nth(1).click(modifiers=["Shift"])
    expect(page.locator(".jxai-pending")).to_have_text("It is warm and quiet there.")
    view.arrive("progress", fixtures_failed(1))
    expect(page.locator(".jxai-target")).to_have_count(0)


def fixtures_failed(request: int) -> dict[str, Any]:
    return {
        "request": request,
        "state": "failed",
        "done": 0,
        "total": 0,
        "seconds": 0.0,
        "seconds_left": None,
        "message": "No memory.",
    }


def test_shift_and_arrows_pick_a_piece_and_enter_asks(view: Harness) -> None:
    view.mount(fixtures.travel())
    page = view.page
    units(page, "response").nth(1).focus()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator(".jxai-picked")).to_have_count(3)
    page.keyboard.press("Shift+ArrowUp")
    expect(page.locator(".jxai-picked")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.locator(".jxai-picked")).to_have_count(0)
    assert view.sent() == []
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Enter")
    lengths = [len(text) for text in fixtures.RESPONSE]
    span = [lengths[0], sum(lengths[:3]) - 1]
    assert view.sent()[-1]["settings"] == {"targets": [span]}


def test_a_finger_picks_by_resting_and_tapping(browser: Browser) -> None:
    harness = Harness(browser, has_touch=True, viewport={"width": 400, "height": 900})
    harness.mount(fixtures.travel())
    page = harness.page
    touch = page.context.new_cdp_session(page)
    units(page, "response").nth(1).scroll_into_view_if_needed()
    box = units(page, "response").nth(0).bounding_box()
    assert box
    point = {"x": box["x"] + 40, "y": box["y"] + 10}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    page.wait_for_timeout(700)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator(".jxai-picked")).to_have_count(1)
    assert harness.sent() == []
    units(page, "response").nth(1).tap()
    ends = len("".join(fixtures.RESPONSE[:2]).rstrip())
    assert harness.sent()[-1]["settings"] == {"targets": [[0, ends]]}
    expect(page.locator("[aria-pressed=true].jxai-unit")).to_have_count(0)
    harness.context.close()
    assert harness.problems == []


def test_a_finger_rests_and_is_dragged_over_a_piece(browser: Browser) -> None:
    harness = Harness(browser, has_touch=True, viewport={"width": 400, "height": 700})
    harness.mount(fixtures.travel())
    page = harness.page
    touch = page.context.new_cdp_session(page)
    units(page, "response").nth(2).scroll_into_view_if_needed()
    page.evaluate("window.scrollBy(0, 100)")

    def finger(kind: str, unit: int | None = None) -> None:
        box = None if unit is None else units(page, "response").nth(unit).bounding_box()
        points = [{"x": box["x"] + 40, "y": box["y"] + 10}] if box else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    scrolled = page.evaluate("scrollY")
    finger("touchStart", 0)
    expect(page.locator(".jxai-picked")).to_have_count(1)
    for unit, picked in ((1, 2), (2, 3), (1, 2)):
        finger("touchMove", unit)
        expect(page.locator(".jxai-picked")).to_have_count(picked)
    assert harness.sent() == []
    finger("touchEnd")
    ends = len("".join(fixtures.RESPONSE[:2]).rstrip())
    assert [each["settings"] for each in harness.sent()] == [{"targets": [[0, ends]]}]
    expect(page.locator(".jxai-picked, [aria-pressed=true].jxai-unit")).to_have_count(0)
    assert page.evaluate("scrollY") == scrolled
    harness.context.close()
    assert harness.problems == []


def test_a_finger_that_moves_at_once_scrolls(browser: Browser) -> None:
    harness = Harness(browser, has_touch=True, viewport={"width": 400, "height": 500})
    harness.mount(fixtures.travel())
    page = harness.page
    touch = page.context.new_cdp_session(page)
    units(page, "response").nth(1).scroll_into_view_if_needed()
    box = units(page, "response").nth(1).bounding_box()
    assert box
    before = page.evaluate("scrollY")
    for kind, moved in (
        ("touchStart", 0),
        ("touchMove", 20),
        ("touchMove", 60),
        ("touchMove", 150),
    ):
        point = {"x": box["x"] + 40, "y": box["y"] + 5 - moved}
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function("(before) => scrollY > before + 50", arg=before)
    expect(page.locator(".jxai-picked")).to_have_count(0)
    assert harness.sent() == []
    harness.context.close()
    assert harness.problems == []


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
