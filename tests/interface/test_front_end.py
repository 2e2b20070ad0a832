"""What a notebook keeps of the live view: no code, and nothing at all where nobody looks on."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

import jupyter_xai as xai
from conftest import TRAVEL, ToyModel
from jupyter_xai import environment as surroundings
from jupyter_xai.explanation.result import MIME
from jupyter_xai.files import static_file
from jupyter_xai.interface.widget.front_end import WIDGET_VIEW
from jupyter_xai.interface.widget.widget import ExplanationWidget
from kernels import CELL, Kernel, Message, of_type, states
from kernels import kernel as kernel

MOST = 6_000
"""What the state of a widget may take beside the explanation."""

RUN = """\
import time
import jupyter_xai as xai
%load_ext jupyter_xai

def slow(prompt):
    time.sleep(0.4)
    return prompt.upper()"""


def size(state: dict[str, Any]) -> int:
    return len(json.dumps({name: each for name, each in state.items() if name != "result"}))


def told(kernel: Kernel, widget: str, **content: Any) -> list[Message]:
    """What a widget answers to a message of its view."""
    data = {"method": "custom", "content": content}
    message = kernel.client.session.msg("comm_msg", {"comm_id": widget, "data": data})
    kernel.client.shell_channel.send(message)
    return of_type(kernel.collect(_about(widget)), "comm_msg")


def _about(widget: str) -> Callable[[Message], bool]:
    return lambda each: each["msg_type"] == "comm_msg" and each["content"].get("comm_id") == widget


def test_the_code_goes_with_the_opening_and_is_taken_out(kernel: Kernel) -> None:
    messages = kernel.run(CELL)
    (opened,) = [
        each
        for each in of_type(messages, "comm_open")
        if each["data"]["state"]["_model_name"] == "AnyModel"
    ]
    state, widget = opened["data"]["state"], opened["comm_id"]
    assert state["front_end"]["code"] == static_file("widget.js")
    assert state["front_end"]["style"] == static_file("widget.css")
    assert state["_esm"] == static_file("loader.js")
    assert not any("code" in each for each in states(messages, "front_end"))

    (update,) = told(kernel, widget, kind="taken")
    assert update["data"]["state"] == {"front_end": {"id": state["front_end"]["id"]}}
    assert size(state | update["data"]["state"]) < MOST

    (answer,) = told(kernel, widget, kind="front-end")
    content = answer["data"]["content"]
    assert content == {"kind": "front-end", **state["front_end"]}


def test_the_state_of_a_widget_is_small(toy: ToyModel) -> None:
    widget = ExplanationWidget(xai.explain(TRAVEL, toy))
    assert size(widget.get_state()) < MOST
    widget.close()


def test_marimo_has_the_code_from_anywidget(toy: ToyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps no widgets, and puts the sheet of each into its shadow root."""
    marimo = SimpleNamespace(running_in_notebook=lambda: True)
    monkeypatch.setitem(sys.modules, "marimo", marimo)
    state = ExplanationWidget(xai.explain(TRAVEL, toy)).get_state()
    assert state["_esm"] == static_file("widget.js")
    assert state["_css"] == static_file("widget.css")
    assert list(state["front_end"]) == ["id"]


def test_a_widget_is_shown_in_every_form(toy: ToyModel) -> None:
    widget = ExplanationWidget(xai.explain(TRAVEL, toy))
    data, _ = widget._repr_mimebundle_()
    assert list(data) == [WIDGET_VIEW, MIME, "text/html", "text/plain"]
    widget.close()


def test_a_run_that_nobody_watches_keeps_no_widget_and_no_progress(tmp_path: Path) -> None:
    asks = '"Late trains. Early birds. Old books. New shoes.", slow, method="leave-one-out", k=1'
    magic = "%%xai explain --model slow --method leave-one-out -k 1 -o e\nOld. New. Dear. Cheap."
    cells = [RUN, magic, f"xai.explain({asks})", "e"]
    notebook = new_notebook(cells=[new_code_cell(each) for each in cells])
    NotebookClient(notebook, kernel_name="python3", store_widget_state=True).execute()
    assert "widgets" not in notebook.metadata
    for cell in notebook.cells[1:]:
        (output,) = cell.outputs
        assert list(output.data) == [MIME, "text/html", "text/plain"]
        assert json.dumps(output).count("</script") == 0
    assert len(json.dumps(notebook)) < 40_000


def request(**changes: Any) -> dict[str, Any]:
    """As nbclient asks."""
    header = {"msg_id": "a1b2-c3_77_4", "session": "a1b2-c3", "msg_type": "execute_request"}
    return {
        "header": header | changes.pop("header", {}),
        "content": {"code": "e", "allow_stdin": False} | changes,
    }


@pytest.mark.parametrize(
    ("asked", "environment", "alone"),
    [
        (request(), {}, True),
        (request(allow_stdin=True), {}, False),
        # A front end in a browser that has no place for input.
        (request(header={"msg_id": "5f3c9e12-7a41"}), {}, False),
        (request(), {"VOILA_BASE_URL": "/"}, False),
        ({"header": {"msg_type": "comm_msg"}, "content": {"comm_id": "x"}}, {}, False),
        ({}, {}, False),
        (None, {}, False),
    ],
    ids=["nbclient", "console", "browser", "voila", "view", "nothing", "older"],
)
def test_who_looks_on(
    asked: Any, environment: dict[str, str], alone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = SimpleNamespace() if asked is None else SimpleNamespace(get_parent=lambda: asked)
    monkeypatch.setattr(surroundings, "shell", lambda: SimpleNamespace(kernel=kernel))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert surroundings.unattended() is alone
