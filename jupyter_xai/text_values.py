"""Values of answers: how near the answer to a masked prompt stays to the response."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.distance import is_relative, text_distance
from jupyter_xai.errors import XaiError
from jupyter_xai.text import Document


class TextValues:
    """Minus the distances between a response and answers, for its units and for the whole.

    A unit's distance is that to the nearest sentence of the answer. With a foil only the whole
    response has a value: how much nearer the answer is to the response than to the foil. Two texts
    have no tokens that stand against each other, so the units have none (NaN).

    Parameters
    ----------
    distance : str
        See `jupyter_xai.distance.text_distance`.
    response : str
    units : Document
        The response, cut.
    foil : str, optional
        What the response is contrasted with.
    language : str
        ISO 639 code for the sentence splitter.

    Raises
    ------
    XaiError
        When the distance is unknown, or a foil is given for one that is relative to the answers.

    Examples
    --------
    >>> values = TextValues("wmd", "A dog.", Document.cut("A dog.", "sentence"))
    >>> values.values(["A dog."]).tolist()
    [[0.0, 0.0]]
    """

    def __init__(
        self,
        distance: str,
        response: str,
        units: Document,
        *,
        foil: str | None = None,
        language: str = "en",
    ) -> None:
        if is_relative(distance) and foil is not None:
            msg = (
                f"the distance {distance!r} is relative to the other answers, so that two of them "
                "cannot be subtracted; with a foil use distance='cosine' or distance='wmd'"
            )
            raise XaiError(msg)
        self._distance = distance
        self._response = response
        self._units = units
        self._foil = foil
        self._language = language
        self._scale: Sequence[str] | None = None

    columns: Sequence[NDArray[np.int64]] = ()
    decisive: int | None = None

    @property
    def lengths(self) -> list[int]:
        """1 for each of the m + 1 columns."""
        return [1] * (len(self._units) + 1)

    @property
    def is_relative(self) -> bool:
        """Whether values depend on which other answers there are."""
        return is_relative(self._distance)

    def settle(self, answers: Sequence[str]) -> None:
        """Measure all values from here on by the scale of these answers."""
        self._scale = answers

    def values(self, answers: Sequence[str]) -> NDArray[np.float64]:
        """Values of answers: float64 [R, m + 1]; the last column is the whole response."""
        scale = answers if self._scale is None else self._scale
        values = np.full((len(answers), len(self._units) + 1), np.nan)
        values[:, -1] = -text_distance(self._distance, self._response, answers, scale=scale)
        if self._foil is not None:
            values[:, -1] += text_distance(self._distance, self._foil, answers, scale=scale)
            return values
        cuts = [self._sentences(answer) for answer in answers]
        sentences = sorted({sentence for cut in cuts for sentence in cut})
        position = {sentence: index for index, sentence in enumerate(sentences)}
        scale_sentences = sorted(
            {part for text in dict.fromkeys(scale) for part in self._sentences(text)}
        )
        for j, unit in enumerate(self._units.units):
            distances = text_distance(
                self._distance, unit.text.strip(), sentences, scale=scale_sentences
            )
            values[:, j] = [-min(distances[position[s]] for s in cut) for cut in cuts]
        return values

    def _sentences(self, text: str) -> list[str]:
        units = Document.cut(text, "sentence", language=self._language).units
        return [unit.text.strip() for unit in units] or [""]
