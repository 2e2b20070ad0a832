"""The one kind of error that users are meant to read."""

from __future__ import annotations


class XaiError(ValueError):
    """Something the user can put right; the message is one line that says how.

    Magics and the terminal print the message alone, without a traceback.
    """


class Interrupted(Exception):
    """A run was cancelled; whoever catches it keeps what was evaluated so far."""
