"""How the view looks, how it is read, and how fast it is."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

import fixtures
from accessibility import violations
from harness import STATIC, TABS, Harness, Open
from view_parts import contrast, prompt, response, running

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 800, 1400])
@pytest.mark.parametrize("name", ["travel", "chat", "hostile"])
def test_it_fits(open_view: Open, artifacts: Path, name: str, width: int, scheme: str) -> None:
    harness = open_view(viewport={"width": width, "height": 900}, color_scheme=scheme)
    harness.mount(getattr(fixtures, name)())
    page = harness.page
    response(page).nth(1).click()
    prompt(page).nth(0).hover()
    for tab in TABS:
        page.get_by_role("tab", name=tab).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, tab
    panes = [page.locator(f".jxai-pane-{side}").bounding_box() for side in ("prompt", "response")]
    assert panes[0]
    assert panes[1]
    assert (panes[0]["y"] == panes[1]["y"]) == (width >= 800), "beside each other where it is wide"
    page.screenshot(path=artifacts / f"view-{name}-{scheme}-{width}.png", full_page=True)


def test_every_control_holds_its_texts_at_every_width(open_view: Open) -> None:
    many, none = fixtures.travel(), fixtures.travel()
    many["perturbations"] |= {"asked": 1_048_576, "most": 1_048_576}
    none["perturbations"] = {"asked": None, "used": 0, "most": None}
    harness = open_view()
    harness.mount(fixtures.fixed())
    harness.mount(many, "second")
    harness.mount_saved(many, "third")
    harness.mount(none, "fourth")
    page = harness.page
    outside = page.evaluate(
        """() => {
          const beyond = (inner, outer) =>
            inner.width > 0 && (inner.left < outer.left - 1 || inner.right > outer.right + 1);
          const found = [];
          for (let width = 320; width <= 1600; width += 20) {
            document.body.style.width = `${width}px`;
            for (const header of document.querySelectorAll('.jxai-header')) {
              const frame = header.getBoundingClientRect();
              for (const control of header.children) {
                const box = control.getBoundingClientRect();
                if (beyond(box, frame)) found.push([width, control.className]);
                for (const text of control.querySelectorAll('span:not(.jxai-hidden)')) {
                  const range = document.createRange();
                  range.selectNodeContents(text);
                  const place = range.getBoundingClientRect();
                  if (beyond(place, box)) found.push([width, text.textContent]);
                }
              }
            }
          }
          return found;
        }"""
    )
    assert outside == []
    page.evaluate("document.body.style.width = '320px'")
    expect(page.locator(".first .jxai-slider:visible")).to_have_count(2)
    expect(page.locator(".fourth .jxai-slider:visible")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_shaded_text_stays_readable(open_view: Open, scheme: str) -> None:
    harness = open_view(color_scheme=scheme)
    harness.mount(fixtures.chat())
    harness.mount(fixtures.travel(), "second")
    prompt(harness.page).nth(3).hover()
    for text in (".jxai-inline", ".jxai-text", ".jxai-protected", ".jxai-bar-text", ".jxai-number"):
        assert min(contrast(harness.page, text)) >= 4.5, text
    for state in ("top", "top opposes", "out", "out opposes"):
        harness.page.evaluate(
            """(state) => document.querySelectorAll('.jxai-unit').forEach((unit) => {
              unit.dataset.jxaiState = state;
              unit.style.setProperty('--jxai-tint', '1');
            })""",
            state,
        )
        harness.page.wait_for_timeout(50)
        for text in (".jxai-inline", ".jxai-text"):
            assert min(contrast(harness.page, text)) >= 4.5, f"{text} at full shade, {state}"


def test_the_theme_of_the_notebook_wins_over_the_reader(open_view: Open) -> None:
    harness = open_view(color_scheme="dark")
    harness.mount(fixtures.travel())
    page = harness.page
    page.evaluate("document.body.dataset.jpThemeLight = 'true'")
    page.add_style_tag(content="body { --jp-layout-color1: rgb(250, 250, 240); }")
    view = page.locator(".jxai-view")
    assert view.evaluate("(one) => getComputedStyle(one).colorScheme") == "light"
    assert view.evaluate("(one) => getComputedStyle(one).backgroundColor") == "rgb(250, 250, 240)"


@pytest.mark.parametrize(
    ("theme", "paper", "ink", "reader"),
    [
        ("vscode-dark", "rgb(31, 31, 31)", "rgb(204, 204, 204)", "light"),
        ("vscode-light", "rgb(255, 255, 255)", "rgb(59, 59, 59)", "dark"),
        ("vscode-high-contrast", "rgb(0, 0, 0)", "rgb(255, 255, 255)", "light"),
    ],
)
def test_the_theme_of_vs_code_wins_over_the_reader(
    open_view: Open, artifacts: Path, theme: str, paper: str, ink: str, reader: str
) -> None:
    harness = open_view(color_scheme=reader)
    page = harness.page
    # VS Code names its theme on the body and hands its colours to every output as variables.
    page.evaluate("theme => { document.body.className = theme; }", theme)
    page.add_style_tag(
        content=f"html {{ --vscode-editor-background: {paper};"
        f" --vscode-editor-foreground: {ink}; }}"
        "body { background: var(--vscode-editor-background); }"
    )
    harness.mount(fixtures.travel())
    style = page.locator(".jxai-view").evaluate(
        "one => { const { backgroundColor, color, colorScheme } = getComputedStyle(one);"
        " return [backgroundColor, color, colorScheme]; }"
    )
    assert style == [paper, ink, "light" if theme == "vscode-light" else "dark"]
    assert min(contrast(page, ".jxai-text")) >= 4.5
    page.screenshot(path=artifacts / f"{theme}.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["travel", "chat", "partial", "fixed"])
def test_axe_finds_nothing(open_view: Open, name: str, scheme: str) -> None:
    harness = open_view(color_scheme=scheme)
    harness.mount(getattr(fixtures, name)())
    page = harness.page
    harness.arrive("progress", running(0))
    response(page).nth(1).click()
    for tab in TABS:
        page.get_by_role("tab", name=tab).click()
        assert violations(page) == [], tab


# Experimental, so axe leaves it out unless asked: what is read must be what is spoken to.
NAMES = ["label-content-name-mismatch"]


@pytest.mark.parametrize("level", ["sentence", "word"])
def test_names_hold_all_of_a_long_text(open_view: Open, level: str) -> None:
    long = (
        "This sentence goes on and on, " + "and on, " * 40 + "until its very last word: lagoon.\n"
    )
    explanation = fixtures.travel()
    for part in ("prompt", "response"):
        explanation[part]["level"] = level
        for unit in explanation[part]["units"][:2]:
            unit["text"] = long
    harness = open_view()
    harness.mount(explanation)
    page = harness.page
    for units in (prompt(page), response(page)):
        name = units.first.get_attribute("aria-label")
        assert name
        assert name.startswith(f"“{' '.join(long.split())}”, ")
    for tab in page.get_by_role("tab").all():
        tab.click()
        assert violations(page, runOnly=NAMES) == [], tab


def test_motion_honours_the_reader(open_view: Open) -> None:
    for motion, expected in (("reduce", "0s"), ("no-preference", "0.12s")):
        harness = open_view(reduced_motion=motion)
        harness.mount(fixtures.travel())
        text = harness.page.locator(".jxai-text").first
        duration = text.evaluate("(one) => getComputedStyle(one).transitionDuration")
        assert duration == expected


def test_pointing_moves_nothing(view: Harness) -> None:
    page = view.page
    places = """() => [...document.querySelectorAll('.jxai-unit, .jxai-tab')]
      .map((one) => one.getBoundingClientRect().y)"""
    before = page.evaluate(places)
    for unit in [*prompt(page).all(), *response(page).all()]:
        unit.hover()
        assert page.evaluate(places) == before


def test_a_hover_over_two_thousand_words_changes_little(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.large())
    found: dict[str, Any] = harness.page.evaluate(
        """() => {
          const view = document.querySelector('.jxai-view');
          const changes = new MutationObserver(() => {});
          changes.observe(view, {
            attributes: true, characterData: true, childList: true, subtree: true,
          });
          const hover = (unit) => {
            unit.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
            return changes.takeRecords();
          };
          const units = [...document.querySelectorAll('.jxai-pane-response .jxai-unit')];
          const first = units.map(hover);
          return {
            drawn: document.querySelectorAll('.jxai-pane-prompt .jxai-unit').length,
            answers: units.length,
            changes: first.map((records) => records.length),
            built: first.flat().filter(({ addedNodes, target }) =>
              [...addedNodes].some((node) => node.classList?.contains('jxai-unit'))).length,
            again: hover(units.at(-1)).length,
          };
        }"""
    )
    assert found["drawn"] < 500, "words near what is seen"
    assert found["answers"] == 40
    # Of each unit its shade, state and outline at most; around them a caption, a legend, a list.
    most = 3 * (found["drawn"] + found["answers"]) + 200
    assert max(found["changes"]) < most
    assert found["built"] == 0
    assert found["again"] == 0, "what is shown already is not drawn again"


def test_the_bundle_is_small() -> None:
    parts = [gzip.compress((STATIC / name).read_bytes()) for name in ("widget.js", "widget.css")]
    assert sum(map(len, parts)) < 60_000
