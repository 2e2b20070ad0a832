"""How well the response's sentences fit masked prompts: what effects are learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from jupyter_xai.training.answers import Answers
from jupyter_xai.training.negatives import prompt_masks
from jupyter_xai.training.pairs import Pair, cut, words

Known = tuple[NDArray[np.bool_], NDArray[np.float32]]
"""Of a pair of n and m sentences: masked prompts [R, n], True for what is kept, the whole one
first, and to what share each sentence of the response is still said [R, m]."""


class Outcomes:
    """What is known of some pairs.

    Parameters
    ----------
    known : sequence of (bool [R, n], float32 [R, m])
        See `Known`.
    """

    def __init__(self, known: Sequence[Known]) -> None:
        self._known = known

    def pack(
        self, chosen: Sequence[int], targets: Sequence[int], width: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Of some pairs and a target each: kept [B, R, width], said [B, R] and asked [B, R].

        See `jupyter_xai.training.objective.answered`. The whole prompt, which leads to all targets,
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


def by_answers(pairs: Sequence[Pair], answers: Answers, *, count: int, seed: int) -> Outcomes:
    """Ask for answers, and see which sentences of the response they hold (equations 5 and 6).

    Parameters
    ----------
    pairs : sequence of Pair
    answers : Answers
    count : int
        Masked prompts of each pair at most; `masked_prompts` says which.
    seed : int
    """
    masks = _masks(pairs, count, seed)
    texts = [[_left(pair, mask) for mask in own] for pair, own in zip(pairs, masks, strict=True)]
    # The first of every pair before the second of any: a budget is spent evenly.
    answers.ahead(text for row in zip_longest(*texts) for text in row if text)
    return Outcomes(
        [
            _held(pair, own, [answers.known.get(text) for text in said])
            for pair, own, said in zip(pairs, masks, texts, strict=True)
        ]
    )


def by_likelihood(pairs: Sequence[Pair], answers: Answers, *, count: int, seed: int) -> Outcomes:
    """Ask how likely the response is, and see by how much each of its sentences becomes less so.

    A sentence is said to the share by which its probability, after the sentences before it, falls;
    to 1 where it rises. So each sentence is explained by what it takes from the prompt itself, not
    by what the sentences before it took, and no luck of sampling is in it.

    Parameters
    ----------
    pairs, answers, count, seed
        As for `by_answers`, and one query more about the whole prompt. A budget is shared out
        evenly.

    Raises
    ------
    XaiError
        When the model gives no log-probabilities.
    """
    found = []
    for index, (pair, masks) in enumerate(zip(pairs, _masks(pairs, count, seed), strict=True)):
        kept, shares = _whole(pair), np.ones((1, len(pair.response)))
        if len(masks):
            every = np.concatenate([kept, masks])
            left = answers.left
            share = None if left is None else left // (len(pairs) - index)
            values = answers.values(pair, every, share)
            if len(values):
                kept = every[: len(values)]
                shares = np.exp(np.minimum(values - values[0], 0))
        found.append((kept, shares.astype(np.float32)))
    return Outcomes(found)


def _masks(pairs: Sequence[Pair], count: int, seed: int) -> list[NDArray[np.bool_]]:
    return [
        prompt_masks(len(pair.prompt), count, np.random.default_rng([seed, 0, index]))
        for index, pair in enumerate(pairs)
    ]


def _whole(pair: Pair) -> NDArray[np.bool_]:
    return np.ones((1, len(pair.prompt)), dtype=bool)


def _left(pair: Pair, mask: NDArray[np.bool_]) -> str:
    return "".join(s for s, keep in zip(pair.prompt, mask, strict=True) if keep).strip()


def _held(pair: Pair, masks: NDArray[np.bool_], answers: Sequence[str | None]) -> Known:
    """Masks that were answered, and which sentences of the response each answer holds."""
    kept, holds = [_whole(pair)], [[True] * len(pair.response)]
    for mask, answer in zip(masks, answers, strict=True):
        if answer is not None:
            said = {words((sentence,)) for sentence in cut(answer)}
            kept.append(mask[None])
            holds.append([words((sentence,)) in said for sentence in pair.response])
    return np.concatenate(kept), np.array(holds, dtype=np.float32)
