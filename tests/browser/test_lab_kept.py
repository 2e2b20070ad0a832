"""A notebook saves what its views show now, not what their cells drew first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, expect

from lab_server import LabServer
from notebooks import MIME, activate, sources, write
from visit import LIVE, SAVED, Visit

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("patient")]

LOAD = "%load_ext jupyter_xai\nshout = str.upper"
PROMPT = "Late trains annoy me. Early birds sing well. Old books smell good."
MAGIC = f"%%xai explain --model shout --method leave-one-out -k 1 -o e\n{PROMPT}"
AGAIN = "e  # once more"
MOST_BYTES = 2_000_000


@pytest.fixture(scope="module")
def visit(browser: Browser, lab: LabServer) -> Iterator[Visit]:
    write(lab.root / "kept-live.ipynb", [LOAD, MAGIC, AGAIN, *["pass"] * 30])
    visit = Visit(browser, lab).open("kept-live.ipynb").run_all()
    for source in ("--model shout", AGAIN):
        expect(visit.cell_output(source).locator(LIVE)).to_have_count(1)
    yield visit
    visit.end()


@pytest.fixture
def view(visit: Visit) -> Locator:
    view = visit.cell_output("--model shout").locator(LIVE)
    view.scroll_into_view_if_needed()
    return view


def outputs(visit: Visit) -> list[dict[str, Any]]:
    """What the notebook would save of its explanations, the cell's own and the one shown again."""
    return visit.page.evaluate(
        "mime => window.jupyterapp.shell.currentWidget.content.model.sharedModel.toJSON()"
        ".cells.flatMap(cell => cell.outputs ?? []).filter(({ data }) => mime in (data ?? {}))",
        MIME,
    )


def wait_for_output(visit: Visit, condition: str) -> None:
    """Until this holds of what is saved of each: `e`, and `metadata` of its output."""
    visit.page.wait_for_function(
        "mime => { const found = window.jupyterapp.shell.currentWidget.content.model.sharedModel"
        ".toJSON().cells.flatMap(cell => cell.outputs ?? [])"
        ".filter(({ data }) => mime in (data ?? {}));"
        " return found.length === 2 && found.every(({ data: { [mime]: e }, metadata }) =>"
        f" {condition}); }}",
        arg=MIME,
    )


def wait_for_cells(visit: Visit, count: int) -> None:
    visit.page.wait_for_function(
        "count => window.jupyterapp.shell.currentWidget.content.model.cells.length === count",
        arg=count,
    )


def test_nothing_is_changed_by_looking(visit: Visit, view: Locator) -> None:
    visit.save()
    view.locator(".jxai-pane-response .jxai-unit").first.hover()
    view.get_by_role("tab", name="Checks").click()
    visit.page.wait_for_timeout(1500)
    assert not visit.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.context.model.dirty"
    )


def test_what_is_asked_in_the_view_is_kept_and_the_view_stays(visit: Visit, view: Locator) -> None:
    units = view.locator(".jxai-pane-response .jxai-unit")
    units.nth(1).click()
    panel = view.get_by_role("tabpanel", name="Checks")
    panel.get_by_role("button", name="Deletion and insertion curves").click()
    expect(panel).to_contain_text("AOPC")
    visit.page.evaluate("() => { document.querySelector('.jxai-view').mine = true; }")
    top = visit.page.evaluate(
        "() => document.querySelector('.jp-WindowedPanel-outer, .jp-Notebook').scrollTop"
    )
    wait_for_output(visit, "e.metrics.length > 0")
    # The same view, with what its reader did in it, at the same place.
    assert view.evaluate("node => node.mine === true")
    expect(units.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(panel).to_be_visible()
    assert top == visit.page.evaluate(
        "() => document.querySelector('.jp-WindowedPanel-outer, .jp-Notebook').scrollTop"
    )
    for output in outputs(visit):
        assert "application/vnd.jupyter.widget-view+json" in output["data"]
        assert "text/html" in output["data"]


def test_a_changed_prompt_is_kept_and_that_is_no_step_to_undo(visit: Visit, view: Locator) -> None:
    before = sources(visit)
    activate(visit, len(before) - 1)
    visit.command("notebook:insert-cell-below")
    wait_for_cells(visit, len(before) + 1)
    view.get_by_role("tab", name="What if").click()
    panel = view.get_by_role("tabpanel", name="What if")
    panel.get_by_role("switch").nth(1).click()
    panel.get_by_role("button", name="Ask without").click()
    expect(panel).to_contain_text("Without 1 sentence the answer changes.")
    wait_for_output(visit, f"metadata['{MIME}']?.what_if?.removed[0] === 1 && e.metrics.length > 0")
    kept = outputs(visit)
    visit.command("notebook:undo-cell-action")
    wait_for_cells(visit, len(before))
    assert sources(visit) == before
    assert outputs(visit) == kept


def test_the_list_of_explanations_follows(visit: Visit, view: Locator) -> None:
    visit.command("xai:show-explanations")
    pieces = visit.page.locator("#jupyter-xai-explanations .jxai-card").first.locator(
        ".jxai-strip > span"
    )
    expect(pieces).to_have_count(3)
    view.locator(".jxai-header select").nth(1).select_option("word")
    expect(pieces).to_have_count(len(PROMPT.split()))
    wait_for_output(visit, "e.prompt.level === 'word'")
    # It told of sentences, which are no units any more.
    wait_for_output(visit, f"!metadata['{MIME}']")


def test_after_a_reload_a_view_goes_on_and_is_kept(visit: Visit) -> None:
    visit.save()
    visit.page.reload()
    view = visit.arrived().cell_output("--model shout").locator(LIVE)
    view.get_by_role("tab", name="Curve").click()
    view.get_by_role("tabpanel", name="Curve").get_by_role("button", name="Compute").click()
    wait_for_output(visit, "e.curves && e.prompt.level === 'word'")
    view.get_by_role("tab", name="What if").click()
    panel = view.get_by_role("tabpanel", name="What if")
    field = panel.get_by_role("textbox", name="Edited text")
    field.fill("Late trains please me.")
    field.press("Control+Enter")
    wait_for_output(visit, f"metadata['{MIME}']?.what_if?.text && e.curves")


def test_a_notebook_without_its_kernel_shows_the_latest(
    visit: Visit, lab: LabServer, artifacts: Path
) -> None:
    visit.save()
    path = lab.root / "kept-live.ipynb"
    assert path.stat().st_size < MOST_BYTES
    nbformat.validate(nbformat.read(path, as_version=4))
    visit.end_kernel()
    visit.page.reload()
    saved = visit.cell_output("--model shout").locator(SAVED)
    expect(saved.locator(".jxai-pane-prompt .jxai-unit")).to_have_count(len(PROMPT.split()))
    saved.get_by_role("tab", name="Curve").click()
    expect(saved.get_by_role("tabpanel", name="Curve").get_by_role("img")).to_be_visible()
    saved.get_by_role("tab", name="What if").click()
    panel = saved.get_by_role("tabpanel", name="What if")
    expect(panel).to_contain_text("With the edited text the answer changes.")
    expect(panel.get_by_role("textbox", name="Edited text")).to_have_value("Late trains please me.")
    visit.page.screenshot(path=artifacts / "lab-kept.png")
