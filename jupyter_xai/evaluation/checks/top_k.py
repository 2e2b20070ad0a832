"""How far an explanation can be trusted: what removing its top units does, and its LDS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai import masking, metrics
from jupyter_xai.errors import XaiError
from jupyter_xai.evaluation.checks.verdict import verdict
from jupyter_xai.explanation.record import Lds
from jupyter_xai.game.asker import Counting
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.methods.base import Attribution, MaskMethod

RANDOM_DRAWS = 10
FEW_SETS = 20
"""So many choices of k units are all tried; of more, `RANDOM_DRAWS` by chance."""

MOST_SETS = 5_000
"""Of more choices than these it is not looked up whether all are known."""

MOST_PARTS = 12
"""Longer responses are checked as a whole only: each part costs up to two masks more."""

_EQUAL = 1e-9
"""Falls that differ by less are equal."""

MOST_LEFT_OUT = 256
"""Leave-one-out costs a mask a unit, so that longer prompts go without this comparison."""

FRESH_MASKS = 32
SHUFFLES = 50


def drops(
    game: MaskingGame,
    scores: NDArray[np.float64],
    k: int,
    seed: int,
    *,
    chosen: Sequence[int] | None = None,
    noise: float = 0.0,
    on_progress: Counting | None = None,
) -> tuple[dict[str, Any], list[str]]:
    """What removing k units at once does to the whole response, and to each part of it.

    Parameters
    ----------
    game : MaskingGame
    scores : float64 [n, m + 1]
        Of each column the top k are removed: of the last for the whole response, of the others
        for its parts, where there are at most `MOST_PARTS` of them and values are no answers.
    k : int
    seed : int
        Seeds the random choices.
    chosen : sequence of int, optional
        The set to remove for the whole response, where a joint method found one for this k.
    noise : float
        Below this, values cannot be told from rounding.
    on_progress : callable, optional

    Returns
    -------
    check : dict
        A ``check`` of the explanation's schema.
    notes : list of str

    Raises
    ------
    XaiError
        When nothing was scored yet.
    BudgetSpent
        When the game's budget does not allow for all of this; nothing is asked then.
    """
    if np.isnan(scores[:, -1]).all():
        msg = "no unit was scored yet, so there is no top k to check; go on first"
        raise XaiError(msg)
    n = game.n
    columns = [-1, *_parts(game, scores)]
    tops = [sorted(int(unit) for unit in metrics.top_k(scores[:, each], k)) for each in columns]
    if chosen is not None:
        tops[0] = sorted(int(unit) for unit in chosen)
    others, one_out = rivals(n, k, seed, known=game.known)
    masks = np.concatenate([np.ones((1, n), dtype=bool), without_each(n, tops), others, one_out])
    every = len(others) == comb(n, k)
    # Where every choice of k is tried, leave-one-out's is among them.
    game.reserve(masks, more=len(columns) if len(one_out) and not every else 0)
    values = game.values(masks, on_progress=on_progress)
    falls = metrics.drop(values[0], values[1:])
    of_tops, of_others, of_single = np.split(falls, np.cumsum([len(tops), len(others)]))
    notes = []
    rival_sets: list[list[int]] = []
    of_rivals = np.empty((0, game.m + 1))
    if len(one_out):
        rival_sets = [
            sorted(int(unit) for unit in metrics.top_k(of_single[:, each], k)) for each in columns
        ]
        of_rivals = metrics.drop(values[0], game.values(without_each(n, rival_sets)))
    else:
        notes.append(f"leave-one-out was not compared: the prompt has over {MOST_LEFT_OUT} units")
    found = []
    for place, column in enumerate(columns):
        drop, by_chance = float(of_tops[place, column]), of_others[:, column]
        rival: dict[str, Any] = {"removed": [], "drop": None}
        if rival_sets:
            rival = {"removed": rival_sets[place], "drop": float(of_rivals[place, column])}
        rank = 1 + int((by_chance > drop + noise + _EQUAL).sum()) if every else None
        mean, low, high = metrics.spread(by_chance)
        found.append(
            {
                "removed": tops[place],
                "drop": drop,
                "random": {"mean": mean, "low": low, "high": high, "draws": len(others)},
                "rank": rank,
                "leave_one_out": rival,
                "verdict": verdict(
                    drop,
                    by_chance[~(others == without_each(n, [tops[place]])).all(axis=1)],
                    rival["drop"],
                    k=k,
                    level=game.prompt.document.level,
                    value=_asked_of(game),
                    part=game.response_document.level if column >= 0 else None,
                    every=every,
                    noise=noise,
                ),
            }
        )
    whole, *parts = found
    units = columns[1:]
    listed = [{"unit": unit, **part} for unit, part in zip(units, parts, strict=True)]
    return {"k": k, **whole, "parts": listed}, notes


def without_each(n: int, sets: Sequence[Sequence[int]]) -> NDArray[np.bool_]:
    """Masks that each remove one of the sets: bool [sets, n]. Sets may differ in size."""
    return np.concatenate([masking.without(n, chosen) for chosen in sets])


def _parts(game: MaskingGame, scores: NDArray[np.float64]) -> list[int]:
    """The response units whose own top k are checked."""
    if game.value == "text" or not 1 < game.m <= MOST_PARTS:
        return []
    return [column for column in range(game.m) if not np.isnan(scores[:, column]).all()]


def _asked_of(game: MaskingGame) -> str:
    """What the values are about, as `verdict` names it."""
    if game.foil is not None:
        return "contrast"
    return "parts" if game.value == "logprob" and game.targets is not None else game.value


def rivals(
    n: int,
    k: int,
    seed: int,
    known: Callable[[NDArray[np.bool_]], NDArray[np.bool_]] | None = None,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """What the top k are compared with.

    Parameters
    ----------
    n, k, seed : int
    known : callable, optional
        Tells which masks cost nothing.

    Returns
    -------
    others : bool [sets, n]
        Masks that each remove k units: every choice of k where there are few or all are known,
        else some by chance.
    one_out : bool [n or 0, n]
        Masks that each remove one unit; none for long prompts.
    """
    one_out = masking.leave_one_out(n)[: n if n <= MOST_LEFT_OUT else 0]
    choices = comb(n, k)
    if choices <= FEW_SETS or (k == 1 and len(one_out)):
        return _removing(n, k, choices, seed), one_out
    if known is not None and choices <= MOST_SETS:
        every = _removing(n, k, choices, seed)
        if known(every).all():
            return every, one_out
    return _removing(n, k, RANDOM_DRAWS, seed), one_out


def _removing(n: int, k: int, draws: int, seed: int) -> NDArray[np.bool_]:
    return masking.without(n, np.asarray(metrics.random_sets(n, k, draws, seed)))


def cross_fitted_lds(
    method: MaskMethod,
    game: MaskingGame,
    masks: NDArray[np.bool_],
    values: NDArray[np.float64],
    seed: int,
) -> Lds | None:
    """LDS by cross-fitting over masks that were evaluated anyway; None where there are too few."""
    value, count = metrics.cross_fitted_lds(method, masks, values, game.lengths, seed)
    return None if value is None else {"value": value, "kind": "cross-fitted", "masks": count}


def fresh_masks(fitted: NDArray[np.bool_], n: int, draws: int, seed: int) -> NDArray[np.bool_]:
    """Keep-half masks that were not in the fit: of so many draws those that are left, [R, n]."""
    rows = {row.tobytes() for row in fitted}
    # Another seed, or the draws would begin with those of the fit.
    drawn = masking.random_pairs(n, draws, seed + 1)
    return drawn[np.array([row.tobytes() not in rows for row in drawn], dtype=bool)]


def fresh_lds(
    game: MaskingGame,
    attribution: Attribution,
    fitted: NDArray[np.bool_],
    seed: int,
    *,
    single: NDArray[np.float64] | None = None,
) -> Lds | None:
    """LDS over keep-half masks that were not in the fit; None where too few of them exist.

    Beside it the LDS of the same scores shuffled, and of leave-one-out's (``single``, [n]).
    """
    fresh = fresh_masks(fitted, game.n, 4 * FRESH_MASKS, seed)[:FRESH_MASKS]
    if len(fresh) < FRESH_MASKS // 2:
        return None
    total, values = attribution.scores[:, -1], game.values(fresh)[:, -1]
    interval = metrics.lds_interval(total, fresh, values, seed)
    rng = np.random.default_rng(seed)
    shuffled = [metrics.lds(rng.permutation(total), fresh, values) for _ in range(SHUFFLES)]
    mean, lowest, highest = metrics.spread([each for each in shuffled if each is not None])
    return {
        "value": metrics.lds(total, fresh, values),
        "kind": "fresh",
        "masks": len(fresh),
        "low": None if interval is None else interval[0],
        "high": None if interval is None else interval[1],
        "random": {"mean": mean, "low": lowest, "high": highest},
        "leave_one_out": None if single is None else metrics.lds(single, fresh, values),
    }
