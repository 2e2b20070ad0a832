"""The one kind of error that users are meant to read, and what several of them say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

_MOST_NAMED = 8


class XaiError(ValueError):
    """Something the user can put right; the message is one line that says how.

    Magics and the terminal print the message alone, without a traceback.
    """


def unknown(word: object, choices: Iterable[str], what: str, *, all_by: str = "") -> XaiError:
    """What to say of a word that is none of the choices.

    Parameters
    ----------
    word : object
    choices : iterable of str
    what : str
        What the choices are.
    all_by : str
        What lists them, where there may be too many for a line.

    Examples
    --------
    >>> str(unknown("wrd", ["word", "sentence"], "units"))
    "unknown units 'wrd', did you mean 'word'? There are: word, sentence"
    """
    choices = list(choices)
    near = get_close_matches(str(word).lower().replace("_", "-"), choices, n=1, cutoff=0.5)
    hint = f", did you mean {near[0]!r}? There are: " if near else "; there are: "
    msg = f"unknown {what} {word!r}{hint}{few(choices)}"
    return XaiError(f"{msg} ({all_by} lists them)" if all_by else msg)


def few(names: Sequence[str]) -> str:
    """Names on one line, the first of them where they are many.

    Examples
    --------
    >>> few("abc")
    'a, b, c'
    >>> few("abcdefghijklm")
    'a, b, c, d, e, f, g, h and 5 more'
    """
    if len(names) <= _MOST_NAMED + 2:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST_NAMED])} and {len(names) - _MOST_NAMED} more"


def brief(message: str, most: int = 600) -> str:
    """A message on one line, without its middle where somebody gave a very long word.

    Examples
    --------
    >>> brief("unknown units " + "x" * 5_000 + "; there are: word", 40)
    'unknown units xxxxx … x; there are: word'
    """
    if len(message) <= most:
        return message
    return f"{message[: most // 2 - 1].rstrip()} … {message[2 - most // 2 :].lstrip()}"


def returned_nan(model: str) -> XaiError:
    """What to say of a model whose log-probabilities are no numbers."""
    return XaiError(
        f"{model} returned NaN log-probabilities; load it in float32 or bfloat16, or check its "
        "weights"
    )


class Interrupted(Exception):
    """A run was cancelled; whoever catches it keeps what was evaluated so far."""
