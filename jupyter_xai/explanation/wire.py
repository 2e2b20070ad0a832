"""An explanation on its way to a browser: short lists of numbers as they are, long ones packed."""

from __future__ import annotations

from base64 import b64encode
from math import floor, log2
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.explanation.half_precision import halves
from jupyter_xai.explanation.storage import compact, to_dict, totals_only
from jupyter_xai.text.formatting import rounded

if TYPE_CHECKING:
    from jupyter_xai.explanation.result import Result

SENT_BYTES = 21_000_000
"""What the packed numbers of one explanation may take."""

_LISTED = 50_000
"""So many numbers go as lists: exact, and for anybody to read."""

_MOST_EXPONENT = 14
"""The largest number is brought below 2**15: half-precision floats end at 65,504."""


_IN_PAGE = (
    "this page holds the scores of single response units in half precision; save() keeps everything"
)


def sendable(explanation: Result, most: int = SENT_BYTES) -> dict[str, Any]:
    """The explanation by its schema, with many scores packed.

    Half-precision floats are off by one part in 1,024 at most and never by a digit that the view
    shows (see `jupyter_xai.explanation.half_precision`). Totals, and all else, stay exact. Where
    the intervals of single response units do not fit, they go, and a note says so; where the scores
    do not fit, the largest of each response unit are sent.

    Parameters
    ----------
    explanation : Result
    most : int
        Bytes that the packed numbers may take.

    Returns
    -------
    dict
        As `Explanation.to_dict`; or with empty ``scores`` (and empty ``low`` and ``high`` in
        ``intervals``) and an entry ``packed`` in their place: ``scores``, ``low`` and ``high``
        as bytes (little-endian float16, column after column, times ``2**exponent``; NaN where
        nothing was evaluated), ``range`` and ``ends`` (their least and largest), ``peaks`` [n]
        (the largest magnitude of every row), ``best`` [m] (the row that supports each column most).
    """
    scores, low, high = explanation.scores, explanation.low, explanation.high
    matrices = 1 if low is None else 3
    if scores.size * matrices <= _LISTED:
        return to_dict(explanation)
    if 2 * scores.size > most:
        return compact(explanation, done="shown")
    if 2 * scores.size * matrices > most:
        note = "shown without the intervals of single response units; save() keeps everything"
        explanation = explanation.noted(note)
        low = high = None
    data = totals_only(explanation)
    data["packed"] = _packed(
        scores, None if low is None else low[:, :-1], None if high is None else high[:, :-1]
    )
    return data


def embeddable(explanation: Result, most: int = SENT_BYTES) -> dict[str, Any]:
    """The same for a page: packed numbers as base64, and a note for whoever reads it.

    The page takes a third more bytes than the packed numbers, and what else there is to tell.

    Examples
    --------
    >>> import jupyter_xai as xai
    >>> explanation = xai.explain("A warm beach, please.", perturbations=4)
    >>> "packed" in embeddable(explanation)
    False
    """
    data = sendable(explanation, most)
    packed = data.get("packed")
    if packed is None:
        return data
    data["packed"] = {
        name: b64encode(each).decode() if isinstance(each, bytes) else each
        for name, each in packed.items()
    }
    data["notes"] = [*data["notes"], _IN_PAGE]
    return data


def _packed(
    scores: NDArray[np.float64],
    low: NDArray[np.float64] | None,
    high: NDArray[np.float64] | None,
) -> dict[str, Any]:
    n, m = scores.shape
    ends = [each for each in (low, high) if each is not None]
    least, largest = zip(*(_range(each) for each in (scores, *ends)), strict=True)
    limit = max(map(abs, (*least, *largest)))
    exponent = floor(log2(limit)) - _MOST_EXPONENT if limit > 0 else 0

    def packed(numbers: NDArray[np.float64] | None) -> bytes | None:
        if numbers is None:
            return None
        return halves(numbers, exponent).tobytes(order="F")

    sizes = np.abs(scores)
    known = np.isfinite(sizes)
    peaks = np.where(known, sizes, -1.0).max(axis=1, initial=-1.0)
    best = np.where(known, scores, -np.inf).argmax(axis=0)
    return {
        "rows": n,
        "columns": m,
        "exponent": exponent,
        "scores": packed(scores),
        "low": packed(low),
        "high": packed(high),
        "range": [least[0], largest[0]],
        "ends": [min(least[1:], default=0.0), max(largest[1:], default=0.0)],
        "peaks": [None if peak < 0 else rounded(peak, 4) for peak in peaks.tolist()],
        "best": [
            int(row) if some else None
            for row, some in zip(best, np.any(known, axis=0).tolist(), strict=True)
        ],
    }


def _range(numbers: NDArray[np.float64]) -> tuple[float, float]:
    """Least and largest number, zero included."""
    known = np.isfinite(numbers)
    least = np.min(numbers, initial=0.0, where=known)
    return float(least), float(np.max(numbers, initial=0.0, where=known))
