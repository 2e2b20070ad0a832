"""Settings hold at once: for the views of the page, for the commands, and for the kernel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

import fixtures
from lab_server import LabServer
from notebooks import activate, explained, sources, write
from visit import LIVE, Visit

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("patient")]

ECHO = "def echo(prompt): return prompt[::-1]"
PROMPT = "Stop here. Go on."


@pytest.fixture(scope="module")
def visit(browser: Browser, lab: LabServer) -> Iterator[Visit]:
    cells = [ECHO, PROMPT, "%xai settings", explained(fixtures.travel())]
    visit = Visit(browser, lab).open(write(lab.root / "settings.ipynb", cells))
    yield visit
    for name in ("model", "method", "units", "palette", "runAtOnce"):
        choose(visit, name, None)
    visit.end()


def choose(visit: Visit, name: str, value: Any) -> None:
    """Change a setting as its editor does; None takes it back."""
    visit.page.evaluate(
        "async ([name, value]) => {"
        " const { settings } = window.jupyterapp.serviceManager;"
        " const { raw } = await settings.fetch('jupyter-xai:plugin');"
        " const said = raw.trim() ? JSON.parse(raw) : {};"
        " if (value === null) delete said[name]; else said[name] = value;"
        " await settings.save('jupyter-xai:plugin', JSON.stringify(said)); }",
        [name, value],
    )


def hues(visit: Visit) -> list[str]:
    """What the saved view draws support and opposition with."""
    return visit.page.locator(".jxai-view .jxai-ramp").first.evaluate(
        "ramp => ['--jxai-supports', '--jxai-opposes'].map(name => {"
        " const probe = ramp.appendChild(document.createElement('i'));"
        " probe.style.color = `var(${name})`;"
        " const { color } = getComputedStyle(probe); probe.remove(); return color; })"
    )


def test_the_settings_editor_offers_them(visit: Visit, artifacts: Path) -> None:
    visit.page.evaluate(
        "async () => { await window.jupyterapp.commands.execute("
        "'settingeditor:open', { query: 'Jupyter XAI' }); }"
    )
    editor = visit.page.locator(".jp-SettingsForm")
    for title in ("Model", "Method", "Units of the prompt", "Colours", "Run at once"):
        expect(editor.get_by_text(title, exact=True).first).to_be_visible()
    visit.page.screenshot(path=artifacts / "lab-settings.png")
    visit.command("application:close")


def test_colours_change_in_views_that_are_drawn_already(visit: Visit, artifacts: Path) -> None:
    before = hues(visit)
    choose(visit, "palette", "green-purple")
    visit.page.reload()
    visit.arrived()
    visit.page.wait_for_selector("body[data-jxai-palette='green-purple']", state="attached")
    after = hues(visit)
    assert after == ["rgb(42, 157, 63)", "rgb(142, 79, 184)"] != before
    visit.page.screenshot(path=artifacts / "lab-palette.png")
    visit.theme("Dark")
    assert hues(visit) == ["rgb(69, 179, 91)", "rgb(176, 122, 216)"]
    visit.page.screenshot(path=artifacts / "lab-palette-dark.png")
    visit.theme("Light")


def test_the_kernel_does_what_was_chosen_and_what_is_made_runs_at_once(
    visit: Visit, artifacts: Path
) -> None:
    for name, value in (
        ("model", "echo"),
        ("method", "leave-one-out"),
        ("units", "word"),
        ("runAtOnce", True),
    ):
        choose(visit, name, value)
    visit.page.reload()
    visit.arrived()
    activate(visit, 0)
    visit.command("notebook:run-cell")
    activate(visit, 1)
    visit.command("xai:explain-selection")
    view = visit.page.locator(LIVE)
    expect(view).to_be_visible()
    assert sources(visit)[2:4] == ["%load_ext jupyter_xai", f"%%xai explain\n{PROMPT}"]
    expect(view.locator(".jxai-pane-prompt .jxai-unit")).to_have_count(len(PROMPT.split()))
    activate(visit, 4)
    visit.command("notebook:run-cell")
    output = visit.cell_output("%xai settings")
    expect(output).to_contain_text("leave-one-out")
    expect(output).to_contain_text("JupyterLab's settings")
    visit.page.screenshot(path=artifacts / "lab-settings-in-force.png")
