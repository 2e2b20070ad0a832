"""What must not happen on any page of any test: errors on the console, requests that leave."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

_HERE = re.compile(r"(https?|wss?)://127\.0\.0\.1[:/]|blob:|data:|about:|file:")
# Notebook says this of itself, without our extension just the same.
_OWN = "Cannot read properties of undefined (reading 'schema')"

_found: list[str] = []


def watch(browser: Browser) -> None:
    """Note what goes wrong on every page that this browser opens from now on."""
    new_context = browser.new_context

    def watched(**options: Any) -> BrowserContext:
        context = new_context(**options)
        context.on("console", _on_console)
        context.on("weberror", lambda error: _note(str(error.error)))
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


def _note(problem: str) -> None:
    if _OWN not in problem:
        _found.append(problem)


def _on_console(message: ConsoleMessage) -> None:
    if message.type == "error":
        _note(message.text)


def _on_request(url: str) -> None:
    if not _HERE.match(url):
        _note(f"asked the network for {url}")
