"""``jupyter xai``: the same verbs in a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from jupyter_xai import words
from jupyter_xai.errors import XaiError

_FAILED, _MISUSED = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 is success, 1 a failure, 2 words that cannot be understood."""
    parser = words.parser("jupyter xai", notebook=False)
    try:
        _run(parser, parser.parse_args(arguments))
    except words.HelpWanted as text:
        print(text)
    except words.WordingError as error:
        return _complain(str(error), _MISUSED)
    except XaiError as error:
        return _complain(str(error), _FAILED)
    except KeyboardInterrupt:
        return _complain("stopped before the model had answered", _FAILED)
    except BrokenPipeError:  # such as `| head`
        sys.stderr.close()
        return _FAILED
    return 0


def _run(parser: argparse.ArgumentParser, parsed: argparse.Namespace) -> None:
    if parsed.command == "methods":
        print(words.methods_text())
    elif parsed.command == "models":
        print(words.models_text())
    elif parsed.command == "open":
        from jupyter_xai.explanation import open_explanation

        _show(open_explanation(parsed.file), parsed)
    elif parsed.command == "explain":
        from jupyter_xai.verbs import explain

        options = words.options(parsed)
        _show(explain(_prompt(parsed), parsed.model, **options), parsed)
    else:
        parser.print_help()


def _show(explanation: object, parsed: argparse.Namespace) -> None:
    from jupyter_xai.explanation import Explanation
    from jupyter_xai.storage import dumps

    assert isinstance(explanation, Explanation)
    if parsed.html is not None:
        explanation.html(parsed.html)
    if parsed.json == "-":
        print(dumps(explanation.to_dict()))
        return
    if parsed.json is not None:
        explanation.save(parsed.json)
    print(explanation)


def _prompt(parsed: argparse.Namespace) -> str:
    text = " ".join(parsed.text)
    source = parsed.file
    if text == "-" and source is None:
        text, source = "", "-"
    if text and source is not None:
        msg = "give the prompt once: on the line or from a file"
        raise words.WordingError(msg)
    if source is None:
        if not text:
            msg = 'there is no prompt; write jupyter xai explain "...", or - to read it'
            raise words.WordingError(msg)
        return text
    if source == "-":
        return sys.stdin.read().removesuffix("\n")
    try:
        return Path(source).read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"cannot read {source!r}: {getattr(error, 'strerror', None) or error}"
        raise XaiError(msg) from error


def _complain(message: str, code: int) -> int:
    print(f"jupyter xai: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
