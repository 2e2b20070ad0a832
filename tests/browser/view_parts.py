"""Parts of the view as tests find them, and how they look."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page

from harness import IDLE

SETTLED = 600
"""Milliseconds after which a slider has surely settled and asked for what it wants."""


def prompt(page: Page) -> Locator:
    return page.locator(".jxai-pane-prompt .jxai-unit")


def response(page: Page) -> Locator:
    return page.locator(".jxai-pane-response .jxai-unit")


def question(page: Page) -> Locator:
    return page.locator(".jxai-question")


def aim(page: Page) -> Locator:
    return page.locator(".jxai-aim-line")


def tint(unit: Locator) -> float:
    return float(unit.evaluate("(unit) => unit.style.getPropertyValue('--jxai-tint') || '0'"))


def tints(units: Locator) -> list[float]:
    return [tint(unit) for unit in units.all()]


def top(page: Page) -> list[int]:
    """Which prompt units are outlined."""
    states = [unit.get_attribute("data-jxai-state") or "" for unit in prompt(page).all()]
    return [index for index, state in enumerate(states) if "top" in state.split()]


def away(page: Page) -> None:
    """Move the pointer off everything and wait until the view has noticed."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(150)


def running(request: int, done: int = 3, total: int = 64) -> dict[str, Any]:
    return IDLE | {
        "request": request,
        "state": "running",
        "done": done,
        "total": total,
        "seconds": 0.2,
        "seconds_left": 1.4,
    }


def contrast(page: Page, units: str) -> list[float]:
    """WCAG contrast of text against its shade, with all layers under it put together."""
    return page.evaluate(
        """(selector) => {
          const canvas = document.createElement('canvas');
          canvas.width = canvas.height = 1;
          const context = canvas.getContext('2d', { willReadFrequently: true });
          const flat = (layers) => {
            context.fillStyle = matchMedia('(prefers-color-scheme: dark)').matches
              ? '#000' : '#fff';
            context.fillRect(0, 0, 1, 1);
            for (const layer of layers) {
              context.fillStyle = layer;
              context.fillRect(0, 0, 1, 1);
            }
            return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
          };
          const light = (rgb) => rgb
            .map((part) => part / 255)
            .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
          return [...document.querySelectorAll(selector)].map((element) => {
            const layers = [];
            for (let at = element; at; at = at.parentElement) {
              layers.unshift(getComputedStyle(at).backgroundColor);
            }
            const paper = light(flat(layers));
            const ink = light(flat([...layers, getComputedStyle(element).color]));
            return (Math.max(paper, ink) + 0.05) / (Math.min(paper, ink) + 0.05);
          });
        }""",
        units,
    )
