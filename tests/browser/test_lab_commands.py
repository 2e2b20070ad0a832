"""“Explain with XAI”: a selection, or a cell, becomes a prompt in a cell of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from playwright.sync_api import Browser, expect

from jupyter_xai.errors import XaiError
from lab_server import LabServer
from notebooks import activate, active, sources, write
from visit import Visit

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("patient")]

TEXT = "I am tired. Somewhere warm, please."
EXPLAIN = "xai:explain-selection"
ENTRY = ".lm-Menu-item[data-command='xai:explain-selection']"
CELLS = [
    TEXT,
    new_markdown_cell("# A question\n\nWhere should I *go*?"),
    new_code_cell("print(1)", outputs=[new_output("stream", text="An answer in an output.\n")]),
    "%%xai explain\nThis is a prompt already.",
    " \n",
]
HOSTILE = [
    "\n\nblank lines\n\n\nand at the end\n\n",
    "%%xai explain --model nobody\n%%bash\nrm -rf nothing",
    "--model nobody --units page",
    'ends with a backslash \\\nand "quotes" \\" \'\'\' """ \\',
    ">>> print('doctest')\n... more\nprompts",
    "text before\n    >>> indented()\n    1",
    "In [1]: a prompt of IPython\n   ...: goes on",
    "tab\tform\x0cfeed, nul \x00, escape \x1b[31m, \u2028 separators \u2029 and \x85",
    "{braces} $dollars !bang ?help ??\n%matplotlib\n!ls",
    '<img src=x onerror="window.pwned=1"></script> \u202eright to left\u202c 旅行 e\u0301 👩‍👩‍👧',
    "    indented\n\tand tabbed\n  ",
]


@pytest.fixture(scope="module")
def visit(browser: Browser, lab: LabServer) -> Iterator[Visit]:
    visit = Visit(browser, lab)
    visit.open(write(lab.root / "commands.ipynb", CELLS))
    yield visit
    visit.end()


@pytest.fixture(autouse=True)
def _as_it_was(visit: Visit) -> None:
    """Every test begins with the same cells."""
    visit.page.evaluate(
        "cells => { const { content } = window.jupyterapp.shell.currentWidget;"
        " const model = content.model.sharedModel;"
        " model.deleteCellRange(0, model.cells.length); model.insertCells(0, cells); }",
        [dict(cell) if not isinstance(cell, str) else _code(cell) for cell in CELLS],
    )
    expect(visit.page.locator(".jp-Notebook .jp-Cell")).to_have_count(len(CELLS))


def _code(source: str) -> dict[str, object]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}


def explain(visit: Visit, cells: int = len(CELLS) + 2) -> list[str]:
    """Run the command, wait for so many cells, and return their sources."""
    visit.command(EXPLAIN)
    expect(visit.page.locator(".jp-Notebook .jp-Cell")).to_have_count(cells)
    return sources(visit)


def test_a_cell_becomes_a_prompt_below_it(visit: Visit) -> None:
    activate(visit, 0)
    found = explain(visit)
    assert found[:3] == [TEXT, "%load_ext jupyter_xai", f"%%xai explain\n{TEXT}"]
    assert active(visit) == 2
    # It is not run unless somebody asks for it.
    expect(visit.page.locator(".jp-InputPrompt").nth(2)).to_have_text("[ ]:")


def test_the_magics_are_loaded_once(visit: Visit) -> None:
    activate(visit, 0)
    explain(visit)
    activate(visit, 0)
    # The cell that loads them stands below this one, where it comes too late.
    assert explain(visit, len(CELLS) + 4)[1] == "%load_ext jupyter_xai"
    activate(visit, 5)
    assert explain(visit, len(CELLS) + 5).count("%load_ext jupyter_xai") == 2


def test_a_selection_in_the_editor_is_all_that_is_explained(visit: Visit) -> None:
    line = visit.page.locator(".jp-Cell").first.locator(".cm-line").first
    line.click()
    visit.page.keyboard.press("Home")
    for _ in range(len("I am tired.")):
        visit.page.keyboard.press("Shift+ArrowRight")
    assert explain(visit)[2] == "%%xai explain\nI am tired."


def test_a_selection_in_rendered_text_or_output_is_explained_from_the_menu(visit: Visit) -> None:
    for index, place, text in (
        (1, ".jp-RenderedMarkdown p", "Where should I go?"),
        (4, ".jp-RenderedText pre", "An answer in an output."),
    ):
        found = visit.page.locator(".jp-Notebook .jp-Cell").nth(index).locator(place).first
        # By script: two clicks would open the editor of the Markdown cell.
        found.evaluate("node => window.getSelection().selectAllChildren(node)")
        found.click(button="right")
        visit.page.locator(ENTRY).click()
        expect(visit.page.locator(".jp-Cell", has_text=f"%%xai explain{text}")).to_have_count(1)
        assert sources(visit)[active(visit)].strip() == f"%%xai explain\n{text}"


def test_the_menu_offers_it_only_where_it_makes_sense(visit: Visit) -> None:
    for index, offered in ((0, True), (3, False), (4, False)):
        cell = visit.page.locator(".jp-Notebook .jp-Cell").nth(index)
        cell.locator(".jp-InputPrompt").click()
        cell.locator(".jp-InputPrompt").click(button="right")
        expect(visit.page.locator(".lm-Menu")).to_be_visible()
        shown = visit.page.locator(f"{ENTRY}:not(.lm-mod-hidden)")
        expect(shown).to_have_count(int(offered))
        visit.page.keyboard.press("Escape")


def test_the_palette_offers_it(visit: Visit) -> None:
    activate(visit, 0)
    visit.command("apputils:activate-command-palette")
    visit.page.locator(".lm-CommandPalette-input").fill("Explain with XAI")
    entry = visit.page.locator(".lm-CommandPalette-item[data-command='xai:explain-selection']")
    expect(entry).to_be_visible()
    visit.page.keyboard.press("Escape")


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_reaches_the_model_as_it_is(
    visit: Visit, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit.page.evaluate(
        "text => { const [cell] = window.jupyterapp.shell.currentWidget.content.widgets;"
        " cell.model.sharedModel.setSource(text); const { editor } = cell;"
        " editor.setSelection("
        "{ start: { line: 0, column: 0 }, end: editor.getPositionAt(text.length) }); }",
        text,
    )
    activate(visit, 0)
    source = explain(visit)[2]
    assert asked(source, monkeypatch) == text
    assert visit.page.evaluate("() => window.pwned") is None


def asked(source: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The prompt that is explained when a cell of this source is run."""
    prompts: list[str] = []

    def keep(prompt: str, *_: object, **__: object) -> None:
        prompts.append(prompt)
        msg = "this is all that the test asks for"
        raise XaiError(msg)

    monkeypatch.setattr("jupyter_xai.interface.explain.explain", keep)
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "jupyter_xai")
    shell.run_cell(source)
    shell.configurables.clear()
    (prompt,) = prompts
    return prompt
