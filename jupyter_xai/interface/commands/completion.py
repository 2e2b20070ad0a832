"""Completion of ``%xai`` lines."""

from __future__ import annotations

import re
from typing import Any

from IPython.core.completer import SimpleCompletion, context_matcher

from jupyter_xai.explainer.options import ABOUT
from jupyter_xai.interface.commands import arguments, error_wording
from jupyter_xai.interface.commands.parser import COMMANDS, parser_for

_MAGIC = re.compile(r"^\s*%{1,2}xai\s+(?P<said>.*)$", re.DOTALL)


class Completer:
    """Completes commands, options, and what options take.

    Parameters
    ----------
    shell : InteractiveShell
        Whose variables are offered.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    @context_matcher(identifier="jupyter_xai")
    def match(self, context: Any) -> dict[str, Any]:
        """The completions, in IPython's second matcher protocol."""
        magic = _MAGIC.match(context.line_with_cursor[: context.cursor_position])
        if magic is None or context.cursor_line > 0:
            return {"completions": []}
        before, fragment = _parted(magic["said"])
        found = [word for word in self._words(before) if word.startswith(fragment)]
        return {
            "completions": [SimpleCompletion(text=word, type="magic") for word in found],
            "matched_fragment": fragment,
            # Or Python names would mix in.
            "suppress": bool(found),
        }

    def _words(self, before: list[str]) -> list[str]:
        if not before:
            return [*COMMANDS]
        if before[0] not in ("explain", "compare", "evaluate", "study", "train", "methods", "get"):
            return []
        actions = error_wording.options_of(before[0], parser_for("%xai", notebook=True))
        option = actions.get(before[-1])
        if option is not None and option.nargs != 0:
            return self._values(option.dest)
        first = {"evaluate": "name", "study": "study", "get": "download"}.get(before[0])
        named = self._values(first) if first is not None and len(before) == 1 else []
        return [*named, *sorted(actions)]

    def _values(self, name: str) -> list[str]:
        about = ABOUT.get(name)
        if about is not None and about.choices is not None:
            return list(about.choices())
        from jupyter_xai import studies
        from jupyter_xai.evaluation import checks
        from jupyter_xai.interface.explanation import Explanation
        from jupyter_xai.methods.energy.configs import CONFIGS
        from jupyter_xai.models.downloads import DOWNLOADS
        from jupyter_xai.models.load import BUILT_IN
        from jupyter_xai.models.tutor import FAMILIES

        variables = sorted(name for name in self._shell.user_ns if not name.startswith("_"))
        values = {
            "model": [*BUILT_IN, *DOWNLOADS, *variables],
            "download": list(DOWNLOADS),
            "study": studies.names(),
            "size": list(studies.SIZES),
            "config": list(CONFIGS),
            "family": list(FAMILIES),
            "which": [*checks.ALIASES, *checks.GROUPS],
            "name": [
                name for name in variables if isinstance(self._shell.user_ns[name], Explanation)
            ],
        }
        named = ("prompt", "response_from", "foil_from", "tokenizer", "output")
        named += ("prompts", "interpreter")
        return variables if name in named else values.get(name, [])


def _parted(said: str) -> tuple[list[str], str]:
    """The words that are complete, and the one that is being written."""
    pieces = arguments.split(said)
    if not said or said[-1].isspace():
        return pieces, ""
    return pieces[:-1], pieces[-1]
