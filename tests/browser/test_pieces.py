"""A piece of the answer is explained by dragging over it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

import fixtures
from hand import drag
from harness import CHOICES, IDLE, Harness, Open
from view_parts import aim, response

pytestmark = pytest.mark.browser


def aimed(start: int, end: int, unit: int) -> fixtures.Json:
    """The explanation of one piece, within one unit of the answer."""
    made = fixtures.travel()
    piece = "".join(fixtures.RESPONSE)[start:end]
    made["response"]["targets"] = {"kind": "spans", "spans": [[start, end]]}
    for index, each in enumerate(made["response"]["units"]):
        each["targets"] = [piece] if index == unit else []
    return made


def test_dragging_over_a_piece_explains_just_that(view: Harness) -> None:
    page = view.page
    expect(aim(page)).to_contain_text("Drag over a piece")
    response(page).nth(2).click()
    start = fixtures.RESPONSE[0].index("Naxos")
    drag(response(page), 0, start, 0, start + len("Naxos"))
    span = [start, start + len("Naxos")]
    assert view.sent() == [{"id": 1, "kind": "explain", "settings": {"targets": [span]}}]
    expect(aim(page)).to_have_text(f"Explaining [{span[0]}:{span[1]}] “Naxos” …")
    expect(response(page).nth(2)).to_have_attribute("aria-pressed", "false")
    view.arrive("result", {"request": 1, "explanation": aimed(*span, 0)})
    expect(aim(page)).to_have_text(f"Explaining [{span[0]}:{span[1]}] “Naxos”")
    expect(response(page).nth(1)).to_have_class(re.compile("jxai-aside"))
    expect(response(page).nth(0)).not_to_have_class(re.compile("jxai-aside"))
    page.keyboard.press("Escape")
    assert view.sent()[-1] == {"id": 2, "kind": "explain", "settings": {"targets": None}}
    expect(aim(page)).to_have_text("Letting go of the piece …")
    view.arrive("result", {"request": 2, "explanation": fixtures.travel()})
    expect(aim(page)).to_contain_text("Drag over a piece")
    expect(page.locator(".jxai-aside")).to_have_count(0)


def test_a_piece_may_reach_over_several_units_in_either_direction(view: Harness) -> None:
    drag(response(view.page), 2, 3, 1, 6)
    text = "".join(fixtures.RESPONSE)
    span = [text.index("warm"), text.index("can stay") - 1]
    assert view.sent()[-1]["settings"] == {"targets": [span]}
    assert text[slice(*span)] == "warm and quiet there. You"


def test_a_click_or_a_double_click_explains_no_piece(view: Harness) -> None:
    response(view.page).nth(1).dblclick()
    response(view.page).nth(1).click()
    assert view.sent() == []


def test_shift_click_and_shift_enter_explain_from_unit_to_unit(view: Harness) -> None:
    page = view.page
    ends = [len("".join(fixtures.RESPONSE[: i + 1]).rstrip()) for i in range(4)]
    response(page).nth(0).click()
    response(page).nth(1).click(modifiers=["Shift"])
    assert view.sent()[-1]["settings"] == {"targets": [[0, ends[1]]]}
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Enter")
    assert view.sent()[-1]["settings"] == {"targets": [[0, ends[2]]]}
    view.arrive("result", {"request": 2, "explanation": aimed(0, ends[2], 0)})
    expect(response(page).nth(2)).to_be_focused()
    page.get_by_role("button", name="Let go of it").focus()
    page.keyboard.press("Enter")
    assert view.sent()[-1]["settings"] == {"targets": None}
    expect(aim(page)).to_be_focused()


def test_a_failed_piece_leaves_what_was_there(view: Harness) -> None:
    page = view.page
    response(page).nth(1).click(modifiers=["Shift"])
    view.arrive("progress", IDLE | {"request": 1, "state": "failed", "message": "No memory."})
    expect(aim(page)).to_contain_text("Drag over a piece")


@pytest.mark.parametrize(
    ("changes", "choices", "why"),
    [
        ({"value": "text"}, {}, "log-probabilities as the value"),
        ({}, {"values": ["text"]}, "needs a model with log-probabilities"),
    ],
)
def test_where_no_piece_can_be_explained_it_says_why(
    open_view: Open, changes: dict[str, Any], choices: dict[str, Any], why: str
) -> None:
    harness = open_view()
    harness.mount(fixtures.travel() | changes, choices=CHOICES | choices)
    expect(aim(harness.page)).to_contain_text(why)
    response(harness.page).nth(1).click(modifiers=["Shift"])
    drag(response(harness.page), 0, 2, 1, 6)
    assert harness.sent() == []
