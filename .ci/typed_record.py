"""Writes explanation/record.py: the fields of the explanation's schema as Python types.

`npm run protocol` calls it, after it has made the TypeScript types of the same schema.
"""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).parents[1] / "jupyter_xai"
SCHEMA = _PACKAGE / "schema" / "explanation.schema.json"
WRITTEN = _PACKAGE / "explanation" / "record.py"

_HEAD = '''\
"""The record of an explanation: all that its schema has, but the numbers per unit.

Made from ``schema/explanation.schema.json`` by ``npm run protocol``; change that instead. Of what
text is one of a few, the schema names the choices.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict
'''
_NUMBERS = ("scores", "top", "total", "intervals", "full")
"""Fields of which a result has arrays instead."""
_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_WIDTH = 100

Schema = dict[str, Any]


def written(schema: Schema) -> str:
    """The module's text."""
    record = {name: each for name, each in schema["properties"].items() if name not in _NUMBERS}
    record["confidence"] = {"type": "number", "description": "Of the intervals."}
    fields = schema | {"properties": record, "required": [*schema["required"], "confidence"]}
    classes: list[str] = []
    seen: set[str] = set()

    def add(name: str, content: Schema) -> None:
        """Append a class, once, and before it those of its fields."""
        if name in seen:
            return
        seen.add(name)
        about = _docstring(content.get("description"))
        lines = [f"class {name}(TypedDict):", *about, *([""] if about else [])]
        for field, each in content["properties"].items():
            kind = typed(each, name + _camel(field))
            if field not in content["required"]:
                kind = f"NotRequired[{kind}]"
            lines += [f"    {field}: {kind}", *_docstring(each.get("description"))]
        classes.append("\n".join(lines) + "\n")

    def typed(content: Schema, inner: str) -> str:
        """The type of a field; ``inner`` is what a class of its own would be called."""
        if "$ref" in content:
            name = content["$ref"].removeprefix("#/$defs/")
            return typed(schema["$defs"][name], _camel(name))
        if "oneOf" in content:
            return " | ".join(sorted((typed(each, inner) for each in content["oneOf"]), key=_last))
        if "const" in content or "enum" in content:
            return type(content.get("const", "")).__name__
        kinds = content["type"] if isinstance(content["type"], list) else [content["type"]]
        return " | ".join(_TYPES.get(each) or nested(each, content, inner) for each in kinds)

    def nested(kind: str, content: Schema, inner: str) -> str:
        if kind == "array":
            return f"Sequence[{typed(content['items'], inner)}]"
        if _is_closed(content):
            add(inner, content)
            return inner
        values = content.get("additionalProperties")
        return f"Mapping[str, {typed(values, inner) if isinstance(values, dict) else 'Any'}]"

    add("Record", fields)
    return "\n\n".join([_HEAD, *classes])


def _is_closed(content: Schema) -> bool:
    """Whether it is an object with fields of fixed names."""
    return content.get("additionalProperties") is False


def _camel(name: str) -> str:
    return "".join(part[0].upper() + part[1:] for part in name.split("_"))


def _last(kind: str) -> bool:
    return kind == "None"


def _docstring(text: str | None) -> list[str]:
    if text is None:
        return []
    quoted = f'"""{text}"""'
    if len(quoted) + 4 <= _WIDTH:
        return [f"    {quoted}"]
    lines = textwrap.wrap(f'"""{text}', _WIDTH - 4)
    return [f"    {line}" for line in [*lines, '"""']]


if __name__ == "__main__":
    WRITTEN.write_text(written(json.loads(SCHEMA.read_text("utf-8"))), "utf-8")
