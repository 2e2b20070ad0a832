"""How well an interpreter finds the true causes of the tutor's sentences, at no model call."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from jupyter_xai import metrics
from jupyter_xai.evaluation.benchmark.cases import matters, tutor_case
from jupyter_xai.methods.energy.importance import importance
from jupyter_xai.methods.energy.networks import Interpreter
from jupyter_xai.models import tutor
from jupyter_xai.text.document import Document
from jupyter_xai.text.embeddings import embed

Score = Callable[[Sequence[str], Sequence[str]], NDArray[np.float64]]
"""Scores [n, m or more] of n prompt sentences for m response sentences."""


def auroc_by_family(
    interpreter: Interpreter, n: int, seed: int, families: Sequence[str] = tutor.FAMILIES
) -> dict[str, float]:
    """AUROC of an interpreter's scores against the causes of each response sentence.

    Parameters
    ----------
    interpreter : Interpreter
    n, seed : int
        How many held-out prompts of each family, and which.
    families : sequence of str

    Returns
    -------
    dict of str to float
        Means over prompts of the means over their response sentences, where some sentences of the
        prompt are causes and others are not; families without such prompts are left out.
    """

    def score(sources: Sequence[str], targets: Sequence[str]) -> NDArray[np.float64]:
        return importance(interpreter, sources, targets, [True] * len(targets), encode=embed)

    return auroc_of(score, n, seed, families)


def auroc_of(score: Score, n: int, seed: int, families: Sequence[str]) -> dict[str, float]:
    """`auroc_by_family` of whatever gives scores."""
    found = {}
    for family in families:
        means = []
        for sample in tutor.samples(family, n, seed):
            case = tutor_case(sample)
            prompt, response = Document.cut(sample.prompt), Document.cut(sample.response)
            scores = score(
                [unit.text for unit in prompt.units], [unit.text for unit in response.units]
            )
            known = [
                metrics.agreement(scores[:, truth.target or 0], found_causes).auroc
                for truth in case.truth
                if any(found_causes := matters(truth, prompt, sample.prompt))
            ]
            told = [each for each in known if each is not None]
            if told:
                means.append(float(np.mean(told)))
        if means:
            found[family] = float(np.mean(means))
    return found
