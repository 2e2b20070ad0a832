"""%xai in a real kernel: what the front end is sent while a cell runs, and afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_xai.explanation.result import MIME
from jupyter_xai.interface.widget.front_end import WIDGET_VIEW
from kernels import CELL, HANGS, Kernel, Message, of_type, states
from kernels import kernel as kernel


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


def cancelled(kernel: Kernel, subshell: str, options: str, sentences: int) -> dict[str, Any]:
    """The record of a slow run whose view asks to cancel it as soon as it shows scores."""
    kernel.run("import time\nslow = ToyModel()\nslow.on_batch = lambda: time.sleep(0.02)")
    cell = f"%%xai explain --model slow {options}\n" + " ".join(
        f"Sentence number {i}." for i in range(sentences)
    )
    messages = kernel.run(cell, until=lambda message: bool(states([message], "result")))
    (drawn,) = of_type(messages, "display_data")
    kernel.ask(drawn["data"][WIDGET_VIEW]["model_id"], {"id": 1, "kind": "cancel"}, subshell)
    messages = kernel.collect(lambda message: message["msg_type"] == "execute_result")
    (updated,) = of_type(messages, "update_display_data")
    return updated["data"][MIME]


def test_cancelling_works_while_the_cell_runs(kernel: Kernel) -> None:
    subshell = kernel.subshell()
    if subshell is None:
        pytest.skip("this ipykernel has no subshells")
    record = cancelled(kernel, subshell, "--perturbations 400", 12)
    assert record["partial"]
    assert record["perturbations"]["used"] < 400


def test_cancelling_would_wait_for_the_cell_if_ipykernel_had_its_way(kernel: Kernel) -> None:
    """When this fails, `jupyter_xai.interface.widget.subshells` is no longer needed."""
    subshell = kernel.subshell()
    if subshell is None:
        pytest.skip("this ipykernel has no subshells")
    kernel.run("from jupyter_xai.interface.widget import subshells\nkept = subshells._ROUTES")
    reroutes = kernel.run("from ipykernel.comm import Comm\nassert hasattr(Comm, kept)")
    if of_type(reroutes, "error"):
        pytest.skip("this ipykernel sends messages where the front end wants them")
    kernel.run("keep = subshells.keep_chosen_subshell\nsubshells.keep_chosen_subshell = print")
    try:
        record = cancelled(kernel, subshell, "--method leave-one-out", 40)
    finally:
        kernel.run("subshells.keep_chosen_subshell = keep")
    assert not record["partial"]


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


def test_a_kernel_without_the_front_end_counts_in_a_line(kernel: Kernel, tmp_path: Path) -> None:
    """Where no view can be drawn, a long run still says how far it is."""
    kernel.run(
        "import sys, jupyter_xai.progress as watching, jupyter_xai.files as files\n"
        "watching.PATIENCE = watching._BETWEEN = 0\n"
        "room = 'jupyter_xai.interface.widget'\n"
        "gone = {n: sys.modules.pop(n) for n in [*sys.modules] if n.startswith(f'{room}.')}\n"
        f"folder, files.FOLDER = files.FOLDER, files.Path({str(tmp_path)!r})\n"
        "files.static_file.cache_clear()"
    )
    messages = kernel.run("%xai explain 'One. Two. Three.' --model net -o plain")
    kernel.run(
        "files.FOLDER = folder\nfiles.static_file.cache_clear()\nsys.modules.update(gone)\n"
        "watching.PATIENCE, watching._BETWEEN = 2.0, 0.5"
    )
    assert not of_type(messages, "error")
    told = [each["data"]["text/plain"] for each in of_type(messages, "display_data")]
    assert any(text.startswith("jupyter-xai: ") for text in told)
