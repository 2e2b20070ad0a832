"""The arithmetic of an estimate: from what a run wants to calls, tokens, seconds and money.

Pure functions of numbers: what a run wants, and how long its prompts are, is looked up in
`jupyter_xai.explainer.estimate`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.models.prices import Bill
from jupyter_xai.models.speed import Pace

_BACK = 2.0
"""A pass back through a model takes about twice as long as a pass forward."""


@dataclass(frozen=True)
class Counts:
    """Calls of a run, by what they are made for.

    Attributes
    ----------
    masks : int
        Masked prompts that the method has scored or answered.
    forwards, backwards : int
        Passes beside these, in which gradients or attention are read.
    noise : int
        For the noise floor.
    checks : int
        For the checks of the top k.
    answers : int
        1 where the answer that is explained is still to be written.
    """

    masks: int = 0
    forwards: int = 0
    backwards: int = 0
    noise: int = 0
    checks: int = 0
    answers: int = 0

    @property
    def asked(self) -> int:
        """Prompts that are scored, or answered, as the game's value wants it."""
        return self.masks + self.noise + self.checks


@dataclass(frozen=True)
class Lengths:
    """Tokens of a run's prompts.

    Attributes
    ----------
    planned : int64 [P]
        Of the planned masks that are not known, in order.
    later : float
        Of a mask that shows only in the run, about.
    whole : int
        Of the whole prompt; 0 for models that tell no tokens.
    answer : int
        Of what stands behind each.
    calls_a_mask : int
        How often the model is asked about one mask.
    """

    planned: NDArray[np.int64]
    later: float
    whole: int
    answer: int
    calls_a_mask: int = 1


def calls(wanted: Counts, most: int | None) -> Counts:
    """What is made of the wanted calls when there may be so many.

    Masks and passes are made as far as they go; noise and checks as a whole, or not at all. The
    answer is none of these calls.

    Examples
    --------
    >>> calls(Counts(masks=40, noise=4, checks=30), most=50)
    Counts(masks=40, forwards=0, backwards=0, noise=4, checks=0, answers=0)
    """
    left = inf if most is None else most
    masks = int(min(wanted.masks, left))
    left -= masks
    wanted_passes = wanted.forwards + wanted.backwards
    passes = int(min(wanted_passes, left))
    left -= passes
    noise = wanted.noise if wanted.noise <= left else 0
    left -= noise
    checks = wanted.checks if wanted.checks <= left else 0
    backwards = round(passes * wanted.backwards / max(1, wanted_passes))
    return replace(
        wanted,
        masks=masks,
        forwards=passes - backwards,
        backwards=backwards,
        noise=noise,
        checks=checks,
    )


def tokens(counts: Counts, lengths: Lengths) -> int:
    """Tokens that go through a local model, at most; 0 where it tells none."""
    if not lengths.whole:
        return 0
    return _forward(counts, lengths) + counts.answers * (lengths.whole + lengths.answer)


def seconds(counts: Counts, lengths: Lengths, pace: Pace, *, by_text: bool) -> float | None:
    """How long the calls take, about; None where that was not measured.

    Parameters
    ----------
    counts : Counts
    lengths : Lengths
    pace : Pace
    by_text : bool
        Whether masked prompts are answered, not scored.
    """
    if by_text:
        asked = _times(counts.asked, pace.an_answer)
    else:
        back = _BACK * counts.backwards * (lengths.whole + lengths.answer)
        asked = _times(_forward(counts, lengths) + back, pace.a_token)
    answered = _times(counts.answers, pace.an_answer)
    return None if asked is None or answered is None else asked + answered


def bill(counts: Counts, a_call: Bill, an_answer: Bill) -> Bill:
    """Tokens and money of a server, whose tokens nobody here sees: the most that they can be.

    Parameters
    ----------
    counts : Counts
    a_call : Bill
        The most that a call about a mask may take.
    an_answer : Bill
        The most that the answer to the whole prompt may take.
    """
    return Bill(
        counts.asked * a_call.tokens + counts.answers * an_answer.tokens,
        counts.asked * a_call.money + counts.answers * an_answer.money,
    )


def _forward(counts: Counts, lengths: Lengths) -> int:
    """Tokens of all passes forward: of each prompt, and of what stands behind it."""
    known = lengths.planned[: counts.masks // lengths.calls_a_mask]
    others = counts.masks + counts.checks - lengths.calls_a_mask * len(known)
    masked = lengths.calls_a_mask * int(known.sum()) + round(others * lengths.later)
    whole = (counts.noise + counts.forwards) * lengths.whole
    return masked + whole + (counts.asked + counts.forwards) * lengths.answer


def _times(number: float, each: float | None) -> float | None:
    return 0.0 if not number else None if each is None else number * each
