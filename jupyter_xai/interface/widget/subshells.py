"""A widget's messages stay on the subshell that the front end chose for them.

Since version 7.4 ipykernel sends what a front end says to a comm to the shell that used the comm
last (``Comm._reply_subshell_for``). While a cell draws a widget, that is the main shell, which is
busy with the cell: Cancel would wait for the end of what it is meant to stop. Our requests may come
in on any thread, so they need no rerouting. A test in ``tests/interface/test_magics_kernel.py``
fails as soon as ipykernel does without this.
"""

from __future__ import annotations

from typing import Any

_ROUTES = "_reply_subshell_for"


def keep_chosen_subshell(comm: Any) -> None:
    """Have a comm's messages handled where the front end sent them.

    Parameters
    ----------
    comm : Comm or None
        Left as it is where its kernel has no such rerouting.
    """
    if hasattr(type(comm), _ROUTES):
        vars(comm)[_ROUTES] = lambda _, chosen: chosen
