"""What a model bears, measured: padding, shared beginnings, rows beside each other.

Signatures and configurations do not tell whether a batch gives what single rows give: wrappers
swallow arguments, decoders ignore positions, recurrent layers read their padding. So a few rows of
ordinary text are scored one by one, by the plainest call there is, and again in every way that the
kernel would like to run them. What differs beyond rounding is not used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import XaiError
from jupyter_xai.models.local.forward import is_out_of_memory
from jupyter_xai.models.local.masked_inputs import MaskedInput
from jupyter_xai.models.local.traits import Traits, takes

_MEAN = {"float64": 1e-7, "float32": 2e-4, "float16": 0.02, "bfloat16": 0.1}
_MOST = {"float64": 1e-6, "float32": 2e-3, "float16": 0.3, "bfloat16": 1.5}
"""How far log-probabilities may lie apart by rounding, in nats: on average, and a single token."""

_RELATIVE_TO = 10.0
"""Log-probabilities of this size may differ twice as much."""

Logprobs = NDArray[np.float32]
Score = Callable[["Bearing", Sequence[MaskedInput]], Logprobs]


@dataclass(frozen=True)
class Bearing:
    """In which ways rows may be run so that each gives what it gives alone.

    Attributes
    ----------
    mask, positions, keeps : bool
        Whether a causal model is told which tokens count, their positions, and how many logits
        are wanted.
    batches : bool
        Whether rows of one length may be run together.
    padding : bool
        Whether rows of unlike lengths may be.
    sharing : bool
        Whether common beginnings may be computed once.
    notes : tuple of str
        What the model was found not to bear, for readers.
    """

    mask: bool = True
    positions: bool = True
    keeps: bool = True
    batches: bool = True
    padding: bool = True
    sharing: bool = True
    notes: tuple[str, ...] = ()

    @classmethod
    def hoped(cls, traits: Traits) -> Bearing:
        """What signature and configuration promise."""
        return cls(
            positions=traits.takes_positions,
            keeps=traits.takes_logits_to_keep,
            padding=traits.padding_is_safe,
            sharing=traits.may_share,
            notes=(_FOLLOWS_LENGTH,) if traits.length_matters else (),
        )

    @property
    def way(self) -> str:
        """The boldest way in which rows are run."""
        if self.sharing:
            return "sharing"
        return "padding" if self.padding else "batches" if self.batches else "alone"

    def without(self, way: str) -> Bearing:
        """The same, less one way and all that rests on it, with a note about it."""
        less: dict[str, bool] = {"sharing": False}
        if way != "sharing":
            less["padding"] = False
        if way == "batches":
            less["batches"] = False
        notes = (*(note for note in self.notes if note not in _NOTES.values()), _NOTES[way])
        return replace(self, notes=notes, **less)


_FOLLOWS_LENGTH = (
    "the rotary frequencies of this model follow the longest prompt that is run, so only prompts "
    "of one length were run together"
)

_NOTES = {
    "sharing": (
        "this model gives other numbers when common beginnings are computed once (measured), so "
        "every masked prompt was run whole"
    ),
    "padding": (
        "this model gives other numbers when prompts of unlike lengths are run together "
        "(measured), so only prompts of one length were"
    ),
    "batches": (
        "this model gives other numbers when prompts are run together (measured), so each was run "
        "alone"
    ),
}


def differs(alone: NDArray[Any], beside: NDArray[Any], dtype: str) -> bool:
    """Whether two rows of log-probabilities lie apart by more than rounding in a dtype.

    Examples
    --------
    >>> import numpy as np
    >>> differs(np.array([-1.0, -2.0]), np.array([-1.0, -2.00001]), "float32")
    False
    >>> differs(np.array([-1.0, -2.0]), np.array([-1.1, -2.0]), "float32")
    True
    """
    alone, beside = alone.astype(np.float64), beside.astype(np.float64)
    with np.errstate(invalid="ignore"):
        apart = np.abs(alone - beside) / (1 + np.abs(alone) / _RELATIVE_TO)
    # Two that are infinite alike, or no number alike, do not differ.
    same = (alone == beside) | (np.isnan(alone) & np.isnan(beside))
    apart = np.where(same, 0.0, np.nan_to_num(apart, nan=np.inf))
    mean, most = _MEAN.get(dtype, _MEAN["bfloat16"]), _MOST.get(dtype, _MOST["bfloat16"])
    return bool(apart.size) and bool(apart.mean() > mean or apart.max() > most)


def measure_bearing(
    model: Any,
    hoped: Bearing,
    rows: Sequence[Sequence[int]],
    score: Score,
    plain: Callable[[MaskedInput], Logprobs],
    looks_ahead: Callable[[MaskedInput, Logprobs], bool],
) -> Bearing:
    """Find the boldest bearing by which rows give what they give alone.

    Parameters
    ----------
    model : transformers.PreTrainedModel
    hoped : Bearing
        What may be tried at all.
    rows : sequence of token ids
        Of unlike lengths, some with a common beginning.
    score : callable
        Scores inputs in the way of a bearing, all in one batch: float32 [R, T].
    plain : callable
        Scores one input by the plainest call: float32 [T].
    looks_ahead : callable
        Whether what the model predicts depends on tokens that come later: of an input, and what
        `plain` gave for it.

    Raises
    ------
    XaiError
        When the model cannot even be called plainly, looks ahead, or gives none of its plain
        numbers in any way of the kernel.
    """
    dtype = str(model.dtype).removeprefix("torch.")
    inputs = [as_input(row) for row in rows]
    try:
        true = [plain(item) for item in inputs]
        refused = looks_ahead(inputs[0], true[0])
    except XaiError:
        raise
    except Exception as error:
        if isinstance(error, RuntimeError) and is_out_of_memory(error):
            raise
        said = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
        msg = (
            f"{type(model).__name__} cannot score a text ({type(error).__name__}: {said[:200]}); "
            "give a causal or encoder-decoder language model that takes token ids"
        )
        raise XaiError(msg) from error

    if refused:
        msg = (
            f"{type(model).__name__} sees the words that it is to predict, as models for filling "
            "in gaps do; give a causal or encoder-decoder language model"
        )
        raise XaiError(msg)

    def gives(bearing: Bearing, which: Sequence[int]) -> bool:
        try:
            found = score(bearing, [inputs[row] for row in which])
        except XaiError:
            raise
        except Exception as error:
            if isinstance(error, RuntimeError) and is_out_of_memory(error):
                raise
            # Whatever a model says to a call that it was not made for, it does not bear it.
            return False
        expected = np.stack([true[row] for row in which])
        return not any(differs(*pair, dtype) for pair in zip(expected, found, strict=True))

    every = range(len(inputs))
    # Most models bear all that is hoped, and then one call tells it.
    found, pads = hoped, hoped.padding and gives(replace(hoped, sharing=False), every)
    if not pads:
        found = _understood(model, hoped, lambda each: gives(each, every[:1]))
    swallows = found.positions and not takes(model, "position_ids")
    if swallows and not _heeds_positions(found, inputs[1], score):
        found, pads = replace(found, positions=False, sharing=False), False
    if found.padding and not pads and not gives(replace(found, sharing=False), every):
        found = found.without("padding")
    if found.sharing and not gives(found, every):
        found = found.without("sharing")
    if not found.padding:
        # Rows of one length: the beginnings of all.
        shortest = min(len(item) for item in inputs)
        inputs += [as_input(row[:shortest]) for row in rows[1:]]
        inputs += [as_input(row[-shortest:]) for row in rows[1:]]
        true += [plain(item) for item in inputs[len(rows) :]]
        if not gives(found, range(len(rows), len(inputs))):
            found = found.without("batches")
    return found


def _understood(model: Any, hoped: Bearing, gives: Callable[[Bearing], bool]) -> Bearing:
    """The most arguments by which one row gives what it gives plainly."""
    for each in _arguments(hoped):
        if gives(replace(each, sharing=False)):
            return each
    msg = (
        f"{type(model).__name__} gives other numbers each time that it is asked; "
        "put it into evaluation mode, or load another model"
    )
    raise XaiError(msg)


def as_input(ids: Sequence[int]) -> MaskedInput:
    """An unmasked input of these token ids."""
    made = np.array(ids, dtype=np.int64)
    everywhere = np.ones(len(made), dtype=bool)
    return MaskedInput(made, np.arange(len(made), dtype=np.int64), ~everywhere, everywhere)


def _arguments(hoped: Bearing) -> Iterator[Bearing]:
    """With all arguments, then with ever fewer."""
    yield hoped
    if hoped.positions:
        yield replace(hoped, positions=False, sharing=False)
    if hoped.keeps:
        yield replace(hoped, keeps=False, sharing=False)
    yield replace(hoped, positions=False, keeps=False, sharing=False)
    yield replace(hoped, mask=False, positions=False, keeps=False, padding=False, sharing=False)


def _heeds_positions(bearing: Bearing, item: MaskedInput, score: Score) -> bool:
    """Whether a gap in the positions changes anything."""
    gap = np.where(np.arange(len(item)) < len(item) // 2, 0, 5)
    moved = replace(item, positions=item.positions + gap)
    one = replace(bearing, sharing=False)
    return not np.array_equal(score(one, [item]), score(one, [moved]))
