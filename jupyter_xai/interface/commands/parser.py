"""The words that the magics and the terminal command share: one parser for both."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from jupyter_xai.errors import brief
from jupyter_xai.explainer.options import ABOUT
from jupyter_xai.interface.commands.arguments import WordingError, target_pieces
from jupyter_xai.methods.energy.configs import CONFIGS
from jupyter_xai.models.downloads import DOWNLOADS
from jupyter_xai.studies import SIZES
from jupyter_xai.text.formatting import alternatives

COMMANDS = (
    *("explain", "compare", "evaluate", "study", "train", "methods", "models", "get"),
    *("settings", "config", "doctor", "help"),
)
"""What a notebook understands."""


class HelpWanted(Exception):
    """Somebody asked for help, which is the message."""


class _Parser(argparse.ArgumentParser):
    """Raises instead of printing and leaving."""

    epilog_told: Callable[[], str] | None = None
    """Gives the epilog, where it is not known before."""

    def error(self, message: str) -> NoReturn:
        if message.startswith("argument command: invalid choice"):
            given = message.partition("choice: ")[2].partition(" (choose")[0]
            message = (
                f"there is no command {given}; to explain an answer write {self.prog} explain ..."
            )
        msg = f"{brief(message)} ({self.prog} --help tells more)"
        raise WordingError(msg)

    def format_help(self) -> str:
        # What can be chosen is looked up when somebody reads it: some of it takes numpy to import.
        for action in self._actions:
            about = ABOUT.get(action.dest)
            if about is not None and about.choices is not None and action.help is not None:
                action.help = action.help.replace("{choices}", alternatives(about.choices()))
        if self.epilog_told is not None:
            self.epilog = self.epilog_told()
        return super().format_help()

    def print_help(self, file: Any = None) -> None:
        raise HelpWanted(self.format_help())


def parser_for(prog: str, *, notebook: bool) -> argparse.ArgumentParser:
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
    evaluate = commands.add_parser("evaluate", help="test an explanation", allow_abbrev=False)
    _add_evaluate(evaluate, notebook=notebook)
    evaluate.epilog_told = _groups
    _add_data(evaluate)
    compare = commands.add_parser(
        "compare", help="explain side by side: methods, models, wordings", allow_abbrev=False
    )
    _add_explain(compare)
    _add_compare(compare)
    study = commands.add_parser(
        "study", help="make a paper's table or figure again", allow_abbrev=False
    )
    _add_study(study)
    train = commands.add_parser(
        "train", help="train an interpreter that asks the model nothing", allow_abbrev=False
    )
    _add_train(train, notebook=notebook)
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


def _add_explain(explain: argparse.ArgumentParser) -> None:
    """Every option of an explanation, as `Options` tells them."""
    add = explain.add_argument
    add("text", nargs="*", help="the prompt, in quotes")
    add("--model", "-m", metavar="NAME", help="what to explain (default: tutor)")
    for name, about in ABOUT.items():
        long = f"--{name.replace('_', '-')}"
        named = [about.short] if about.short == f"-{name}" else [long, about.short]
        names = [each for each in named if each is not None]
        if about.kind is bool:
            add(*names, action="store_true", help=about.help, dest=name)
            continue
        kind: Any = target_pieces if name == "targets" else about.kind
        add(*names, type=kind, metavar=about.metavar, help=about.help, dest=name)
    add("--interpreter", metavar="FOLDER", help="for --method energy: what train made")
    add(
        "--set",
        action="append",
        metavar="KEY=VALUE",
        help="a setting of the method, such as alpha=0.02",
    )


def _groups() -> str:
    from jupyter_xai.evaluation.checks import ALIASES, GROUPS

    aliases = (f"{name}: {', '.join(members)}" for name, members in ALIASES.items())
    return f"groups of metrics: {', '.join(GROUPS)}; {'; '.join(aliases)}"


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


def _add_compare(compare: argparse.ArgumentParser) -> None:
    """What differs: methods, models or wordings; all else is as for ``explain``."""
    add = compare.add_argument
    add("--methods", metavar="NAMES", help="methods to compare, such as linear,shap")
    add("--models", metavar="NAMES", help="models to compare")
    add(
        "--wording",
        dest="prompts",
        action="append",
        metavar="TEXT",
        help="a wording to compare; twice or more",
    )


def _add_data(evaluate: argparse.ArgumentParser) -> None:
    """What many prompts are evaluated by."""
    add = evaluate.add_argument
    add("--data", metavar="DATA", help="many prompts: a .jsonl or .csv file, or tutor:FAMILY")
    add("--methods", metavar="NAMES", help="for --data: methods, such as linear,shap")
    add("--models", metavar="NAMES", help="for --data: models (default: tutor)")
    add("--measures", metavar="NAMES", help="for --data: such as auroc,lds,drop@3")
    add("--perturbations", "-p", metavar="N,N", help="for --data: budgets, such as 8,32,all")
    add("-n", type=int, default=10, help="for --data: prompts of each tutor's family")
    add("--seed", type=int, default=0, help="for --data: which prompts, and the methods' draws")
    add("--units", default="sentence", help="for --data: pieces of the prompts")
    add("--folder", metavar="FOLDER", help="for --data: keep what is finished, and go on from it")
    add("--csv", metavar="FILE", help="for --data: write all numbers")


def _add_study(study: argparse.ArgumentParser) -> None:
    """Which study, of which model."""
    add = study.add_argument
    add("study", nargs="?", metavar="NAME", help="a study; without one they are listed")
    add("--model", "-m", metavar="NAME", help="what to study (default: tutor)")
    add("--size", choices=SIZES, default="small", help="small takes seconds, full up to minutes")
    add("--seed", type=int, default=0, help="seed of all draws (default: 0)")


def _add_train(train: argparse.ArgumentParser, *, notebook: bool) -> None:
    """What an interpreter is trained on, and how."""
    add = train.add_argument
    where = "a .jsonl or .csv file" + (", or a variable" if notebook else "")
    add("--prompts", metavar="FILE", help=f"{where}: prompt, and response, human, other if known")
    add("--family", action="append", metavar="NAME", help="prompts of the tutor, such as travel")
    add("--model", "-m", metavar="NAME", help="whose answers to learn (default: tutor)")
    add("--config", metavar="NAME", help=f"size: {', '.join(CONFIGS)} (default: tiny)")
    add("-k", type=int, help="how many sentences it learns to choose")
    add("--steps", type=int, metavar="N", help="steps of training")
    add("--max-queries", type=int, metavar="N", help="ask the model at most so often")
    add("-n", type=int, help="prompts of each of the tutor's families (default: 50)")
    add("--seed", type=int, help="which of these, and seed of all draws (default: 0)")
    add("--device", metavar="NAME", help="cpu or cuda (default: cuda where there is one)")
    add("--embeddings", metavar="NAME", help="a sentence encoder (default: the bundled one)")
    add("--out", metavar="FOLDER", help="keep it there; the same command goes on from there")
    add("--set", action="append", metavar="KEY=VALUE", help="another setting, such as batch=32")
    if notebook:
        add("--output", "-o", metavar="NAME", help="a variable to keep the interpreter in")
