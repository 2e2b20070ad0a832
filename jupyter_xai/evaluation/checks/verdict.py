"""The plain sentence about a check: does removing the top units do more than chance?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from jupyter_xai.text.formatting import figure

_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_EFFECTS = {
    "logprob": "lowers {whose} log-probability by",
    "logit": "lowers {whose} log-odds by",
    "text": "moves {whom} away by",
    "contrast": "lowers {whose} lead over the foil by",
}
_SURE = 2.0
"""A mean is divided by only when it is above zero by so many of its standard errors."""

_AHEAD = 1.02
"""A fall is larger than another from so many times of it on; below, they are as large."""

_RARE = 0.05
_TOO_MANY = 0.25
"""Scores are not to be relied on where this share of other choices does more."""


def verdict(
    drop: float,
    others: ArrayLike,
    rival: float | None,
    *,
    k: int,
    level: str,
    value: str,
    part: str | None = None,
    every: bool = False,
    noise: float = 0.0,
) -> str:
    """Say what removing the top k does, beside other choices of k and leave-one-out's.

    What counts is how many other choices do more, not a percentile: a percentile of few choices
    would hold the best of them, and where one unit is the cause, every choice that has it does
    as much. A ratio is given only to a random effect that is surely above zero and above the
    noise.

    Parameters
    ----------
    drop : float
        What the value loses without the top k.
    others : float [choices]
        What it loses without other choices of k units.
    rival : float or None
        What it loses without leave-one-out's choice.
    k : int
    level : str
        What the prompt was cut into, such as ``sentence``.
    value : str
        ``logprob``, ``logit``, ``text``, ``parts`` for the log-probability of targets, or
        ``contrast`` for the answer less a foil.
    part : str, optional
        What part of the response this is about, such as ``sentence``; all of it unless given.
    every : bool
        Whether ``others`` are all other choices of k; otherwise they were drawn by chance.
    noise : float
        Below this, values cannot be told from rounding.

    Examples
    --------
    >>> print(verdict(8.0, [1, 2, 3], None, k=2, level="word", value="logprob", part="word"))
    Removing these two words lowers this word’s log-probability by 8, 4.0 times ...
    >>> print(verdict(4.0, [1, 1], 4.0, k=1, level="sentence", value="logprob", every=True))
    Removing this sentence lowers the answer’s log-probability by 4: the most of all three choices.
    """
    choices = np.asarray(others, dtype=np.float64)
    these = f"this {level}" if k == 1 else f"these {_number(k)} {level}s"
    whom = "the answer" if part is None else f"this {part} of the answer"
    if not drop > noise:
        return f"Removing {these} does not hurt {whom}: the scores miss what matters."
    said = f"Removing {these} {_effect(value, part)} {drop:.2g}"
    if every and not len(choices):
        return f"{said}. No other choice of {_number(k)} exists to compare with."
    if not len(choices):
        return f"{said}."
    more = int((choices > _AHEAD * drop + noise).sum())
    as_much = int((choices >= drop / _AHEAD - noise).sum()) - more
    said += _among(more, as_much, len(choices), k, every) or _beside_chance(
        drop, choices, k, noise, value
    )
    if rival is not None and rival > _AHEAD * drop:
        said += f" Leave-one-out’s choice does even more ({rival:.2g})."
    return said


def _among(more: int, as_much: int, others: int, k: int, every: bool) -> str:
    """How the top k stand among other choices; empty where a comparison with their mean says more.

    ``every`` choice was tried, or some by chance.
    """
    of = f" of {_number(k)}" if k > 1 else ""
    if every:
        total = f"all {_number(others + 1)} choices{of}"
    else:
        total = f"{_number(others)} random choices{of}"
    if more >= _TOO_MANY * others:
        return f", but {_count(more)} of {total} do more: do not rely on these scores."
    if more + as_much > _RARE * others and not (every and more):
        does = "does" if as_much == 1 else "do"
        hint = " A smaller k would tell more." if k > 1 and as_much > others / 4 else ""
        most = f"; {_count(more)} more" if more else ", none more"
        return f". Of {total}, {_count(as_much)} {does} as much{most}.{hint}"
    if every:
        return f": number {more + 1} of {total}." if more else f": the most of {total}."
    return ""


def _count(number: int) -> str:
    return "none" if number == 0 else _number(number)


def _effect(value: str, part: str | None) -> str:
    """What removing does, and to what."""
    if part is not None:
        whom = f"this {part} of the answer"
        kind = "logprob" if value == "parts" else value
        return _EFFECTS[kind].format(whose=f"this {part}’s", whom=whom)
    if value == "parts":
        return "lowers the log-probability of the explained parts by"
    return _EFFECTS[value].format(whose="the answer’s", whom="the answer")


def _beside_chance(drop: float, random: np.ndarray, k: int, noise: float, value: str) -> str:
    mean = float(random.mean())
    removing = f"removing {_number(k)} at random"
    if abs(mean) <= noise:
        return f"; {removing} changes it by less than the noise."
    error = float(random.std(ddof=1)) / len(random) ** 0.5 if len(random) > 1 else 0.0
    if mean > _SURE * error:
        return f", {_times(drop / mean)} as much as {removing}."
    if mean > 0:
        low, high = np.quantile(random, [0.05, 0.95])
        changes = "moves it" if value == "text" else "lowers it"
        return (
            f"; {removing} {changes} by {mean:.2g} ({figure(low, '.2g')} to {figure(high, '.2g')})."
        )
    return f"; {removing} does not {'move' if value == 'text' else 'lower'} it."


def _number(k: int) -> str:
    return _WORDS[k - 1] if k <= len(_WORDS) else str(k)


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times" if ratio < 9.5 else f"{ratio:,.0f} times"
