"""Similarity of meaning: the cheap baseline that never asks the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from jupyter_xai.methods.base import Attribution, Measure, TextMethod


@dataclass(frozen=True)
class Similarity(TextMethod):
    """Cosine between the sentence embeddings of a prompt unit and a response unit, -1 to 1.

    A unit without any letter or sign is similar to nothing (0).

    Parameters
    ----------
    embeddings : str, optional
        Folder or id of a sentence-transformers model; all-MiniLM-L6-v2, which comes with the
        package, unless given.

    Examples
    --------
    >>> result = Similarity().score(["I like cats. ", "It rains."], ["Cats purr."], seed=0)
    >>> bool(result.scores[0, 0] > result.scores[1, 0])
    True
    """

    embeddings: str | None = None

    name: ClassVar[str] = "similarity"
    title: ClassVar[str] = "Similarity"
    summary: ClassVar[str] = (
        "Compares meanings of prompt and response units. Instant; says what is alike, not what "
        "caused what."
    )

    @property
    def measure(self) -> Measure:
        """Cosines, from -1 to 1."""
        return "similarity"

    def score(self, sources: Sequence[str], targets: Sequence[str], *, seed: int) -> Attribution:
        """Cosines of n sources with m targets and with the whole; ``seed`` changes nothing."""
        from jupyter_xai.text.embeddings import embed

        columns = [*targets, "".join(targets)]
        vectors = embed([text.strip() for text in (*sources, *columns)], model=self.embeddings)
        cosine = vectors[: len(sources)].astype(np.float64) @ vectors[len(sources) :].T
        return Attribution(np.clip(cosine, -1, 1), exact=True)
