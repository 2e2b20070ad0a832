"""Notebooks exported by nbconvert, opened as files: every view works, and nothing is asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

import fixtures
from accessibility import violations
from jupyter_xai.explanation.comparison import COMPARISON_MIME
from jupyter_xai.explanation.render.bundle import saved_bundle
from jupyter_xai.explanation.result import MIME
from jupyter_xai.interface.explanation import Explanation
from jupyter_xai.interface.exporter import XaiHTMLExporter
from jupyter_xai.interface.widget.front_end import WIDGET_VIEW
from test_comparison import methods

pytestmark = pytest.mark.browser

PROSE = "# Trips\n\nWhich sentence made which? " + "A long line of prose. " * 12
LONG = "prompt = '" + "sunny weather and a quiet beach, please; " * 9 + "'"


OLDER = Path(__file__).parents[1] / "explanation" / "saved"


def older_notebook() -> NotebookNode:
    """As commit b62a7a3 saved it: what cells hold of an explanation and of a comparison."""
    kinds = {MIME: "explanation", COMPARISON_MIME: "comparison"}
    data = [
        {kind: json.loads((OLDER / f"b62a7a3-{name}.json").read_text("utf-8"))}
        for kind, name in kinds.items()
    ]
    outputs = [[new_output("display_data", data=each)] for each in data]
    return new_notebook(cells=[new_code_cell("e", outputs=each) for each in outputs])


def bundles() -> list[dict[str, Any]]:
    explained = [fixtures.curved(), fixtures.chat(), fixtures.hostile()]
    return [
        *(saved_bundle(Explanation.from_dict(each)) for each in explained),
        methods()._repr_mimebundle_(),
    ]


def notebook() -> NotebookNode:
    cells = [new_markdown_cell(PROSE), new_code_cell(LONG)]
    cells += [
        new_code_cell("e", outputs=[new_output("display_data", data=data)]) for data in bundles()
    ]
    cells[2].outputs[0].metadata = {MIME: {"what_if": fixtures.answered()}}
    return new_notebook(cells=cells)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "trips.html"
    path.write_text(XaiHTMLExporter().from_notebook_node(notebook())[0], encoding="utf-8")
    return path


Opened = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """Open files; whatever they ask for, and any word on the console, fails the test."""
    amiss: list[str] = []
    contexts = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            amiss.append(message.text)

    def ask(url: str, file: Path) -> None:
        if url != file.as_uri() and not url.startswith(("blob:", "data:")):
            amiss.append(url)

    def open_file(file: Path, **options: Any) -> Page:
        context = browser.new_context(
            reduced_motion="reduce",
            **{"viewport": {"width": 1100, "height": 900}, "offline": True, **options},
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: amiss.append(str(error)))
        page.on("request", lambda request: ask(request.url, file))
        page.goto(file.as_uri())
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert amiss == []


def question(view: Any) -> Any:
    return view.locator(".jxai-question")


def test_every_view_answers_to_the_pointer(opened: Opened, file: Path, artifacts: Path) -> None:
    page = opened(file)
    views = page.locator(".jxai-view")
    expect(views).to_have_count(4)
    for index in range(3):
        view = views.nth(index)
        unit = view.locator(".jxai-pane-response .jxai-unit").first
        unit.scroll_into_view_if_needed()
        before = question(view).inner_text()
        others = [question(views.nth(other)).inner_text() for other in range(4) if other != index]
        unit.hover(position={"x": 3, "y": 3})
        expect(question(view)).not_to_have_text(before)
        assert others == [
            question(views.nth(other)).inner_text() for other in range(4) if other != index
        ], "views do not follow each other"
        page.mouse.move(0, 0)
        expect(question(view)).to_have_text(before)
    page.screenshot(path=artifacts / "exported.png", full_page=True)


def test_pins_and_tabs(opened: Opened, file: Path) -> None:
    page = opened(file)
    first, second = page.locator(".jxai-view").nth(0), page.locator(".jxai-view").nth(1)
    unit = first.locator(".jxai-pane-response .jxai-unit").nth(2)
    unit.click()
    expect(unit).to_have_attribute("aria-pressed", "true")
    expect(question(first)).to_contain_text("You can stay in a fine hotel")
    for name, drawn in (("Matrix", "table, canvas"), ("Flow", "svg"), ("Curve", "svg")):
        first.get_by_role("tab", name=name).click()
        expect(first.get_by_role("tabpanel", name=name).locator(drawn).first).to_be_visible()
    first.get_by_role("tab", name="What if").click()
    expect(first.get_by_role("tabpanel", name="What if")).to_contain_text("The forest is cool.")
    expect(second.get_by_role("tab", name="Scores")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")


def test_a_comparison_is_linked(opened: Opened, file: Path) -> None:
    page = opened(file)
    compared = page.locator(".jxai-comparison")
    units = compared.locator(".jxai-columns .jxai-pane-prompt").nth(0).locator(".jxai-unit")
    before = compared.locator(".jxai-standing").inner_text()
    units.nth(5).hover()
    expect(compared.locator(".jxai-standing")).not_to_have_text(before)
    expect(compared.locator(".jxai-standing")).to_contain_text("linear")


def test_a_view_in_the_page_saves_itself(opened: Opened, file: Path, tmp_path: Path) -> None:
    page = opened(file)
    view = page.locator(".jxai-view").first
    view.get_by_role("button", name="Save", exact=True).first.click()
    with page.expect_download() as started:
        view.get_by_role("button", name="Page HTML").click()
    started.value.save_as(tmp_path / "saved.html")
    again = opened(tmp_path / "saved.html")
    expect(again.locator(".jxai-view")).to_have_count(1)
    again.locator(".jxai-pane-response .jxai-unit").first.hover()
    expect(question(again)).to_contain_text("Naxos")


def test_hostile_texts_run_nothing(opened: Opened, file: Path) -> None:
    page = opened(file)
    expect(page.locator(".jxai-view").nth(2)).to_contain_text("window.pwned=1")
    assert page.evaluate("() => window.pwned") is None


def test_the_page_follows_its_reader(opened: Opened, file: Path, artifacts: Path) -> None:
    lightness = []
    for scheme in ("light", "dark"):
        page = opened(file, color_scheme=scheme)
        for place in ("body", ".jxai-view", ".jp-InputArea-editor"):
            colour = page.locator(place).first.evaluate(
                "one => getComputedStyle(one).backgroundColor"
            )
            red, *_ = map(int, re.findall(r"\d+", colour))
            assert (red < 80) == (scheme == "dark"), (place, scheme, colour)
        text = page.locator(".jxai-view .jxai-text").first
        lightness.append(text.evaluate("one => getComputedStyle(one).color"))
        # Several views have parts of the same names.
        rules = {"landmark-unique": {"enabled": False}}
        assert violations(page, "main", rules=rules) == []
        page.screenshot(path=artifacts / f"exported-{scheme}.png", full_page=True)
    assert lightness[0] != lightness[1]


@pytest.mark.parametrize("width", [480, 360])
def test_narrow_pages_cut_nothing_off(
    opened: Opened, file: Path, width: int, artifacts: Path
) -> None:
    page = opened(file, viewport={"width": width, "height": 900})
    expect(page.locator(".jxai-view")).to_have_count(4)
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
    code = page.locator(".jp-InputArea-editor pre").first
    assert code.evaluate("one => one.scrollWidth <= one.clientWidth + 1"), "code wraps"
    page.screenshot(path=artifacts / f"exported-{width}.png", full_page=True)


def test_paper_shows_every_panel(opened: Opened, file: Path) -> None:
    page = opened(file)
    expect(page.locator(".jxai-view")).to_have_count(4)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    view = page.locator(".jxai-view").first
    for name in ("Scores", "Matrix", "Flow", "Checks"):
        expect(view.get_by_role("tabpanel", name=name)).to_be_visible()
    expect(view.get_by_role("tablist")).to_be_hidden()


def test_without_javascript_the_texts_are_read(opened: Opened, file: Path) -> None:
    page = opened(file, java_script_enabled=False)
    expect(page.locator(".jxai-view")).to_have_count(0)
    expect(page.locator(".jxai-static")).to_have_count(4)
    expect(page.locator(".jxai-rich").first).to_contain_text("What counts most")


def test_plain_html_of_a_watched_run_shows_the_texts(opened: Opened, tmp_path: Path) -> None:
    """JupyterLab saves the live view beside the others, and not its state."""
    view = {WIDGET_VIEW: {"version_major": 2, "version_minor": 0, "model_id": "x"}}
    made = new_notebook(
        cells=[
            new_code_cell("e", outputs=[new_output("display_data", data={**view, **data})])
            for data in bundles()
        ]
    )
    nothing = {f"{name}_url": "" for name in ("require_js", "mathjax", "jquery")}
    path = tmp_path / "plain.html"
    path.write_text(HTMLExporter(**nothing).from_notebook_node(made)[0], encoding="utf-8")
    page = opened(path)
    expect(page.locator(".jxai-rich:visible")).to_have_count(4)


def test_an_older_notebook_is_drawn(opened: Opened, tmp_path: Path) -> None:
    file = tmp_path / "older.html"
    page, _ = XaiHTMLExporter().from_notebook_node(older_notebook())
    file.write_text(page, encoding="utf-8")
    shown = opened(file)
    expect(shown.locator(".jxai-view").first).to_be_visible()
    expect(shown.locator(".jxai-columns > .jxai-pane")).to_have_count(2)
    expect(shown.locator(".jxai-view").first).to_contain_text("Somewhere warm, please.")
