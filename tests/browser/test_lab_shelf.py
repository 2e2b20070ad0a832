"""The side panel that lists the explanations of all open notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

import fixtures
from lab_server import LabServer
from notebooks import active, explained, write
from visit import Visit

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("patient")]

SHELF = "#jupyter-xai-explanations"
LONG = [f"x{i} = 1" for i in range(150)]


@pytest.fixture(scope="module")
def visit(browser: Browser, lab: LabServer) -> Iterator[Visit]:
    """A page with an empty notebook and the list beside it."""
    write(lab.root / "long.ipynb", [explained(fixtures.travel()), *LONG, hostile()])
    write(lab.root / "short.ipynb", [explained(fixtures.chat())])
    visit = Visit(browser, lab).open(write(lab.root / "empty.ipynb", ["1 + 1"]))
    visit.command("xai:show-explanations")
    yield visit
    visit.end()


def hostile() -> object:
    return explained(fixtures.hostile(), "%%xai explain --method shap")


def cards(visit: Visit) -> Locator:
    return visit.page.locator(f"{SHELF} .jxai-card")


def show(visit: Visit, path: str) -> None:
    visit.page.evaluate(
        "async path => { await window.jupyterapp.commands.execute('docmanager:open', { path }); }",
        path,
    )


def test_an_empty_list_says_how_to_begin(visit: Visit, artifacts: Path) -> None:
    expect(visit.page.locator(SHELF)).to_contain_text("No open notebook holds an explanation yet")
    expect(visit.page.locator(SHELF)).to_contain_text("%load_ext jupyter_xai")
    visit.page.screenshot(path=artifacts / "lab-shelf-empty.png")


def test_open_notebooks_are_listed_with_what_they_explain(visit: Visit, artifacts: Path) -> None:
    show(visit, "long.ipynb")
    show(visit, "short.ipynb")
    expect(cards(visit)).to_have_count(3)
    names = visit.page.locator(f"{SHELF} .jxai-shelf-notebook").all_inner_texts()
    assert sorted(names) == ["long.ipynb", "short.ipynb"]
    card = cards(visit).filter(has_text="I suggest that you visit").first
    record = fixtures.travel()
    expect(card.locator(".jxai-card-what")).to_have_text(
        f"{record['method']['name'].capitalize()} · {record['model']['name']}"
    )
    expect(card.locator(".jxai-strip > span")).to_have_count(len(fixtures.PROMPT))
    shades = card.locator(".jxai-strip > span").evaluate_all(
        "all => all.map(each => Number(each.style.getPropertyValue('--jxai-tint')))"
    )
    assert max(shades) == 1
    visit.page.screenshot(path=artifacts / "lab-shelf.png")


def test_what_a_model_wrote_is_text(visit: Visit) -> None:
    assert visit.page.evaluate("() => window.pwned") is None
    assert visit.page.locator(f"{SHELF} :is(img, script)").count() == 0


def test_a_click_goes_to_a_cell_far_down_in_another_notebook(visit: Visit) -> None:
    show(visit, "empty.ipynb")
    section = visit.page.locator(f"{SHELF} section", has_text="long.ipynb")
    section.locator(".jxai-card").nth(1).click()
    title = "() => window.jupyterapp.shell.currentWidget.title.label === 'long.ipynb'"
    visit.page.wait_for_function(title)
    view = visit.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jxai-view")
    expect(view.last).to_be_in_viewport()
    assert active(visit) == len(LONG) + 1


def test_the_keyboard_reaches_every_card(visit: Visit) -> None:
    visit.command("xai:show-explanations")
    expect(cards(visit).first).to_be_focused()
    visit.page.keyboard.press("Tab")
    expect(cards(visit).nth(1)).to_be_focused()
    visit.page.keyboard.press("Shift+Tab")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex === 0"
    )


def test_the_list_follows_what_is_cleared_and_closed(visit: Visit) -> None:
    show(visit, "long.ipynb")
    visit.command("notebook:clear-all-cell-outputs")
    expect(cards(visit)).to_have_count(1)
    show(visit, "short.ipynb")
    visit.page.evaluate(
        "async () => { const { currentWidget: panel } = window.jupyterapp.shell;"
        " await panel.context.save(); panel.close(); }"
    )
    expect(visit.page.locator(f"{SHELF} section", has_text="short.ipynb")).to_have_count(0)


def test_the_list_is_drawn_in_the_dark_theme(visit: Visit, artifacts: Path) -> None:
    show(visit, "short.ipynb")
    expect(cards(visit).first).to_be_visible()
    visit.theme("Dark")
    ink, paper = visit.page.locator(SHELF).evaluate(
        "node => [getComputedStyle(node).color, getComputedStyle(node).backgroundColor]"
    )
    lightness = [sum(map(int, colour[4:-1].split(",")[:3])) for colour in (ink, paper)]
    visit.page.screenshot(path=artifacts / "lab-shelf-dark.png")
    visit.theme("Light")
    assert lightness[0] > lightness[1] + 300
