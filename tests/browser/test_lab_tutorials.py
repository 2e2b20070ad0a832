"""The launcher opens copies of the tutorials, which never take the place of anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from lab_server import LabServer
from notebooks import write
from visit import Visit

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("patient")]

ROOT = Path(__file__).parents[2]
MINE = '{"mine": true}'


@pytest.fixture(scope="module")
def folder(lab: LabServer) -> Path:
    folder = lab.root / "my lessons"
    folder.mkdir()
    (folder / "quickstart.ipynb").write_text(MINE)
    return folder


@pytest.fixture(scope="module")
def visit(browser: Browser, lab: LabServer, folder: Path) -> Iterator[Visit]:
    visit = Visit(browser, lab).open(write(lab.root / "tutorials.ipynb", ["1 + 1"]))
    yield visit
    visit.end()


def test_a_card_opens_a_copy_in_the_current_folder(
    visit: Visit, folder: Path, artifacts: Path
) -> None:
    visit.page.evaluate(
        "async cwd => { await window.jupyterapp.commands.execute('launcher:create', { cwd }); }",
        folder.name,
    )
    card = visit.page.locator(".jp-LauncherCard[data-category='XAI']")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("XAI Quickstart")
    visit.page.screenshot(path=artifacts / "lab-launcher.png")
    card.click()
    title = visit.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) h1")
    expect(title).to_contain_text("Which parts of the prompt caused this answer?")
    opened = json.loads((folder / "quickstart-1.ipynb").read_text())
    shipped = json.loads((ROOT / "notebooks" / "quickstart.ipynb").read_text())
    assert [c["source"] for c in opened["cells"]] == [c["source"] for c in shipped["cells"]]
    assert (folder / "quickstart.ipynb").read_text() == MINE


def test_the_next_copy_gets_another_name(visit: Visit, folder: Path) -> None:
    before = (folder / "quickstart-1.ipynb").stat().st_mtime_ns
    visit.page.evaluate(
        "async cwd => { await window.jupyterapp.commands.execute("
        "'xai:open-tutorial', { name: 'quickstart', cwd }); }",
        folder.name,
    )
    names = {path.name for path in folder.glob("*.ipynb")}
    assert names == {"quickstart.ipynb", "quickstart-1.ipynb", "quickstart-2.ipynb"}
    assert (folder / "quickstart-1.ipynb").stat().st_mtime_ns == before
