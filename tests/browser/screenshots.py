"""The pictures of the README and the docs: a real JupyterLab, a live kernel, the tutor's answers.

`make screenshots` takes them again. Not a test: a person looks at what it writes.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import FloatRect, Locator, expect, sync_playwright

from conftest import ARGUMENTS, ROOT
from lab_server import LabServer
from notebooks import activate, write
from visit import LIVE, PATIENCE, Visit

FOLDER = ROOT / "docs" / "images"
TRAVEL = (
    "I need a holiday. My neighbour bought a new car last week. "
    "Somewhere with warm weather is preferable. My phone is almost new. No busy cities, though. "
    "My brother plays chess. In terms of cost, my budget is quite flexible. "
    "The train to work was late again."
)
"""The quickstart's first prompt."""

FACTS = (
    "Perko works as a net carver. Tenbelle has a house in Blackmoor. Perko has a house in "
    "Fairford. Norbelle plays the tiny violin. Lanvin loves to eat tomato bread. "
    "Tenbelle can play the toy piano. Which food does Lanvin like?"
)
STORY = (
    "Please write a short story. It needs a mother. I want to hear about a painter. "
    "My cousin broke two chairs behind the shed. Please keep it romantic."
)
TRAVEL_CELLS = ["%load_ext jupyter_xai", f"%%xai explain --model tutor -o e\n{TRAVEL}"]
ANSWER_CELLS = [
    "%load_ext jupyter_xai",
    f"%%xai explain -k 1 -o fact\n{FACTS}",
    f"%%xai explain --method shap -o story\n{STORY}",
]
COMPARE_CELLS = [
    "import jupyter_xai as xai",
    f'prompt = """{TRAVEL}"""\n'
    'xai.compare(prompt, xai.load("tutor"), methods=["linear", "shap", "integrated-gradients"])',
]
COLOURS = 192
"""Enough for two hues, their tints and smooth letters; a third of the bytes."""
MARGIN = 3

# Prompts are long lines.
WRAPPED = {"@jupyterlab/notebook-extension:tracker": {"codeCellConfig": {"lineWrap": True}}}


class Camera:
    """One page of JupyterLab without its left sidebar, and where its pictures go."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        visit.command("application:toggle-left-area")

    def view(self) -> Locator:
        return self.visit.page.locator(LIVE).first

    def tab(self, name: str) -> None:
        self.view().get_by_role("tab", name=name, exact=True).click()

    def take(self, name: str, what: Locator) -> None:
        """A picture of this element and a little paper around it."""
        what.scroll_into_view_if_needed()
        box = what.bounding_box()
        assert box is not None
        clip: FloatRect = {
            "x": box["x"] - MARGIN,
            "y": box["y"] - MARGIN,
            "width": box["width"] + 2 * MARGIN,
            "height": box["height"] + 2 * MARGIN,
        }
        self.save(name, self.visit.page.screenshot(clip=clip))

    def save(self, name: str, picture: bytes) -> None:
        """Write it with a palette of its own."""
        image = Image.open(io.BytesIO(picture)).convert("RGB")
        FOLDER.mkdir(parents=True, exist_ok=True)
        path = FOLDER / f"{name}.png"
        palette = image.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        palette.save(path, optimize=True)
        sys.stdout.write(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB\n")


def unit(view: Locator, pane: str, text: str) -> Locator:
    return view.locator(f".jxai-pane-{pane} .jxai-unit", has_text=text)


def explained(camera: Camera) -> Locator:
    """The explanation, once it has been run."""
    camera.visit.run_all()
    view = camera.view()
    expect(view.locator(".jxai-status")).to_have_attribute("data-jxai-state", "idle")
    expect(view.locator(".jxai-pane-prompt .jxai-number").first).not_to_be_empty()
    return view


def linked_texts(camera: Camera) -> None:
    """A sentence of the answer is pinned; its cause lights up."""
    view = explained(camera)
    unit(view, "response", "warm").first.click()
    activate(camera.visit, 0)
    camera.visit.page.mouse.move(4, 4)
    camera.take("view", camera.visit.page.locator(".jp-CodeCell").nth(1))


def what_if(camera: Camera) -> None:
    """The strongest sentence is switched off; the new answer stands beside the old one."""
    view = camera.view()
    camera.visit.page.keyboard.press("Escape")
    camera.tab("What if")
    view.locator(".jxai-switch", has_text="warm weather").click()
    view.get_by_role("button", name="Ask without 1").click()
    expect(view.locator(".jxai-what-if-sides")).to_be_visible()
    camera.visit.page.mouse.move(4, 4)
    camera.take("what-if", view)


def flow_in_the_dark(camera: Camera) -> None:
    """Who leads to whom, in the dark theme."""
    view = camera.view()
    camera.visit.theme("Dark")
    camera.tab("Flow")
    camera.visit.page.mouse.move(4, 4)
    camera.take("flow-dark", view)
    camera.visit.theme("Light")


def compared(camera: Camera) -> None:
    """Three methods on one scale."""
    page = camera.visit.page
    camera.visit.run_all()
    comparison = page.locator(".jxai-comparison").first
    expect(comparison).to_be_visible()
    column = comparison.locator(".jxai-columns > .jxai-pane").first
    column.locator(".jxai-unit", has_text="warm").hover()
    camera.take("compare", comparison)


def side_panel(camera: Camera) -> None:
    """The list of explanations, beside the notebook that one of them leads to."""
    page = camera.visit.page
    explained(camera)
    expect(page.locator(LIVE)).to_have_count(2)
    expect(page.locator(".jxai-status").last).to_have_attribute("data-jxai-state", "idle")
    page.evaluate(
        "async () => { const { commands } = window.jupyterapp;"
        " await commands.execute('docmanager:open', { path: 'travel.ipynb' });"
        " await commands.execute('docmanager:open', { path: 'answers.ipynb' }); }"
    )
    camera.visit.command("xai:show-explanations")
    cards = page.locator("#jupyter-xai-explanations .jxai-card")
    expect(cards).to_have_count(3)
    activate(camera.visit, 0)
    cell = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell").nth(1)
    cell.evaluate("cell => cell.scrollIntoView({ block: 'start' })")
    page.evaluate("document.activeElement.blur()")
    camera.save("jupyterlab", page.screenshot())


def main() -> None:
    expect.set_options(timeout=PATIENCE)
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        server = LabServer(Path(home), WRAPPED).start()
        try:
            size = {"width": 1120, "height": 1500}
            visit = Visit(browser, server, viewport=size, device_scale_factor=2)
            visit.open(write(server.root / "travel.ipynb", TRAVEL_CELLS))
            camera = Camera(visit)
            linked_texts(camera)
            what_if(camera)
            flow_in_the_dark(camera)
            visit.save()
            visit.open(write(server.root / "compare.ipynb", COMPARE_CELLS))
            compared(Camera(visit))
            visit.close()
            size = {"width": 1280, "height": 1010}
            visit = Visit(browser, server, viewport=size, device_scale_factor=1.5)
            visit.open(write(server.root / "answers.ipynb", ANSWER_CELLS))
            side_panel(Camera(visit))
            visit.close()
        finally:
            server.stop()
            browser.close()


if __name__ == "__main__":
    sys.exit(main())
