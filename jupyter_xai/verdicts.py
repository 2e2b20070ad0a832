"""The plain sentence about a check: does removing the top units do more than chance?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_EFFECTS = {
    "logprob": "lowers the answer’s log-probability by",
    "logit": "lowers the answer’s log-odds by",
    "text": "moves the answer away by",
    "parts": "lowers the log-probability of the explained parts by",
    "contrast": "lowers the answer’s lead over the foil by",
}
_SURE = 2.0
"""A mean is divided by only when it is above zero by so many of its standard errors."""

_AHEAD = 1.02


def verdict(
    drop: float,
    by_chance: ArrayLike,
    rival: float | None,
    *,
    k: int,
    n: int,
    level: str,
    value: str,
    noise: float = 0.0,
) -> str:
    """Say what removing the top k does, beside as many at random and leave-one-out's choice.

    A ratio is given only to a random effect that is surely above zero and above the noise.

    Parameters
    ----------
    drop : float
        What the value loses without the top k.
    by_chance : float [draws]
        What it loses without k at random.
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
    noise : float
        Below this, values cannot be told from rounding.

    Examples
    --------
    >>> print(verdict(7.9, [0.5, 0.6, 0.7], 7.0, k=1, n=9, level="word", value="text"))
    Removing this word moves the answer away by 7.9, 13 times as much as removing one at random.
    """
    random = np.asarray(by_chance, dtype=np.float64)
    these = f"this {level}" if k == 1 else f"these {_number(k)} {level}s"
    if not drop > noise:
        return f"Removing {these} does not hurt the answer: the scores miss what matters."
    said = f"Removing {these} {_EFFECTS[value]} {drop:.2g}"
    if not len(random):
        return f"{said}."
    if len(random) == 1 and random[0] == drop:
        return f"{said}. No other choice of {_number(k)} exists to compare with."
    if drop <= np.quantile(random, 0.95) and 2 * k > n:
        removed = f"with {_number(k)} of {_number(n)} {level}s removed"
        return f"{said}, about as much as others may do: {removed} there is little to choose."
    if drop <= np.quantile(random, 0.95):
        return f"{said}, no more than chance may do: do not rely on these scores."
    said += _beside_chance(drop, random, k, noise, value) + "."
    if rival is not None and rival > _AHEAD * drop:
        said += f" Leave-one-out’s choice does even more ({rival:.2g})."
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
