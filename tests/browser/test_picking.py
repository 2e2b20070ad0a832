"""Pieces of the answer that are picked: by mouse, keys and fingers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

import fixtures
from harness import Harness
from scale_parts import explained, fixtures_failed, text_of, units
from scale_parts import sent as sent
from scale_parts import view as view

pytestmark = pytest.mark.browser


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
