"""How much of the response is left in the answer to a masked prompt: words and meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.text.distance import words

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class RougeL:
    """ROUGE-L of answers, each float64 [R] between 0 and 1.

    Attributes
    ----------
    precision : float64 [R]
        Share of the answer's words that stand in the longest common subsequence.
    recall : float64 [R]
        Share of the original response's words that do.
    f1 : float64 [R]
        Their harmonic mean.
    """

    precision: Scores
    recall: Scores
    f1: Scores


def bleu(response: str, answers: Sequence[str]) -> Scores:
    """BLEU on words, sentence by sentence.

    Papineni et al. 2002, equations 1 to 3, by sacrebleu: its tokenizer ``13a``, n-grams up to 4 or
    the answer's length, and exponential smoothing of orders without a match. (XPrompt's code gave
    characters to its BLEU.)

    Parameters
    ----------
    response : str
        The original response, the reference.
    answers : sequence of str, length R
        What the model says to masked prompts.

    Returns
    -------
    float64 [R]
        0 to 1; 1 for the same words, 0 for an empty answer.

    Examples
    --------
    >>> bleu("Go to a warm island.", ["Go to a warm island.", ""]).round(6).tolist()
    [1.0, 0.0]
    """
    from sacrebleu.metrics.bleu import BLEU

    metric = BLEU(effective_order=True)
    found = [metric.sentence_score(answer, [response]).score / 100 for answer in answers]
    return np.array(found, dtype=np.float64)


def rouge_l(response: str, answers: Sequence[str]) -> RougeL:
    """ROUGE-L: precision, recall and F1 of the longest common subsequence of words.

    Lin 2004, equations 2 to 4 with beta = 1; the subsequence is found by rapidfuzz. Words are
    those of `jupyter_xai.text.distance.words`: lower case, any script, no stemming.

    Parameters
    ----------
    response : str
        The original response, the reference.
    answers : sequence of str, length R

    Examples
    --------
    >>> found = rouge_l("a warm island", ["a quiet island by the sea"])
    >>> found.precision.round(3).tolist(), found.recall.round(3).tolist()
    ([0.333], [0.667])
    """
    from rapidfuzz.distance import LCSseq

    reference, said = words(response), [words(answer) for answer in answers]
    common = np.array([LCSseq.similarity(reference, each) for each in said], dtype=np.float64)
    lengths = np.array([len(each) for each in said], dtype=np.float64)
    return RougeL(
        precision=common / np.maximum(lengths, 1),
        recall=common / max(len(reference), 1),
        f1=2 * common / np.maximum(lengths + len(reference), 1),
    )


def embedding_similarity(
    response: str, answers: Sequence[str], *, model: str | None = None
) -> Scores:
    """Cosine of sentence embeddings: whether the answer still means the same.

    Reimers and Gurevych 2019, as XPrompt uses it (its column SentenceBert), by
    `jupyter_xai.text.embeddings.embed`.

    Parameters
    ----------
    response : str
        The original response.
    answers : sequence of str, length R
    model : str, optional
        As for `embed`.

    Returns
    -------
    float64 [R]
        -1 to 1; 1 for equal texts, 0 for a blank answer.

    Examples
    --------
    >>> near, far = embedding_similarity("I need rest.", ["I am tired.", "Stocks fell."])
    >>> bool(near > far)
    True
    """
    from jupyter_xai.text.embeddings import embed

    vectors = embed([response, *answers], model=model).astype(np.float64)
    return np.clip(vectors[1:] @ vectors[0], -1, 1)
