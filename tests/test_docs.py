"""What the pages name is there: links, modules and files."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "benchmarks").glob("*.md"),
        *(ROOT / "jupyter_xai").rglob("*.md"),
    ]
)
BASES = ("", "docs", "jupyter_xai", "src", "src/view", "tests")
"""Where the paths begin that pages name."""

PLACEHOLDER = "NAME"


def page_id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose_of(page: Path) -> str:
    """The page without blocks of code."""
    return re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors_of(page: Path) -> set[str]:
    """Names of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", prose_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def named(dotted: str) -> Any:
    """What a dotted name stands for."""
    parts = dotted.split(".")
    found: Any = import_module(parts[0])
    for number, part in enumerate(parts[1:], start=2):
        if not hasattr(found, part):
            import_module(".".join(parts[:number]))
        found = getattr(found, part)
    return found


def test_pages_are_found() -> None:
    assert {"README.md", "docs/architecture.md", "docs/methods/joint.md"} <= {*map(page_id, PAGES)}


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_lead_somewhere(page: Path) -> None:
    lost = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose_of(page)):
        if re.match(r"\w+:", link):
            continue
        path, _, anchor = link.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors_of(there)):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_modules_and_names_can_be_imported(page: Path) -> None:
    for dotted in sorted(set(re.findall(r"\bjupyter_xai(?:\.\w+)+", page.read_text("utf-8")))):
        assert named(dotted) is not None


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_public_names_exist(page: Path) -> None:
    import jupyter_xai as xai

    for name in sorted(set(re.findall(r"\bxai\.([a-z_]\w*)\b(?!/)", page.read_text("utf-8")))):
        assert hasattr(xai, name), name


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_files_that_are_named_exist(page: Path) -> None:
    quoted = re.findall(
        r"`([\w./-]+/[\w.-]+\.(?:py|ts|css|md|json|toml))`", page.read_text("utf-8")
    )
    lost = [
        name
        for name in quoted
        if not any((ROOT / base / name).exists() for base in BASES) and PLACEHOLDER not in name
    ]
    assert lost == []
