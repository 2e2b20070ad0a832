"""%xai in a real kernel: what the front end is sent while a cell runs, and afterwards."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

from jupyter_xai.explanation.result import MIME
from jupyter_xai.interface.widget.front_end import WIDGET_VIEW

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


def test_a_cell_draws_at_once_and_ends_with_the_whole(kernel: Kernel) -> None:
    messages = kernel.run(CELL)
    assert not of_type(messages, "error")
    assert not of_type(messages, "stream")
    kinds = [message["msg_type"] for message in messages]
    (drawn,) = of_type(messages, "display_data")
    (updated,) = of_type(messages, "update_display_data")
    assert list(drawn["data"]) == [WIDGET_VIEW, "text/plain"]
    assert list(updated["data"]) == [WIDGET_VIEW, MIME, "text/html", "text/plain"]
    assert drawn["transient"]["display_id"] == updated["transient"]["display_id"]
    assert drawn["data"][WIDGET_VIEW] == updated["data"][WIDGET_VIEW]
    before = messages[: kinds.index("display_data")]
    assert states(before, "progress")[-1]["state"] == "running", "loading takes its time"
    between = messages[kinds.index("display_data") : kinds.index("update_display_data")]
    assert states(between, "result")[-1]["explanation"] == updated["data"][MIME]
    assert states(between, "progress")[-1]["state"] == "idle"
    (result,) = of_type(messages, "execute_result")
    assert list(result["data"]) == ["text/plain"]
    assert result["data"]["text/plain"].startswith("<Explanation by shap on toy")


def test_a_later_cell_draws_it_again(kernel: Kernel) -> None:
    kernel.run("e = %xai explain --prompt TRAVEL --model net")
    (result,) = of_type(kernel.run("e"), "execute_result")
    assert list(result["data"]) == [WIDGET_VIEW, MIME, "text/html", "text/plain"]


def test_explain_draws_a_live_view(kernel: Kernel) -> None:
    code = "import jupyter_xai as xai\nxai.explain(TRAVEL, net, method='leave-one-out')"
    messages = kernel.run(code)
    (result,) = of_type(messages, "execute_result")
    assert list(result["data"]) == [WIDGET_VIEW, MIME, "text/html", "text/plain"]


def test_a_request_of_the_view_is_answered(kernel: Kernel) -> None:
    drawn = of_type(kernel.run(CELL), "display_data")[0]["data"][WIDGET_VIEW]
    request = {"id": 1, "kind": "explain", "settings": {"method": "leave-one-out"}}
    kernel.ask(drawn["model_id"], request)

    def answered(message: Message) -> bool:
        return any(
            progress["request"] == 1 and progress["state"] == "idle"
            for progress in states([message], "progress")
        )

    messages = kernel.collect(answered)
    last = states(messages, "result")[-1]
    assert last["request"] == 1
    assert last["explanation"]["method"]["name"] == "leave-one-out"


def test_what_is_kept_in_a_variable_is_shown_once(kernel: Kernel) -> None:
    line = '%xai explain "Warm places. No cities." --model net --method leave-one-out'
    messages = kernel.run(f"{line} -o kept")
    assert not of_type(messages, "error")
    assert len(of_type(messages, "display_data")) == 1
    assert not of_type(messages, "execute_result")
    assert of_type(kernel.run(line), "execute_result")
    (result,) = of_type(kernel.run("print(repr(kept))"), "stream")
    assert result["text"].startswith("<Explanation by leave-one-out on toy")


def test_the_stop_button_hands_back_a_partial_explanation(kernel: Kernel) -> None:
    kernel.run("import time\nslow = ToyModel()\nslow.on_batch = lambda: time.sleep(0.02)")
    cell = "%%xai explain --model slow --perturbations 400 -o stopped\n" + " ".join(
        f"Sentence number {i}." for i in range(12)
    )
    kernel.run(cell, until=lambda message: bool(states([message], "result")))
    kernel.manager.interrupt_kernel()
    messages = kernel.collect(
        lambda message: (
            message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
        )
    )
    assert not of_type(messages, "error")
    assert not of_type(messages, "stream")
    (updated,) = of_type(messages, "update_display_data")
    assert updated["data"][MIME]["partial"]
    assert 16 <= updated["data"][MIME]["perturbations"]["used"] < 400
    assert states(messages, "progress")[-1]["state"] == "cancelled"
    (result,) = of_type(kernel.run("print(stopped.partial, stopped)"), "stream")
    assert result["text"].startswith("True toy · linear")


def test_cancelling_works_while_the_cell_runs(kernel: Kernel) -> None:
    subshell = kernel.subshell()
    if subshell is None:
        pytest.skip("this ipykernel has no subshells")
    kernel.run("import time\nslow = ToyModel()\nslow.on_batch = lambda: time.sleep(0.02)")
    cell = "%%xai explain --model slow --perturbations 400\n" + " ".join(
        f"Sentence number {i}." for i in range(12)
    )
    messages = kernel.run(cell, until=lambda message: bool(states([message], "result")))
    (drawn,) = of_type(messages, "display_data")
    kernel.ask(drawn["data"][WIDGET_VIEW]["model_id"], {"id": 1, "kind": "cancel"}, subshell)
    messages = kernel.collect(lambda message: message["msg_type"] == "execute_result")
    (updated,) = of_type(messages, "update_display_data")
    assert updated["data"][MIME]["partial"]
    assert updated["data"][MIME]["perturbations"]["used"] < 400


def test_a_long_plain_call_counts_in_the_cell_not_on_standard_error(kernel: Kernel) -> None:
    kernel.run("import jupyter_xai as xai, jupyter_xai.progress as watching")
    kernel.run("watching.PATIENCE = watching._BETWEEN = 0")
    messages = kernel.run("plain = xai.explain('One. Two. Three.', net)")
    kernel.run("watching.PATIENCE, watching._BETWEEN = 2.0, 0.5")
    (drawn,) = of_type(messages, "display_data")
    updates = of_type(messages, "update_display_data")
    assert drawn["data"]["text/plain"].startswith("jupyter-xai: ")
    assert {*drawn["data"]} == {"text/plain"}
    told = drawn["transient"]["jupyter_xai"]
    assert (told["state"], told["total"] >= told["done"]) == ("running", True)
    assert "jupyter_xai" not in updates[-1]["transient"], "the last one says how long it took"
    assert {update["transient"]["display_id"] for update in updates} == {
        drawn["transient"]["display_id"]
    }
    assert not of_type(messages, "stream")


def test_mistakes_are_one_line(kernel: Kernel) -> None:
    for wrong in ("--method shapp", "-k 9", "--units words"):
        messages = kernel.run(f"%xai explain hi --model net {wrong}")
        assert not of_type(messages, "error")
        (said,) = of_type(messages, "stream")
        assert said["name"] == "stderr"
        assert said["text"].startswith("UsageError: ")
        assert said["text"].count("\n") == 1
        assert not of_type(messages, "display_data"), "what cannot be computed is not drawn"


def test_a_model_that_fails_leaves_no_dead_view(kernel: Kernel) -> None:
    kernel.run("bad = ToyModel()\nbad._noise = float('nan')")
    messages = kernel.run("%xai explain hi --model bad")
    (said,) = of_type(messages, "stream")
    assert "returned NaN" in said["text"]
    (updated,) = of_type(messages, "update_display_data")
    assert updated["data"] == {"text/plain": "(no explanation)"}


def test_completion_reaches_the_front_end(kernel: Kernel) -> None:
    for code, expected in [
        ("%xai ex", ["explain"]),
        ("%%xai explain --me", ["--method"]),
        ("%xai explain --model ne", ["net"]),
    ]:
        reply = kernel.client.complete(code, len(code), reply=True, timeout=HANGS)
        assert reply["content"]["matches"] == expected


def test_training_is_drawn_in_one_output_as_it_goes(kernel: Kernel, tmp_path: Path) -> None:
    setup = (
        "from jupyter_xai.training import progress_chart as live\nlive._BETWEEN = 0.0\n"
        "data = [f'I am {x}. It rains. Help me.' for x in 'abcdefghij']"
    )
    assert not of_type(kernel.run(setup), "error")
    line = f"%xai train --prompts data --model net --steps 6 --out {tmp_path} -o mine"
    messages = kernel.run(line)
    assert not of_type(messages, "error")
    kind = "application/vnd.vegalite.v5+json"
    (drawn,) = (each for each in of_type(messages, "display_data") if kind in each["data"])
    updates = [each for each in of_type(messages, "update_display_data") if kind in each["data"]]
    assert {each["transient"]["display_id"] for each in updates} == {
        drawn["transient"]["display_id"]
    }
    grown = [len(each["data"][kind]["hconcat"][0]["data"]["values"]) for each in (drawn, *updates)]
    assert grown == sorted(grown)
    assert grown[0] < grown[-1]
    (result,) = of_type(messages, "execute_result")
    assert result["data"]["text/plain"].startswith("<interpreter of toy: 6 of 6 steps")
