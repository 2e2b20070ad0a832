"""Several results side by side on one scale: methods, models, or wordings of a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Generic

import numpy as np
from numpy.typing import NDArray

from jupyter_xai import metrics
from jupyter_xai.errors import XaiError
from jupyter_xai.explanation.result import AnyResult, Result
from jupyter_xai.explanation.storage import SAVED_BYTES, compact
from jupyter_xai.text.formatting import rounded

if TYPE_CHECKING:
    import pandas

COMPARISON_MIME = "application/vnd.jupyter-xai.comparison.v1+json"
"""What JupyterLab draws, with the kernel and without."""


@dataclass(frozen=True)
class Agreement:
    """How far two explanations agree on the units that they share.

    Attributes
    ----------
    first, second : str
        Labels.
    common : int
        Units that both have; those of two wordings are matched by their words and order.
    kendall : float or None
        Kendall's tau of their scores, -1 to 1; None where it is not defined.
    k : int
    overlap : float or None
        Share of the top k that both have in common; None without common units.
    """

    first: str
    second: str
    common: int
    kendall: float | None
    k: int
    overlap: float | None


@dataclass(frozen=True, eq=False, repr=False)
class ComparedResults(Generic[AnyResult]):
    """Results side by side, as data; `jupyter_xai.compare` gives them with ways to be shown.

    Attributes
    ----------
    explanations : mapping of str to Result
        By label, in the order in which they are shown.
    what : str
        What differs: ``methods``, ``models`` or ``prompts``.
    k : int
        How many top units the agreement is told for.
    """

    explanations: Mapping[str, AnyResult]
    what: str
    k: int

    def __getitem__(self, label: str) -> AnyResult:
        if label not in self.explanations:
            msg = f"nothing is called {label!r} here; there are {', '.join(self.explanations)}"
            raise XaiError(msg)
        return self.explanations[label]

    @property
    def aligned(self) -> bool:
        """Whether all explanations have the same prompt units."""
        return len({each.sources for each in self.explanations.values()}) == 1

    def scaled(self, label: str) -> NDArray[np.float64]:
        """Scores for the whole response over the largest of them in size, [n], from -1 to 1.

        Methods measure in different units; divided by their own largest score they share a scale.
        """
        total = self[label].total
        limit = np.nanmax(np.abs(total), initial=0.0)
        return total / limit if limit > 0 else total

    def agreement(self) -> list[Agreement]:
        """Rank correlation and common top units of every pair."""
        found = []
        for (first, one), (second, two) in combinations(self.explanations.items(), 2):
            left, right = _shared(one, two)
            k = min(self.k, len(left))
            common = bool(len(left))
            tau = metrics.kendall_tau(left, right) if common else None
            overlap = metrics.top_k_overlap(left, right, k) if common else None
            found.append(Agreement(first, second, len(left), tau, k, overlap))
        return found

    def agreement_frame(self) -> pandas.DataFrame:
        """`agreement`, one pair a row.

        Examples
        --------
        >>> from jupyter_xai import compare
        >>> found = compare("Be brief. Be kind.", str.upper, methods=["leave-one-out", "shap"])
        >>> found.agreement_frame()[["first", "second", "common"]].values.tolist()
        [['leave-one-out', 'shap', 2]]
        """
        from jupyter_xai.text.frames import ReadableFrame

        names = list(Agreement.__dataclass_fields__)
        return ReadableFrame([vars(each) for each in self.agreement()], columns=names)

    def frame(self) -> pandas.DataFrame:
        """All scores for the whole response, one a row.

        Returns
        -------
        DataFrame
            ``label``, ``source`` (position among the prompt's units), ``text``, ``score`` (as the
            method gave it), ``scaled`` (over the label's largest), ``rank`` (from 1).
        """
        from jupyter_xai.text.frames import ReadableFrame

        rows = []
        for label, each in self.explanations.items():
            rank = np.argsort(each.ranking()) + 1
            for source, scaled in enumerate(self.scaled(label).tolist()):
                score = float(each.total[source])
                place = {"label": label, "source": source, "text": each.sources[source]}
                rows.append({**place, "score": score, "scaled": scaled, "rank": int(rank[source])})
        return ReadableFrame(rows)

    def to_dict(self, most: int = SAVED_BYTES) -> dict[str, Any]:
        """What the interactive view draws, in about so many bytes.

        Returns
        -------
        dict
            ``what``, ``k``; ``entries``: ``label``, ``explanation`` by its schema, and ``units``,
            which unit of the first entry each source is, or None; ``agreement``.
        """
        (_, first), *_ = self.explanations.items()
        entries = []
        for label, each in self.explanations.items():
            aligned = each.sources == first.sources
            pairs = {} if aligned else metrics.matching_units(first.sources, each.sources)
            entries.append(
                {
                    "label": label,
                    "explanation": compact(each, most // len(self.explanations)),
                    "units": [i if aligned else pairs.get(i) for i in range(len(each.sources))],
                }
            )
        agreement = [
            {"first": a.first, "second": a.second, "common": a.common, "kendall": _known(a.kendall)}
            for a in self.agreement()
        ]
        return {"what": self.what, "k": self.k, "entries": entries, "agreement": agreement}

    def __repr__(self) -> str:
        return (
            f"<Comparison of {len(self.explanations)} {self.what}: {', '.join(self.explanations)}>"
        )


def _known(number: float | None) -> float | None:
    return None if number is None else rounded(number)


def _shared(one: Result, two: Result) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores of the units that both have, in one order."""
    if one.sources == two.sources:
        return one.total, two.total
    pairs = metrics.matching_units(one.sources, two.sources)
    left = np.array([one.total[source] for source in pairs.values()])
    return left, np.array([two.total[source] for source in pairs])
