"""From masks to what a token model really gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import XaiError
from jupyter_xai.masking import Masks
from jupyter_xai.models.base import Operator, Prompt

_ZEROED_BIT = 1
_ID_SHIFT = 1
_POSITION_SHIFT = 33


@dataclass(frozen=True, eq=False)
class MaskedInput:
    """One masked prompt in tokens.

    Attributes
    ----------
    ids, positions : int64 [L]
        Token ids and their positions. ``delete`` renumbers positions; ``attention`` keeps them,
        gaps included.
    zeroed : bool [L]
        Tokens whose embedding is set to zero.
    attended : bool [L]
        Tokens that may be attended to. Only encoders get unattended tokens: in a causal model a
        token that nobody attends to can be left out, as long as the others keep their positions.
    """

    ids: NDArray[np.int64]
    positions: NDArray[np.int64]
    zeroed: NDArray[np.bool_]
    attended: NDArray[np.bool_]

    @classmethod
    def of(cls, ids: Sequence[int]) -> MaskedInput:
        """Token ids as they are."""
        nothing = np.zeros(len(ids), dtype=bool)
        return cls(np.array(ids, dtype=np.int64), np.arange(len(ids)), nothing, ~nothing)

    def symbols(self) -> NDArray[np.int64]:
        """One number a token that tells whether two tokens are the same input: int64 [L]."""
        return (
            (self.positions << _POSITION_SHIFT)
            | (self.ids << _ID_SHIFT)
            | (self.zeroed * _ZEROED_BIT)
        )

    @property
    def is_plain(self) -> bool:
        """Whether the token ids are all there is to it."""
        in_order = np.array_equal(self.positions, np.arange(len(self.ids)))
        return bool(in_order and self.attended.all() and not self.zeroed.any())

    def key(self) -> bytes:
        """Equal for equal inputs."""
        return self.symbols().tobytes() + np.packbits(self.attended).tobytes()

    def __len__(self) -> int:
        return len(self.ids)


def masked_inputs(
    prompt: Prompt,
    masks: Masks,
    operator: Operator,
    *,
    stand_ins: tuple[int, ...],
    anchor: int,
    keeps_unattended: bool,
    substitutes: Sequence[Sequence[int]] = (),
) -> list[MaskedInput]:
    """Apply an operator to every mask.

    Parameters
    ----------
    prompt : Prompt
        With ``ids`` and ``token_source``.
    masks : bool [R, n]
    operator : Operator
    stand_ins : tuple of int
        Token ids that take the place of removed tokens under ``mask-token`` and ``replace``;
        repeated along each stretch of removed tokens.
    anchor : int
        The token that an empty prompt gets, since a model cannot continue nothing.
    keeps_unattended : bool
        True for encoders: ``attention`` keeps the tokens and hides them.
    substitutes : sequence of sequences of int
        For ``substitute``: the token ids that take the place of each source's.
    """
    if prompt.ids is None or prompt.token_source is None:
        msg = "the prompt has no token ids"
        raise ValueError(msg)
    ids = np.array(prompt.ids, dtype=np.int64)
    source = prompt.token_source
    # Column -1 is a source that is always kept: the protected tokens.
    padded = np.concatenate([masks, np.ones((len(masks), 1), dtype=bool)], axis=1)
    kept = padded[:, source]
    if operator.name == "substitute":
        return [_substituted(ids, source, row, substitutes, anchor) for row in kept]
    return [
        _masked_input(ids, row, operator.name, stand_ins, anchor, keeps_unattended) for row in kept
    ]


def _masked_input(
    ids: NDArray[np.int64],
    kept: NDArray[np.bool_],
    operator: str,
    stand_ins: tuple[int, ...],
    anchor: int,
    keeps_unattended: bool,
) -> MaskedInput:
    positions = np.arange(len(ids), dtype=np.int64)
    zeroed = np.zeros(len(ids), dtype=bool)
    attended = np.ones(len(ids), dtype=bool)
    if operator == "zero-embedding":
        zeroed = ~kept
    elif operator in ("mask-token", "replace"):
        last_kept = np.maximum.accumulate(np.where(kept, positions, -1))
        # Position within the stretch of removed tokens, so that each stretch starts afresh.
        within = np.maximum(positions - last_kept - 1, 0)
        ids = np.where(kept, ids, np.array(stand_ins, dtype=np.int64)[within % len(stand_ins)])
    elif operator == "attention" and keeps_unattended:
        attended = kept
    else:
        ids, zeroed, attended = ids[kept], zeroed[kept], attended[kept]
        positions = positions[kept] if operator == "attention" else np.arange(len(ids))
    if not len(ids) or not attended.any():
        return MaskedInput.of([anchor])
    return MaskedInput(ids, positions, zeroed, attended)


def _substituted(
    ids: NDArray[np.int64],
    source: NDArray[np.int64],
    kept: NDArray[np.bool_],
    substitutes: Sequence[Sequence[int]],
    anchor: int,
) -> MaskedInput:
    """Tokens of removed sources give way to others, which may be more or fewer."""
    parts: list[Sequence[int]] = []
    starts = np.flatnonzero(np.diff(source, prepend=-2, append=-2))
    for start, end in pairwise(starts.tolist()):
        parts.append(ids[start:end].tolist() if kept[start] else substitutes[int(source[start])])
    return MaskedInput.of([token for part in parts for token in part] or [anchor])


def check_length(tokens: int, limit: int | None, what: str, name: str) -> None:
    """Refuse what does not fit into a model's context.

    Raises
    ------
    XaiError
        When there are more tokens than the limit.
    """
    if limit is not None and tokens > limit:
        msg = (
            f"{what} has {tokens:,} tokens, but {name} takes at most {limit:,}; "
            "shorten it or load a model with a longer context"
        )
        raise XaiError(msg)
