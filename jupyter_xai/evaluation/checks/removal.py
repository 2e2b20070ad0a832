"""What removing one set of units does: to probabilities, to distributions, to the answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jupyter_xai import masking, metrics
from jupyter_xai.evaluation.checks.measure import Measure, against
from jupyter_xai.game.asker import Counting
from jupyter_xai.game.masking_game import MaskingGame


class Sets:
    """The sets of k units that are removed: the method's, random ones, leave-one-out's.

    Parameters
    ----------
    n : int
        Number of sources.
    top : sequence of int
        The method's k.
    random : int [draws, k]
    single : sequence of int
        Leave-one-out's k; empty where it was not compared.
    """

    def __init__(
        self, n: int, top: Sequence[int], random: NDArray[np.int64], single: Sequence[int]
    ) -> None:
        self.k = len(top)
        self.draws = len(random)
        rows = [masking.without(n, top), masking.without(n, random)]
        if len(single):
            rows.append(masking.without(n, single))
        self.masks = np.concatenate(rows)

    def measure(self, kind: str, numbers: NDArray[np.float64]) -> Measure:
        """A measure from its figures for each of the masks."""
        return against(kind, numbers, draws=self.draws, k=self.k)


def probabilities(
    game: MaskingGame, sets: Sets, *, on_progress: Counting | None = None
) -> list[Measure]:
    """PR in both forms, and KL over positions; from the masks of the check."""
    # Tokens that share a character count as one position.
    tokens = game.plain("logprob", "token")
    masks = np.concatenate([np.ones((1, game.n), dtype=bool), sets.masks])
    # What is looked up again here was counted when the check asked for it.
    found = tokens.values(masks, on_progress=on_progress, count_reused=False)
    sums, length = found[:, -1], tokens.lengths[-1]
    sequence = metrics.probability_ratio(sums[:1], sums[1:, None], "sequence")
    return [
        sets.measure("PR", ratio(sums[0], sums[1:], length)),
        sets.measure("PR, sequence", sequence),
        sets.measure("KL, positions", metrics.position_kl(found[0, :-1], found[1:, :-1])),
    ]


def divergence(
    game: MaskingGame, sets: Sets, *, on_progress: Counting | None = None
) -> list[Measure]:
    """KL over the vocabulary, averaged over positions."""
    return [sets.measure("KL, vocabulary", moved(game, sets.masks, on_progress=on_progress))]


def answers(game: MaskingGame, sets: Sets, *, on_progress: Counting | None = None) -> list[Measure]:
    """BLEU, ROUGE-L and similarity of the answers to the masked prompts, averaged over draws."""
    found = answered(game, sets.masks, on_progress=on_progress)
    return [sets.measure(name, figures) for name, figures in found.items()]


def ratio(full: float, left: NDArray[np.float64], tokens: int) -> NDArray[np.float64]:
    """PR a token, from log-probabilities of the whole response.

    Parameters
    ----------
    full : float
        After the whole prompt.
    left : float64 [R]
        After masked prompts.
    tokens : int
        Of the response.

    Returns
    -------
    float64 [R]
    """
    return metrics.probability_ratio([full / tokens], left[:, None] / tokens)


def moved(
    game: MaskingGame, masks: NDArray[np.bool_], *, on_progress: Counting | None = None
) -> NDArray[np.float64]:
    """KL(masked || whole prompt) over the vocabulary, nats a token: float64 [R]."""
    return game.divergences(masks, of="masked", on_progress=on_progress).mean(axis=1)


def answered(
    game: MaskingGame, masks: NDArray[np.bool_], *, on_progress: Counting | None = None
) -> dict[str, NDArray[np.float64]]:
    """How near the answers to masked prompts come to the response, by measure: float64 [R] each."""
    told = game.plain("text")
    told.values(masks, on_progress=on_progress, count_reused=False)
    drawn = told.answer_samples(masks)
    texts = [text for several in drawn for text in several]
    starts = np.cumsum([0, *(len(several) for several in drawn[:-1])])
    counts = np.array([len(several) for several in drawn])
    response = game.response.text
    rouge = metrics.rouge_l(response, texts)
    figures = {
        "BLEU": metrics.bleu(response, texts),
        "ROUGE-L precision": rouge.precision,
        "ROUGE-L recall": rouge.recall,
        "ROUGE-L F1": rouge.f1,
        "similarity": metrics.embedding_similarity(response, texts),
    }
    return {name: np.add.reduceat(each, starts) / counts for name, each in figures.items()}
