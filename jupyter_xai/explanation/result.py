"""Scores of prompt units for response units, with their texts: what an explanation says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import XaiError, at_least_one
from jupyter_xai.explanation.labels import stop_name
from jupyter_xai.explanation.record import Check, Record
from jupyter_xai.methods.base import Attribution

if TYPE_CHECKING:
    import pandas

MIME = "application/vnd.jupyter-xai.explanation.v1+json"
"""What JupyterLab draws, with the kernel and without."""


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """Scores of prompt units for response units, with their texts: data, and how it is read.

    What a run gives, and a file holds; `jupyter_xai.Explanation` adds what asks the model for more.
    """

    record: Record
    attribution: Attribution
    full: NDArray[np.float64]

    @property
    def scores(self) -> NDArray[np.float64]:
        """Signed scores, [n, m]; positive supports the response, NaN was not evaluated."""
        return self.attribution.scores[:, :-1]

    @property
    def total(self) -> NDArray[np.float64]:
        """Scores for the whole response, [n]."""
        return self.attribution.scores[:, -1]

    @property
    def low(self) -> NDArray[np.float64] | None:
        """Lower ends of the intervals, [n, m + 1], or None."""
        return self.attribution.low

    @property
    def high(self) -> NDArray[np.float64] | None:
        """Upper ends of the intervals, [n, m + 1], or None."""
        return self.attribution.high

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Texts of the n removable prompt units."""
        return tuple(u["text"] for u in self.record["prompt"]["units"] if not u["protected"])

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """Texts of the m response units."""
        return tuple(unit["text"] for unit in self.record["response"]["units"])

    @property
    def prompt(self) -> str:
        """The prompt as the model saw it."""
        return "".join(unit["text"] for unit in self.record["prompt"]["units"])

    @property
    def response(self) -> str:
        """The text that is explained."""
        return "".join(self.targets)

    @property
    def k(self) -> int:
        """How many top units were asked for."""
        return self.record["k"]

    @property
    def partial(self) -> bool:
        """Whether the run was stopped before its end."""
        return self.record["partial"]

    @property
    def stopped_at(self) -> str:
        """What ended a run before it was complete, where a budget did; else empty.

        The note that tells what is missing for it, where there is one.
        """
        if "stopped" not in self.record:
            return ""
        said = stop_name(self.record["stopped"])
        return next((note for note in self.notes if note.startswith(said)), said)

    @property
    def noise(self) -> float | None:
        """Scores smaller than this cannot be told from numerical noise."""
        return self.record["noise"]

    @property
    def checks(self) -> Sequence[Check]:
        """What removing the top k did, beside random units and leave-one-out's choice."""
        return self.record["checks"]

    @property
    def notes(self) -> Sequence[str]:
        """Short remarks for the reader."""
        return self.record["notes"]

    @property
    def sets(self) -> Mapping[int, tuple[int, ...]] | None:
        """For joint methods, by k: the k sources that matter most when all of them are removed."""
        found = self.record["sets"]
        return None if found is None else {int(k): tuple(chosen) for k, chosen in found.items()}

    def ranking(self, target: int | None = None) -> tuple[int, ...]:
        """Sources from the strongest support to the strongest opposition.

        Parameters
        ----------
        target : int, optional
            A response unit; None stands for the whole response.

        Raises
        ------
        XaiError
            When there is no such response unit.
        """
        column = self.attribution.scores[:, self._column(target)]
        return tuple(int(i) for i in np.argsort(-column, kind="stable"))

    def strongest(self, k: int | None = None, target: int | None = None) -> tuple[int, ...]:
        """The k sources that count most, the strongest first.

        Parameters
        ----------
        k : int, optional
            The explanation's own k unless given.
        target : int, optional
            A response unit; None stands for the whole response.

        Returns
        -------
        tuple of int
            The set that a joint method found for this k, for whatever response unit; otherwise the
            first k of `ranking`.

        Raises
        ------
        XaiError
            When k is less than 1 or there is no such response unit.

        Examples
        --------
        >>> from jupyter_xai import explain
        >>> e = explain("Be brief. Be kind.", str.upper, method="leave-one-out", k=1)
        >>> e.strongest(target=1)
        (1,)
        """
        k = self.k if k is None else at_least_one(k, "k")
        order = self.ranking(target)
        chosen = (self.sets or {}).get(k)
        return order[:k] if chosen is None else tuple(i for i in order if i in chosen)

    def top(self, k: int | None = None, target: int | None = None) -> pandas.DataFrame:
        """The k strongest sources of every response unit and of the whole response.

        Those are of each `strongest`: for joint methods the members of the set for this k.

        Parameters
        ----------
        k : int, optional
            The explanation's own k unless given.
        target : int, optional
            Only for this response unit (m stands for the whole response).

        Returns
        -------
        DataFrame
            The columns of `frame`, with ``rank`` from 1.

        Raises
        ------
        XaiError
            When k is less than 1 or there is no such response unit.

        Examples
        --------
        >>> from jupyter_xai import explain
        >>> e = explain("Be brief. Be kind.", str.upper, method="leave-one-out", k=1)
        >>> e.top(1, target=1)["text"].tolist()
        ['Be kind.']
        """
        columns = range(len(self.targets) + 1)
        wanted = columns if target is None else [self._column(target)]
        places = [
            (column, source, rank)
            for column in wanted
            for rank, source in enumerate(self.strongest(k, column), start=1)
        ]
        rows = [column * len(self.sources) + source for column, source, _ in places]
        chosen = self.frame().iloc[rows].reset_index(drop=True)
        chosen.insert(0, "rank", [rank for *_, rank in places])
        return chosen

    def frame(self) -> pandas.DataFrame:
        """All scores, one a row.

        Returns
        -------
        DataFrame
            ``source``, ``text``, ``role``; ``target`` (m is the whole response),
            ``target_text``; ``score``, and ``low`` and ``high``, the ends of its 90 % interval
            (NaN for methods that do not sample).

        Examples
        --------
        >>> from jupyter_xai import explain
        >>> e = explain("Be brief. Be kind.", str.upper, method="leave-one-out", k=1)
        >>> e.frame().query("target == 0")["text"].tolist()
        ['Be brief. ', 'Be kind.']
        """
        from jupyter_xai.text.frames import ReadableFrame

        n, columns = self.attribution.scores.shape
        nothing = np.full((n, columns), np.nan)
        low = nothing if self.low is None else self.low
        high = nothing if self.high is None else self.high
        roles = [u["role"] for u in self.record["prompt"]["units"] if not u["protected"]]
        targets = [*self.targets, "(the whole response)"]
        return ReadableFrame(
            {
                "source": np.tile(np.arange(n), columns),
                "text": np.tile(np.array(self.sources, dtype=object), columns),
                "role": np.tile(np.array(roles, dtype=object), columns),
                "target": np.repeat(np.arange(columns), n),
                "target_text": np.repeat(np.array(targets, dtype=object), n),
                "score": self.attribution.scores.T.ravel(),
                "low": low.T.ravel(),
                "high": high.T.ravel(),
            }
        )

    def changed(self, **fields: Any) -> Self:
        """The same explanation with other entries in its record."""
        return replace(self, record=cast("Record", {**self.record, **fields}))

    def noted(self, *notes: str) -> Self:
        """The same explanation with more notes; none is said twice."""
        return self.changed(notes=list(dict.fromkeys([*self.notes, *notes])))

    def _column(self, target: int | None) -> int:
        columns = len(self.targets) + 1
        if target is None:
            return columns - 1
        if not 0 <= target < columns:
            msg = f"there is no response unit {target}; they are counted from 0 to {columns - 2}"
            raise XaiError(msg)
        return target


AnyResult = TypeVar("AnyResult", bound=Result)
"""Of what takes a result and gives the same kind of result, with more in it."""
