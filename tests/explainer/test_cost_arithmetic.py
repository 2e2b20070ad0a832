"""The arithmetic of an estimate, by tables of what is worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from jupyter_xai.explainer.cost_arithmetic import Counts, Lengths, bill, calls, seconds, tokens
from jupyter_xai.models.prices import Bill
from jupyter_xai.models.speed import Pace

ALL = Counts(masks=10, forwards=2, backwards=6, noise=3, checks=5, answers=1)


def lengths(*planned: int, later: float = 5.0, calls_a_mask: int = 1, whole: int = 20) -> Lengths:
    return Lengths(np.array(planned, dtype=np.int64), later, whole, 4, calls_a_mask)


def measured(*, a_token: float | None = None, an_answer: float | None = None) -> Pace:
    pace = Pace()
    if a_token is not None:
        pace.scored(1, a_token)
    if an_answer is not None:
        pace.answered(1, an_answer)
    return pace


@pytest.mark.parametrize(
    ("most", "made"),
    [
        (None, ALL),
        (26, ALL),
        # Checks are made as a whole, or not at all; so is the noise floor.
        (25, Counts(masks=10, forwards=2, backwards=6, noise=3, answers=1)),
        (20, Counts(masks=10, forwards=2, backwards=6, answers=1)),
        # Of the passes as many as go, three of four of them back.
        (14, Counts(masks=10, forwards=1, backwards=3, answers=1)),
        (10, Counts(masks=10, answers=1)),
        (3, Counts(masks=3, answers=1)),
    ],
)
def test_calls_within_a_limit(most: int | None, made: Counts) -> None:
    assert calls(ALL, most) == made


def test_checks_take_what_the_noise_floor_leaves() -> None:
    wanted = Counts(masks=10, noise=9, checks=5)
    assert calls(wanted, 16) == Counts(masks=10, checks=5)


@pytest.mark.parametrize(
    ("counts", "given", "through"),
    [
        # Each prompt, and four tokens of the answer behind it.
        (Counts(masks=3), lengths(10, 11, 12), 33 + 3 * 4),
        # Of a planned mask both sides are scored.
        (Counts(masks=4), lengths(10, 11, calls_a_mask=2), 2 * 21 + 4 * 4),
        # What a limit leaves of the plan is its beginning.
        (Counts(masks=1), lengths(10, 11, 12), 10 + 4),
        # Masks that show only in the run, and those of checks, are about as long as the others.
        (Counts(masks=3, checks=2), lengths(10), 10 + 4 * 5 + 5 * 4),
        # Noise and passes are about the whole prompt; passes back are no tokens anew.
        (Counts(forwards=2, backwards=9, noise=1), lengths(), 3 * 20 + 3 * 4),
        (Counts(answers=1), lengths(), 20 + 4),
        (Counts(masks=3, answers=1), lengths(0, 0, 0, whole=0), 0),
    ],
)
def test_tokens(counts: Counts, given: Lengths, through: int) -> None:
    assert tokens(counts, given) == through


@pytest.mark.parametrize(
    ("counts", "pace", "by_text", "about"),
    [
        (Counts(masks=2), measured(a_token=0.5), False, 0.5 * (21 + 8)),
        # A pass back takes as long as two passes forward.
        (Counts(forwards=1, backwards=3), measured(a_token=0.5), False, 0.5 * 24 * (1 + 6)),
        (Counts(masks=2, noise=1, checks=4), measured(an_answer=3.0), True, 21.0),
        (Counts(answers=1), measured(an_answer=3.0), False, 3.0),
        (Counts(masks=2, answers=1), measured(a_token=0.5, an_answer=3.0), False, 17.5),
        # Nothing is said where a part of it was not measured; where nothing is asked, it is.
        (Counts(masks=2, answers=1), measured(a_token=0.5), False, None),
        (Counts(masks=2), measured(an_answer=3.0), False, None),
        (Counts(masks=2), measured(a_token=0.5), True, None),
        (Counts(), measured(), True, 0.0),
    ],
)
def test_seconds(counts: Counts, pace: Pace, by_text: bool, about: float | None) -> None:
    found = seconds(counts, lengths(10, 11), pace, by_text=by_text)
    assert found == (None if about is None else pytest.approx(about))


@pytest.mark.parametrize(
    ("counts", "paid"),
    [
        (Counts(masks=2, noise=3, checks=5), Bill(1_000, 5.0)),
        (Counts(answers=1), Bill(30, 0.2)),
        (Counts(masks=1, answers=1), Bill(130, 0.7)),
        (Counts(forwards=7, backwards=7), Bill()),
    ],
)
def test_money(counts: Counts, paid: Bill) -> None:
    found = bill(counts, Bill(100, 0.5), Bill(30, 0.2))
    assert found.tokens == paid.tokens
    assert found.money == pytest.approx(paid.money)
