"""Numbers, times, money and lists as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, isnan

DIGITS = 6


def rounded(number: float, digits: int = DIGITS) -> float | None:
    """A number with so many significant digits; None for NaN and infinities.

    Examples
    --------
    >>> rounded(1234.56789), rounded(float("nan"))
    (1234.57, None)
    """
    return float(f"{number:.{digits}g}") if isfinite(number) else None


def lasting(seconds: float) -> str:
    """A time as people say it.

    Examples
    --------
    >>> lasting(0.84), lasting(41.3), lasting(600), lasting(9000)
    ('0.8 s', '41 s', '10 min', '2.5 h')
    """
    # Each limit is where rounding would give the next unit one digit too many.
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 99.5 * 60 else f"{seconds / 3600:.1f} h"


def amount(paid: float) -> str:
    """Money as people read it.

    Examples
    --------
    >>> amount(0.0012345), amount(12.3), amount(0)
    ('0.0012', '12.30', '0')
    """
    return f"{paid:.2f}" if paid >= 1 else f"{paid:.2g}"


def shortened(text: str, most: int) -> str:
    """A text on one line, cut at the end if it is too long.

    Examples
    --------
    >>> shortened("No busy\\ncities, though.", 12)
    'No busy cit…'
    """
    line = " ".join(text.split())
    return line if len(line) <= most else line[: max(1, most - 1)] + "…"


def figure(number: float, form: str = ".3g") -> str:
    """A number in a format of Python's, with a true minus sign, which nought has not.

    Examples
    --------
    >>> figure(-12.34), figure(-0.001, ".2f"), figure(float("nan"))
    ('−12.3', '0.00', '?')
    """
    if isnan(number):
        return "?"
    text = f"{number:{form}}"
    return text.replace("-", "−") if text.strip("+-0.,") else text.lstrip("+-")


def signed(number: float, digits: int = 3) -> str:
    """A number with its sign.

    Examples
    --------
    >>> signed(0.4567), signed(-12.3), signed(0.4567, 2)
    ('+0.457', '−12.3', '+0.46')
    """
    return figure(number, f"+.{digits}g")


def listed(rows: Sequence[tuple[str, str]]) -> str:
    """Names and what they are, in two columns."""
    width = max((len(name) for name, _ in rows), default=0) + 2
    return "\n".join(name.ljust(width) + text for name, text in rows)


def alternatives(names: Sequence[str]) -> str:
    """Names to choose from, as a sentence has them.

    Examples
    --------
    >>> alternatives(["word", "sentence", "token"])
    'word, sentence or token'
    """
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
