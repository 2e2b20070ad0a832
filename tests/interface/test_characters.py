"""Half a character (a lone surrogate): one line for what is given, U+FFFD for what is said."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

import jupyter_xai as xai
from jupyter_xai.errors import XaiError
from jupyter_xai.evaluation.benchmark import evaluate
from jupyter_xai.models.base import Sampling
from jupyter_xai.models.function import FunctionModel
from jupyter_xai.models.server.payload import answer_in
from jupyter_xai.text.document import whole_characters

HALF = "Rest by the sea \ud83d. No cities."
PROMPT = "Be brief. Be kind."

GIVEN: dict[str, Callable[[Any], Any]] = {
    "the prompt": lambda model: xai.explain(HALF, model),
    "the response": lambda model: xai.explain(PROMPT, model, response=HALF),
    "the foil": lambda model: xai.explain(PROMPT, model, foil=HALF),
    "the system message": lambda model: xai.explain(PROMPT, model, system=HALF),
    "the user message": lambda model: xai.explain([{"role": "user", "content": HALF}], model),
    "the replacement": lambda model: xai.explain(
        PROMPT, model, operator="replace", replacement=HALF
    ),
    "what-if text": lambda model: xai.explain(PROMPT, model, checks=False).what_if(text=HALF),
    "the model's prompt": lambda model: xai.load(model).prompt(HALF),
    "the model's response": lambda model: (
        loaded := xai.load(model),
        loaded.supplied(loaded.prompt(PROMPT), HALF),
    ),
}


@pytest.mark.parametrize("what", GIVEN)
@pytest.mark.parametrize("model", [str.upper, "tutor"], ids=["function", "tutor"])
def test_what_is_given_is_refused_in_one_line(what: str, model: Any) -> None:
    with pytest.raises(XaiError) as caught:
        GIVEN[what](model)
    assert "half a character" in str(caught.value)
    assert "\n" not in str(caught.value)
    str(caught.value).encode()  # or it could not be printed


def test_what_a_function_says_is_mended() -> None:
    said = {"Be brief. Be kind.": "Yes \ud83d. \ud83d\ude00 Kind.", "Be kind.": "\udc80"}
    e = xai.explain(PROMPT, lambda text: said.get(text, "Yes."), method="leave-one-out")
    assert e.response == "Yes \ufffd. 😀 Kind."
    json.dumps(e.to_dict()).encode()
    e.html()
    assert FunctionModel(lambda _: "\ud83d!").respond(
        FunctionModel(str.upper).prompt("A."), Sampling()
    ).text == "\ufffd!"  # fmt: skip


def test_what_a_server_says_is_mended() -> None:
    reply = {"choices": [{"message": {"content": "Half \ud83d, whole \ud83d\ude00."}}]}
    entry = answer_in("chat", reply, {"messages": [], "max_tokens": 8})
    assert entry["text"] == "Half \ufffd, whole 😀."


def test_halves_that_belong_together_are_joined() -> None:
    assert whole_characters("\ud83d\ude00") == "😀"
    assert whole_characters("\ude00\ud83d") == "\ufffd\ufffd"
    assert whole_characters("plain") == "plain"


def test_an_evaluation_says_which_row_it_is() -> None:
    with pytest.raises(XaiError, match="row 1: the prompt holds half a character"):
        evaluate([PROMPT, HALF], ["leave-one-out"], str.upper, metrics=["drop@1"])


def test_the_magics_say_it_in_one_line() -> None:
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "jupyter_xai")
    shell.user_ns["half"] = HALF
    for line in (
        f'explain "{HALF}"',
        "explain --prompt half",
        f'explain "{PROMPT}" --foil "{HALF}"',
    ):
        with pytest.raises(UsageError, match="half a character"):
            shell.run_line_magic("xai", line)
    with pytest.raises(UsageError, match="half a character"):
        shell.run_cell_magic("xai", "explain", HALF)


@pytest.mark.parametrize("where", ["argument", "input"])
def test_bytes_that_are_no_text_end_in_one_line(where: str) -> None:
    raw = b"Rest by the sea \xf0\x9f. No cities."
    command: list[Any] = [sys.executable, "-m", "jupyter_xai.interface.commands.cli", "explain"]
    command.append(raw if where == "argument" else "-")
    found = subprocess.run(
        command,
        input=None if where == "argument" else raw,
        capture_output=True,
        timeout=300,
        check=False,
        env=None,
    )
    told = found.stderr.decode("utf-8", "replace").strip()
    if found.returncode == 0:
        # The terminal's own error handler may have put U+FFFD there.
        assert "\ufffd" in found.stdout.decode()
        return
    assert found.returncode == 1
    assert len(told.splitlines()) == 1, told
    assert "Traceback" not in told
    assert "half a character" in told or "UTF-8" in told
