"""Errors speak of options where somebody used options, and leave all else as it is."""

from __future__ import annotations

import pytest

from jupyter_xai.interface.commands.error_wording import as_options

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
}


@pytest.mark.parametrize(
    ("message", "phrased"),
    [
        ("use value='text', or else", "use --value text, or else"),
        ('use value="text"', "use --value text"),
        ("needs foil='...': f does", 'needs --foil "...": f does'),
        ("set replacement='a b'", 'set --replacement "a b"'),
        ("set replacement=''", 'set --replacement ""'),
        ("such as truth=[0, 3]", "such as --truth 0,3"),
        ("k=9 is not allowed", "-k 9 is not allowed"),
        ("max_new_tokens=8 is", "--max-new-tokens 8 is"),
        ("raise max_new_tokens.", "raise --max-new-tokens."),
        ("or explain_system=True", "or --explain-system"),
        ("check base_url=", "check --base-url"),
        ("alpha=0.5 is", "--set alpha=0.5 is"),
        # Python stays Python, and what was quoted stays as it was.
        ("as in xai.load(model, base_url='x')", "as in xai.load(model, base_url='x')"),
        ("units=[(0, 3)] are no spans", "units=[(0, 3)] are no spans"),
        ("unknown variable 'max_new_tokens'", "unknown variable 'max_new_tokens'"),
        ("prices=(1, 2) are", "prices=(1, 2) are"),
        ("the value is text", "the value is text"),
    ],
)
def test_a_message_in_options(message: str, phrased: str) -> None:
    assert as_options(message, OPTIONS, frozenset({"alpha"})) == phrased
