"""What a method asks of a model, before it asks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """What a method asks for at most, where nothing is known yet.

    Attributes
    ----------
    masks : int
        Prompts that are scored or answered, the whole one included.
    forwards, backwards : int
        Passes beside these, in which gradients or attention are read.

    Examples
    --------
    >>> Counts(masks=1, forwards=20, backwards=60)
    Counts(masks=1, forwards=20, backwards=60)
    """

    masks: int = 0
    forwards: int = 0
    backwards: int = 0
