"""From what was said on a line to arguments of Python functions."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from inspect import signature
from math import isfinite
from typing import Any

from jupyter_xai.errors import XaiError, brief
from jupyter_xai.explainer.options import ABOUT
from jupyter_xai.models.downloads import DOWNLOADS, Download
from jupyter_xai.text.formatting import listed

_PIECE = re.compile(r'"(?:\\.|[^"\\])*"|(?<!\S)\'[^\']*\'|\s+|[^\s"\']+|["\']', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')
NAMED = (*ABOUT, "interpreter")
"""What has an option of its own; the interpreter is a setting of a method."""


class WordingError(XaiError):
    """Words that cannot be understood."""


def options(words: argparse.Namespace) -> dict[str, Any]:
    """What was said, as keyword arguments of `jupyter_xai.explain` (without prompt and model)."""
    named = {
        name: value
        for name in NAMED
        if (value := getattr(words, name, None)) is not None and value is not False
    }
    own = settings(words.set)
    for key in own:
        if key in NAMED or key in ("prompt", "model", "base_url"):
            msg = f"{key} is no setting of a method; write --{key.replace('_', '-')} instead"
            raise WordingError(msg)
    refuse_arguments(own, "jupyter_xai.interface.explain", "explain", "a method")
    refuse_arguments(own, "jupyter_xai.interface.comparison", "compare", "a method")
    return named | own


def refuse_arguments(own: Iterable[str], module: str, function: str, of: str) -> None:
    """Refuse what ``--set`` gave where it is an argument of a function, and no setting.

    Raises
    ------
    WordingError
        Names it, and whose setting it is not.
    """
    arguments = signature(getattr(import_module(module), function)).parameters
    for key in own:
        if key in arguments:
            msg = f"{key} is no setting of {of}, so --set cannot give it"
            raise WordingError(msg)


def settings(said: Sequence[str] | None) -> dict[str, Any]:
    """What ``--set`` gave.

    Examples
    --------
    >>> settings(["alpha=.5", "kind=ridge"])
    {'alpha': 0.5, 'kind': 'ridge'}
    """
    found = {}
    for setting in said or ():
        key, equals, text = setting.partition("=")
        key = key.strip().replace("-", "_")
        if not equals or not key.isidentifier():
            msg = f"--set takes key=value, such as --set alpha=0.02, not {setting!r}"
            raise WordingError(msg)
        try:
            found[key] = _value(text)
        except (ValueError, RecursionError):
            # Python reads neither numbers of thousands of digits nor what nests a thousand deep.
            what = f"{brief(text, 60)!r} ({len(text):,} characters)"
            msg = f"--set {key} takes a plain value, such as 0.02, not {what}"
            raise WordingError(msg) from None
    return found


def check_server(words: argparse.Namespace, usual: str | None = None) -> None:
    """Refuse an address that no named model needs.

    Parameters
    ----------
    words : Namespace
    usual : str, optional
        The model where none is named.

    Raises
    ------
    WordingError
        Says which models have one.
    """
    from jupyter_xai.models.load import is_served

    several = (getattr(words, "models", None) or "").split(",")
    named = [getattr(words, "model", None) or usual or "", *several]
    if words.base_url is not None and not any(is_served(name) for name in named):
        msg = (
            "--base-url goes with a model at a server: --model openai:NAME, as the server calls it"
        )
        raise WordingError(msg)


def served(name: str | None, words: argparse.Namespace) -> Any:
    """What `jupyter_xai.load` takes for a model's name, at the server that was said."""
    from jupyter_xai.models.load import is_served, load

    if name is None or words.base_url is None or not is_served(name):
        return name
    return load(name, base_url=words.base_url)


def names_in(text: str | None) -> list[str] | None:
    """Names that are separated by commas.

    Examples
    --------
    >>> names_in("linear, shap")
    ['linear', 'shap']
    """
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def places(text: str | None) -> list[int] | None:
    """Places of prompt units, as they are named in one word.

    Examples
    --------
    >>> places("0,3")
    [0, 3]
    """
    if text is None:
        return None
    try:
        return [int(place) for place in text.split(",")]
    except ValueError:
        msg = f"--truth takes places of prompt units from 0, such as 0,3, not {text!r}"
        raise WordingError(msg) from None


def split(line: str) -> list[str]:
    """Split a line into words; quotes hold words together, all else is taken as written.

    Unlike a shell, an apostrophe within a word and a quote that nobody closes are plain text.

    Examples
    --------
    >>> split("explain \\"What's {this}?\\" -k 2")
    ['explain', "What's {this}?", '-k', '2']
    >>> split("explain What's up")
    ['explain', "What's", 'up']
    """
    return list(_words(line))


def target_pieces(text: str) -> str | list[tuple[int, int]]:
    """Pieces such as 0:12,30:44, or the word for what depends on the prompt."""
    from jupyter_xai.game.targets import CONTEXT_DEPENDENT

    if text == CONTEXT_DEPENDENT:
        return text
    try:
        pieces = [piece.split(":") for piece in text.split(",")]
        return [(int(start), int(end)) for start, end in pieces]
    except ValueError:
        msg = (
            f"{text!r} names no characters of the answer; give {CONTEXT_DEPENDENT}, or pieces "
            "such as 0:12,30:44"
        )
        raise argparse.ArgumentTypeError(msg) from None


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        pass  # plain text; what is JSON and cannot be read is raised
    try:
        number = float(text)  # .5 is no JSON
    except ValueError:
        return text
    return number if isfinite(number) else text


def _words(line: str) -> Iterator[str]:
    word: list[str] = []
    for match in _PIECE.finditer(line):
        piece = match.group()
        if piece.isspace():
            if word:
                yield "".join(word)
            word = []
        elif piece[0] == '"' and len(piece) > 1:
            word.append(_ESCAPED.sub(r"\1", piece[1:-1]))
        elif piece[0] == "'" and len(piece) > 1:
            word.append(piece[1:-1])
        else:
            word.append(piece)
    if word:
        yield "".join(word)


def models_text() -> str:
    """What ``models`` prints."""
    from jupyter_xai.models.load import BUILT_IN

    return listed(
        [
            *BUILT_IN.items(),
            *((name, _about(download)) for name, download in DOWNLOADS.items()),
            ("ID or FOLDER", "any causal or encoder-decoder model that transformers can load"),
            ("FILE.gguf", "a model in one GGUF file, as llama.cpp and Ollama keep them"),
            (
                "openai:NAME",
                "a model at a server of OpenAI's protocol; --base-url says where",
            ),
            ("a function", "from text to text: explained by its answers alone"),
            ("a model object", "of transformers, with its tokenizer"),
        ]
    )


def _about(download: Download) -> str:
    """What a model is that can be fetched, and whether it was."""
    here = "on this machine" if download.is_here else download.how
    return f"{download.about}; {here}"
