"""Tables, targets and the command line that every benchmark has."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_PACKAGES = ("torch", "transformers", "numpy", "captum", "inseq", "context-cite")


@dataclass(frozen=True)
class Target:
    """A figure and the bar that it must clear.

    Attributes
    ----------
    name : str
    figure : float or None
        None when it could not be measured; then the target falls short.
    bar : float
    unit : str
    least : bool
        True when the figure must be at least the bar, False when at most.
    """

    name: str
    figure: float | None
    bar: float
    unit: str
    least: bool = True

    @property
    def holds(self) -> bool:
        if self.figure is None:
            return False
        return self.figure >= self.bar if self.least else self.figure <= self.bar

    def line(self) -> str:
        figure = "not measured" if self.figure is None else f"{self.figure:.3g} {self.unit}"
        bar = f"{'at least' if self.least else 'at most'} {self.bar:g} {self.unit}"
        return f"{self.name}: {figure} ({bar}): {'holds' if self.holds else 'falls short'}"


@dataclass(frozen=True)
class Table:
    """Rows of cells under a title."""

    title: str
    columns: Sequence[str]
    rows: list[list[str]] = field(default_factory=list)

    def add(self, *cells: str) -> None:
        self.rows.append(list(cells))

    def __str__(self) -> str:
        lines = [list(self.columns), *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]
        shown = [
            "  ".join(
                cell.ljust(width) if i == 0 or i == len(widths) - 1 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        return "\n".join([self.title, *(f"  {line}" for line in shown)])


def arguments(description: str) -> argparse.ArgumentParser:
    """A parser with the options that all benchmarks share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the results here as well")
    return parser


def finish(name: str, tables: Sequence[Table], targets: Sequence[Target], file: Path | None) -> int:
    """Print everything, write it to a file if asked to, and give the exit status."""
    surroundings = describe()
    print("\n\n".join(str(table) for table in tables), end="\n\n")
    print("; ".join(f"{key} {value}" for key, value in surroundings.items()), end="\n\n")
    for target in targets:
        print(target.line())
    if file is not None:
        written = {
            "benchmark": name,
            **surroundings,
            "tables": [
                {"title": table.title, "columns": list(table.columns), "rows": table.rows}
                for table in tables
            ],
            "targets": [
                {
                    "name": target.name,
                    "figure": target.figure,
                    "bar": target.bar,
                    "unit": target.unit,
                    "least": target.least,
                    "verdict": "holds" if target.holds else "falls short",
                    "line": target.line(),
                }
                for target in targets
            ],
        }
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    return 0 if all(target.holds for target in targets) else 1


def describe() -> dict[str, Any]:
    """Date, machine, versions and the command."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        # A library that a table needs and that is not there is named in that table.
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{_processor()}, {len(os.sched_getaffinity(0))} cores, {platform.system()}",
        "versions": ", ".join(f"{package} {number}" for package, number in found.items()),
        "command": _command(sys.argv),
    }


def _command(said: Sequence[str]) -> str:
    """What was run, without where its results went."""
    parts = ["python", *(part.removeprefix(f"{Path.cwd()}/") for part in said)]
    for option in ("--json", "--folder", "--chart"):
        if option in parts:
            at = parts.index(option)
            parts[at : at + 2] = []
    return " ".join(parts)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def seconds(value: float) -> str:
    """A duration as tables show it."""
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"
