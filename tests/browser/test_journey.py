"""A person's way through a real JupyterLab: run the quickstart, ask, refine, cancel, come back."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Locator, expect

from lab_server import LabServer
from visit import LIVE, SAVED, Visit

ROOT = Path(__file__).parents[2]

SLOW = """\
import time
import jupyter_xai as xai

def slow(prompt: str) -> str:
    time.sleep(0.05)
    return " ".join(word for word in prompt.split() if len(word) > 3)

xai.explain(
    "Slow answers come late. Early birds are never slow. Stop what takes too long.",
    slow, units="word", perturbations=8,
)"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(lab: LabServer, patient: None) -> LabServer:
    """JupyterLab with the notebooks of this journey."""
    shutil.copy(ROOT / "notebooks" / "quickstart.ipynb", lab.root)
    slow = new_notebook(cells=[new_code_cell(SLOW)])
    slow.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(slow, lab.root / "slow.ipynb")
    return lab


@pytest.fixture(scope="module")
def quickstart(browser: Browser, server: LabServer) -> Iterator[Visit]:
    """The quickstart, run from its first cell to its last; the tests below go on in it."""
    visit = Visit(browser, server).open("quickstart.ipynb").run_all()
    expect(visit.cell_output('return "Answered by support."').locator(LIVE)).to_be_visible()
    yield visit
    visit.close()


@pytest.fixture
def view(quickstart: Visit) -> Locator:
    """The live view of the first explanation."""
    view = quickstart.cell_output("-o e").locator(LIVE)
    view.scroll_into_view_if_needed()
    return view


def slider(view: Locator, name: str) -> Locator:
    return view.locator(".jxai-slider", has_text=name).locator("input")


def numbers(view: Locator) -> list[str]:
    """The scores beside the prompt's units."""
    return view.locator(".jxai-pane-prompt .jxai-number").all_inner_texts()


def whiskers(view: Locator) -> list[str]:
    """Where the intervals beside the prompt's units lie."""
    return view.locator(".jxai-pane-prompt .jxai-bar-whisker:not([hidden])").evaluate_all(
        "all => all.map(({ style }) => `${style.left} ${style.width}`)"
    )


def wait_until_idle(view: Locator) -> None:
    expect(view.locator(".jxai-status")).to_have_attribute("data-jxai-state", "idle")


def test_every_cell_runs(quickstart: Visit) -> None:
    outputs = quickstart.page.locator(".jp-OutputArea-output")
    assert outputs.filter(has_text="Traceback").count() == 0
    assert outputs.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    # A progress bar of some library is a widget that a saved notebook cannot draw again.
    assert quickstart.page.locator(".widget-hprogress").count() == 0


def test_hovering_the_answer_shades_its_cause(
    quickstart: Visit, view: Locator, artifacts: Path
) -> None:
    answer = view.locator(".jxai-pane-response .jxai-unit").filter(
        has_text=re.compile("budget|cost", re.IGNORECASE)
    )
    before = view.locator(".jxai-question").inner_text()
    answer.first.hover()
    expect(view.locator(".jxai-question")).not_to_have_text(before)
    units = view.locator(".jxai-pane-prompt .jxai-unit")
    tints = units.evaluate_all(
        "all => all.map((unit) => Number(unit.style.getPropertyValue('--jxai-tint')))"
    )
    darkest = units.nth(tints.index(max(tints)))
    expect(darkest).to_contain_text("my budget is quite flexible")
    assert max(tints) > 2 * sorted(tints)[-2]
    shade, blank = (
        units.nth(tints.index(tint))
        .locator(".jxai-text")
        .evaluate("unit => getComputedStyle(unit).backgroundColor")
        for tint in (max(tints), min(tints))
    )
    assert shade != blank
    quickstart.page.screenshot(path=artifacts / "journey-hover.png")
    quickstart.page.mouse.move(0, 0)


