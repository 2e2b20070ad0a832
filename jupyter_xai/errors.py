"""The one kind of error that users are meant to read, and what several of them say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from operator import index
from typing import Self

MOST = 2**53
"""The largest count: all that a float, and a browser, can tell from the next one."""


_LARGEST = 1e300
"""Whole numbers in Python may be larger than any float."""

_MOST_NAMED = 8


class XaiError(ValueError):
    """Something the user can put right; the message is one line that says how.

    Magics and the terminal print the message alone, without a traceback, and name options in
    their own way where it is `Worded`.
    """

    @property
    def message(self) -> str:
        """The message as it was given."""
        return self.args[0] if self.args and isinstance(self.args[0], str) else str(self)


class _Given(Enum):
    """What is said of an option beside its name."""

    NOTHING = 0


@dataclass(frozen=True)
class Option:
    """A choice that a message speaks of: an argument in Python, an option in magics and terminal.

    Attributes
    ----------
    name : str
        As Python calls it.
    value : optional
        What is, or may be, given for it; ``...`` leaves that open.

    Examples
    --------
    >>> f"{Option('value', 'text')} {Option('k', 3)} {Option('base_url', ...)} {Option('seed')}"
    "value='text' k=3 base_url= seed"
    """

    name: str
    value: object = _Given.NOTHING

    @property
    def is_alone(self) -> bool:
        """Whether only its name is said."""
        return self.value is _Given.NOTHING

    def __str__(self) -> str:
        if self.is_alone:
            return self.name
        return f"{self.name}=" if self.value is ... else f"{self.name}={self.value!r:.80}"


class Worded(str):
    """A message that knows which of its parts are options; as a text it speaks Python.

    Put into another text it is a text like any other, put into another `Worded` it stays one.

    Attributes
    ----------
    parts : tuple of str and Option

    Examples
    --------
    >>> message = Worded("use ", Option("value", "text"), ", or another model")
    >>> message
    "use value='text', or another model"
    >>> Worded("toy: ", message).parts
    ('toy: ', 'use ', Option(name='value', value='text'), ', or another model')
    """

    parts: tuple[str | Option, ...]

    def __new__(cls, *parts: str | Option) -> Self:
        made = super().__new__(cls, "".join(map(str, parts)))
        made.parts = tuple(
            piece
            for part in parts
            for piece in (part.parts if isinstance(part, Worded) else (part,))
        )
        return made


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


def one_of(word: object, choices: Iterable[str], what: str) -> str:
    """Return ``word`` if it is among the choices.

    Raises
    ------
    XaiError
        Names the nearest choice, if one is near, and what there is.

    Examples
    --------
    >>> one_of("sentense", ["word", "sentence"], "units")
    Traceback (most recent call last):
    ...
    jupyter_xai.errors.XaiError: unknown units 'sentense', did you mean 'sentence'? \
There are: word, sentence
    """
    choices = list(choices)
    if isinstance(word, str) and word in choices:
        return word
    raise unknown(word, choices, what)


def checked_seed(seed: object) -> int:
    """Return ``seed`` if generators take it: a whole number of at least 0, in 64 bits.

    Raises
    ------
    XaiError
        Otherwise.
    """
    if isinstance(seed, bool) or not hasattr(seed, "__index__") or not 0 <= index(seed) < 2**64:  # type: ignore[arg-type]
        msg = f"the seed must be a whole number from 0 to 2**64 - 1, not {seed!r:.40}"
        raise XaiError(msg)
    return index(seed)  # type: ignore[arg-type]


def at_least_one(number: object, what: str) -> int:
    """Return ``number`` if it is a whole number of at least 1.

    Raises
    ------
    XaiError
        Otherwise.
    """
    if isinstance(number, bool) or not hasattr(number, "__index__"):
        msg = Worded(Option(what), f" must be a whole number, not {number!r}")
        raise XaiError(msg)
    whole = int(number)  # type: ignore[call-overload]
    if whole < 1:
        msg = Worded(Option(what), f" must be at least 1, not {whole}")
        raise XaiError(msg)
    if whole > MOST:
        msg = Worded(Option(what), f" must be at most {MOST:,}")
        raise XaiError(msg)
    return whole


def above_zero(number: object, name: str, *, example: float) -> None:
    """Refuse a setting that is not a finite number above zero.

    Raises
    ------
    XaiError
        Names the setting and an example.

    Examples
    --------
    >>> above_zero(0.5, "alpha", example=0.01)
    """
    if (
        isinstance(number, bool)
        or not isinstance(number, int | float)
        or not 0 < number <= _LARGEST
    ):
        msg = Worded(
            Option(name, number), f" is not allowed; give a number above 0, such as {example}"
        )
        raise XaiError(msg)
