"""A real kernel, and what a front end would get from it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

HANGS = 60.0
SETUP = """
%load_ext jupyter_xai
from conftest import ToyModel, TRAVEL
net = ToyModel()
"""
CELL = "%%xai explain --model net --method shap -k 2\nWarm places please. No {cities}. Money."

Message = dict[str, Any]


class Kernel:
    """Runs code and collects what a front end would get."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client

    def run(self, code: str, until: Callable[[Message], bool] | None = None) -> list[Message]:
        request = self.client.execute(code)

        def ended(message: Message) -> bool:
            return (
                message["msg_type"] == "status"
                and message["content"]["execution_state"] == "idle"
                and message["parent_header"].get("msg_id") == request
            )

        return self.collect(until or ended)

    def ask(self, widget: str, request: dict[str, Any], subshell: str | None = None) -> None:
        """Set a widget's request, as its view does."""
        session = self.client.session
        data = {"method": "update", "state": {"request": request}, "buffer_paths": []}
        message = session.msg("comm_msg", {"comm_id": widget, "data": data})
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)

    def subshell(self) -> str | None:
        """Open a subshell, as JupyterLab does for widgets; None where kernels have none."""
        channel = self.client.control_channel
        channel.send(self.client.session.msg("create_subshell_request", {}))
        reply = channel.get_msg(timeout=HANGS)
        return reply["content"].get("subshell_id")

    def collect(self, until: Callable[[Message], bool]) -> list[Message]:
        seen: list[Message] = []
        end = time.monotonic() + HANGS
        while time.monotonic() < end:
            message = self.client.get_iopub_msg(timeout=HANGS)
            seen.append(message)
            if until(message):
                return seen
        raise TimeoutError([message["msg_type"] for message in seen])


def of_type(messages: list[Message], kind: str) -> list[Message]:
    return [message["content"] for message in messages if message["msg_type"] == kind]


def states(messages: list[Message], trait: str) -> list[Any]:
    """Every value that a widget's trait was given, in order."""
    updates = [content["data"].get("state", {}) for content in of_type(messages, "comm_msg")]
    return [update[trait] for update in updates if trait in update]


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    here = Path(__file__).parent
    path = os.pathsep.join([str(here), str(here.parent), os.environ.get("PYTHONPATH", "")])
    manager, client = start_new_kernel(
        kernel_name="python3",
        startup_timeout=HANGS,
        env={**os.environ, "PYTHONPATH": path, "PYDEVD_DISABLE_FILE_VALIDATION": "1"},
    )
    kernel = Kernel(manager, client)
    assert not of_type(kernel.run(SETUP), "error")
    yield kernel
    client.stop_channels()
    manager.shutdown_kernel(now=True)
