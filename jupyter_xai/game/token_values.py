"""Values of log-probabilities: which response tokens each column sums, and what against.

With a foil a value is a contrast, log p(response) - log p(foil), both teacher-forced after the same
masked prompt (Yin and Neubig 2022, arXiv:2202.10419, for single tokens). The tokens that both begin
with are aligned and contribute nothing. At the first token that differs the two are still read
after the same text, and compared. What follows in one has no counterpart in the other, so that from
there on only the whole responses are compared.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import XaiError
from jupyter_xai.models.base import Response
from jupyter_xai.text.document import Document

IMPOSSIBLE = -1e4
"""Stands for the log-probability of a token that the model rules out (minus infinity)."""

LEAST_DOUBT = 1e-38
"""Keeps the logit finite where a probability rounds to one."""

Logprobs = NDArray[np.float32]
Columns = list[NDArray[np.int64]]


class TokenValues:
    """Values for the units of a response and for the whole, from log-probabilities of its tokens.

    Parameters
    ----------
    value : str
        ``logprob`` or ``logit``.
    response : Response
        With spans.
    units : Document
        The response, cut.
    foil : Response, optional
        What the response is contrasted with.
    targets : bool [T], optional
        Response tokens that count; the others are left out of every column.

    Attributes
    ----------
    columns : list of m + 1 int64 arrays
        For each column the response tokens that it sums.
    foil_columns : list of m + 1 int64 arrays
        For each column the tokens of the foil that it subtracts.
    decisive : int or None
        Unit of the first token in which the foil differs. Units before it have the value 0, in this
        one the aligned tokens are compared, units behind it have none (NaN).
    """

    def __init__(
        self,
        value: Literal["logprob", "logit"],
        response: Response,
        units: Document,
        *,
        foil: Response | None = None,
        targets: NDArray[np.bool_] | None = None,
    ) -> None:
        self._logit = value == "logit"
        self.columns = token_columns(response, units)
        self.foil_columns: Columns = [np.empty(0, dtype=np.int64) for _ in self.columns]
        self.decisive: int | None = None
        if targets is not None:
            self.columns = [column[targets[column]] for column in self.columns]
        if foil is not None:
            self._align(response, foil)

    @property
    def lengths(self) -> list[int]:
        """Tokens behind each of the m + 1 columns; of a contrast, of its longer side."""
        both = zip(self.columns, self.foil_columns, strict=True)
        return [max(1, len(own), len(other)) for own, other in both]

    def values(self, logprobs: Logprobs, of_foil: Logprobs | None = None) -> NDArray[np.float64]:
        """Values of rows: [R, T] -> float64 [R, m + 1].

        Parameters
        ----------
        logprobs : float32 [R, T]
        of_foil : float32 [R, F], optional
            Of the foil's tokens for the same masks, where there is a foil.
        """
        sums = _sums(logprobs, self.columns)
        if of_foil is not None:
            sums -= _sums(of_foil, self.foil_columns)
        if self.decisive is not None:
            sums[:, self.decisive + 1 : -1] = np.nan
        if not self._logit:
            return sums
        counted = [len(column) > 0 for column in self.columns]
        # No token is certain whatever the mask; its log-odds would be no number at all.
        return np.where(counted, logit(sums), 0.0)

    def _align(self, response: Response, foil: Response) -> None:
        first = first_difference(response, foil)
        everything = self.columns[-1]
        self.decisive = next(j for j, column in enumerate(self.columns) if first in column)
        nothing = np.empty(0, dtype=np.int64)
        aligned = np.array([first])
        m = len(self.columns) - 1
        own, other = [nothing] * m, [nothing] * m
        own[self.decisive] = other[self.decisive] = aligned
        self.columns = [*own, everything[first:]]
        self.foil_columns = [*other, np.arange(first, len(foil.spans or ()))]


def token_columns(response: Response, units: Document) -> Columns:
    """For each unit the response tokens that belong to it, and at last all of them."""
    spans = response.spans or ()
    ends = np.array([unit.end for unit in units.units])
    text = response.text
    # A token belongs to the unit of its first character that is not white space.
    first = [
        min(start + len(text[start:end]) - len(text[start:end].lstrip()), max(start, end - 1))
        for start, end in spans
    ]
    unit = np.minimum(np.searchsorted(ends, first, side="right"), len(units) - 1)
    columns = [np.flatnonzero(unit == j) for j in range(len(units))]
    return [*columns, np.arange(len(spans))]


def first_difference(response: Response, foil: Response) -> int:
    """Position of the first token in which two responses differ.

    Raises
    ------
    XaiError
        When one is the beginning of the other, so that there is none.

    Examples
    --------
    >>> spans = ((0, 2), (2, 5))
    >>> first_difference(Response("a cat", (1, 2), spans), Response("a dog", (1, 3), spans))
    1
    """
    own, other = _tokens(response, foil)
    for position, (one, two) in enumerate(zip(own, other, strict=False)):
        if one != two:
            return position
    msg = (
        "the foil and the response differ only in where they end, so no token of one stands "
        "against a token of the other; give a foil that says something else"
    )
    raise XaiError(msg)


def logit(logprob: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-odds of log-probabilities, finite for p = 0 and p = 1.

    Examples
    --------
    >>> float(logit(np.log(np.array([0.5])))[0])
    0.0
    """
    bounded = np.clip(logprob, None, -LEAST_DOUBT)
    # log(1 - p) through expm1 keeps its digits as p nears 1, where log1p(-exp(.)) is -inf.
    return bounded - np.log(-np.expm1(bounded))


def _sums(logprobs: Logprobs, columns: Columns) -> NDArray[np.float64]:
    tokens = np.maximum(logprobs.astype(np.float64), IMPOSSIBLE)
    return np.stack([tokens[:, column].sum(axis=1) for column in columns], axis=1)


def _tokens(response: Response, foil: Response) -> tuple[Sequence[Hashable], Sequence[Hashable]]:
    """What tells tokens apart: their ids, or where a server tells none, their texts."""
    if response.ids is not None and foil.ids is not None:
        return response.ids, foil.ids
    own, other = (
        [each.text[start:end] for start, end in each.spans or ()] for each in (response, foil)
    )
    return own, other
