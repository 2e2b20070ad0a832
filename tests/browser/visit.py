"""A page in a real JupyterLab or Notebook, and everything that must not happen on it."""

from __future__ import annotations

import re
from typing import Any, Self

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page

from lab_server import LabServer

LIVE = "[data-jxai-renderer=live] .jxai-view"
SAVED = "[data-jxai-renderer=saved] .jxai-view"
# A cold start loads torch, and the machine may have other work to do.
PATIENCE = 120_000


class Visit:
    """One page in JupyterLab, and everything about it that must not happen."""

    def __init__(self, browser: Browser, server: LabServer, **options: Any) -> None:
        self._server = server
        options.setdefault("viewport", {"width": 1280, "height": 1000})
        self._context = browser.new_context(reduced_motion="reduce", **options)
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.problems: list[str] = []
        self.strangers: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._on_console)
        self.page.on("request", lambda request: self._on_request(request.url))
        self.page.on("websocket", lambda socket: self._on_request(socket.url))

    def open(self, notebook: str, within: str = "lab/tree") -> Self:
        self.page.goto(f"{self._server.url}/{within}/{notebook}?reset")
        return self.arrived()

    def arrived(self) -> Self:
        """Wait for the notebook and its kernel."""
        page = self.page
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        # "Idle" is shown before there is a kernel, and what runs then is lost: wait for itself.
        page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.isReady"
        )
        page.evaluate(
            "async () => {"
            " await window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.info; }"
        )
        return self

    def command(self, name: str) -> None:
        """Start a command; braces, so that nobody waits for its promise."""
        self.page.evaluate(f"() => {{ window.jupyterapp.commands.execute('{name}'); }}")

    def theme(self, name: str) -> None:
        """Change to JupyterLab's theme of this name, Light or Dark."""
        self.page.evaluate(
            "async theme => {"
            " await window.jupyterapp.commands.execute('apputils:change-theme', { theme }); }",
            f"JupyterLab {name}",
        )
        light = str(name == "Light").lower()
        self.page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")

    def run_all(self) -> Self:
        self.command("notebook:run-all-cells")
        return self

    def add_and_run(self, source: str) -> None:
        """Run a new cell at the end of the notebook."""
        self.page.evaluate(
            "source => { const { content } = window.jupyterapp.shell.currentWidget;"
            " const cells = content.model.sharedModel;"
            " cells.insertCell(cells.cells.length, { cell_type: 'code', source });"
            " content.deselectAll(); content.activeCellIndex = cells.cells.length - 1; }",
            source,
        )
        self.command("notebook:run-cell")

    def end_kernel(self) -> None:
        """Shut the notebook's kernel down."""
        self.page.evaluate(
            "async () => { await window.jupyterapp.shell.currentWidget.sessionContext.shutdown(); }"
        )

    def save(self) -> None:
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")

    def cell_output(self, source: str) -> Locator:
        """The outputs of the cell whose source has this text."""
        return self.page.locator(".jp-CodeCell", has_text=source).locator(".jp-Cell-outputArea")

    def end(self) -> None:
        """Nothing was amiss: no error in the console, and nothing was asked of another machine."""
        assert self.problems == []
        assert self.strangers == []
        self.close()

    def close(self) -> None:
        self._context.close()

    def _on_console(self, message: ConsoleMessage) -> None:
        # The debugger says so where a kernel ends while it is asked, also without our extension.
        if message.type == "error" and "restore the debugger state" not in message.text:
            self.problems.append(message.text)

    def _on_request(self, url: str) -> None:
        if not re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|blob:|data:|about:", url):
            self.strangers.append(url)
