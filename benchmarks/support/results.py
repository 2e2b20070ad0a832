"""Writes RESULTS.md from what the benchmarks left: ``python results.py [--note TEXT] FILE...``.

It only sets measured figures in tables, and says where, when and by which command they came about.
What is not measured by these files stays as it is.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--note", default="", help="what a reader must know of this run")
    parser.add_argument("files", nargs="+", type=Path, help="written by --json")
    options = parser.parse_args()
    runs = [json.loads(file.read_text(encoding="utf-8")) for file in options.files]
    target = Path(__file__).parents[1] / "RESULTS.md"
    head, *old = re.split(r"^(?=## )", target.read_text(encoding="utf-8"), flags=re.MULTILINE)
    parts = {part.partition("\n")[0]: part.rstrip() + "\n" for part in old}
    for run in runs:
        parts[f"## {run['benchmark']}"] = _part(run, options.note)
    target.write_text("\n".join([head.rstrip() + "\n", *parts.values()]), encoding="utf-8")


def _part(run: dict[str, Any], note: str) -> str:
    lines = [
        f"## {run['benchmark']}",
        "",
        f"`{run['command']}`, {run['date']}, {run['machine']}.",
        f"{run['versions'][0].upper()}{run['versions'][1:]}.",
        "",
        *([note, ""] if note else []),
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