def test_k_moves_the_cut(quickstart: Visit, view: Locator, artifacts: Path) -> None:
    top = view.locator(".jxai-pane-prompt .jxai-unit[data-jxai-state~=top]")
    before = view.locator(".jxai-summary").inner_text()
    expect(top).to_have_count(3)
    slider(view, "k").press("ArrowLeft")
    expect(top).to_have_count(2)
    wait_until_idle(view)
    expect(view.locator(".jxai-summary")).not_to_have_text(before)
    quickstart.page.screenshot(path=artifacts / "journey-k.png")


def test_perturbations_move_scores_and_intervals(
    quickstart: Visit, view: Locator, artifacts: Path
) -> None:
    scores, intervals = numbers(view), whiskers(view)
    assert intervals
    quickstart.page.screenshot(path=artifacts / "journey-perturbations-before.png")
    perturbations = slider(view, "perturbations")
    asked = perturbations.get_attribute("aria-valuetext")
    perturbations.press("End")
    assert perturbations.get_attribute("aria-valuetext") != asked
    # One score may happen to round to what it was; not all of them.
    quickstart.page.wait_for_function(
        "([view, before]) => [...view.querySelectorAll('.jxai-pane-prompt .jxai-number')]"
        ".map(number => number.innerText).join() !== before",
        arg=[view.element_handle(), ",".join(scores)],
    )
    wait_until_idle(view)
    assert numbers(view) != scores
    assert whiskers(view) != intervals
    quickstart.page.screenshot(path=artifacts / "journey-perturbations-after.png")


def test_a_reloaded_page_finds_its_kernel_again(quickstart: Visit) -> None:
    quickstart.save()
    quickstart.page.reload()
    quickstart.arrived()
    view = quickstart.cell_output("-o e").locator(LIVE)
    expect(view).to_be_visible()
    expect(slider(view, "perturbations")).to_be_enabled()


def test_nothing_went_wrong_on_the_way(quickstart: Visit, artifacts: Path) -> None:
    quickstart.page.locator(".jp-Notebook").first.screenshot(
        path=artifacts / "journey-notebook.png"
    )
    assert quickstart.problems == []
    assert quickstart.strangers == []


def test_cancel_keeps_what_arrived(browser: Browser, server: LabServer, artifacts: Path) -> None:
    visit = Visit(browser, server).open("slow.ipynb").run_all()
    view = visit.page.locator(LIVE)
    wait_until_idle(view)
    slider(view, "perturbations").press("End")
    cancel = view.get_by_role("button", name="Cancel", exact=True)
    expect(cancel).to_be_visible()
    expect(view.locator(".jxai-status-line")).to_contain_text(" of ")
    visit.page.screenshot(path=artifacts / "journey-running.png")
    cancel.click()
    expect(view.locator(".jxai-status")).to_have_attribute("data-jxai-state", "cancelled")
    expect(view.locator(".jxai-notes")).to_contain_text("Partial")
    expect(cancel).to_be_hidden()
    visit.page.screenshot(path=artifacts / "journey-cancelled.png")
    assert visit.problems == []
    visit.close()


def test_a_saved_notebook_draws_without_its_kernel(
    quickstart: Visit, browser: Browser, server: LabServer, artifacts: Path
) -> None:
    quickstart.save()
    quickstart.close()
    server.stop()
    server.start()
    for host, within in (("lab", "lab/tree"), ("notebook", "notebooks")):
        visit = Visit(browser, server).open("quickstart.ipynb", within)
        view = visit.cell_output("-o e").locator(SAVED)
        expect(view).to_be_visible()
        expect(view.locator(".jxai-notes")).to_contain_text("Saved view")
        view.locator(".jxai-pane-response .jxai-unit").first.hover()
        top = view.locator(".jxai-pane-prompt .jxai-unit[data-jxai-state~=top]")
        expect(top.first).to_be_visible()
        assert slider(view, "perturbations").is_disabled()
        assert visit.page.get_by_text("Error displaying widget").count() == 0
        assert visit.strangers == []
        visit.page.screenshot(path=artifacts / f"journey-saved-{host}.png")
        visit.close()
