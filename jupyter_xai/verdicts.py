"""The plain sentence about a check: does removing the top units do more than chance?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

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


def verdict(
    drop: float,
    others: ArrayLike,
    rival: float | None,
    *,
    k: int,
    n: int,
    level: str,
    value: str,
    part: str | None = None,
    rank: int | None = None,
    noise: float = 0.0,
) -> str:
    """Say what removing the top k does, beside other choices of k and leave-one-out's.

    A ratio is given only to a random effect that is surely above zero and above the noise. Where
    all choices of k were tried, the rank among them is said: a percentile of few sets would hold
    the best of them.

    Parameters
    ----------
    drop : float
        What the value loses without the top k.
    others : float [choices]
        What it loses without k units: by chance, or for every choice of k.
    rival : float or None
        What it loses without leave-one-out's choice.
    k : int
    n : int
        How many units there are to choose from.
    level : str
        What the prompt was cut into, such as ``sentence``.
    value : str
        ``logprob``, ``logit``, ``text``, ``parts`` for the log-probability of targets, or
        ``contrast`` for the answer less a foil.
    part : str, optional
        What part of the response this is about, such as ``sentence``; all of it unless given.
    rank : int, optional
        Place of the top k, from 1, among ``others``, which are every choice of k then.
    noise : float
        Below this, values cannot be told from rounding.

    Examples
    --------
    >>> print(verdict(8.0, [1, 2, 3], None, k=2, n=9, level="word", value="logprob", part="word"))
    Removing these two words lowers this word’s log-probability by 8, 4.0 times ...
    >>> print(verdict(4.0, [4, 1, 1], 4.0, k=1, n=3, level="sentence", value="logprob", rank=1))
    Removing this sentence lowers the answer’s log-probability by 4: the most of all three choices.
    """
    choices = np.asarray(others, dtype=np.float64)
    these = f"this {level}" if k == 1 else f"these {_number(k)} {level}s"
    whom = "the answer" if part is None else f"this {part} of the answer"
    if not drop > noise:
        return f"Removing {these} does not hurt {whom}: the scores miss what matters."
    said = f"Removing {these} {_effect(value, part)} {drop:.2g}"
    if not len(choices):
        return f"{said}."
    if rank is not None:
        said += _among_all(rank, len(choices), k)
    elif drop <= np.quantile(choices, 0.95) and 2 * k > n:
        removed = f"with {_number(k)} of {_number(n)} {level}s removed"
        return f"{said}, about as much as others may do: {removed} there is little to choose."
    elif drop <= np.quantile(choices, 0.95):
        return f"{said}, no more than chance may do: do not rely on these scores."
    else:
        said += _beside_chance(drop, choices, k, noise, value) + "."
    if rival is not None and rival > _AHEAD * drop:
        said += f" Leave-one-out’s choice does even more ({rival:.2g})."
    return said


def _effect(value: str, part: str | None) -> str:
    """What removing does, and to what."""
    if part is not None:
        whom = f"this {part} of the answer"
        kind = "logprob" if value == "parts" else value
        return _EFFECTS[kind].format(whose=f"this {part}’s", whom=whom)
    if value == "parts":
        return "lowers the log-probability of the explained parts by"
    return _EFFECTS[value].format(whose="the answer’s", whom="the answer")


def _among_all(rank: int, choices: int, k: int) -> str:
    """How the top k stand among every choice of k."""
    if choices == 1:
        return f". No other choice of {_number(k)} exists to compare with."
    every = f"all {_number(choices)} choices" + (f" of {_number(k)}" if k > 1 else "")
    if rank == 1:
        return f": the most of {every}."
    said = f": number {rank} of {every}."
    if 2 * rank > choices + 1:
        return f"{said} Most choices do more: do not rely on these scores."
    return said


def _beside_chance(drop: float, random: np.ndarray, k: int, noise: float, value: str) -> str:
    mean = float(random.mean())
    removing = f"removing {_number(k)} at random"
    if abs(mean) <= noise:
        return f"; {removing} changes it by less than the noise"
    error = float(random.std(ddof=1)) / len(random) ** 0.5 if len(random) > 1 else 0.0
    if mean > _SURE * error:
        return f", {_times(drop / mean)} as much as {removing}"
    if mean > 0:
        low, high = np.quantile(random, [0.05, 0.95])
        changes = "moves it" if value == "text" else "lowers it"
        return f"; {removing} {changes} by {mean:.2g} ({_signed(low)} to {_signed(high)})"
    return f"; {removing} does not {'move' if value == 'text' else 'lower'} it"


def _number(k: int) -> str:
    return _WORDS[k - 1] if k <= len(_WORDS) else str(k)


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times" if ratio < 9.5 else f"{ratio:,.0f} times"


def _signed(number: float) -> str:
    return f"{number:.2g}".replace("-", "−")
