"""How long an answer may be where answers are compared as texts."""

from __future__ import annotations

from jupyter_xai.errors import XaiError

MOST_CHARACTERS = 100_000
"""Longer answers would be compared sentence by sentence for minutes, for every masked prompt."""


def within_bounds(text: str, who: str, did: str) -> str:
    """Return a text that can be compared.

    Parameters
    ----------
    text : str
    who : str
        The model, as readers know it.
    did : str
        What it did with the text, such as ``answered with``.

    Raises
    ------
    XaiError
        When it is too long; says how long it may be.

    Examples
    --------
    >>> within_bounds("Yes.", "llama", "answered with")
    'Yes.'
    """
    if len(text) > MOST_CHARACTERS:
        msg = (
            f"{who} {did} {len(text):,} characters, which is too long: at most "
            f"{MOST_CHARACTERS:,} can be compared; cut the text, or explain a part of it"
        )
        raise XaiError(msg)
    return text
