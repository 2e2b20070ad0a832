"""Another answer is named, compared and let go."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

import fixtures
from harness import CHOICES, IDLE, Harness, Open
from view_parts import aim, question, response

pytestmark = pytest.mark.browser


FOIL = "I suggest that you visit the city of Paris."


def contrasted(unit: int | None = 0) -> fixtures.Json:
    made = fixtures.travel()
    made["response"]["foil"] = {"text": FOIL, "supplied": True, "unit": unit}
    return made


def test_another_answer_is_named_and_let_go_with_the_keyboard(view: Harness) -> None:
    page = view.page
    foil = page.get_by_role("textbox", name="Another answer")
    open_form = page.get_by_role("button", name="Why not another answer…")
    expect(foil).to_be_hidden()
    open_form.focus()
    page.keyboard.press("Enter")
    expect(foil).to_be_focused()
    page.keyboard.press("Enter")
    assert view.sent() == [], "nothing to compare with"
    page.keyboard.type(f" {FOIL} ")
    page.keyboard.press("Enter")
    assert view.sent() == [{"id": 1, "kind": "explain", "settings": {"foil": FOIL}}]
    expect(page.locator(".jxai-view")).to_contain_text(
        "Explaining why not “I suggest that you visit"
    )
    view.arrive("result", {"request": 1, "explanation": contrasted()})
    expect(page.locator(".jxai-foil")).to_contain_text(f"Instead of{FOIL}")
    expect(question(page)).to_have_text("What made this answer, and not the other")
    expect(page.locator(".jxai-view")).not_to_contain_text("Explaining why not")
    expect(foil).to_be_hidden()
    expect(open_form).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Explain it alone")).to_be_focused()
    page.keyboard.press("Enter")
    assert view.sent()[-1] == {"id": 2, "kind": "explain", "settings": {"foil": None}}
    view.arrive("result", {"request": 2, "explanation": fixtures.travel()})
    expect(page.locator(".jxai-foil")).to_be_hidden()
    expect(page.get_by_role("button", name="Explain it alone")).to_be_hidden()
    expect(open_form).to_be_focused()


def test_another_answer_is_named_with_the_mouse(view: Harness) -> None:
    page = view.page
    foil = page.get_by_role("textbox", name="Another answer")
    page.get_by_role("button", name="Why not another answer…").click()
    foil.fill("Go <b>home</b>.")
    page.get_by_role("button", name="Ask", exact=True).click()
    assert view.sent()[-1]["settings"] == {"foil": "Go <b>home</b>."}
    failed = IDLE | {"request": 1, "state": "failed", "message": "the foil equals the response"}
    view.arrive("progress", failed)
    expect(foil).to_have_value("Go <b>home</b>.")
    expect(page.locator(".jxai-view")).not_to_contain_text("Explaining why not")


def test_escape_closes_the_form_and_keeps_the_pins(view: Harness) -> None:
    page = view.page
    response(page).nth(2).click()
    page.get_by_role("button", name="Why not another answer…").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox", name="Another answer")).to_be_hidden()
    expect(response(page).nth(2)).to_have_attribute("aria-pressed", "true")


def test_the_models_own_next_best_answer_is_not_let_go(open_view: Open) -> None:
    harness = open_view()
    own = contrasted()
    own["response"]["foil"]["supplied"] = False
    harness.mount(own)
    expect(harness.page.get_by_role("button", name="Explain it alone")).to_be_hidden()
    expect(aim(harness.page)).to_contain_text("compared with the whole one only")


def test_where_no_answer_can_be_compared_it_says_why(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.travel(), choices=CHOICES | {"values": ["text"]})
    harness.mount_saved(contrasted(), "second")
    for name, why in (("first", "log-probabilities"), ("second", "Run the cell again")):
        one = harness.page.locator(f".{name}")
        expect(one.get_by_role("button", name="Why not another answer…")).to_be_disabled()
        expect(one.locator(".jxai-pane-response")).to_contain_text(why)
        expect(one.get_by_role("button", name="Explain it alone")).to_be_hidden()
    below = harness.page.locator(".second .jxai-pane-response").inner_text()
    assert below.count("Run the cell again") == 1
