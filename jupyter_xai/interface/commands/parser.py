"""The words that the magics and the terminal command share: one parser for both."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from inspect import signature
from math import isfinite
from typing import Any, NoReturn

from jupyter_xai.errors import XaiError, brief
from jupyter_xai.interface.commands import actions as many
from jupyter_xai.models.downloads import DOWNLOADS, Download

COMMANDS = (
    *("explain", "compare", "evaluate", "study", "train", "methods", "models", "get"),
    *("settings", "config", "doctor", "help"),
)
"""What a notebook understands."""

_GROUPS = (
    "groups of metrics: removal, lds, divergence, curves, text, truth, consistency, stability; "
    "faithfulness is the first four, all is all"
)
_UNITS = "token, word, sentence, paragraph or message"
_PIECE = re.compile(r'"(?:\\.|[^"\\])*"|(?<!\S)\'[^\']*\'|\s+|[^\s"\']+|["\']', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')


class WordingError(XaiError):
    """Words that cannot be understood."""


class HelpWanted(Exception):
    """Somebody asked for help, which is the message."""


class _Parser(argparse.ArgumentParser):
    """Raises instead of printing and leaving."""

    def error(self, message: str) -> NoReturn:
        if message.startswith("argument command: invalid choice"):
            given = message.partition("choice: ")[2].partition(" (choose")[0]
            message = (
                f"there is no command {given}; to explain an answer write {self.prog} explain ..."
            )
        msg = f"{brief(message)} ({self.prog} --help tells more)"
        raise WordingError(msg)

    def print_help(self, file: Any = None) -> None:
        raise HelpWanted(self.format_help())


def parser(prog: str, *, notebook: bool) -> argparse.ArgumentParser:
    """The parser of ``%xai`` or of ``jupyter xai``.

    Parameters
    ----------
    prog : str
        How the command is called.
    notebook : bool
        Whether variables can be named; in a terminal, files can.
    """
    top = _Parser(
        prog=prog,
        description="Explain which parts of a prompt caused a model's answer.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        epilog=(
            f'example:  {prog} explain "I wear glasses. Somewhere warm, please. My brother plays '
            'chess." -k 1\n'
            f"more:     {prog} explain --help"
        ),
    )
    commands = top.add_subparsers(dest="command", metavar="command", parser_class=_Parser)
    explain = commands.add_parser("explain", help="explain an answer", allow_abbrev=False)
    _add_explain(explain)
    explain.add_argument(
        "--estimate", action="store_true", help="say what this would cost, and do not begin"
    )
    evaluate = commands.add_parser(
        "evaluate", help="test an explanation", allow_abbrev=False, epilog=_GROUPS
    )
    _add_evaluate(evaluate, notebook=notebook)
    many.add_data(evaluate)
    compare = commands.add_parser(
        "compare", help="explain side by side: methods, models, wordings", allow_abbrev=False
    )
    _add_explain(compare)
    many.add_compare(compare)
    study = commands.add_parser(
        "study", help="make a paper's table or figure again", allow_abbrev=False
    )
    many.add_study(study)
    train = commands.add_parser(
        "train", help="train an interpreter that asks the model nothing", allow_abbrev=False
    )
    many.add_train(train, notebook=notebook)
    if notebook:
        _add_names(explain)
        _add_names(compare)
        commands.add_parser(
            "settings", help="show the defaults and where they come from", allow_abbrev=False
        )
        commands.add_parser("config", help="list the defaults", allow_abbrev=False)
    else:
        _add_files(explain)
        _add_source(compare)
        opened = commands.add_parser("open", help="show a saved explanation", allow_abbrev=False)
        opened.add_argument("file", help="what save() or --json wrote")
        _add_outputs(opened)
    listing = commands.add_parser("methods", help="list the methods", allow_abbrev=False)
    listing.add_argument("--model", "-m", metavar="NAME", help="which of them it can serve")
    for command in (explain, compare, evaluate, study, train, listing):
        command.add_argument(
            "--base-url", metavar="URL", help="where the server of a model openai:NAME is"
        )
    commands.add_parser("models", help="list what can be explained", allow_abbrev=False)
    get = commands.add_parser(
        "get", help="fetch a real model, once, to work offline", allow_abbrev=False
    )
    get.add_argument("download", metavar="NAME", help=f"one of: {', '.join(DOWNLOADS)}")
    commands.add_parser(
        "doctor", help="tell what is installed, what is missing, how to get it", allow_abbrev=False
    )
    commands.add_parser("help", help="show this", allow_abbrev=False)
    return top


def options(words: argparse.Namespace) -> dict[str, Any]:
    """What was said, as keyword arguments of `jupyter_xai.explain` (without prompt and model)."""
    named = {
        name: value
        for name in _NAMED
        if (value := getattr(words, name, None)) is not None and value is not False
    }
    own = settings(words.set)
    for key in own:
        if key in _NAMED or key in ("prompt", "model", "base_url"):
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


def groups(text: str | None) -> list[str] | None:
    """Groups of metrics, as they are named in one word.

    Examples
    --------
    >>> groups("curves,text")
    ['curves', 'text']
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


_NAMED = (
    *("method", "units", "response_units", "value", "operator", "replacement", "distance", "k"),
    *("perturbations", "seed", "system", "explain_system", "response", "max_new_tokens"),
    *("foil", "targets", "interpreter"),
    *("temperature", "samples", "language", "max_forwards", "max_seconds"),
    *("max_tokens", "max_cost"),
)


