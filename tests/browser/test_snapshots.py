"""What is drawn, state by state, beside what was drawn when somebody last looked.

`UPDATE_SNAPSHOTS=1` writes `snapshots/*.json` anew. Every letter of `even.ttf` is the same box, and
no scroll bar takes room, so that lines break alike on every machine.
"""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import ndiff
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

import fixtures
from harness import STATIC, Harness, Open
from test_comparison import MOUNT, methods
from view_parts import response

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
DRAWN = (HERE / "drawn.js").read_text()
EVEN = f"""
@font-face {{
  font-family: Even;
  src: url(data:font/ttf;base64,{b64encode((HERE / "even.ttf").read_bytes()).decode()});
}}
* {{
  font-family: Even !important;
  /* Or the machine's settings decide whether letters are as wide as whole pixels. */
  text-rendering: geometricPrecision !important;
  scrollbar-width: none !important;
}}
"""
PIXELS = 3
"""How far a box may be from where it was: selects and sliders are the browser's own."""
LEVELS = 3
"""How far a colour may be from what it was, of 255: browsers round mixed colours differently."""

Drawn = dict[str, Any]
"""What it is, its box and its colours."""


def nothing(page: Page) -> None:
    """As it opens."""


def pin(page: Page) -> None:
    response(page).nth(3).click()


def tab(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("tab", name=name, exact=True).click()


@dataclass(frozen=True)
class State:
    act: Callable[[Page], None] = nothing
    options: dict[str, Any] = field(default_factory=dict)


STATES = {
    "plain": State(),
    "pinned": State(pin),
    "matrix": State(tab("Matrix")),
    "flow": State(tab("Flow")),
    "checks": State(tab("Checks")),
    "dark": State(pin, {"color_scheme": "dark"}),
    "narrow": State(options={"viewport": {"width": 320, "height": 900}}),
    "comparison": State(),
}


def opened(open_view: Open, name: str, *, even: bool = True, **options: Any) -> Page:
    """The view in this state, in even letters or in those that the machine has."""
    state = STATES[name]
    harness: Harness = open_view(**{**state.options, **options})
    page = harness.page
    if even:
        page.add_style_tag(content=EVEN)
        page.evaluate("document.fonts.load('16px Even')")
    if name == "comparison":
        esm = (STATIC / "view.js").read_text()
        page.evaluate(MOUNT, {"esm": esm, "comparison": methods().to_dict()})
    else:
        harness.mount(fixtures.travel())
    state.act(page)
    page.mouse.move(0, 0)
    page.wait_for_timeout(300)
    return page


def drawn(page: Page) -> list[Drawn]:
    return page.evaluate(DRAWN)["drawn"]


def faults(page: Page) -> list[str]:
    """What overlaps, is cut off or stands outside."""
    return page.evaluate(DRAWN)["faults"]


def levels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def apart(one: Drawn, other: Drawn) -> bool:
    """Whether these differ by more than browsers do."""
    if one.keys() != other.keys():
        return True
    boxes = zip(one["box"], other["box"], strict=True)
    colours = [
        pair
        for name in one.keys() - {"what", "box"}
        for pair in zip(levels(one[name]), levels(other[name]), strict=True)
    ]
    return any(abs(a - b) > PIXELS for a, b in boxes) or any(
        abs(a - b) > LEVELS for a, b in colours
    )


def line(one: Drawn) -> str:
    return json.dumps(one, ensure_ascii=False)


def differences(before: list[Drawn], now: list[Drawn]) -> list[str]:
    """What came, what went, and what looks different."""
    names = [[one["what"] for one in all_drawn] for all_drawn in (before, now)]
    if names[0] != names[1]:
        return [came for came in ndiff(*names) if came[0] in "+-"]
    pairs = zip(before, now, strict=True)
    return [f"{line(a)} is now {line(b)}" for a, b in pairs if apart(a, b)]


def stored(name: str) -> list[Drawn]:
    return json.loads((HERE / "snapshots" / f"{name}.json").read_text())


def store(name: str, now: list[Drawn]) -> None:
    path = HERE / "snapshots" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text("[\n" + ",\n".join(map(line, now)) + "\n]\n")


@pytest.mark.parametrize("name", STATES)
def test_it_looks_as_it_did(open_view: Open, name: str) -> None:
    page = opened(open_view, name)
    assert faults(page) == []
    if os.environ.get("UPDATE_SNAPSHOTS"):
        store(name, drawn(page))
    assert differences(stored(name), drawn(page)) == []


def test_the_letters_are_even(open_view: Open) -> None:
    # A font that maps letters to no glyph of its own is drawn in whatever the machine has.
    page = opened(open_view, "plain")
    widths = page.evaluate(
        """() => ['iiii', 'WWWW', '\u2026\u2212\u00b7l'].map((text) => {
          const span = document.createElement('span');
          span.textContent = text;
          span.style.fontSize = '20px';
          document.body.append(span);
          return span.getBoundingClientRect().width;
        })"""
    )
    assert widths == [40, 40, 40]


@pytest.mark.parametrize("width", [320, 480, 700, 1000])
@pytest.mark.parametrize("name", STATES)
def test_nothing_is_cut_off_where_scroll_bars_show(
    open_view_with_scroll_bars: Open, name: str, width: int
) -> None:
    size = {"viewport": {"width": width, "height": 500}}
    page = opened(open_view_with_scroll_bars, name, even=False, **size)
    # The page is longer than the window, so that it has a scroll bar, which takes room.
    assert page.evaluate("innerWidth - document.documentElement.clientWidth") > 10
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


CHANGED = {
    ".jxai-unit { --jxai-tint: 0.1 !important }": "button “I love to swim",
    ".jxai-range { visibility: hidden }": "- slider k",
    ".jxai-panes { gap: 40px !important }": "region Response",
    ".jxai-tab { color: #c00 !important }": "tab Matrix",
}
IN_THE_WAY = {
    ".jxai-tab { margin-right: -20px }": "tab Scores lies on tab Matrix",
    ".jxai-button { max-width: 20px; padding: 0; overflow: hidden }": "button Save is cut off",
    ".jxai-select { position: relative; left: 990px }": "combobox method is outside",
}


def test_what_changes_is_noticed(open_view: Open) -> None:
    page = opened(open_view, "plain")
    assert differences(stored("plain"), drawn(page)) == []
    for style, what in CHANGED.items():
        added = page.add_style_tag(content=style)
        assert what in "\n".join(differences(stored("plain"), drawn(page)))
        added.evaluate("(style) => style.remove()")
    assert differences(stored("plain"), drawn(page)) == []
    for style, fault in IN_THE_WAY.items():
        added = page.add_style_tag(content=style)
        assert fault in faults(page)
        added.evaluate("(style) => style.remove()")


def test_every_state_is_another() -> None:
    assert all(differences(stored(a), stored(b)) for a, b in pairwise(STATES))
