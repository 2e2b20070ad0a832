"""Prompt and answer are linked: pointing at one shades the other."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

import fixtures
from harness import Harness, Open
from view_parts import away, prompt, question, response, tints, top

pytestmark = pytest.mark.browser


def test_the_whole_answer_is_explained_at_first(view: Harness) -> None:
    expect(question(view.page)).to_have_text("What made the whole answer")
    expect(prompt(view.page)).to_have_count(8)
    expect(response(view.page)).to_have_count(4)
    assert top(view.page) == [2, 5, 6]
    assert tints(response(view.page)) == [0, 0, 0, 0]


def test_hovering_an_answer_shades_the_prompt_by_its_column(view: Harness) -> None:
    page = view.page
    before = tints(prompt(page))
    response(page).nth(3).hover()
    expect(question(page)).to_have_text("What made “The water is clear and good for swimming.”")
    shades = tints(prompt(page))
    assert shades.index(max(shades)) == 5
    expect(prompt(page).nth(5)).to_contain_text("+3.87")
    away(page)
    expect(question(page)).to_have_text("What made the whole answer")
    assert tints(prompt(page)) == before


def test_hovering_the_prompt_shades_the_answer_by_its_row(view: Harness) -> None:
    page = view.page
    before = tints(prompt(page))
    prompt(page).nth(3).hover()
    expect(response(page).nth(1)).to_contain_text("+2.24")
    expect(response(page).nth(2)).to_contain_text("−0.78")
    expect(response(page).nth(2)).to_have_attribute("data-jxai-state", re.compile("opposes"))
    assert tints(prompt(page)) == before
    away(page)
    assert tints(response(page)) == [0, 0, 0, 0]


def test_support_and_opposition_have_two_hues_and_zero_has_none(view: Harness) -> None:
    page = view.page
    prompt(page).nth(3).hover()
    page.wait_for_timeout(50)
    colours = (
        response(page)
        .locator(".jxai-text")
        .evaluate_all("(all) => all.map((one) => getComputedStyle(one).backgroundColor)")
    )
    supports = [float(part) for part in re.findall(r"[\d.]+", colours[1])]
    opposes = [float(part) for part in re.findall(r"[\d.]+", colours[2])]
    assert supports[2] > supports[0], "blue"
    assert opposes[0] > opposes[2], "orange"
    away(page)
    unshaded = response(page).nth(1).locator(".jxai-text")
    alpha = unshaded.evaluate("(one) => getComputedStyle(one).backgroundColor")
    assert alpha.endswith("/ 0)") or alpha in ("rgba(0, 0, 0, 0)", "transparent")


def test_pins_add_up_and_escape_lets_go(view: Harness) -> None:
    page = view.page
    response(page).nth(1).click()
    response(page).nth(3).click()
    away(page)
    expect(question(page)).to_have_text("What made 2 pinned sentences together (summed)")
    expect(response(page).nth(1)).to_have_attribute("aria-pressed", "true")
    scores = fixtures.travel()["scores"][5]
    expect(prompt(page).nth(5)).to_contain_text(f"+{scores[1] + scores[3]:.2f}")
    response(page).nth(1).click()
    away(page)
    expect(question(page)).to_have_text("What made “The water is clear and good for swimming.”")
    page.keyboard.press("Escape")
    expect(question(page)).to_have_text("What made the whole answer")
    expect(response(page).nth(3)).to_have_attribute("aria-pressed", "false")


def test_values_that_do_not_add_up_are_averaged(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.travel() | {"value": "logit"})
    response(harness.page).nth(0).click()
    response(harness.page).nth(1).click()
    away(harness.page)
    expect(question(harness.page)).to_contain_text("(averaged)")


def test_a_pin_survives_a_rerun(view: Harness) -> None:
    page = view.page
    response(page).nth(3).click()
    away(page)
    again = fixtures.travel()
    again["scores"][0][3] = 9.0
    view.arrive("result", {"request": 0, "explanation": again})
    expect(response(page).nth(3)).to_have_attribute("aria-pressed", "true")
    expect(prompt(page).nth(0)).to_contain_text("+9.00")
