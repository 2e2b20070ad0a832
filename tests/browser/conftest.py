"""A real browser for the tests: Debian's Chromium where there is one, else Playwright's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

import fixtures
import incidents
from harness import Harness, Open
from lab_server import LabServer
from visit import PATIENCE

ROOT = Path(__file__).resolve().parents[2]

# Quiet and repeatable: no GPU, no calls home, the same letter shapes on every machine.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-lcd-text",
]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    running = launched(playwright)
    yield running
    running.close()


@pytest.fixture(scope="session")
def browser_with_scroll_bars(playwright: Playwright) -> Iterator[Browser]:
    """As most people have it: scroll bars take room. Playwright's browsers hide theirs."""
    running = launched(playwright, ignore_default_args=["--hide-scrollbars"])
    yield running
    running.close()


def launched(playwright: Playwright, **options: Any) -> Browser:
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    running = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS, **options)
    incidents.watch(running)
    return running


@pytest.fixture(autouse=True)
def nothing_goes_wrong() -> Iterator[None]:
    """No test leaves an error on a console, and nothing asks for anything outside this machine."""
    yield
    assert incidents.take() == []


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """Where screenshots go; git does not see it."""
    folder = ROOT / "artifacts"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def open_view(browser: Browser) -> Iterator[Open]:
    """Open pages; whatever went wrong in one of them fails the test."""
    yield from _opening(browser)


@pytest.fixture
def open_view_with_scroll_bars(browser_with_scroll_bars: Browser) -> Iterator[Open]:
    """As `open_view`, in a browser whose scroll bars take room."""
    yield from _opening(browser_with_scroll_bars)


def _opening(browser: Browser) -> Iterator[Open]:
    opened: list[Harness] = []

    def open_page(**options: Any) -> Harness:
        opened.append(Harness(browser, **options))
        return opened[-1]

    yield open_page
    for harness in opened:
        harness.context.close()
    assert [problem for harness in opened for problem in harness.problems] == []


@pytest.fixture
def view(open_view: Open) -> Harness:
    harness = open_view()
    harness.mount(fixtures.travel())
    return harness


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """One JupyterLab, and Notebook, for all tests that need a real one."""
    lab = LabServer(tmp_path_factory.mktemp("lab"))
    yield lab.start()
    lab.stop()


@pytest.fixture(scope="module")
def patient() -> Iterator[None]:
    """Expectations wait for kernels that start."""
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=None)
