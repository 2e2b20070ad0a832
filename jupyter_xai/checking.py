"""How far an explanation can be trusted: what removing its top units does, and its LDS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai import masking, metrics
from jupyter_xai.asking import Progress
from jupyter_xai.errors import XaiError
from jupyter_xai.game import MaskingGame
from jupyter_xai.methods.base import Attribution, MaskMethod
from jupyter_xai.verdicts import verdict

RANDOM_DRAWS = 10
MOST_LEFT_OUT = 256
"""Leave-one-out costs a mask a unit, so that longer prompts go without this comparison."""

FRESH_MASKS = 32
SHUFFLES = 50


def drops(
    game: MaskingGame,
    total: NDArray[np.float64],
    k: int,
    seed: int,
    *,
    chosen: Sequence[int] | None = None,
    noise: float = 0.0,
    on_progress: Progress | None = None,
) -> tuple[dict[str, Any], list[str]]:
    """What removing k units at once does to the value of the whole response.

    Parameters
    ----------
    game : MaskingGame
    total : float64 [n]
        The scores whose top k are removed.
    k : int
    seed : int
        Seeds the random choices.
    chosen : sequence of int, optional
        The set to remove, where a joint method found one for this k, instead of the top k.
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
    if np.isnan(total).all():
        msg = "no unit was scored yet, so there is no top k to check; go on first"
        raise XaiError(msg)
    n = game.n
    top = sorted(int(i) for i in (metrics.top_k(total, k) if chosen is None else chosen))
    random, one_out = rivals(n, k, seed)
    rows = [np.ones((1, n), dtype=bool), masking.without(n, top), random]
    masks = np.concatenate([*rows, one_out])
    game.reserve(masks, more=min(1, len(one_out)))
    whole = game.values(masks, on_progress=on_progress)[:, -1]
    fall = metrics.drop(whole[0], whole[1:])
    by_chance = fall[1 : 1 + len(random)]
    mean, low, high = metrics.spread(by_chance)
    notes = []
    if len(one_out):
        rival = sorted(int(i) for i in metrics.top_k(fall[1 + len(random) :], k))
        rival_drop = float(whole[0] - game.values(masking.without(n, rival))[0, -1])
    else:
        rival, rival_drop = [], None
        notes.append(f"leave-one-out was not compared: the prompt has over {MOST_LEFT_OUT} units")
    check = {
        "k": k,
        "removed": top,
        "drop": float(fall[0]),
        "random": {
            "mean": mean,
            "low": low,
            "high": high,
            "draws": len(random),
        },
        "leave_one_out": {"removed": rival, "drop": rival_drop},
        "verdict": verdict(
            float(fall[0]),
            by_chance,
            rival_drop,
            k=k,
            n=n,
            level=game.prompt.document.level,
            value=_asked_of(game),
            noise=noise,
        ),
    }
    return check, notes


def _asked_of(game: MaskingGame) -> str:
    """What the values are about, as `verdict` names it."""
    if game.foil is not None:
        return "contrast"
    return "parts" if game.value == "logprob" and game.targets is not None else game.value


def rivals(n: int, k: int, seed: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """What the top k are compared with.

    Returns
    -------
    random : bool [draws, n]
        Masks that each remove k units by chance.
    one_out : bool [n or 0, n]
        Masks that each remove one unit; none for long prompts.
    """
    sets = np.asarray(metrics.random_sets(n, k, RANDOM_DRAWS, seed))
    return masking.without(n, sets), masking.leave_one_out(n)[: n if n <= MOST_LEFT_OUT else 0]


def cross_fitted_lds(
    method: MaskMethod,
    game: MaskingGame,
    masks: NDArray[np.bool_],
    values: NDArray[np.float64],
    seed: int,
) -> dict[str, Any] | None:
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
) -> dict[str, Any] | None:
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
    known = [each for each in shuffled if each is not None]
    return {
        "value": metrics.lds(total, fresh, values),
        "kind": "fresh",
        "masks": len(fresh),
        "low": None if interval is None else interval[0],
        "high": None if interval is None else interval[1],
        "random": dict(zip(("mean", "low", "high"), metrics.spread(known), strict=True)),
        "leave_one_out": None if single is None else metrics.lds(single, fresh, values),
    }
