"""Handing an explanation's numbers to a variable of the notebook."""

from __future__ import annotations

import keyword
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_xai.explanation.result import Result


def hand_frame(
    explanation: Result | None,
    asked: Mapping[str, Any],
    namespace: MutableMapping[str, Any] | None,
) -> dict[str, Any]:
    """Put ``explanation.frame()`` under a name, unless something else is there.

    Parameters
    ----------
    explanation : Result, optional
    asked : mapping
        ``name``, and ``replace``: whether what has the name may go.
    namespace : mapping, optional
        The notebook's variables; None where there are none.

    Returns
    -------
    dict
        ``{rows, taken, error}``: how many rows were handed over, whether the name is in use, and
        why nothing was handed over.
    """
    name = str(asked.get("name", ""))
    taken = False
    if explanation is None or namespace is None:
        error = "There is no notebook here that has variables."
    elif not name.isidentifier() or keyword.iskeyword(name):
        error = f"{name!r} is no name for a variable; take letters, digits and _."
    elif name in namespace and asked.get("replace") is not True:
        taken = True
        error = f"{name} is in use ({type(namespace[name]).__name__})."
    else:
        frame = explanation.frame()
        namespace[name] = frame
        return {"rows": len(frame), "taken": False, "error": ""}
    return {"rows": 0, "taken": taken, "error": error}
