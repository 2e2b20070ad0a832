"""How fast the methods are, beside the same done plainly. Each subject has a section of its own.

A section is a module of `sections` with ``measure(options) -> (tables, targets)``.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from support import peers
from support.report import Table, Target, arguments, finish

SECTIONS = ("gsmile", "gradients", "joint")
"""Modules of `sections`, in the order in which they are run."""


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--section", action="append", choices=SECTIONS, help="only this one")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=3, help="of what takes seconds")
    parser.add_argument(
        "--peers", type=Path, default=peers.FOLDER, help="folder where the peers are installed"
    )
    options = parser.parse_args()
    peers.add_folder(options.peers)

    import torch

    torch.set_num_threads(options.threads)
    tables: list[Table] = []
    targets: list[Target] = []
    chosen = options.section or SECTIONS
    for name in chosen:
        more = import_module(f"sections.{name}").measure(options)
        tables += more[0]
        targets += more[1]
    name = "methods" if len(chosen) == len(SECTIONS) else f"methods: {', '.join(chosen)}"
    return finish(name, tables, targets, options.json)


if __name__ == "__main__":
    sys.exit(main())
