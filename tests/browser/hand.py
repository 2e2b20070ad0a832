"""What a hand does with a mouse: drags over text, and drags the thumb of a slider."""

from __future__ import annotations

from playwright.sync_api import Locator


def drag(units: Locator, unit: int, start: int, to: int, end: int) -> None:
    """Drag from a character of one unit to a character of another, or of the same."""
    units.nth(to).scroll_into_view_if_needed()
    mouse = units.page.mouse
    mouse.move(*_place(units.nth(unit), start))
    mouse.down()
    mouse.move(*_place(units.nth(to), end), steps=4)
    mouse.up()


def slide(slider: Locator, share: float) -> None:
    """Drag the thumb to this share of the way, 0 to 1."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    at = slider.evaluate("({ value, min, max }) => (value - min) / (max - min)")
    middle, room = box["y"] + box["height"] / 2, box["width"]
    mouse = slider.page.mouse
    # The thumb's own width lies within the slider.
    inside = 16
    mouse.move(box["x"] + inside / 2 + at * (room - inside), middle)
    mouse.down()
    mouse.move(box["x"] + inside / 2 + share * (room - inside), middle, steps=4)
    mouse.up()


def _place(unit: Locator, offset: int) -> tuple[float, float]:
    """The left edge of a character of this unit, halfway down its line."""
    x, y = unit.locator(".jxai-text").evaluate(
        """(text, offset) => {
          const range = document.createRange();
          range.setStart(text.firstChild, offset);
          range.setEnd(text.firstChild, offset + 1);
          const { left, top, height } = range.getBoundingClientRect();
          return [left + 0.5, top + height / 2];
        }""",
        offset,
    )
    return x, y
