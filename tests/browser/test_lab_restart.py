"""A real JupyterLab: when the kernel restarts, open views keep what they show and ask no more."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from lab_server import LabServer
from notebooks import write
from visit import LIVE, Visit

pytestmark = pytest.mark.browser

SOURCE = """\
import jupyter_xai as xai
xai.explain("Late trains annoy me. Early birds sing well.", str.upper, method="leave-one-out")"""


def test_after_a_restart_a_view_asks_nobody(
    browser: Browser, lab: LabServer, patient: None
) -> None:
    visit = Visit(browser, lab).open(write(lab.root / "restart.ipynb", [SOURCE])).run_all()
    view = visit.cell_output("leave-one-out").locator(LIVE)
    expect(view.locator(".jxai-header select").first).to_be_visible()
    numbers = view.locator(".jxai-pane-prompt .jxai-number").all_inner_texts()
    visit.page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.sessionContext.restartKernel(); }"
    )
    expect(view.locator(".jxai-header select:visible")).to_have_count(1)  # units that add up
    view.get_by_role("tab", name="What if").click()
    panel = view.get_by_role("tabpanel", name="What if")
    expect(panel).to_contain_text("Run the cell again")
    expect(panel.get_by_role("button", name="Remove top")).to_be_disabled()
    assert view.locator(".jxai-pane-prompt .jxai-number").all_inner_texts() == numbers
    assert visit.problems == []
    visit.close()
