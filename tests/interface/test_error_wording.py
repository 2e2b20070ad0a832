"""Errors speak of options where somebody used options, and leave all else as it is."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import jupyter_xai
from jupyter_xai import methods
from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.explainer.options import ABOUT
from jupyter_xai.interface.commands.error_wording import as_options, phrased

OPTIONS = {
    "value": "--value",
    "k": "-k",
    "foil": "--foil",
    "replacement": "--replacement",
    "truth": "--truth",
    "max_new_tokens": "--max-new-tokens",
    "explain_system": "--explain-system",
    "base_url": "--base-url",
    "model": "--model",
    "units": "--units",
}


@pytest.mark.parametrize(
    ("message", "python", "typed"),
    [
        (
            Worded("use ", Option("value", "text"), ", or else"),
            "use value='text', or else",
            "use --value text, or else",
        ),
        (
            Worded("needs ", Option("foil", "..."), ": f does"),
            "needs foil='...': f does",
            'needs --foil "...": f does',
        ),
        (Worded(Option("replacement", "a b")), "replacement='a b'", '--replacement "a b"'),
        (Worded(Option("replacement", "")), "replacement=''", '--replacement ""'),
        (
            Worded("such as ", Option("truth", [0, 3])),
            "such as truth=[0, 3]",
            "such as --truth 0,3",
        ),
        (Worded(Option("k", 9), " is not allowed"), "k=9 is not allowed", "-k 9 is not allowed"),
        (Worded(Option("max_new_tokens", 8)), "max_new_tokens=8", "--max-new-tokens 8"),
        (
            Worded("raise ", Option("max_new_tokens"), "."),
            "raise max_new_tokens.",
            "raise --max-new-tokens.",
        ),
        (
            Worded("or ", Option("explain_system", True)),
            "or explain_system=True",
            "or --explain-system",
        ),
        (Worded("check ", Option("base_url", ...)), "check base_url=", "check --base-url"),
        (Worded(Option("alpha", 0.5), " is"), "alpha=0.5 is", "--set alpha=0.5 is"),
        # What no line can say stays Python.
        (Worded(Option("units", [(0, 3)])), "units=[(0, 3)]", "units=[(0, 3)]"),
        (Worded(Option("prices", 2)), "prices=2", "prices=2"),
    ],
)
def test_a_message_in_python_and_in_options(message: Worded, python: str, typed: str) -> None:
    assert str(XaiError(message)) == python
    assert as_options(message, OPTIONS, frozenset({"alpha"})) == typed


@pytest.mark.parametrize(
    "message",
    [
        "as in xai.load(model, base_url='x')",
        "units=[(0, 3)] are no spans",
        "unknown variable 'max_new_tokens'",
        "the value is text",
        # What a server or a file says is theirs.
        "host refused the request (400): max_new_tokens=50000 is too large, k=3 too",
        "http://host/?model=3",
    ],
)
def test_what_is_not_marked_is_left_alone(message: str) -> None:
    assert as_options(message, OPTIONS, frozenset({"alpha"})) == message
    assert phrased(XaiError(message), "explain", "%xai", notebook=True) == message


def test_a_message_within_another_keeps_its_options() -> None:
    inner = XaiError(Worded("raise ", Option("max_new_tokens")))
    outer = XaiError(Worded("toy: ", inner.message, "; or not"))
    assert str(outer) == "toy: raise max_new_tokens; or not"
    assert phrased(outer, "explain", "%xai", notebook=True) == "toy: raise --max-new-tokens; or not"
    again = pickle.loads(pickle.dumps(outer))
    assert str(again) == str(outer)
    assert again.message.parts == outer.message.parts


SPEAKS_OTHERWISE = {
    "interface/commands/arguments.py",  # of --set itself
    "training/selection.py",  # to programmers: a ValueError
}


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Texts of errors that mark no options."""
    for node in ast.walk(tree):
        named = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "msg"
        raised = isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith("Error")
        for part in [node.value] if named else node.args if raised else []:  # type: ignore[attr-defined]
            if isinstance(part, ast.Constant | ast.JoinedStr):
                pieces = part.values if isinstance(part, ast.JoinedStr) else [part]
                said = [getattr(piece, "value", "") for piece in pieces]
                yield part.lineno, "".join(each if isinstance(each, str) else "…" for each in said)


def test_no_error_names_an_option_without_marking_it() -> None:
    names = {*ABOUT, *(each for name in methods.names() for each in methods.setting_names(name))}
    plain = re.compile(rf"(?<![\w.-])(?:{'|'.join(sorted(names))})=(?![={{]|\[\()")
    call = re.compile(r"\b\w[\w.]*\([^()]*\)")
    root = Path(jupyter_xai.__file__).parent
    found = [
        f"{path.relative_to(root)}:{line}: {text}"
        for path in sorted(root.rglob("*.py"))
        for line, text in texts(ast.parse(path.read_text()))
        if plain.search(call.sub("", text)) and str(path.relative_to(root)) not in SPEAKS_OTHERWISE
    ]
    assert found == []
