"""What the model's answers to masked prompts still hold of its response (equations 5 and 6)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from jupyter_xai.energy.answers import Answers
from jupyter_xai.energy.negatives import prompt_masks
from jupyter_xai.energy.pairs import Pair, cut, words


class Outcomes:
    """Asks about masked prompts of each pair, and says which sentences of the response remain.

    Parameters
    ----------
    pairs : sequence of Pair
    answers : Answers
    count : int
        Masked prompts of each pair at most; see `masked_prompts` for which they are.
    seed : int
    """

    def __init__(self, pairs: Sequence[Pair], answers: Answers, *, count: int, seed: int) -> None:
        masks = [
            prompt_masks(len(pair.prompt), count, np.random.default_rng([seed, 0, index]))
            for index, pair in enumerate(pairs)
        ]
        texts = [
            [_left(pair, mask) for mask in own] for pair, own in zip(pairs, masks, strict=True)
        ]
        # The first of every pair before the second of any: a budget is spent evenly.
        answers.ahead(text for row in zip_longest(*texts) for text in row if text)
        self._known = [
            _outcomes(pair, own, [answers.known.get(text) for text in said])
            for pair, own, said in zip(pairs, masks, texts, strict=True)
        ]

    def pack(
        self, chosen: Sequence[int], targets: Sequence[int], width: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Of some pairs and a target each: kept [B, R, width], said [B, R] and asked [B, R].

        See `jupyter_xai.energy.objective.answered`. The whole prompt, which leads to all targets,
        is among the R.
        """
        known = [self._known[index] for index in chosen]
        most = max(len(masks) for masks, _ in known)
        kept = np.ones((len(known), most, width), np.float32)
        said, asked = np.zeros((2, len(known), most), np.float32)
        for row, ((masks, holds), target) in enumerate(zip(known, targets, strict=True)):
            kept[row, : len(masks), : masks.shape[1]] = masks
            said[row, : len(masks)] = holds[:, target]
            asked[row, : len(masks)] = 1
        return torch.from_numpy(kept), torch.from_numpy(said), torch.from_numpy(asked)


def _left(pair: Pair, mask: NDArray[np.bool_]) -> str:
    return "".join(s for s, keep in zip(pair.prompt, mask, strict=True) if keep).strip()


def _outcomes(
    pair: Pair, masks: NDArray[np.bool_], answers: Sequence[str | None]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Masks that were answered, and which sentences of the response each answer holds."""
    whole = np.ones((1, len(pair.prompt)), dtype=bool)
    kept, holds = [whole], [[True] * len(pair.response)]
    for mask, answer in zip(masks, answers, strict=True):
        if answer is not None:
            said = {words((sentence,)) for sentence in cut(answer)}
            kept.append(mask[None])
            holds.append([words((sentence,)) in said for sentence in pair.response])
    return np.concatenate(kept), np.array(holds)
