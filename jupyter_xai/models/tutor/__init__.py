"""The tutor: a small language model that ships with the package and whose causes are known.

It is trained only on text that the project's own generator writes, so that for every prompt of
its seven families it is known which sentences and words cause which part of the answer.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .generator import Sample

FOLDER = Path(__file__).parent / "weights"
"""The model in Hugging Face format."""

FAMILIES = ("travel", "reviews", "questions", "stories", "facts", "hops", "choice")
"""The kinds of prompt that the tutor knows."""


def samples(family: str, n: int = 10, seed: int = 0) -> list[Sample]:
    """Return held-out prompts with their answers and causes.

    Parameters
    ----------
    family
        One of `FAMILIES`.
    n
        How many.
    seed
        The same seed gives the same samples.

    Returns
    -------
    list of Sample
        Each with ``prompt``, ``response``, ``links`` and the sentences of both.

    Raises
    ------
    ValueError
        If there is no such family.

    Examples
    --------
    >>> sample = samples("travel", 1)[0]
    >>> sample.causes(0) is not None
    True
    """
    if family not in FAMILIES:
        msg = f"no family {family!r}; there are {', '.join(FAMILIES)}"
        raise ValueError(msg)
    from .generator import stream

    return list(islice(stream(family, seed), n))


__all__ = ["FAMILIES", "FOLDER", "samples"]
