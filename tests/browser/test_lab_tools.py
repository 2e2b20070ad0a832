"""In a real JupyterLab: more measured, pages saved, comparisons drawn and saved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

import fixtures
from lab_server import LabServer
from notebooks import explained, write
from visit import LIVE, SAVED, Visit

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("patient")]

PROMPT = '"Be brief. Be kind. Say warm words.", str.upper'
CELLS = [
    f"import jupyter_xai as xai\nxai.explain({PROMPT}, k=1)",
    f"xai.compare({PROMPT}, methods=['leave-one-out', 'shap'])",
]


@pytest.fixture(scope="module")
def visit(browser: Browser, lab: LabServer, patient: None) -> Iterator[Visit]:
    write(lab.root / "tools.ipynb", CELLS)
    visit = Visit(browser, lab).open("tools.ipynb").run_all()
    expect(visit.cell_output("k=1").locator(LIVE)).to_be_visible()
    yield visit
    visit.close()
    assert visit.problems == []
    assert visit.strangers == []


def menu(view: Locator) -> Locator:
    trigger = view.get_by_role("button", name="Save", exact=True)
    if trigger.get_attribute("aria-expanded") == "false":
        trigger.click()
    return view.locator(".jxai-popover:visible")


def test_more_is_measured_by_the_kernel(visit: Visit) -> None:
    view = visit.cell_output("k=1").locator(LIVE)
    view.get_by_role("tab", name="Checks").click()
    panel = view.get_by_role("tabpanel", name="Checks")
    expect(panel).not_to_contain_text("AOPC")
    panel.get_by_role("button", name="Deletion and insertion curves").click()
    expect(panel).to_contain_text("AOPC")


def test_the_live_view_saves_itself_as_a_page(visit: Visit, tmp_path: Path) -> None:
    view = visit.cell_output("k=1").locator(LIVE)
    with visit.page.expect_download() as started:
        menu(view).get_by_role("button", name="Page").click()
    started.value.save_as(tmp_path / "page.html")
    assert "openPage" in (tmp_path / "page.html").read_text()


def test_a_data_frame_lands_in_a_variable(visit: Visit) -> None:
    view = visit.cell_output("k=1").locator(LIVE)
    form = menu(view)
    form.get_by_label("Name of the variable").fill("found")
    form.get_by_role("button", name="Send").click()
    told = re.compile(r"found has (\d+) rows now")
    expect(form).to_contain_text(told)
    rows = told.search(form.inner_text())
    assert rows
    visit.page.keyboard.press("Escape")
    visit.add_and_run("print(f'{len(found)} rows of', *found)")
    expect(visit.cell_output("len(found)")).to_contain_text(f"{rows[1]} rows of source")


def test_other_methods_are_set_beside_by_the_kernel(visit: Visit, artifacts: Path) -> None:
    view = visit.cell_output("k=1").locator(LIVE)
    view.get_by_role("button", name="Compare with other methods").click()
    methods = view.locator(".jxai-compare-menu")
    for name in ("Shapley values", "Leave one out"):
        methods.get_by_label(name, exact=True).check()
    methods.get_by_role("button", name="Compare").click()
    output = visit.cell_output("k=1")
    expect(output.locator(".jxai-columns > .jxai-pane")).to_have_count(3)
    expect(output.locator(".jxai-facts > li")).to_have_count(3)
    visit.page.screenshot(path=artifacts / "lab-beside.png")
    output.get_by_role("button", name="Back to").click()
    expect(view).to_be_visible()


def test_a_comparison_is_drawn_and_stays_without_a_kernel(
    visit: Visit, artifacts: Path, browser: Browser, lab: LabServer
) -> None:
    columns = visit.cell_output("xai.compare").locator(".jxai-columns > .jxai-pane")
    expect(columns).to_have_count(2)
    columns.nth(0).locator(".jxai-unit").nth(1).hover()
    expect(columns.nth(1).locator(".jxai-unit").nth(1)).to_contain_class("jxai-marked")
    visit.page.screenshot(path=artifacts / "lab-comparison.png")
    visit.save()
    visit.page.reload()
    again = visit.arrived().cell_output("xai.compare").locator(".jxai-columns > .jxai-pane")
    expect(again).to_have_count(2)


def test_a_saved_view_saves_itself_as_a_page_too(
    browser: Browser, lab: LabServer, tmp_path: Path
) -> None:
    visit = Visit(browser, lab).open(write(lab.root / "kept.ipynb", [explained(fixtures.travel())]))
    with visit.page.expect_download() as started:
        menu(visit.page.locator(SAVED)).get_by_role("button", name="Page").click()
    started.value.save_as(tmp_path / "page.html")
    visit.close()
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    expect(page.locator(".jxai-pane-prompt .jxai-unit")).to_have_count(8)
    page.close()
    assert visit.problems == []
    assert visit.strangers == []
