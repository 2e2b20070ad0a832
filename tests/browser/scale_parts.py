"""Large prompts, and where to look in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

import fixtures
from harness import Harness
from jupyter_xai.explanation.wire import sendable

MOST_NODES = 5_000


NODES = """() => {
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
  let count = 1;
  while (walker.nextNode()) count += 1;
  return count;
}"""


QUIET = "Nothing of this matters, however long it goes on so. "


@pytest.fixture(scope="module")
def sent() -> dict[str, Any]:
    return sendable(fixtures.long())


@pytest.fixture
def view(browser: Browser) -> Iterator[Harness]:
    harness = Harness(browser)
    yield harness
    harness.context.close()
    assert harness.problems == []


@pytest.fixture
def large(view: Harness, sent: dict[str, Any]) -> Page:
    view.mount(None)
    view.receive(sent)
    view.page.evaluate("first.arriving()")
    return view.page


def units(page: Page, side: str) -> Locator:
    return page.locator(f".jxai-pane-{side} .jxai-unit")


def body(page: Page, side: str) -> Locator:
    return page.locator(f".jxai-pane-{side} .jxai-pane-body")


def text_of(pane: Locator) -> str:
    return pane.evaluate("(pane) => pane.textContent")


def scroll(pane: Locator, top: int) -> None:
    pane.evaluate("(pane, top) => { pane.scrollTop = top; }", top)
    pane.page.wait_for_timeout(150)


def quiet(causes: tuple[int, ...] = (3, 60)) -> fixtures.Json:
    texts = [QUIET] * 80
    scores = [[0.001, 0.0] for _ in texts]
    for row in causes:
        scores[row] = [2.0, 1.0 + row / 100]
    return fixtures.explanation(texts, fixtures.RESPONSE[:2], scores, half=0) | {"k": 1}


def explained(start: int, end: int) -> fixtures.Json:
    made = fixtures.travel()
    made["response"]["targets"] = {"kind": "spans", "spans": [[start, end]]}
    return made


def fixtures_failed(request: int) -> dict[str, Any]:
    return {
        "request": request,
        "state": "failed",
        "done": 0,
        "total": 0,
        "seconds": 0.0,
        "seconds_left": None,
        "message": "No memory.",
    }
