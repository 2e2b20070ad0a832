"""Errors in the words in which somebody asked: options where magics or the terminal were used."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping

from jupyter_xai.errors import XaiError
from jupyter_xai.interface.commands.arguments import WordingError
from jupyter_xai.interface.commands.parser import parser_for

# A call in a message is Python, and stays so.
_CALL = re.compile(r"(\b\w[\w.]*\([^()]*\))")
_GIVEN = re.compile(
    r"""(?<![\w.-])(?P<name>[a-z]\w*)=(?:
        (?P<quote>['"])(?P<text>.*?)(?P=quote)
      | \[(?P<list>[\d,\ ]+)\]
      | (?P<word>True|-?[\d.]*\d)
      | (?=[\s;,.:)]|$)
    )""",
    re.VERBOSE,
)
_BARE = re.compile(r"(?<![\w.'\"-])[a-z]+(?:_[a-z]+)+\b(?![='\"(])")


def as_options(message: str, options: Mapping[str, str], settings: frozenset[str]) -> str:
    """An error that speaks of arguments, speaking of options.

    Parameters
    ----------
    message : str
    options : mapping
        From arguments to the options that stand for them.
    settings : frozenset of str
        What methods can be set to, by ``--set``.

    Examples
    --------
    >>> as_options("use value='text'", {"value": "--value"}, frozenset())
    'use --value text'
    >>> as_options("raise max_new_tokens", {"max_new_tokens": "--max-new-tokens"}, frozenset())
    'raise --max-new-tokens'
    >>> as_options("use baseline='zero'", {}, frozenset({"baseline"}))
    'use --set baseline=zero'
    """

    def given(match: re.Match[str]) -> str:
        name, text = match["name"], match["text"]
        if text is not None and (not text or re.search(r"[\s.]", text)):
            text = f'"{text}"'
        value = text or (match["list"] or match["word"] or "").replace(" ", "")
        if name in options:
            value = "" if value == "True" else value
            return f"{options[name]} {value}".rstrip()
        if name in settings:
            return f"--set {name}={value}"
        return match[0]

    def bare(match: re.Match[str]) -> str:
        return options.get(match[0], match[0])

    pieces = _CALL.split(message)
    pieces[::2] = [_BARE.sub(bare, _GIVEN.sub(given, piece)) for piece in pieces[::2]]
    return "".join(pieces)


def phrased(error: XaiError, command: str, prog: str, *, notebook: bool) -> str:
    """An error's message with this command's options in the place of Python's arguments."""
    from jupyter_xai import methods

    if isinstance(error, WordingError):
        return str(error)
    settings = {name for method in methods.names() for name in methods.setting_names(method)}
    said = options_of(command, parser_for(prog, notebook=notebook))
    options = {
        action.dest: name for name, action in said.items() if action.option_strings[0] == name
    }
    return as_options(str(error), options, frozenset(settings))


def options_of(command: str, top: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """The options of a command, by all that they are called; none for an unknown one."""
    commands = next(a for a in top._actions if isinstance(a, argparse._SubParsersAction))
    actions = commands.choices[command]._actions if command in commands.choices else []
    return {name: action for action in actions for name in action.option_strings}
