"""Which rows of a run are run alone, too, to see whether they give the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_xai.models.local.masked_inputs import MaskedInput

_SLACK = 1.125
"""Lengths that spread so little beyond those that were compared are not compared again."""


class NotBorne(Exception):
    """Rows gave something else in this way than alone."""

    def __init__(self, way: str) -> None:
        super().__init__(way)
        self.way = way


@dataclass(frozen=True)
class Check:
    """A row that is run alone, too.

    Attributes
    ----------
    way : str
        In which way it is run beside others.
    row : int
    lengths : (int, int)
        Of this row, and of the longest beside it.
    beside : int, optional
        The row beside which it is run for this check only.
    """

    way: str
    row: int
    lengths: tuple[int, int]
    beside: int | None = None


class Checks:
    """Remembers at which lengths a model was seen to give in batches what it gives alone."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, int]] = {}

    def wanted(
        self,
        plan: Sequence[Sequence[int]],
        inputs: Sequence[MaskedInput],
        *,
        shares: bool,
        pads: bool,
    ) -> Check | None:
        """Which row is to be run alone, too; None where lengths spread no further than before.

        What depends on lengths (rotary factors, windows) shows where they spread most: for the
        shortest row beside the longest. Where the two are in unlike batches, they are run
        together for this only, so that results do not depend on what was run before.
        """
        several = [row for batch in plan if len(batch) > 1 for row in batch]
        if not several:
            return None
        row = min(several, key=lambda row: len(inputs[row]))
        beside = max(several, key=lambda row: len(inputs[row]))
        lengths = (len(inputs[row]), len(inputs[beside]))
        if shares:
            check = Check("sharing", row, lengths)
        elif lengths[0] == lengths[1] or not pads:
            check = Check("batches", row, (lengths[0], lengths[0]))
        else:
            together = any(row in batch and beside in batch for batch in plan)
            check = Check("padding", row, lengths, None if together else beside)
        return None if self._is_seen(check) else check

    def passed(self, check: Check) -> None:
        """Remember that a row gave beside others what it gave alone."""
        shortest, longest = self._seen.get(check.way, check.lengths)
        self._seen[check.way] = (
            min(shortest, check.lengths[0]),
            max(longest, check.lengths[1]),
        )

    def _is_seen(self, check: Check) -> bool:
        if check.way not in self._seen:
            return False
        shortest, longest = self._seen[check.way]
        narrow = check.way == "batches" or check.lengths[0] * _SLACK >= shortest
        return narrow and check.lengths[1] <= longest * _SLACK
