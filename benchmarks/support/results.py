"""Writes RESULTS.md from the files that the benchmarks left: ``python support/results.py FILE...``.

It only sets measured figures in tables, and says where, when and by which command they came about.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_HEAD = """# Benchmark results

The last full run. Every line below was measured by the command above it, on the machine named
there; nothing is copied from elsewhere. Run them again with `make bench`.
"""


def main(files: Sequence[str]) -> None:
    parts = [_HEAD, *(_part(json.loads(Path(file).read_text(encoding="utf-8"))) for file in files)]
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
    main(sys.argv[1:])
