"""The sliders for k and for the number of perturbations."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

import fixtures
from harness import Harness, Open
from view_parts import SETTLED, prompt, response, running, top

pytestmark = pytest.mark.browser


def test_k_outlines_the_top_units_and_asks_for_their_check(view: Harness) -> None:
    page = view.page
    slider = page.get_by_label("k", exact=False).first
    expect(page.locator(".jxai-coverage")).to_have_text("3 of 8 shown, cover 74\u00a0% of |score|")
    slider.focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".jxai-coverage")).to_contain_text("5 of 8 shown")
    assert top(page) == [1, 2, 3, 5, 6]
    page.wait_for_timeout(SETTLED)
    assert view.sent() == [{"id": 1, "kind": "checks", "k": 5}]


def test_k_has_the_set_that_a_joint_method_found(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.travel() | {"sets": {"3": [0, 4, 7]}})
    assert top(harness.page) == [0, 4, 7]


def test_units_without_a_score_are_not_among_the_top(open_view: Open) -> None:
    harness = open_view()
    sparse = fixtures.fixed()
    sparse["total"] = [
        0.0 if row not in (2, 5) else total for row, total in enumerate(sparse["total"])
    ]
    harness.mount(sparse)
    page = harness.page
    assert top(page) == [2, 5]
    coverage = page.locator(".jxai-coverage")
    expect(coverage).to_contain_text("2 of 8 shown")
    expect(coverage).to_contain_text("only 2 units have a score")
    page.get_by_label("k", exact=False).first.focus()
    page.keyboard.press("End")
    assert top(page) == [2, 5]
    page.keyboard.press("Home")
    assert top(page) == [5]
    expect(coverage).not_to_contain_text("only")
    response(page).nth(2).hover()
    assert len(top(page)) == 1, "a question of its own has scores of its own"
    joint = open_view()
    joint.mount(sparse | {"sets": {"3": [0, 2, 5]}})
    assert top(joint.page) == [0, 2, 5], "the set that was found, whatever the scores of its units"
    expect(joint.page.locator(".jxai-coverage")).not_to_contain_text("only")


def test_a_known_check_is_shown_without_asking(view: Harness) -> None:
    page = view.page
    page.get_by_role("tab", name="Checks").click()
    expect(page.locator(".jxai-verdict")).to_contain_text("Removing these 3 lowers")
    page.get_by_label("k", exact=False).first.focus()
    page.keyboard.press("Home")
    expect(page.locator(".jxai-verdict")).to_contain_text("Removing these 1 lowers")
    page.wait_for_timeout(SETTLED)
    assert view.sent() == []


def test_perturbations_are_asked_for_once_the_slider_rests(view: Harness) -> None:
    page = view.page
    slider = page.get_by_label("perturbations")
    expect(slider).to_have_attribute("aria-valuetext", "64")
    slider.focus()
    for key in ("ArrowRight", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    expect(slider).to_have_attribute("aria-valuetext", "32")
    assert view.sent() == [], "nothing is sent while the slider moves"
    page.wait_for_timeout(SETTLED)
    assert view.sent() == [{"id": 1, "kind": "explain", "settings": {"perturbations": 32}}]


def test_perturbations_end_at_all_there_are(view: Harness) -> None:
    slider = view.page.get_by_label("perturbations")
    slider.focus()
    view.page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "255, all")


def test_a_fixed_number_of_masks_says_why(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.fixed())
    slider = harness.page.get_by_label("perturbations")
    expect(slider).to_be_disabled()
    expect(slider).to_have_attribute("aria-valuetext", "8, fixed")
    expect(harness.page.locator(".jxai-slider").nth(1)).to_have_attribute(
        "title", "Leave one out needs exactly 8 perturbations for 8 parts."
    )


def test_methods_that_perturb_nothing_show_no_number_of_it(open_view: Open) -> None:
    harness = open_view()
    explanation = fixtures.fixed()
    explanation["method"]["name"] = "saliency"
    explanation["perturbations"] = {"asked": None, "used": 0, "most": None}
    harness.mount(explanation)
    page = harness.page
    expect(page.get_by_label("perturbations")).to_be_hidden()
    page.get_by_role("tab", name="Settings").click()
    expect(page.get_by_role("tabpanel", name="Settings")).to_contain_text("Perturbationsnone")


def test_the_metrics_say_that_they_are_about_the_whole_answer(view: Harness) -> None:
    page = view.page
    summary, curve = page.locator(".jxai-summary"), page.get_by_text("About the whole answer.")
    page.get_by_role("tab", name="Curve").click()
    expect(curve).to_be_hidden()
    response(page).nth(1).click()
    expect(summary).to_contain_text("whole answer:")
    expect(curve).to_be_visible()
    page.keyboard.press("Escape")
    expect(summary).not_to_contain_text("whole answer")
    expect(curve).to_be_hidden()


def test_scores_move_while_they_arrive(view: Harness) -> None:
    page = view.page
    slider = page.get_by_label("perturbations")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(SETTLED)
    for done in (16, 96):
        view.arrive("progress", running(1, done, 128))
        step = fixtures.travel()
        step["total"][5] = 5 + done / 100
        step["perturbations"] |= {"asked": 128, "used": done}
        view.arrive("result", {"request": 1, "explanation": step})
        expect(prompt(page).nth(5)).to_contain_text(f"+{step['total'][5]:.2f}")
        expect(page.locator(".jxai-status-line")).to_have_text(f"{done} of 128 · 1.4 s left")
    expect(slider).to_have_attribute("aria-valuetext", "128")
