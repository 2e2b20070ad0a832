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

NOVICE = Path(__file__).parent / "novice"
"""The same model after a third of its training, in the same format."""

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


def human_answer(sample: Sample) -> str:
    """Return the answer to a sample as a person might have put it.

    It says the same, sentence by sentence, in words that the tutor was never trained on: the other
    author, for whatever has to tell the tutor's own answers from those of people.

    Parameters
    ----------
    sample
        One of `samples`.

    Examples
    --------
    >>> sample = samples("reviews", 1)[0]
    >>> human_answer(sample) != sample.response
    True
    """
    from .human import reworded

    return reworded(sample.response_sentences)


def with_thoughts(
    sample: Sample, *, steps: int = 2, misleading: bool = False, seed: int = 0
) -> Sample:
    """Return a multi-hop sample whose prompt ends with the first thoughts of an answer.

    The proper answer follows these thoughts, right or wrong.

    Parameters
    ----------
    sample
        One of the family ``"hops"`` whose prompt holds no thoughts yet and has an answer.
    steps
        How many thoughts, 1 or 2.
    misleading
        Whether the last thought names somebody or something else than the passage does.
    seed
        Decides what it names.

    Returns
    -------
    Sample
        With its own ``response`` and ``links``.

    Raises
    ------
    ValueError
        If the sample is of another family or has thoughts already, or ``steps`` is neither 1 nor 2.

    Examples
    --------
    >>> plain = next(s for s in samples("hops", 20) if len(s.replies) == 3)
    >>> thinking = with_thoughts(plain, misleading=True)
    >>> thinking.response_sentences[-1] == plain.response_sentences[-1]
    False
    """
    from .generator import thinking

    return thinking(sample, steps, misleading, seed)


__all__ = ["FAMILIES", "FOLDER", "NOVICE", "human_answer", "samples", "with_thoughts"]
