"""``jupyter xai``: the same verbs in a terminal."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_xai.errors import Interrupted, XaiError, brief
from jupyter_xai.interface.commands import actions, arguments, error_wording
from jupyter_xai.interface.commands.parser import HelpWanted, parser_for

if TYPE_CHECKING:
    from jupyter_xai.interface.explanation import Explanation

_FAILED, _MISUSED, _STOPPED = 1, 2, 130


def main(said: Sequence[str] | None = None) -> int:
    """Run the command; 0 is success, 1 a failure, 2 words that cannot be understood, 130 Ctrl+C."""
    if isinstance(sys.stdout, TextIOWrapper):
        # Bars and foreign letters must not end in an error on terminals that know only Latin.
        sys.stdout.reconfigure(errors="replace")
    if isinstance(sys.stdin, TextIOWrapper):
        # Nor shall bytes that are no text.
        sys.stdin.reconfigure(errors="replace")
    try:
        code = _answer(said)
        sys.stdout.flush()
    except BrokenPipeError:  # such as `| head`
        # Or Python would stumble over the same pipe when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FAILED
    return code


def _answer(said: Sequence[str] | None) -> int:
    parser = parser_for("jupyter xai", notebook=False)
    try:
        return _run(parser, parser.parse_args(said))
    except HelpWanted as text:
        print(text)
        return 0
    except arguments.WordingError as error:
        return _complain(str(error), _MISUSED)
    except XaiError as error:
        command = (sys.argv[1:] if said is None else said)[0]
        return _complain(
            error_wording.phrased(error, command, parser.prog, notebook=False), _FAILED
        )
    except KeyboardInterrupt:
        return _complain("stopped before there was a result", _STOPPED)


def _run(parser: argparse.ArgumentParser, parsed: argparse.Namespace) -> int:
    if getattr(parsed, "base_url", None) is not None:
        arguments.check_server(parsed)

    def named(name: str | None) -> Any:
        return arguments.served(name, parsed)

    if parsed.command == "methods":
        from jupyter_xai.methods.table import table
        from jupyter_xai.models.load import load

        print(table(None if parsed.model is None else load(named(parsed.model))))
    elif parsed.command == "models":
        print(arguments.models_text())
    elif parsed.command == "get":
        from jupyter_xai.models.downloads import fetch

        # Each line as it comes: fetching takes a while.
        fetch(parsed.download, say=lambda line: print(line, flush=True))
    elif parsed.command == "doctor":
        from jupyter_xai.interface.commands.doctor import examine

        report = examine()
        print(report)
        return 0 if report.is_well else _FAILED
    elif parsed.command == "open":
        from jupyter_xai.interface.explanation import open_explanation

        _show(open_explanation(parsed.file), parsed)
    elif parsed.command == "study":
        print(actions.study(parsed, named))
    elif parsed.command == "train":
        trained = actions.train(
            parsed, parsed.prompts, named(parsed.model), arguments.settings(parsed.set)
        )
        print(trained)
        return _STOPPED if trained.partial else 0
    elif parsed.command == "compare":
        prompt = None if parsed.prompts is not None else _prompt(parsed)
        compared = actions.compare(parsed, prompt, arguments.options(parsed), named)
        print(compared)
        return _STOPPED if any(map(_was_stopped, compared.explanations.values())) else 0
    elif parsed.command == "evaluate" and parsed.data is not None:
        found = actions.evaluate(parsed, parsed.data, named)
        print(found)
        if found.partial:
            return _STOPPED
        return _FAILED if found.failures and not found.rows else 0
    elif parsed.command == "evaluate":
        from jupyter_xai.interface.explanation import open_explanation

        if parsed.file is None:
            msg = "there is nothing to evaluate; name a saved explanation, or give --data"
            raise arguments.WordingError(msg)
        print(open_explanation(parsed.file).evidence(parsed.k))
    elif parsed.command == "explain":
        from jupyter_xai.interface.explain import estimate, explain

        options = arguments.options(parsed)
        if parsed.estimate:
            print(estimate(_prompt(parsed), named(parsed.model), **options))
            return 0
        explanation = explain(_prompt(parsed), named(parsed.model), **options)
        stopped = _was_stopped(explanation)
        if parsed.metrics is not None and not stopped:
            try:
                explanation = explanation.measured(which=arguments.names_in(parsed.metrics))
            except (Interrupted, KeyboardInterrupt):
                stopped = True
        _show(explanation, parsed)
        if parsed.metrics is not None and parsed.json != "-":
            print(f"\n{explanation.evidence()}")
        return _STOPPED if stopped else 0
    else:
        parser.print_help()
    return 0


def _was_stopped(explanation: Explanation) -> bool:
    """Whether Ctrl+C ended a run, rather than its budget."""
    return explanation.partial and not explanation.stopped_at


def _show(explanation: Explanation, parsed: argparse.Namespace) -> None:
    if parsed.html is not None:
        explanation.html(parsed.html)
    if parsed.json == "-":
        # In ASCII, whatever the terminal knows.
        print(json.dumps(explanation.to_dict(), allow_nan=False))
        return
    if parsed.json is not None:
        explanation.save(parsed.json)
    print(explanation)


def _prompt(parsed: argparse.Namespace) -> str:
    # Bytes that are no text come from the line as half characters.
    text = " ".join(parsed.text).encode(errors="surrogateescape").decode(errors="replace")
    source = parsed.file
    if text == "-" and source is None:
        text, source = "", "-"
    if text and source is not None:
        msg = "give the prompt once: on the line or from a file"
        raise arguments.WordingError(msg)
    if source is None:
        if not text:
            msg = 'there is no prompt; write jupyter xai explain "...", or - to read it'
            raise arguments.WordingError(msg)
        return text
    if source == "-":
        return sys.stdin.read().removesuffix("\n")
    try:
        return Path(source).read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"cannot read {source!r}: {getattr(error, 'strerror', None) or error}"
        raise XaiError(msg) from error


def _complain(message: str, code: int) -> int:
    print(f"jupyter xai: {brief(message)}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
