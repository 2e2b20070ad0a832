"""Whether data that came from a file are an explanation: by the schema, and by what it cannot say.

The schema is the one that Python and TypeScript share. What it cannot say is that places lie within
the prompt and that lists belong together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_xai.errors import XaiError

_SCHEMA = Path(__file__).parents[1] / "schema" / "explanation.schema.json"
_DEEPEST = 64
LARGEST = 1e300
"""Larger numbers could not be drawn or added up."""
_MOST_SHOWN = 60
_NUMBERS = ("scores", "intervals.low", "intervals.high")
"""Of these there may be millions; whoever makes arrays of them sees whether they are finite."""


def check(data: Mapping[str, Any]) -> None:
    """Refuse data that are no explanation.

    Fields that the schema does not know are let pass: a later version may have written them.

    Parameters
    ----------
    data : mapping
        JSON of the format that this version reads.

    Raises
    ------
    XaiError
        Names the first field that is wrong.
    """
    import fastjsonschema

    _check_numbers(data)
    try:
        _validator()(data)
    except fastjsonschema.JsonSchemaValueException as error:
        said = error.message.removeprefix("data.").removeprefix("data ")
        if error.rule == "oneOf":  # of the schema's choices one is always null
            said = f"{said.partition(' must be')[0]} is neither null nor what belongs there"
        raise damaged(f"{said:.200}, not {_shown(error.value)}") from None
    _check_places(data)


def damaged(what: str) -> XaiError:
    """What to say of a file in which something is wrong."""
    line = " ".join(what.split())
    return XaiError(f"this saved explanation is damaged ({line})")


@cache
def _validator() -> Callable[[Any], Any]:
    """The schema as code: 50 ms once, and then faster than the JSON is read."""
    import fastjsonschema

    schema = _open(json.loads(_SCHEMA.read_text(encoding="utf-8")))
    # By the rules of this draft 3.0 is no whole number, as for Python.
    schema["$schema"] = "http://json-schema.org/draft-04/schema#"
    return fastjsonschema.compile(schema)


def _open(schema: Any) -> Any:
    """The schema without its ban on further fields."""
    if isinstance(schema, dict):
        return {
            name: _open(each)
            for name, each in schema.items()
            if not (name == "additionalProperties" and each is False)
        }
    return [_open(each) for each in schema] if isinstance(schema, list) else schema


def _check_numbers(data: Mapping[str, Any]) -> None:
    """Refuse what nests too deeply, and numbers that no float holds."""
    waiting: list[tuple[str, Any, int]] = [("", data, 0)]
    while waiting:
        name, value, depth = waiting.pop()
        if isinstance(value, str) or value is None:
            continue
        if depth > _DEEPEST:
            raise damaged(f"{name:.200} nests more than {_DEEPEST} deep")
        if isinstance(value, Mapping):
            for key, each in value.items():
                inner = f"{name}.{key}" if name else str(key)
                if inner not in _NUMBERS:
                    waiting.append((inner, each, depth + 1))
        elif isinstance(value, Sequence):
            waiting += [(f"{name}[{i}]", each, depth + 1) for i, each in enumerate(value)]
        elif isinstance(value, int | float) and not _is_usable(value):
            raise damaged(f"{name:.200} is {_shown(value)}, which is too large or no number")


def _is_usable(number: float) -> bool:
    """Whether a number, of whatever size, is one to calculate with."""
    return abs(number) <= LARGEST  # NaN is not


def _check_places(data: Mapping[str, Any]) -> None:
    """Refuse places outside of prompt and response, and lists that do not belong together."""
    n = sum(not unit["protected"] for unit in data["prompt"]["units"])
    m = len(data["response"]["units"])
    length = sum(len(unit["text"]) for unit in data["response"]["units"])
    if not n or not m:
        raise damaged(f"it has {n} prompt units that can be removed and {m} response units")
    for name, places in _sources(data):
        if any(not 0 <= place < n for place in places) or len(set(places)) < len(places):
            raise damaged(f"{name} must name some of {n} prompt units, not {_shown(places)}")
    for k, chosen in (data["sets"] or {}).items():
        if not (k.isdecimal() and k.isascii() and len(k) < 10):
            raise damaged(f"sets must have numbers for keys, not {_shown(k)}")
        if int(k) != len(chosen):
            raise damaged(f"sets.{k} must name {k} prompt units, not {_shown(chosen)}")
    foil, targets = data["response"].get("foil"), data["response"].get("targets")
    if foil is not None and foil["unit"] is not None and not 0 <= foil["unit"] < m:
        raise damaged(f"response.foil.unit must be one of {m} response units, not {foil['unit']}")
    for start, end in targets["spans"] if targets is not None else ():
        if not 0 <= start < end <= length:
            raise damaged(f"response.targets.spans must lie in the response, not at {start}:{end}")
    if data["intervals"] is not None and not 0 < data["intervals"]["confidence"] < 1:
        raise damaged("intervals.confidence must be between 0 and 1")
    if "curves" in data:
        _check_curves(data["curves"], n)


def _sources(data: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[int]]]:
    for k, chosen in (data["sets"] or {}).items():
        yield f"sets.{k:.20}", chosen
    for at, each in enumerate(data["checks"]):
        yield f"checks[{at}].removed", each["removed"]
        yield f"checks[{at}].leave_one_out.removed", each["leave_one_out"]["removed"]
    for at, rows in enumerate(data.get("top", {}).get("rows", ())):
        yield f"top.rows[{at}]", rows
    if "curves" in data:
        yield "curves.order", data["curves"]["order"]


def _check_curves(curves: Mapping[str, Any], n: int) -> None:
    random = curves["random"]
    courses = {name: curves[name] for name in ("deletion", "insertion")}
    courses |= {f"random.{name}": random[name] for name in ("mean", "low", "high")}
    for name, course in courses.items():
        if len(course) != len(curves["sizes"]):
            raise damaged(f"curves.{name} must be as long as curves.sizes")
    if len(curves["order"]) != n or any(size > n for size in curves["sizes"]):
        raise damaged(f"curves must be of {n} prompt units")


def _shown(value: Any) -> str:
    """What stands in a file, shortened; some numbers are too long to be written at all."""
    try:
        return f"{value!r:.{_MOST_SHOWN}}"
    except (ValueError, RecursionError):
        return f"a very large {type(value).__name__}"
