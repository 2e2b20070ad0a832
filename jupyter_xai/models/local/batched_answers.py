"""Which masked prompts a model answers together, so that each answer is the one it gives alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from jupyter_xai.models.local.batching import differs
from jupyter_xai.models.local.forward import evaluating
from jupyter_xai.models.local.generation import Watch, sees_padding
from jupyter_xai.models.local.logits import plain_logits
from jupyter_xai.models.local.masked_inputs import MaskedInput
from jupyter_xai.models.local.scoring import ScoringKernel

_NOTE = (
    "this model answers otherwise when prompts are run together (measured), so each was answered "
    "alone"
)

Generate = Callable[[Sequence[MaskedInput], int, "Watch | None"], list[list[int]]]
"""Answers inputs together, with at most so many new tokens, in token ids."""


class Answering:
    """Answers inputs in batches, as far as the model bears it.

    Parameters
    ----------
    model : transformers.PreTrainedModel
    kernel : ScoringKernel
        Knows whether padding and neighbours change what the model computes.
    """

    def __init__(self, model: Any, kernel: ScoringKernel) -> None:
        self._model = model
        self._kernel = kernel
        self._compared: tuple[int, int] | None = None
        self._alone = False
        self.lessons = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What the model was found not to bear when it answers."""
        return (_NOTE,) if self._alone else ()

    def answers(
        self,
        inputs: Sequence[MaskedInput],
        rooms: Sequence[int],
        generate: Generate,
        *,
        at_once: int,
    ) -> Iterator[tuple[int, list[int]]]:
        """Token ids of each answer, an end token included where there is one, in any order.

        Parameters
        ----------
        inputs : sequence of MaskedInput
        rooms : sequence of int
            The most new tokens for each input.
        generate : callable
        at_once : int
            The most inputs that are answered together.
        """
        batches = self._batches(inputs, rooms, range(len(inputs)), at_once)
        watched = self._to_watch(inputs, batches)
        batches.sort(key=lambda batch: watched not in batch)
        while batches:
            batch = batches[0]
            items, room = [inputs[row] for row in batch], rooms[batch[0]]
            if room < 1:
                found: list[list[int]] = [[] for _ in batch]
            else:
                watch = Watch(batch.index(watched)) if watched in batch else None
                found = generate(items, room, watch)
                if watch is not None and self._is_another(items, found, watch):
                    self._alone = True
                    self.lessons += 1
                    left = [row for rows in batches for row in rows]
                    batches, watched = self._batches(inputs, rooms, left, at_once), None
                    continue
            batches = batches[1:]
            yield from zip(batch, found, strict=True)

    def _batches(
        self,
        inputs: Sequence[MaskedInput],
        rooms: Sequence[int],
        rows: Sequence[int],
        at_once: int,
    ) -> list[list[int]]:
        bearing = self._kernel.bearing()
        if self._alone or not bearing.batches or sees_padding(self._model.generation_config):
            at_once = 1
        batches: list[list[int]] = []
        for row in sorted(rows, key=lambda row: (rooms[row], len(inputs[row]))):
            last = batches[-1] if batches else []
            fits = 0 < len(last) < at_once and rooms[last[0]] == rooms[row]
            if fits and (bearing.padding or len(inputs[last[0]]) == len(inputs[row])):
                last.append(row)
            else:
                batches.append([row])
        return batches

    def _to_watch(
        self, inputs: Sequence[MaskedInput], batches: Sequence[Sequence[int]]
    ) -> int | None:
        """The most padded input of all batches; None where such a one was compared before."""
        several = [batch for batch in batches if len(batch) > 1]
        if not several:
            return None
        batch = max(several, key=lambda batch: len(inputs[batch[-1]]) - len(inputs[batch[0]]))
        shortest, longest = len(inputs[batch[0]]), len(inputs[batch[-1]])
        known = self._compared
        if known is not None and known[0] <= shortest and longest <= known[1]:
            return None
        return batch[0]

    def _is_another(
        self, items: Sequence[MaskedInput], found: Sequence[Sequence[int]], watch: Watch
    ) -> bool:
        """Whether the model thought otherwise beside the others than it does alone.

        One pass over an input with its answer tells what alone it would have thought at each step.
        """
        item, answer = items[watch.row], found[watch.row]
        if not item.is_plain:
            return False
        with evaluating(self._model):
            logits = plain_logits(self._model, item.ids.tolist(), answer)[0].double()
        tokens = np.array(watch.tokens[: len(answer)])
        steps = np.arange(len(tokens))
        values = logits.cpu().numpy()
        alone = values[steps, tokens[:, 0]] - values[steps, tokens[:, 1]]
        beside = np.array(watch.apart[: len(answer)])
        # Tokens that are forced or forbidden tell nothing.
        told = np.isfinite(beside) & np.isfinite(alone)
        dtype = str(self._model.dtype).removeprefix("torch.")
        if differs(alone[told], beside[told], dtype):
            return True
        lengths = [len(each) for each in items]
        known = self._compared or (min(lengths), max(lengths))
        self._compared = (min(known[0], *lengths), max(known[1], *lengths))
        return False
