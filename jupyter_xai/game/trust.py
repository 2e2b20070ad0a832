"""Whether what the ledger knows of a model still holds: one known row is scored anew.

A model's fingerprint sees its weights, its hooks, and what it makes of one short input. It does not
see what only other inputs reach: experts that are not routed to, embeddings of other tokens,
effects of length. So each run scores its own whole prompt anew, where the ledger knows it already;
where that gives something else, nothing is believed that the ledger holds of the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.game.ledger import Ledger
from jupyter_xai.models.local.batching import differs

Key = tuple[object, ...]
Row = NDArray[np.float32]


@dataclass
class Trust:
    """What one run knows of the ledger.

    Attributes
    ----------
    own : set of keys
        What this run itself put there.
    is_sure : bool
        Whether something that was there before was scored anew, or need not be.
    is_stale : bool
        Whether it gave something else.
    """

    own: set[Key] = field(default_factory=set)
    is_sure: bool = False
    is_stale: bool = False

    def foreign(self, keys: Sequence[Key], ledger: Ledger[Any]) -> Iterable[int]:
        """Which of some entries were known before this run: places, in order."""
        return (at for at, key in enumerate(keys) if key not in self.own and key in ledger)

    def examine(
        self, key: Key, known: Row, score: Callable[[], Row], ledger: Ledger[Any], dtype: str
    ) -> None:
        """Score a known row anew; forget all of the model where that gives something else."""
        self.is_sure = True
        anew = score()
        self.is_stale = differs(known, anew, dtype)
        if self.is_stale:
            ledger.forget(key[0])
            ledger.put(key, anew, size=anew.nbytes)
