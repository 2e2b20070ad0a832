"""What the view asks of the kernel, what it does with replies, and what is left without one."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

import fixtures
from harness import IDLE, Harness, Open
from view_parts import aim, away, prompt, question, response, running

pytestmark = pytest.mark.browser


# Talk with the kernel


def test_the_newest_request_wins(view: Harness) -> None:
    page = view.page
    page.get_by_label("method", exact=True).select_option("shap")
    page.get_by_label("method", exact=True).select_option("leave-one-out")
    assert [request["id"] for request in view.sent()] == [1, 2]
    stale = fixtures.travel()
    stale["total"][0] = 99.0
    view.arrive("result", {"request": 1, "explanation": stale})
    view.arrive("progress", running(1))
    expect(prompt(page).nth(0)).to_contain_text("+0.39")
    expect(page.get_by_role("button", name="Cancel")).to_be_hidden()
    fresh = fixtures.fixed()
    fresh["total"][0] = 1.5
    view.arrive("result", {"request": 2, "explanation": fresh})
    expect(prompt(page).nth(0)).to_contain_text("+1.50")


def test_cancel_is_sent_and_what_arrived_is_kept(view: Harness) -> None:
    page = view.page
    page.get_by_label("method", exact=True).select_option("shap")
    view.arrive("progress", running(1))
    cancel = page.get_by_role("button", name="Cancel")
    cancel.click()
    expect(cancel).to_be_disabled()
    view.arrive("progress", running(1, 5))
    expect(page.locator(".jxai-status-line")).to_have_text("Cancelling…")
    assert view.sent()[-1] == {"id": 2, "kind": "cancel"}
    view.arrive("result", {"request": 1, "explanation": fixtures.partial()})
    view.arrive("progress", running(1, 11) | {"state": "cancelled"})
    expect(page.locator(".jxai-notes")).to_contain_text("Partial")
    expect(page.locator(".jxai-status-line")).to_contain_text("Cancelled after 11 of 64")
    expect(cancel).to_be_hidden()


def test_what_was_not_evaluated_is_not_a_zero(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.partial())
    page = harness.page
    expect(prompt(page).nth(4)).to_have_attribute("data-jxai-state", "out unknown")
    expect(prompt(page).nth(4).locator(".jxai-number")).to_have_text("–")
    expect(page.locator(".jxai-bars")).to_contain_text("not evaluated yet")


def test_a_failure_is_told(view: Harness) -> None:
    failed = IDLE | {"state": "failed", "message": "The model returned NaN; load it in float32."}
    view.arrive("progress", failed)
    expect(view.page.locator(".jxai-status-line")).to_have_text(failed["message"])


def test_the_first_run_starts_with_its_progress(open_view: Open) -> None:
    harness = open_view()
    harness.mount(None)
    page = harness.page
    harness.arrive("progress", running(0, 0, 0) | {"seconds_left": None, "message": "Loading"})
    expect(page.locator(".jxai-status-line")).to_have_text("Loading")
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(page.locator(".jxai-panes")).to_be_hidden()
    harness.arrive("result", {"request": 0, "explanation": fixtures.travel()})
    expect(prompt(page)).to_have_count(8)


def test_levels_are_summed_here_or_asked_for(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.chat())
    page = harness.page
    level = page.locator(".jxai-pane-response select")
    level.select_option(label="sentences, summed")
    expect(response(page)).to_have_count(4)
    assert harness.sent() == []
    level.select_option(label="tokens, compute")
    assert harness.sent() == [{"id": 1, "kind": "explain", "settings": {"response_units": "token"}}]
    tokens = fixtures.chat()
    tokens["response"]["level"] = "token"
    harness.arrive("result", {"request": 1, "explanation": tokens})
    expect(response(page)).to_have_count(len(tokens["response"]["units"]))
    expect(level.locator("option:checked")).to_have_text("tokens")


def test_a_control_returns_when_what_it_asked_for_fails(view: Harness) -> None:
    method = view.page.get_by_label("method", exact=True)
    method.select_option("shap")
    view.arrive("progress", IDLE | {"request": 1, "state": "failed", "message": "No memory."})
    expect(method).to_have_value("linear")


def test_a_method_that_cannot_be_had_says_why(view: Harness) -> None:
    option = view.page.locator("option[value=saliency]")
    expect(option).to_be_disabled()
    expect(option).to_have_text("Saliency (needs gradients)")


def test_cleaning_up_leaves_nothing(view: Harness) -> None:
    view.page.evaluate("first.cleanup()")
    expect(view.page.locator(".jxai-view")).to_have_count(0)
    assert view.page.evaluate("[...first.listeners.values()].flat().length") == 0


def test_two_views_are_independent(view: Harness) -> None:
    view.mount(fixtures.chat(), "second")
    page = view.page
    page.locator(".first .jxai-pane-response .jxai-unit").nth(1).click()
    page.locator(".first").get_by_label("method", exact=True).select_option("shap")
    # What is kept elsewhere would show when this view is drawn anew.
    page.locator(".second .jxai-pane-prompt .jxai-unit").nth(2).hover()
    away(page)
    expect(page.locator(".first .jxai-question")).to_contain_text("warm and quiet")
    expect(page.locator(".second .jxai-question")).to_have_text("What made the whole answer")
    assert len(view.sent("first")) == 1
    assert view.sent("second") == []
    assert page.locator("[id]").count() == 0


# Without a kernel


def test_a_saved_view_works_and_says_what_does_not(open_view: Open) -> None:
    harness = open_view()
    harness.mount_saved(fixtures.travel())
    page = harness.page
    expect(page.locator(".jxai-notes")).to_contain_text("Saved view")
    expect(page.get_by_label("perturbations")).to_be_disabled()
    # Units alone can be chosen: larger ones are summed here.
    selects = page.locator(".jxai-header select:visible")
    expect(selects).to_have_count(1)
    expect(selects.locator("option")).to_have_text(["sentences", "paragraphs, summed"])
    expect(aim(page)).to_contain_text("Run the cell again")
    response(page).nth(3).hover()
    expect(question(page)).to_contain_text("The water is clear")
    page.get_by_label("k", exact=False).first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".jxai-coverage")).to_contain_text("4 of 8 shown")
