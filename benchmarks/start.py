"""How soon something is there: the import, and the first scores of ``%xai explain`` in a notebook.

The second is measured in a real kernel, from sending the cell until the message that brings the
widget its first scores, for prompts that were never explained before.
"""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median
from time import perf_counter
from typing import Any

from support.report import Table, Target, arguments, finish, seconds

_IMPORTS = 7
_TIMEOUT = 120.0
_HEAVY = ("torch", "transformers", "sklearn", "sentence_transformers", "pandas", "IPython")

PROMPTS = (
    "I want to rest by the sea. No busy cities, though. My budget is flexible.",
    "I like old castles. I have a week in May. Please, no long flights.",
    "My children love animals. We travel by train. It should not cost much.",
    "I want to learn to ski. I hate crowds. I have three days only.",
    "We are looking for good food. My mother is with us. She cannot walk far.",
    "I need some sun. It is for the winter. Hotels should be small and quiet.",
)
"""The first one warms up."""


def import_seconds() -> tuple[float, list[str]]:
    """Seconds to import the package in a fresh interpreter, and what heavy came along."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import jupyter_xai"],
        capture_output=True,
        text=True,
        check=True,
    )
    took = 0.0
    loaded: set[str] = set()
    for line in run.stderr.splitlines():
        _, _, rest = line.partition("import time:")
        fields = [field.strip() for field in rest.split("|")]
        if len(fields) != 3 or not fields[1].isdigit():
            continue
        loaded.add(fields[2].partition(".")[0])
        if fields[2] == "jupyter_xai":
            took = int(fields[1]) / 1e6
    return took, sorted(loaded & set(_HEAVY))


class Kernel:
    """A kernel that runs cells and is watched while it does."""

    def __init__(self) -> None:
        from jupyter_client.manager import start_new_kernel

        environment = os.environ | {"HF_HUB_OFFLINE": "1"}
        self._manager, self._client = start_new_kernel(
            kernel_name="python3", env=environment, startup_timeout=_TIMEOUT
        )

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def run(self, code: str) -> tuple[float | None, float]:
        """Seconds until first scores, if any came, and until the cell is done."""
        started = perf_counter()
        sent = self._client.execute(code)
        first = None
        while True:
            message = self._client.get_iopub_msg(timeout=_TIMEOUT)
            if message["parent_header"].get("msg_id") != sent:
                continue
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "error":
                raise RuntimeError("\n".join(content["traceback"]))
            if first is None and kind == "comm_msg" and _has_scores(content["data"]):
                first = perf_counter() - started
            if kind == "status" and content["execution_state"] == "idle":
                return first, perf_counter() - started


def _has_scores(data: dict[str, Any]) -> bool:
    explanation = data.get("state", {}).get("result", {}).get("explanation")
    if not explanation:
        return False
    return any(score is not None for score in explanation["total"])


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--model", default="tutor", help="what to explain")
    options = parser.parse_args()

    times, heavy = [], set[str]()
    for _ in range(_IMPORTS):
        took, came = import_seconds()
        times.append(took)
        heavy.update(came)
    imports = Table("import jupyter_xai", ("", "time", "heavy modules"))
    imports.add(f"median of {_IMPORTS}", seconds(median(times)), ", ".join(heavy) or "none")

    table = Table(f"%xai explain --model {options.model}", ("", "first scores", "all and checks"))
    firsts: list[float] = []
    with Kernel() as kernel:
        kernel.run("%load_ext jupyter_xai")
        for turn, prompt in enumerate(PROMPTS):
            first, done = kernel.run(f'%xai explain "{prompt}" --model {options.model}')
            if first is None:
                msg = "no scores came to the widget"
                raise RuntimeError(msg)
            table.add("with loading" if not turn else prompt, seconds(first), seconds(done))
            firsts += [first] if turn else []
    targets = [
        Target("start: importing jupyter_xai", median(times), 0.3, "s", least=False),
        Target("start: heavy modules imported", len(heavy), 0, "modules", least=False),
        Target("start: first scores, warm", median(firsts), 1, "s", least=False),
    ]
    return finish("start", [imports, table], targets, options.json)


if __name__ == "__main__":
    sys.exit(main())
