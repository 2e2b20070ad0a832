"""Errors in the words in which somebody asked: options where magics or the terminal were used."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.interface.commands.arguments import WordingError
from jupyter_xai.interface.commands.parser import parser_for


def as_options(message: str, options: Mapping[str, str], settings: frozenset[str]) -> str:
    """A message that speaks of arguments, speaking of options.

    Parameters
    ----------
    message : str
        Only what a `Worded` one marks is worded anew.
    options : mapping
        From arguments to the options that stand for them.
    settings : frozenset of str
        What methods can be set to, by ``--set``.

    Examples
    --------
    >>> use = Worded("use ", Option("value", "text"), " or ", Option("baseline", "zero"))
    >>> as_options(use, {"value": "--value"}, frozenset({"baseline"}))
    'use --value text or --set baseline=zero'
    """
    if not isinstance(message, Worded):
        return message
    return "".join(
        _typed(part, options, settings) if isinstance(part, Option) else part
        for part in message.parts
    )


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
    return as_options(error.message, options, frozenset(settings))


def options_of(command: str, top: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """The options of a command, by all that they are called; none for an unknown one."""
    commands = next(a for a in top._actions if isinstance(a, argparse._SubParsersAction))
    actions = commands.choices[command]._actions if command in commands.choices else []
    return {name: action for action in actions for name in action.option_strings}


def _typed(option: Option, options: Mapping[str, str], settings: frozenset[str]) -> str:
    """An option as it is typed on a line; as in Python where no line can say it."""
    name, value = option.name, option.value
    if option.is_alone or value is ... or value is True:
        return options.get(name, str(option))
    match value:
        case str():
            said = f'"{value}"' if not value or re.search(r"[\s.]", value) else value
        case int() | float():
            said = str(value)
        case [int(), *_]:
            said = ",".join(map(str, value))
        case _:
            return str(option)
    if name in options:
        return f"{options[name]} {said}"
    return f"--set {name}={said}" if name in settings else str(option)
