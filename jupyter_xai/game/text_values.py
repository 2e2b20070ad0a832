"""Values of answers: how near the answer to a masked prompt stays to the response."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.text.distance import is_relative, text_distance
from jupyter_xai.text.document import Document

MOST_UNITS = 2_000
"""Each unit of the response is embedded, and compared with all that was answered."""


class TextValues:
    """Minus the distances between a response and answers, for its units and for the whole.

    A unit's distance is that to the nearest sentence of the answer. With a foil only the whole
    response has a value: how much nearer the answer is to the response than to the foil. Two texts
    have no tokens that stand against each other, so the units have none (NaN).

    Parameters
    ----------
    distance : str
        See `jupyter_xai.text.distance.text_distance`.
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
        When the distance is unknown, or a foil is given for one that is relative to the answers;
        for a response of more than `MOST_UNITS` units.

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
            msg = Worded(
                f"the distance {distance!r} is relative to the other answers, so that two "
                "of them cannot be subtracted; with a foil use ",
                Option("distance", "cosine"),
                " or ",
                Option("distance", "wmd"),
            )
            raise XaiError(msg)
        if len(units) > MOST_UNITS:
            msg = Worded(
                f"the response has {len(units):,} {units.level}s, which are too many to "
                f"compare: at most {MOST_UNITS:,}; use ",
                Option("response_units", "paragraph"),
                ", or explain a part of it",
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

    def of_draws(
        self,
        answers: Sequence[Sequence[str]],
        others: Sequence[str] = (),
        *,
        own: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.float64]:
        """Values of each of several answers that were drawn for every masked prompt.

        The whole response is compared as a sample: the value of an answer is minus the mean of its
        distances from the response and from the other answers to the whole prompt. The mean over
        answers is then that of all pairs of the two samples. Units are compared as ever.

        Parameters
        ----------
        answers : R sequences of D str
        others : sequence of str
            Further answers to the whole prompt, drawn as the first D answers of any prompt are.
        own : bool [R], optional
            Which are the answers to the whole prompt: none of them is compared with itself.

        Returns
        -------
        float64 [R, D, m + 1]
        """
        flat = [text for each in answers for text in each]
        shape = len(answers), len(answers[0]) if answers else 1
        values = self.values(flat).reshape(*shape, len(self._units) + 1)
        if not others:
            return values
        scale = flat if self._scale is None else self._scale
        apart = np.stack(
            [
                text_distance(self._distance, text, flat, scale=scale).reshape(shape)
                for text in (self._response, *others)
            ]
        )
        if own is not None:
            for number in range(len(others)):
                apart[1 + number, own, number] = np.nan
        # With a foil, values hold the distance from it already.
        values[:, :, -1] += apart[0] - np.nanmean(apart, axis=0)
        return values

    def settle(self, answers: Sequence[str]) -> None:
        """Measure all values from here on by the scale of these answers."""
        self._scale = answers

    def values(self, answers: Sequence[str]) -> NDArray[np.float64]:
        """Values of answers: float64 [R, m + 1]; the last column is the whole response."""
        scale = answers if self._scale is None else self._scale
        values = np.full((len(answers), len(self._units) + 1), np.nan)
        # From zero, or equal texts would be at minus zero.
        values[:, -1] = 0.0 - text_distance(self._distance, self._response, answers, scale=scale)
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
            values[:, j] = [0.0 - min(distances[position[s]] for s in cut) for cut in cuts]
        return values

    def _sentences(self, text: str) -> list[str]:
        units = Document.cut(text, "sentence", language=self._language).units
        return [unit.text.strip() for unit in units] or [""]
