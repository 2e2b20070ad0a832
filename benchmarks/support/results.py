"""Writes RESULTS.md from what the benchmarks left: ``python results.py [--note TEXT] FILE...``.

It only sets measured figures in tables, and says where, when and by which command they came about.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_HEAD = """# Benchmark results

The last full run. Every line below was measured by the command above it, on the machine named
there; nothing is copied from elsewhere. Run them again with `make bench`.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--note", default="", help="what a reader must know of this run")
    parser.add_argument("files", nargs="+", type=Path, help="written by --json")
    options = parser.parse_args()
    runs = [json.loads(file.read_text(encoding="utf-8")) for file in options.files]
    parts = [_HEAD, *([options.note, ""] if options.note else []), *map(_part, runs)]
    target = Path(__file__).parents[1] / "RESULTS.md"
    target.write_text("\n".join(parts), encoding="utf-8")


def _part(run: dict[str, Any]) -> str:
    lines = [
        f"## {run['benchmark']}",
        "",
        f"`{run['command']}`, {run['date']}, {run['machine']}.",
        f"{run['versions'][0].upper()}{run['versions'][1:]}.",
        "",
    ]
    for table in run["tables"]:
        lines += [f"### {table['title']}", "", _row(table["columns"])]
        lines.append("|" + "".join(" --- |" for _ in table["columns"]))
        lines += [*map(_row, table["rows"]), ""]
    lines += [f"- {target['line']}" for target in run["targets"]]
    return "\n".join([*lines, ""])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
