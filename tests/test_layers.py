"""The contracts of the rooms refuse what they should, and the package keeps them.

A contract that was emptied by a slip would be kept by everybody. So the settings of
``pyproject.toml`` are tried on a made-up package that has the rooms of ours and an import too many.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

import jupyter_xai

ROOT = Path(__file__).parents[1]
PACKAGE = Path(jupyter_xai.__file__).parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]

UP = [
    ("studies", "interface"),
    ("training", "studies"),
    ("evaluation", "explainer"),
    ("explanation", "evaluation"),
    ("methods", "explanation"),
    ("game", "methods"),
    ("models", "game"),
    ("progress", "metrics"),
    ("text", "progress"),
    ("errors", "masking"),
]
"""From each floor to the one above it."""

BESIDE = [
    ("explainer", "training"),
    ("metrics", "models"),
    ("files", "cache"),
    ("environment", "errors"),
]
"""Rooms of one floor."""


def linted(folder: Path) -> tuple[bool, str]:
    """Whether the contracts are kept in a folder, and what is said about it, in one line."""
    command = "import sys; from importlinter.cli import lint_imports_command as f; f()"
    run = subprocess.run(
        [sys.executable, "-c", command, "--no-cache", "--no-logo", str(ROOT / "pyproject.toml")],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Contracts" in run.stdout, run.stdout + run.stderr
    return run.returncode == 0, " ".join(run.stdout.split())


def made_up(folder: Path, planted: Iterable[tuple[str, str]], *, more: Iterable[str] = ()) -> Path:
    """A package with our rooms, each of two files, and imports between them.

    Parameters
    ----------
    folder
    planted
        Who imports whom: names of modules within the package.
    more
        Rooms that ours does not have.
    """
    package = folder / "jupyter_xai"
    package.mkdir()
    (package / "__init__.py").touch()
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")} | set(more)
    for room in rooms:
        (package / room).mkdir()
        for name in ("__init__", "one", "two"):
            (package / room / f"{name}.py").touch()
    for path in PACKAGE.glob("[!_]*.py"):
        (package / path.name).touch()
    for number, (file, other) in enumerate(planted):
        path = package / f"{file.replace('.', '/')}.py"
        path = path if path.exists() else path.with_suffix("") / "one.py"
        lines = (
            f"import jupyter_xai.{other}\n",
            f"def late():\n    import jupyter_xai.{other}\n",
            "from typing import TYPE_CHECKING\n"
            f"if TYPE_CHECKING:\n    import jupyter_xai.{other}\n",
        )
        with path.open("a") as opened:
            opened.write(lines[number % len(lines)])
    return folder


def test_the_package_keeps_its_contracts() -> None:
    kept, said = linted(ROOT)
    assert kept, said


def test_nothing_is_exempt() -> None:
    for contract in SETTINGS["contracts"]:
        assert not {name for name in contract if name.startswith(("ignore", "unmatched"))}
    assert not {"exclude_type_checking_imports"} & set(SETTINGS)


def test_imports_that_run_down_are_kept(tmp_path: Path) -> None:
    kept, said = linted(made_up(tmp_path, [(above, room) for room, above in UP]))
    assert kept, said


def test_imports_that_run_up_or_sideways_are_refused(tmp_path: Path) -> None:
    kept, said = linted(made_up(tmp_path, [*UP, *BESIDE]))
    assert not kept
    for room, other in (*UP, *BESIDE):
        assert f"jupyter_xai.{room} is not allowed to import jupyter_xai.{other}:" in said


@pytest.mark.parametrize(
    "circle",
    [
        [("game.one", "game.two"), ("game.two", "game.one")],
        [("interface.one", "interface.two.deep"), ("interface.two.deep", "interface.one")],
    ],
    ids=["of files", "of a file and a folder"],
)
def test_circles_are_refused(tmp_path: Path, circle: list[tuple[str, str]]) -> None:
    folder = made_up(tmp_path, [])
    for file, _ in circle:
        path = folder / "jupyter_xai" / f"{file.replace('.', '/')}.py"
        if path.name == "deep.py":
            path.parent.with_suffix(".py").unlink()
            path.parent.mkdir()
            (path.parent / "__init__.py").touch()
        path.write_text(f"import jupyter_xai.{dict(circle)[file]}\n")
    kept, said = linted(folder)
    assert not kept
    assert "Each room imports only rooms below it KEPT" in said
    assert "No circle between siblings, at any depth BROKEN" in said


def test_a_room_that_stands_on_no_floor_is_refused(tmp_path: Path) -> None:
    kept, said = linted(made_up(tmp_path, [], more=["attic"]))
    assert not kept
    assert "attic" in said


def test_the_picture_in_the_docs_has_the_same_floors() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    picture = re.search(r"^```\ninterface/.+?^```$", page, re.MULTILINE | re.DOTALL)
    assert picture is not None
    rooms = [re.split(r" {2,}", line)[0] for line in picture[0].splitlines()[1:-1]]
    drawn = [sorted(re.findall(r"(\w+)(?:/|\.py)", floor)) for floor in rooms]
    layers = SETTINGS["contracts"][0]["layers"]
    assert drawn == [sorted(layer.split(" | ")) for layer in layers]
