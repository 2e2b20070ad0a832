"""Texts that would break out of a careless view: nothing runs, and everybody can read them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Page, expect

import fixtures
from harness import CHOICES, IDLE, STATIC, Harness, Open
from jupyter_xai.interface.comparison import Comparison
from jupyter_xai.interface.explanation import Explanation
from test_comparison import MOUNT
from test_saving import saved

pytestmark = pytest.mark.browser

TEXTS = {
    "image": '<img src=x onerror="window.pwned=1"> picture. ',
    "script": "</script><script>window.pwned=1</script></style> script. ",
    # Nothing ends the override, so that all behind it is turned, too, where nobody sees to it.
    "override": "turned \u202e\u2066 around. ",
    "nul": "nul \x00 and \x1b escape. ",
    # Nowhere may it make the page wide, or stay where nobody can read it.
    "long": "w" * 10_000 + ". ",
}

TURNED = """() => {
  const alone = (node) => {
    let part = node.parentElement;
    while (part && getComputedStyle(part).unicodeBidi === 'normal') part = part.parentElement;
    return part !== null && part.textContent.endsWith(node.data);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const seen = node.parentElement.checkVisibility();
    const open = node.data.includes('\\u202e') && !/\\u202e[^]*\\u2069\\u202c/.test(node.data);
    if (seen && open && !alone(node)) {
      found.push(node.parentElement.outerHTML.slice(0, 300));
    }
  }
  return found;
}"""


WIDE = """() => {
  const scrolls = '.jxai-tabs, .jxai-matrix-scroll';
  const style = (one) => getComputedStyle(one).overflowX;
  const cut = (one) => one !== null && (style(one) !== 'visible' || cut(one.parentElement));
  const wide = (one) =>
    ['auto', 'scroll'].includes(style(one))
      ? one.scrollWidth > one.clientWidth + 1
      : one.getBoundingClientRect().right > innerWidth + 1 && !cut(one.parentElement);
  return [...document.querySelectorAll('.jxai-view *')]
    .filter((one) => one.checkVisibility() && !one.closest(scrolls) && wide(one))
    .map((one) => one.outerHTML.slice(0, 200));
}"""


@pytest.fixture(params=TEXTS.values(), ids=list(TEXTS))
def text(request: pytest.FixtureRequest) -> str:
    return request.param


def explained(text: str, level: str = "sentence") -> fixtures.Json:
    """The text is part of the prompt and of the answer, the model's name and a note."""
    result = copy.deepcopy(fixtures.travel())
    for part, index in (("prompt", 3), ("response", 1)):
        result[part]["level"] = level
        result[part]["units"][index]["text"] = text
    result["model"]["name"] = text
    result["notes"] = [text]
    return result


def beginning(text: str) -> str:
    """What is to be read of it even where there is little room."""
    return text[:6].partition("\x00")[0]


def assert_harmless(page: Page) -> None:
    assert page.evaluate("window.pwned") is None
    assert page.locator("body :is(img, script[src], iframe)").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(TURNED) == []
    assert page.evaluate(WIDE) == []


@pytest.mark.parametrize(("level", "width"), [("sentence", 1_000), ("word", 320)])
def test_in_every_tab_and_tooltip(open_view: Open, text: str, level: str, width: int) -> None:
    harness = open_view(viewport={"width": width, "height": 900})
    harness.mount(explained(text, level))
    page = harness.page
    unit = page.locator(".jxai-pane-prompt .jxai-unit").nth(3)
    # White space between units stands outside of them.
    own = unit.evaluate("(one) => (one.querySelector('.jxai-text') ?? one).textContent")
    assert own.strip() == text.strip()
    for tab in page.get_by_role("tab").all():
        tab.click()
        assert_harmless(page)
    page.get_by_role("tab", name="Flow").click()
    for name in ("Flow", "What if", "Scores"):
        page.get_by_role("tab", name=name).click()
        expect(page.get_by_role("tabpanel")).to_contain_text(beginning(text))
    answer = page.locator(".jxai-pane-response .jxai-unit").nth(1)
    answer.dispatch_event("pointerover", {"bubbles": True})
    expect(page.locator(".jxai-question")).to_contain_text(beginning(text))
    assert_harmless(page)
    answer.press("Enter")
    assert_harmless(page)


