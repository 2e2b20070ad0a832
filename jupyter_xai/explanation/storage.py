"""Explanations as JSON: writing, reading, and keeping what a notebook saves small."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import XaiError
from jupyter_xai.explanation.record import Record, Stopped
from jupyter_xai.explanation.validation import LARGEST, check, damaged
from jupyter_xai.files import dumps
from jupyter_xai.methods.base import Attribution
from jupyter_xai.text.formatting import DIGITS, rounded

if TYPE_CHECKING:
    from jupyter_xai.explanation.result import Result

SCHEMA = 1
_FEWER_DIGITS = 4
SAVED_BYTES = 1_400_000
"""What the JSON of one notebook output may take; the HTML beside it stays under 600 kB."""

_BYTES_PER_NUMBER = 12
_TOP = 20
_OLD_STOP = re.compile(
    r"stopped at (?P<limit>max_(?:forwards|seconds|tokens|cost))"
    r"=(?P<most>\d{1,6}(?:\.\d{1,10})?(?:e[+-]\d\d)?):"
)
_E = TypeVar("_E", bound="Result")


def to_dict(explanation: Result, digits: int = DIGITS) -> dict[str, Any]:
    """The explanation by its schema."""
    record = {name: _plain(value, digits) for name, value in explanation.record.items()}
    stopped = explanation.record.get("stopped")
    if stopped is not None:  # its note names the limit in full, and is found by it
        record["stopped"] = dict(stopped)
    confidence = record.pop("confidence")
    data: dict[str, Any] = {
        **record,
        "scores": _matrix(explanation.scores, digits),
        "total": _vector(explanation.total, digits),
        "intervals": None,
        "full": _vector(explanation.full, digits),
    }
    low, high = explanation.low, explanation.high
    if low is not None and high is not None:
        data["intervals"] = {
            "confidence": confidence,
            "low": _matrix(low[:, :-1], digits),
            "high": _matrix(high[:, :-1], digits),
            "total_low": _vector(low[:, -1], digits),
            "total_high": _vector(high[:, -1], digits),
        }
    return data


def compact(explanation: Result, most: int = SAVED_BYTES, done: str = "saved") -> dict[str, Any]:
    """The same within so many bytes: what has to go goes, and a note says so.

    First the intervals of single response units go, and all but the largest scores of each of
    them; then all scores but the totals. ``done`` is the note's word for what was done.
    """
    n, columns = explanation.attribution.scores.shape
    matrices = 1 if explanation.low is None else 3
    if n * columns * matrices * _BYTES_PER_NUMBER < 2 * most:
        data = to_dict(explanation)
        if _size(data) <= most:
            return data
    without = (
        f"{done} with the {_TOP} largest scores of each response unit, without their intervals"
    )
    data = totals_only(explanation.noted(f"{without}; save() keeps everything"), _FEWER_DIGITS)
    data["top"] = _largest(explanation.scores)
    if _size(data) <= most:
        return data
    note = f"{done} with totals only; save() keeps everything"
    return totals_only(explanation.noted(note), _FEWER_DIGITS)


def totals_only(explanation: Result, digits: int = DIGITS) -> dict[str, Any]:
    """The explanation by its schema, with empty lists for all numbers of single response units."""
    from dataclasses import replace

    attribution = explanation.attribution
    totals = Attribution(
        attribution.scores[:, -1:],
        low=None if attribution.low is None else attribution.low[:, -1:],
        high=None if attribution.high is None else attribution.high[:, -1:],
        exact=attribution.exact,
    )
    data = to_dict(replace(explanation, attribution=totals), digits)
    data["scores"] = []
    if data["intervals"] is not None:
        data["intervals"] |= {"low": [], "high": []}
    return data


def _largest(scores: NDArray[np.float64]) -> dict[str, Any]:
    """The largest scores of each column by magnitude, and the rows in which they stand."""
    n, m = scores.shape
    sizes = np.where(np.isnan(scores), -1.0, np.abs(scores))
    kept = min(_TOP, n)
    rows = np.argpartition(-sizes, kept - 1, axis=0)[:kept]
    found = [
        sorted(row for row in rows[:, column].tolist() if sizes[row, column] >= 0)
        for column in range(m)
    ]
    return {
        "rows": found,
        "scores": [
            _vector(scores[each, column], _FEWER_DIGITS) for column, each in enumerate(found)
        ],
    }


def from_dict(cls: type[_E], data: Mapping[str, Any]) -> _E:
    """See `Explanation.from_dict`."""
    if not isinstance(data, Mapping) or "schema" not in data:
        msg = "this is not a saved explanation"
        raise XaiError(msg)
    if type(data["schema"]) is not int or data["schema"] != SCHEMA:
        msg = (
            f"this explanation has format {data['schema']!r:.80}, but this jupyter-xai reads "
            f"format {SCHEMA}; update jupyter-xai"
        )
        raise XaiError(msg)
    check(data)
    record = cast("Record", {name: data[name] for name in Record.__annotations__ if name in data})
    n = sum(not unit["protected"] for unit in data["prompt"]["units"])
    m = len(data["response"]["units"])
    intervals, low, high = data["intervals"], None, None
    scores = _columns(data, "scores", "total", n, m)
    if "top" in data:
        scores[:, :-1] = _spread(data["top"], n, m)
    if intervals is not None:
        low = _columns(intervals, "low", "total_low", n, m)
        high = _columns(intervals, "high", "total_high", n, m)
    attribution = Attribution(scores, low=low, high=high, exact=data["method"]["exact"])
    stopped = _old_stop(data["notes"])
    if stopped is not None and data["partial"]:
        record.setdefault("stopped", stopped)
    record["confidence"] = 0.9 if intervals is None else intervals["confidence"]
    return cls(record, attribution, _shaped(data["full"], (m + 1,), "full"))


def _old_stop(notes: Iterable[str]) -> Stopped | None:
    """The budget that ended a run of before the field ``stopped``: only a note told it."""
    for note in notes:
        told = _OLD_STOP.match(note)
        if told is not None:
            return {"limit": told["limit"], "most": float(told["most"])}
    return None


def _plain(value: Any, digits: int) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(each, digits) for name, each in value.items()}
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return rounded(float(value), digits)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Iterable):
        return [_plain(each, digits) for each in value]
    return str(value)


def _vector(numbers: NDArray[np.float64], digits: int) -> list[float | None]:
    return [rounded(number, digits) for number in numbers.tolist()]


def _matrix(numbers: NDArray[np.float64], digits: int) -> list[list[float | None]]:
    return [[rounded(number, digits) for number in row] for row in numbers.tolist()]


def _columns(of: Mapping[str, Any], rows: str, total: str, n: int, m: int) -> NDArray[np.float64]:
    """Scores and totals side by side, [n, m + 1]."""
    # A notebook's output may have been saved with totals only.
    scores = np.full((n, m), np.nan) if of[rows] == [] else _shaped(of[rows], (n, m), rows)
    return np.column_stack([scores, _shaped(of[total], (n,), total)])


def _spread(top: Mapping[str, Any], n: int, m: int) -> NDArray[np.float64]:
    """What `_largest` kept, in its places; NaN everywhere else."""
    scores = np.full((n, m), np.nan)
    if len(top["rows"]) != m or len(top["scores"]) != m:
        raise damaged(f"top must have rows and scores for {m} response units")
    for column, (rows, found) in enumerate(zip(top["rows"], top["scores"], strict=True)):
        scores[rows, column] = _shaped(found, (len(rows),), f"top.scores[{column}]")
    return scores


def _shaped(numbers: Any, shape: tuple[int, ...], name: str) -> NDArray[np.float64]:
    """An array of numbers, null for NaN."""
    try:
        array = np.array(numbers, dtype=np.float64)
    except (OverflowError, ValueError) as error:  # too large for a float; rows of unlike lengths
        raise damaged(f"{name}: {error}") from None
    if array.shape != shape:
        raise damaged(f"{name} must be {_by(shape)} numbers, not {_by(array.shape)}")
    if np.isinf(array).any() or np.nanmax(np.abs(array), initial=0.0) > LARGEST:
        raise damaged(f"{name} has a number that is too large")
    return array


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _size(data: Mapping[str, Any]) -> int:
    return len(dumps(data).encode())
