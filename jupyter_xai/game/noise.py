"""The noise floor: how far the values of equal inputs differ."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.game.answered_masks import AnsweredMasks
from jupyter_xai.game.scored_masks import ScoredMasks
from jupyter_xai.models.capabilities import MeasuredModel, ScoringModel, ServedModel
from jupyter_xai.models.locks import lock_of

_REPETITIONS = 2
"""How often a server is asked for the whole prompt again, to see whether it says the same."""

_COMPANIONS = 3
"""Rows that are scored beside the whole prompt, each without another of the last units."""

_NORMAL = 1.645
"""Half the width of a normal distribution's 90 % interval, in standard deviations."""

Evaluated = ScoredMasks | AnsweredMasks


def noise_calls(evaluated: Evaluated, n: int) -> int:
    """How many calls `noise_floor` makes for a prompt of n sources."""
    if isinstance(evaluated, AnsweredMasks) and evaluated.draws:
        return 0
    if isinstance(evaluated.asker.model, ServedModel):
        whole = np.ones((1, n), dtype=bool)
        return sum(again.calls(whole) for again in _repetitions(evaluated))
    if isinstance(evaluated, AnsweredMasks):
        return 0
    if _key(evaluated, n) in evaluated.asker.ledger:
        return 0
    return (2 + min(_COMPANIONS, n)) * len(evaluated.sides)


def noise_floor(evaluated: Evaluated, n: int) -> float | None:
    """See `MaskingGame.noise`."""
    whole = np.ones((1, n), dtype=bool)
    if isinstance(evaluated, AnsweredMasks) and evaluated.draws:
        errors = evaluated.errors(whole)
        return None if errors is None else float(_NORMAL * 2**0.5 * np.nanmax(errors))
    if isinstance(evaluated.asker.model, ServedModel):
        return _between_repetitions(evaluated, n)
    return None if isinstance(evaluated, AnsweredMasks) else _between_batches(evaluated, n)


def _between_batches(scored: ScoredMasks, n: int) -> float:
    """Twice the difference between the whole prompt in a batch and alone."""
    ledger, key = scored.asker.ledger, _key(scored, n)
    passes = ledger.get(key)
    if passes is None:
        passes = _score_twice(scored, n)
        ledger.put(key, passes, size=sum(side.nbytes for sides in passes for side in sides))
    alone, beside = (scored.reading.values(*sides) for sides in passes)
    return float(2 * np.nanmax(np.abs(alone - beside)))


def _key(scored: ScoredMasks, n: int) -> tuple[object, ...]:
    """How the ledger calls the two passes: any piece of the response is read from them."""
    asker = scored.asker
    (whole,) = asker.model.keys(asker.prompt, np.ones((1, n), dtype=bool), asker.operator)
    return (asker.fingerprint, "passes", whole, *(side.ids or side.text for side in scored.sides))


def _score_twice(scored: ScoredMasks, n: int) -> list[list[NDArray[np.float32]]]:
    """Log-probabilities of all sides after the whole prompt, alone and beside other rows."""
    asker = scored.asker
    model, cost = cast(ScoringModel, asker.model), asker.cost
    # What a check would compare is compared here, and of the companions nothing is used.
    score = model.score_unchecked if isinstance(model, MeasuredModel) else model.score
    full = np.ones((1, n), dtype=bool)
    # Rows of several lengths, so that padding takes part.
    companions = np.ones((min(_COMPANIONS, n), n), dtype=bool)
    # Of the last units, so that most of what they have in common is computed once.
    companions[np.arange(len(companions)), n - 1 - np.arange(len(companions))] = False
    passes = []
    asker.budget.reserve(noise_calls(scored, n), cost)
    with lock_of(asker.model):
        for masks in (full, np.concatenate([full, companions])):
            sides = []
            for response in scored.sides:
                logprobs = np.empty((len(masks), len(response.spans or ())), np.float32)
                for batch in score(asker.prompt, masks, asker.operator, response):
                    logprobs[batch.rows] = batch.logprobs
                    cost.forwards += len(batch.rows)
                    cost.tokens += batch.tokens
                # A copy, or the ledger would keep the whole batch alive.
                sides.append(logprobs[:1].copy())
            passes.append(sides)
    return passes


def _between_repetitions(evaluated: Evaluated, n: int) -> float:
    """How far a server's values of one prompt lie apart."""
    whole, cost = np.ones((1, n), dtype=bool), evaluated.asker.cost
    every = [evaluated, *_repetitions(evaluated)]
    calls = sum(each.calls(whole) for each in every)
    if calls:
        evaluated.asker.budget.reserve(calls, cost)
    if isinstance(evaluated, AnsweredMasks):
        told = [each.asker.answers(whole, count_reused=False) for each in every]
        values = evaluated.reading.values([answers[0][0] for answers in told])
    else:
        values = np.concatenate([each.values(whole, count_reused=False) for each in every])
    apart = values.max(axis=0) - values.min(axis=0)
    return float(np.nanmax(apart))


def _repetitions(evaluated: Evaluated) -> list[Evaluated]:
    """Ask a server for the same once more; counted and remembered as ever."""
    model = evaluated.asker.model
    assert isinstance(model, ServedModel)
    askers = [
        replace(evaluated.asker, model=model.repetition(number), fingerprint="")
        for number in range(1, 1 + _REPETITIONS)
    ]
    return [replace(evaluated, asker=asker) for asker in askers]