def test_as_the_answer_to_a_changed_prompt(open_view: Open, text: str) -> None:
    harness = open_view()
    harness.mount(explained(text))
    page = harness.page
    page.get_by_role("tab", name="What if").click()
    changes = [{"kind": kind, "text": text} for kind in ("same", "removed", "added")]
    page.locator(".jxai-panel:visible .jxai-switches button").nth(3).click()
    page.get_by_role("button", name="Ask without").click()
    harness.arrive("what_if", fixtures.answered(1, response=text, changes=changes, notes=[text]))
    expect(page.locator(".jxai-panel:visible ins")).to_contain_text(beginning(text))
    assert_harmless(page)


def test_in_what_the_kernel_says(open_view: Open, text: str) -> None:
    """In notes, progress, errors, offers and fields, where there is least room."""
    offers = [{"name": name, "title": name, "what": text, "cost": text} for name in ("one", "two")]
    whys = ("", text)
    choices = {
        **CHOICES,
        "text": text,
        "methods": [
            *CHOICES["methods"],
            {"name": "own", "title": text, "available": True, "why": ""},
            {"name": "none", "title": "None", "available": False, "why": text},
        ],
        "metrics": [{**offer, "why": why} for offer, why in zip(offers, whys, strict=True)],
    }
    made = explained(text)
    for metric in made["metrics"]:
        metric["meaning"] = text
    made["versions"] = {text: text}
    harness = open_view(viewport={"width": 320, "height": 900})
    harness.mount(made, choices=choices)
    page = harness.page
    expect(page.locator(".jxai-notes p")).to_contain_text(beginning(text), ignore_case=True)
    for state in ("running", "cancelled", "failed"):
        harness.arrive("progress", IDLE | {"request": 1, "state": state, "message": text})
        line = page.locator(".jxai-status-line")
        expect(line).to_contain_text(beginning(text), ignore_case=True)
        # A column one letter wide is not readable.
        assert line.evaluate("(one) => one.clientWidth") >= 60
        assert_harmless(page)
    for name in ("Checks", "What if", "Settings"):
        page.get_by_role("tab", name=name).click()
        assert_harmless(page)
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".jxai-picks")).to_contain_text(beginning(text))
    assert_harmless(page)


def test_side_by_side(open_view: Open, text: str) -> None:
    one, two = fixtures.travel(), explained(text)
    found = {"plain": Explanation.from_dict(one), text: Explanation.from_dict(two)}
    harness = open_view()
    esm = (STATIC / "view.js").read_text()
    data = {"esm": esm, "comparison": Comparison(found, "prompts", 3).to_dict()}
    harness.page.evaluate(MOUNT, data)
    page = harness.page
    expect(page.locator(".jxai-columns")).to_contain_text(beginning(text))
    page.locator(".jxai-columns .jxai-unit", has_text="Where should I go").last.hover()
    expect(page.locator(".jxai-standing")).to_contain_text("Where should I go")
    assert_harmless(page)


def test_in_pictures_and_pages(browser: Browser, text: str, tmp_path: Path) -> None:
    harness = Harness(browser)
    harness.mount(explained(text))
    svg = saved(harness.page, "SVG", tmp_path).read_text()
    drawn = "".join(ElementTree.fromstring(svg).itertext())
    assert beginning(text) in drawn
    assert saved(harness.page, "PNG", tmp_path).read_bytes().startswith(b"\x89PNG")
    pages: list[Any] = [saved(harness.page, "Page", tmp_path)]
    pages.append(Explanation.from_dict(explained(text)).html(tmp_path / "python.html"))
    harness.context.close()
    assert harness.problems == []
    for path in pages:
        page = browser.new_page()
        page.goto(Path(path).as_uri())
        unit = page.locator(".jxai-pane-prompt .jxai-text").nth(3)
        expect(unit).to_contain_text(beginning(text))
        assert_harmless(page)
        page.close()
