"""What was measured of one explanation, to be read: the verdict and the table."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from html import escape
from math import isnan
from typing import TYPE_CHECKING, Any, Generic

from jupyter_xai.evaluation.checks.table import frame
from jupyter_xai.explanation.result import AnyResult
from jupyter_xai.text.formatting import figure
from jupyter_xai.text.html_table import row_name, table

if TYPE_CHECKING:
    import pandas

_HEAD = ("", "this explanation", "at random", "leave-one-out", "better", "")


@dataclass(frozen=True, eq=False, repr=False)
class Evidence(Generic[AnyResult]):
    """Whether an explanation is true: a sentence, and the figures behind it.

    Attributes
    ----------
    explanation : Result
        With everything that was measured in it.
    k : int, optional
        Only what is about this number of units, or about none.
    groups : collection of str, optional
        Only these groups of metrics.
    """

    explanation: AnyResult
    k: int | None = None
    groups: Collection[str] | None = None

    @cached_property
    def frame(self) -> pandas.DataFrame:
        """The table of `Explanation.metrics`."""
        return frame(self.explanation, self.k, self.groups)

    @property
    def verdict(self) -> str:
        """What removing the top k does, beside chance, in plain words."""
        wanted = self.explanation.k if self.k is None else self.k
        for check in self.explanation.checks:
            if check["k"] == wanted:
                return check["verdict"]
        return "These scores were not tested by removing what they point at."

    def __str__(self) -> str:
        rows = [_HEAD, *self._cells()]
        widths = [max(len(row[place]) for row in rows) for place in range(len(_HEAD) - 1)]
        lines = [
            "  ".join(
                [*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]
            )
            for row in rows
        ]
        return "\n".join([self.verdict, "", *(line.rstrip() for line in lines)])

    def __repr__(self) -> str:
        return f"<Evidence on {self.explanation!r}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        rows = [[row_name(first), *rest] for first, *rest in self._cells()]
        page = f"<p><strong>{escape(self.verdict)}</strong></p>{table(_HEAD, rows)}"
        return {"text/html": page, "text/plain": str(self)}

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (
                row["metric"],
                _figure(row["value"], row["low"], row["high"]),
                _figure(row["random"], row["random_low"], row["random_high"]),
                _figure(row["leave_one_out"]),
                row["better"],
                row["meaning"],
            )
            for row in self.frame.to_dict("records")
        ]


def _figure(value: float, low: float = float("nan"), high: float = float("nan")) -> str:
    if isnan(value):
        return ""
    ends = "" if isnan(low) or isnan(high) else f" [{_digits(low)}, {_digits(high)}]"
    return f"{_digits(value)}{ends}"


def _digits(number: float) -> str:
    return figure(number, ",.0f" if abs(number) >= 1000 else ".3g")
