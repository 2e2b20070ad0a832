"""What must not happen on any page of any test: errors on the console, requests that leave.

What JupyterLab itself says on its console when kernels and servers end is for `Visit` to judge.
"""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

_HERE = re.compile(r"(https?|wss?)://127\.0\.0\.1[:/]|blob:|data:|about:|file:")
_SERVED = "http://127.0.0.1"

_found: list[str] = []


def watch(browser: Browser) -> None:
    """Note what goes wrong on every page that this browser opens from now on."""
    new_context = browser.new_context

    def watched(**options: Any) -> BrowserContext:
        context = new_context(**options)
        context.on("console", _on_console)
        context.on("weberror", lambda error: _note(str(error.error), error.page))
        context.on("request", lambda request: _on_request(request.url))
        return context

    def page(**options: Any) -> Page:
        return watched(**options).new_page()

    vars(browser).update(new_context=watched, new_page=page)


def take() -> list[str]:
    """What went wrong since this was asked last."""
    found = [*_found]
    _found.clear()
    return found


def _note(problem: str, page: Page | None) -> None:
    if page is None or not page.url.startswith(_SERVED):
        _found.append(problem)


def _on_console(message: ConsoleMessage) -> None:
    if message.type == "error":
        _note(message.text, message.page)


def _on_request(url: str) -> None:
    if not _HERE.match(url):
        _found.append(f"asked the network for {url}")
