"""What a study gives: our tables, the paper's own beside them, a chart and what the numbers say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import isnan
from typing import TYPE_CHECKING, Any

from jupyter_xai.text.html_table import table as drawn

if TYPE_CHECKING:
    import altair
    import pandas

Cell = str | float | int | None


@dataclass(frozen=True)
class Table:
    """Rows of numbers and words under a title."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def frame(self) -> pandas.DataFrame:
        """As a frame, numbers as they are."""
        from jupyter_xai.text.frames import ReadableFrame

        return ReadableFrame([list(row) for row in self.rows], columns=list(self.columns))

    def cells(self) -> list[list[str]]:
        """As text, numbers with three digits."""
        return [[shown(cell) for cell in row] for row in self.rows]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Study:
    """A table or figure of a paper, made again.

    Attributes
    ----------
    name, title : str
    source : str
        The paper and its table or figure.
    setup : str
        What was run.
    tables : sequence of Table
        Ours.
    paper : sequence of Table
        The paper's own numbers, as printed; empty where it prints none.
    findings : sequence of str
        What our numbers say, in words that were chosen by the numbers.
    expectation : str
        What should, and what should not, be expected to match the paper.
    plot : Altair chart, optional
    size : str
        ``small`` or ``full``.
    seconds : float
    """

    setup: str
    tables: Sequence[Table]
    paper: Sequence[Table] = ()
    findings: Sequence[str]
    expectation: str
    plot: Any = None
    name: str = ""
    title: str = ""
    source: str = ""
    size: str = ""
    seconds: float = 0.0

    def frame(self, table: int = 0) -> pandas.DataFrame:
        """One of our tables as a frame."""
        return self.tables[table].frame()

    def chart(self) -> altair.LayerChart | altair.FacetChart | None:
        """The chart, drawn offline; None where there is none."""
        return self.plot

    def markdown(self) -> str:
        """Everything but the chart, for documentation."""
        lines = [f"# {self.title}", "", f"Source: {self.source}.", "", self.setup, ""]
        for table in self.tables:
            lines += _markdown(table, f"## {table.title}")
        for table in self.paper:
            lines += _markdown(table, f"## The paper's: {table.title}")
        lines += ["## What the numbers say", "", *(f"- {each}" for each in self.findings), ""]
        lines += ["## What to expect", "", self.expectation, ""]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Study {self.name} ({self.size}): {self.source}>"

    def __str__(self) -> str:
        parts = [f"{self.title} ({self.source}; {self.size})", self.setup]
        parts += [_text(table, table.title) for table in self.tables]
        parts += [_text(table, f"The paper's: {table.title}") for table in self.paper]
        parts += ["\n".join(f"- {each}" for each in self.findings), self.expectation]
        return "\n\n".join(parts)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        tables = [drawn(each.columns, each.cells(), each.title) for each in self.tables]
        tables += [
            drawn(each.columns, each.cells(), f"The paper's: {each.title}") for each in self.paper
        ]
        said = "".join(f"<li>{escape(each)}</li>" for each in self.findings)
        page = (
            f"<h3>{escape(self.title)}</h3><p>{escape(self.source)}; {escape(self.size)}. "
            f"{escape(self.setup)}</p>{''.join(tables)}<ul>{said}</ul>"
            f"<p>{escape(self.expectation)}</p>"
        )
        return {"text/html": page, "text/plain": str(self)}


def shown(cell: Cell) -> str:
    """A cell as text.

    Examples
    --------
    >>> shown(0.12345), shown(None), shown("tutor"), shown(12)
    ('0.123', '', 'tutor', '12')
    """
    if cell is None or (isinstance(cell, float) and isnan(cell)):
        return ""
    if isinstance(cell, float):
        return f"{cell:.3g}"
    return str(cell)


def _text(table: Table, title: str) -> str:
    lines = [list(table.columns), *table.cells()]
    widths = [max(len(line[i]) for line in lines) for i in range(len(table.columns))]
    rows = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([title, *(f"  {row}" for row in rows)])


def _markdown(table: Table, title: str) -> list[str]:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    rule = "|" + " --- |" * len(table.columns)
    return [title, "", line(table.columns), rule, *map(line, table.cells()), ""]
