"""Arcs from the prompt to the answer, and pins that stay on their text."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

import fixtures
from accessibility import violations
from harness import Harness, Open
from view_parts import away, prompt, question, response

pytestmark = pytest.mark.browser


def flow(page: Page) -> Locator:
    return page.get_by_role("tabpanel", name="Flow")


def arcs(page: Page) -> Locator:
    return page.locator(".jxai-arc")


@pytest.fixture
def flowing(view: Harness) -> Harness:
    view.page.get_by_role("tab", name="Flow").click()
    return view


def lit(page: Page) -> int:
    return page.locator(".jxai-arc:not(.jxai-faint)").count()


def test_arcs_have_the_width_and_hue_of_their_scores(flowing: Harness) -> None:
    page = flowing.page
    scores = sorted(
        (score for row in fixtures.travel()["scores"] for score in row), key=abs, reverse=True
    )
    # The strongest are drawn last, so that they lie on top.
    widths = arcs(page).evaluate_all("(all) => all.map((one) => +one.getAttribute('stroke-width'))")
    assert widths == sorted(widths)
    assert len(widths) <= 40
    drawn = scores[: len(widths)]
    opposing = page.locator(".jxai-arc.jxai-opposes")
    assert opposing.count() == sum(score < 0 for score in drawn) > 0
    expect(flow(page).get_by_role("status")).to_have_text(f"{len(widths)} arcs")


def test_the_threshold_draws_fewer_with_mouse_and_keyboard(flowing: Harness) -> None:
    page = flowing.page
    slider = flow(page).get_by_role("slider", name="threshold")
    before = arcs(page).count()
    slider.fill("6")
    scores = [abs(score) for row in fixtures.travel()["scores"] for score in row]
    fifth = 0.2 * max(scores)
    expect(slider).to_have_attribute("aria-valuetext", f"{fifth:.2f} nats")
    expect(arcs(page)).to_have_count(sum(score >= fifth for score in scores))
    assert arcs(page).count() < before
    slider.focus()
    page.keyboard.press("End")
    expect(arcs(page)).to_have_count(1)
    page.keyboard.press("Home")
    expect(arcs(page)).to_have_count(32)


def test_pointing_at_an_arc_marks_both_its_ends(flowing: Harness) -> None:
    page = flowing.page
    strongest = arcs(page).last
    strongest.hover(force=True)
    expect(page.locator(".jxai-pane-prompt .jxai-marked")).to_contain_text("I love to swim")
    expect(page.locator(".jxai-pane-response .jxai-marked")).to_contain_text("The water is clear")
    expect(page.locator(".jxai-tooltip")).to_contain_text("+3.87")
    assert lit(page) == 1
    away(page)
    expect(page.locator(".jxai-marked")).to_have_count(0)
    assert lit(page) == arcs(page).count()


def test_pins_and_the_text_decide_what_stands_out(flowing: Harness) -> None:
    page = flowing.page
    end = flow(page).get_by_role("button", name="The water is clear")
    end.click()
    away(page)
    expect(end).to_have_attribute("aria-pressed", "true")
    expect(response(page).nth(3)).to_have_attribute("aria-pressed", "true")
    expect(question(page)).to_contain_text("The water is clear")
    one = lit(page)
    assert 0 < one < arcs(page).count()
    response(page).nth(1).click()
    away(page)
    assert lit(page) > one
    prompt(page).nth(5).hover()
    assert lit(page) < one + 2
    page.keyboard.press("Escape")
    away(page)
    assert lit(page) == arcs(page).count()


def test_everything_can_be_had_with_the_keyboard_and_as_a_table(flowing: Harness) -> None:
    page = flowing.page
    end = flow(page).get_by_role("button").first
    end.focus()
    page.keyboard.press("Tab")
    assert lit(page) < arcs(page).count(), "the focused end stands out"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    page.get_by_role("button", name="As a table").focus()
    page.keyboard.press("Enter")
    rows = flow(page).locator("tbody tr")
    expect(rows).to_have_count(arcs(page).count())
    expect(rows.first).to_contain_text("I love to swim")
    expect(rows.first).to_contain_text("+3.87")


def test_a_large_text_has_a_bounded_picture(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.large())
    page = harness.page
    page.get_by_role("tab", name="Flow").click()
    slider = flow(page).get_by_role("slider", name="threshold")
    slider.fill("0")
    assert 60 <= arcs(page).count() <= 300
    assert flow(page).locator(".jxai-flow-end").count() <= 120
    expect(flow(page).get_by_role("status")).to_have_text(re.compile(r"[\d,]+ more are hidden"))


def test_a_saved_view_has_the_picture_too(open_view: Open) -> None:
    harness = open_view()
    harness.mount_saved(fixtures.travel())
    harness.page.get_by_role("tab", name="Flow").click()
    assert arcs(harness.page).count() > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_picture(open_view: Open, scheme: str) -> None:
    harness = open_view(color_scheme=scheme)
    harness.mount(fixtures.travel())
    page = harness.page
    page.get_by_role("tab", name="Flow").click()
    response(page).nth(3).click()
    page.get_by_role("button", name="As a table").click()
    assert violations(page) == []


@pytest.mark.parametrize("width", [320, 360, 1000])
def test_nothing_sticks_out(open_view: Open, width: int, artifacts: object) -> None:
    for scheme in ("light", "dark"):
        harness = open_view(color_scheme=scheme, viewport={"width": width, "height": 900})
        harness.mount(fixtures.travel())
        page = harness.page
        page.get_by_role("tab", name="Flow").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=f"{artifacts}/flow-{scheme}-{width}.png", full_page=True)


# Pins


def test_three_pins_are_explained_together(view: Harness) -> None:
    page = view.page
    for index in (0, 1, 3):
        response(page).nth(index).click()
    away(page)
    expect(question(page)).to_have_text("What made 3 pinned sentences together (summed)")
    row = fixtures.travel()["scores"][2]
    expect(prompt(page).nth(2)).to_contain_text(f"+{row[0] + row[1] + row[3]:.2f}")


def test_a_pin_survives_another_cut_of_the_answer(open_view: Open) -> None:
    harness = open_view()
    made = fixtures.chat()
    harness.mount(made)
    page = harness.page
    page.get_by_text("Naxos.").click()
    away(page)
    expect(question(page)).to_have_text("What made “Naxos.”")
    harness.page.locator(".jxai-pane-response").get_by_label("units").select_option("sentence")
    expect(question(page)).to_contain_text("What made “I suggest that you visit the island of Nax")
    expect(response(page).nth(0)).to_have_attribute("aria-pressed", "true")
    expect(response(page).nth(1)).to_have_attribute("aria-pressed", "false")


def test_a_pin_does_not_survive_another_answer(view: Harness) -> None:
    page = view.page
    response(page).nth(3).click()
    prompt(page).nth(1).click()
    away(page)
    other = fixtures.travel()
    other["response"]["units"][0]["text"] = "I suggest Paris. "
    view.arrive("result", {"request": 0, "explanation": other})
    expect(response(page).nth(3)).to_have_attribute("aria-pressed", "false")
    expect(prompt(page).nth(1)).to_have_attribute("aria-pressed", "true")