def _add_explain(explain: argparse.ArgumentParser) -> None:
    add = explain.add_argument
    add("text", nargs="*", help="the prompt, in quotes")
    add("--model", "-m", metavar="NAME", help="what to explain (default: tutor)")
    add(
        "--method",
        metavar="NAME",
        help="how to explain it, see the command methods (default: linear)",
    )
    add("--units", metavar="UNITS", help=f"pieces of the prompt: {_UNITS} (default: the method's)")
    add("--response-units", metavar="UNITS", help="pieces of the answer (default: sentence)")
    add(
        "--value",
        metavar="VALUE",
        help="what scores measure: logprob, logit or text (default: the method's)",
    )
    add(
        "--operator",
        metavar="NAME",
        help="what removing means: text, delete, mask-token, replace, substitute, "
        "zero-embedding or attention (default: text for answers, delete for log-probabilities)",
    )
    add("--replacement", metavar="TEXT", help="what to put in, for replace and substitute")
    add("--distance", metavar="NAME", help="for --value text: cosine, wmd, wmd+cosine or wmd-P")
    add(
        "-k",
        type=int,
        help="how many top units to remove together as a check (default: 3, at most half)",
    )
    add(
        "--perturbations",
        "-p",
        type=int,
        metavar="N",
        help="masked prompts to evaluate (default: the method's)",
    )
    add("--seed", type=int, help="seed of all draws (default: 0)")
    add("--response", metavar="TEXT", help="explain this text instead of the model's answer")
    add("--foil", metavar="TEXT", help="say why the answer is not this text")
    add(
        "--targets",
        type=_targets,
        metavar="WHICH",
        help="explain only: context-dependent, or characters of the answer such as 0:12,30:44",
    )
    add("--system", metavar="TEXT", help="a system message to put before the prompt")
    add("--explain-system", action="store_true", help="let system text be removed, too")
    add("--max-new-tokens", type=int, metavar="N", help="length limit of the answer (default: 256)")
    add("--temperature", type=float, metavar="T", help="0 answers greedily (default)")
    add(
        "--samples",
        type=int,
        metavar="N",
        help="answers drawn for each masked prompt, with --temperature (default: 1)",
    )
    add("--language", metavar="CODE", help="of the prompt, for cutting sentences (default: en)")
    add("--max-forwards", type=int, metavar="N", help="ask the model at most so often")
    add("--max-seconds", type=float, metavar="S", help="ask it nothing more after so many seconds")
    add("--max-tokens", type=int, metavar="N", help="read and write at most so many tokens")
    add("--max-cost", type=float, metavar="MONEY", help="pay at most so much, to priced models")
    add("--interpreter", metavar="FOLDER", help="for --method energy: what train made")
    add(
        "--set",
        action="append",
        metavar="KEY=VALUE",
        help="a setting of the method, such as alpha=0.02",
    )


def _add_evaluate(evaluate: argparse.ArgumentParser, *, notebook: bool) -> None:
    add = evaluate.add_argument
    if notebook:
        add("name", nargs="?", help="a variable that holds an explanation (default: the last one)")
        add("--which", metavar="GROUPS", help="what to measure, such as faithfulness,text")
        add("--truth", metavar="UNITS", help="prompt units that are known to matter, such as 0,3")
        add("--output", "-o", metavar="NAME", help="a variable to keep what was measured in")
    else:
        add(
            "file",
            nargs="?",
            help="what save() or --json wrote; it tells what was measured then",
        )
    add("-k", type=int, help="how many top units to remove (default: the explanation's)")


def _add_names(explain: argparse.ArgumentParser) -> None:
    add = explain.add_argument
    add("--prompt", metavar="NAME", help="a variable that holds the prompt (a text or messages)")
    add("--response-from", metavar="NAME", help="a variable that holds the response to explain")
    add("--foil-from", metavar="NAME", help="a variable that holds the foil")
    add("--tokenizer", metavar="NAME", help="a variable: the tokenizer of a transformers --model")
    add("--output", "-o", metavar="NAME", help="a variable to keep the explanation in")


def _add_files(explain: argparse.ArgumentParser) -> None:
    _add_source(explain)
    explain.add_argument(
        "--metrics", metavar="GROUPS", help="test it, too: groups such as faithfulness,text"
    )
    _add_outputs(explain)


def _add_source(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--file", "-f", metavar="FILE", help="read the prompt from a file; - is standard input"
    )


def _add_outputs(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", metavar="FILE", help="write all numbers; - is standard output")
    command.add_argument("--html", metavar="FILE", help="write the interactive view as one page")


def _targets(text: str) -> str | list[tuple[int, int]]:
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


def phrased(error: XaiError, command: str, prog: str, *, notebook: bool) -> str:
    """An error's message with this command's options in the place of Python's arguments."""
    from jupyter_xai import methods
    from jupyter_xai.interface.commands.error_wording import as_options

    if isinstance(error, WordingError):
        return str(error)
    settings = {name for method in methods.names() for name in methods.setting_names(method)}
    said = options_of(command, parser(prog, notebook=notebook))
    options = {
        action.dest: name for name, action in said.items() if action.option_strings[0] == name
    }
    return as_options(str(error), options, frozenset(settings))


def options_of(command: str, top: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """The options of a command, by all that they are called; none for an unknown one."""
    commands = next(a for a in top._actions if isinstance(a, argparse._SubParsersAction))
    actions = commands.choices[command]._actions if command in commands.choices else []
    return {name: action for action in actions for name in action.option_strings}


def listed(rows: Sequence[tuple[str, str]]) -> str:
    """Names and what they are, in two columns."""
    width = max((len(name) for name, _ in rows), default=0) + 2
    return "\n".join(name.ljust(width) + text for name, text in rows)


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
