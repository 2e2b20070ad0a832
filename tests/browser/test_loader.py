"""What a widget's state holds of the front end: it finds the code, once a page, or says plainly."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

import fixtures
from harness import CHOICES, IDLE, STATIC, Harness, Open

pytestmark = pytest.mark.browser

# A host as anywidget is one: the loader is a module of its own for each widget.
MOUNT = """async ({name, esm, state}) => {
  const url = URL.createObjectURL(new Blob([esm], {type: 'text/javascript'}));
  const { default: widget } = await import(url);
  const listeners = new Map();
  const sent = [];
  const of = (event) => listeners.get(event) ?? [];
  const model = {
    get: (key) => state[key],
    set: (key, value) => { state[key] = value; },
    save_changes: () => {},
    send: (content) => sent.push(content),
    on: (event, f) => listeners.set(event, [...of(event), f]),
    off: (event, f) => listeners.set(event, of(event).filter((other) => other !== f)),
  };
  const el = document.createElement('div');
  el.className = name;
  const home = name === 'shadow' ? document.body.attachShadow({ mode: 'open' }) : document.body;
  home.append(el);
  const hear = (content) => { for (const f of of('msg:custom')) f(content); };
  window[name] = { sent, hear, listeners };
  window[name].cleanup = widget.render({ model, el });
}"""


@pytest.fixture
def page(open_view: Open) -> Page:
    harness: Harness = open_view()
    # The loader brings the sheet, too.
    harness.page.evaluate("document.querySelectorAll('style')[1].remove()")
    return harness.page


COUNTED = "\nglobalThis.ran = (globalThis.ran ?? 0) + 1;"


def code(version: str = "1") -> dict[str, str]:
    return {
        "id": version,
        "code": (STATIC / "widget.js").read_text()
        + "\nglobalThis.ran = (globalThis.ran ?? 0) + 1;",
        "style": (STATIC / "widget.css").read_text(),
    }


def mount(page: Page, name: str, front_end: dict[str, str], explained: Any = None) -> None:
    state = {
        "front_end": front_end,
        "result": {"request": 0, "explanation": explained or fixtures.travel()},
        "progress": IDLE,
        "choices": CHOICES,
        "request": {},
    }
    esm = (STATIC / "loader.js").read_text()
    page.evaluate(MOUNT, {"name": name, "esm": esm, "state": state})


def test_the_code_is_taken_once_and_serves_all(page: Page) -> None:
    mount(page, "first", code())
    expect(page.locator(".first .jxai-view")).to_be_visible()
    mount(page, "second", {"id": "1"})
    mount(page, "third", code())
    for name in ("second", "third"):
        expect(page.locator(f".{name} .jxai-view")).to_be_visible()
    assert page.evaluate("[first.sent, second.sent, third.sent]") == [
        [{"kind": "taken"}],
        [],
        [{"kind": "taken"}],
    ]
    assert page.evaluate("globalThis.ran") == 1
    assert page.locator("style[data-jxai-style]").count() == 1
    page.locator(".second .jxai-pane-response .jxai-unit").first.hover()
    expect(page.locator(".second .jxai-question")).to_contain_text("Naxos")


def test_a_page_that_was_loaded_again_asks(page: Page) -> None:
    mount(page, "first", {"id": "1"})
    mount(page, "second", {"id": "1"})
    expect(page.locator(".first pre")).to_contain_text("I love to swim")
    assert page.evaluate("first.sent") == [{"kind": "front-end"}]
    page.evaluate("code => first.hear({ kind: 'front-end', ...code })", code())
    expect(page.locator(".first .jxai-view")).to_be_visible()
    expect(page.locator(".first pre")).to_have_count(0)
    page.evaluate("code => second.hear({ kind: 'front-end', ...code })", code())
    expect(page.locator(".second .jxai-view")).to_be_visible()
    assert page.evaluate("globalThis.ran") == 1


def test_kernels_of_two_versions_draw_with_their_own(page: Page) -> None:
    mount(page, "first", code())
    mount(page, "second", code("2"))
    for name in ("first", "second"):
        expect(page.locator(f".{name} .jxai-view")).to_be_visible()
    assert page.evaluate("globalThis.ran") == 2


def test_without_a_kernel_the_scores_are_read(page: Page) -> None:
    explained = fixtures.hostile()
    mount(page, "first", {"id": "1"}, explained)
    text = page.locator(".first pre")
    expect(text).to_contain_text(f'{explained["total"][0]}\t<img src=x onerror="window.pwned=1">')
    assert page.evaluate("window.pwned") is None
    assert text.evaluate("one => one.scrollWidth <= window.innerWidth")


def test_a_shadow_root_gets_the_sheet(page: Page) -> None:
    mount(page, "shadow", code())
    view = page.locator(".shadow .jxai-view")
    expect(view).to_be_visible()
    assert view.evaluate("one => getComputedStyle(one).borderTopStyle") == "solid"


def test_it_can_be_saved_as_a_page_and_taken_down(page: Page, tmp_path: Any) -> None:
    mount(page, "first", code())
    page.locator(".first").get_by_role("button", name="Save", exact=True).click()
    with page.expect_download() as started:
        page.locator(".first").get_by_role("button", name="Page HTML").click()
    started.value.save_as(tmp_path / "page.html")
    assert 'id="jxai-view"' in (tmp_path / "page.html").read_text()
    page.evaluate("async () => (await first.cleanup)()")
    expect(page.locator(".first .jxai-view")).to_have_count(0)
