"""The curve: asked of the kernel once, read with the pointer and the keyboard, saved."""

from __future__ import annotations

import math
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

import fixtures
from accessibility import violations
from harness import IDLE, Harness, Open
from view_parts import prompt, running

pytestmark = pytest.mark.browser


def panel(page: Page) -> Locator:
    return page.get_by_role("tabpanel", name="Curve")


def compute(page: Page) -> Locator:
    return panel(page).get_by_role("button", name="Compute the curve")


def figure(page: Page, order: str) -> Locator:
    return panel(page).get_by_role("row", name=order).get_by_role("cell")


def struck(page: Page) -> list[int]:
    return [
        row
        for row, unit in enumerate(prompt(page).all())
        if "jxai-removed" in (unit.get_attribute("class") or "")
    ]


@pytest.fixture
def asking(view: Harness) -> Harness:
    view.page.get_by_role("tab", name="Curve").click()
    return view


@pytest.fixture
def curved(open_view: Open) -> Harness:
    harness = open_view()
    harness.mount(fixtures.curved())
    harness.page.get_by_role("tab", name="Curve").click()
    return harness


def test_it_says_what_it_costs_and_is_asked_once(asking: Harness) -> None:
    page = asking.page
    expect(compute(page)).to_have_text("Compute the curve (up to 86 forwards)")
    compute(page).click()
    assert asking.sent() == [{"id": 1, "kind": "curves"}]
    expect(compute(page)).to_be_disabled()
    asking.arrive("progress", running(1, done=20, total=86))
    expect(panel(page).get_by_role("status")).to_contain_text("20 of 86")
    panel(page).get_by_role("button", name="Cancel").click()
    assert asking.sent()[-1] == {"id": 2, "kind": "cancel"}
    asking.arrive("progress", IDLE | {"request": 1, "state": "cancelled"})
    expect(panel(page).get_by_role("status")).to_have_text("Cancelled.")
    compute(page).focus()
    page.keyboard.press("Enter")
    assert asking.sent()[-1] == {"id": 3, "kind": "curves"}
    asking.arrive("result", {"request": 3, "explanation": fixtures.curved()})
    asking.arrive("progress", IDLE | {"request": 3})
    expect(compute(page)).to_be_hidden()
    expect(panel(page).get_by_role("img")).to_be_visible()


def test_it_waits_for_scores_and_gives_way_to_new_ones(asking: Harness) -> None:
    page = asking.page
    page.get_by_label("method", exact=True).select_option("shap")
    compute(page).click()
    assert [request["kind"] for request in asking.sent()] == ["explain"]
    expect(panel(page).get_by_role("status")).to_contain_text("Waiting")
    asking.arrive("progress", running(1))
    asking.arrive("result", {"request": 1, "explanation": fixtures.travel()})
    asking.arrive("progress", IDLE | {"request": 1})
    assert asking.sent()[-1] == {"id": 2, "kind": "curves"}
    asking.arrive("progress", running(2))
    page.get_by_label("method", exact=True).select_option("linear")
    asking.arrive("result", {"request": 2, "explanation": fixtures.curved()})
    expect(compute(page)).to_be_visible()
    asking.arrive("progress", running(3))
    expect(panel(page).get_by_role("status")).to_contain_text("Put aside")
    expect(compute(page)).to_be_enabled()


def test_a_failure_is_told(asking: Harness) -> None:
    page = asking.page
    compute(page).click()
    asking.arrive("progress", IDLE | {"request": 1, "state": "failed", "message": "No memory."})
    expect(panel(page).get_by_role("status")).to_have_text("No memory.")
    expect(compute(page)).to_be_enabled()


def test_the_keyboard_reads_every_step_and_marks_what_is_removed(curved: Harness) -> None:
    page, made = curved.page, fixtures.curved()
    curves = made["curves"]
    slider = panel(page).get_by_role("slider", name="removed")
    expect(figure(page, "most important").first).to_have_text("−3.40")
    assert struck(page) == []
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "2 of 8")
    assert struck(page) == sorted(curves["order"][:2])
    first = figure(page, "most important").first
    expect(first).to_contain_text(f"−{-curves['deletion'][2]:.1f}")
    expect(figure(page, "at random").first).to_contain_text(f"−{-curves['random']['mean'][2]:.2f}")
    kept = -curves["insertion"][-3]
    share = math.exp(curves["insertion"][-3] - curves["deletion"][0])
    expect(figure(page, "least important").first).to_have_text(
        f"−{kept:.2f} · {100 * share:.0f}\u00a0% as likely"
    )
    page.keyboard.press("End")
    assert struck(page) == list(range(8))
    last = f"−{-curves['deletion'][-1]:.1f}"
    for order in ("most important", "at random", "least important"):
        expect(figure(page, order).first).to_contain_text(last)


def test_the_mean_change_is_the_area_over_the_curve(curved: Harness) -> None:
    deletion = fixtures.curved()["curves"]["deletion"]
    area = sum(deletion[0] - at for at in deletion) / len(deletion)
    expect(figure(curved.page, "most important").last).to_have_text(f"−{area:.1f}")


def test_the_pointer_does_the_same_and_another_tab_lets_go(curved: Harness) -> None:
    page = curved.page
    box = panel(page).get_by_role("img").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 3 / 8, box["y"] + box["height"] / 2)
    slider = panel(page).get_by_role("slider", name="removed")
    expect(slider).to_have_attribute("aria-valuetext", "3 of 8")
    assert struck(page) == sorted(fixtures.curved()["curves"]["order"][:3])
    page.get_by_role("tab", name="Scores").click()
    assert struck(page) == []


def test_a_saved_view_shows_what_was_computed_and_says_why_it_computes_nothing(
    open_view: Open,
) -> None:
    harness = open_view()
    harness.mount_saved(fixtures.curved(), name="first")
    harness.page.get_by_role("tab", name="Curve").click()
    expect(panel(harness.page).get_by_role("img")).to_be_visible()
    other = open_view()
    other.mount_saved(fixtures.travel(), name="first")
    other.page.get_by_role("tab", name="Curve").click()
    expect(compute(other.page)).to_be_disabled()
    expect(panel(other.page)).to_contain_text("It needs the model.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 1000])
def test_axe_finds_nothing_and_nothing_sticks_out(
    open_view: Open, width: int, scheme: str, artifacts: Any
) -> None:
    harness = open_view(color_scheme=scheme, viewport={"width": width, "height": 900})
    harness.mount(fixtures.curved())
    page = harness.page
    page.get_by_role("tab", name="Curve").click()
    panel(page).get_by_role("slider", name="removed").fill("3")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.screenshot(path=artifacts / f"curve-{scheme}-{width}.png", full_page=True)
    assert violations(page) == []
