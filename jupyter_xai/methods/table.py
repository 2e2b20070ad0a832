"""The methods at a glance: what each needs, what it costs, when to use it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from jupyter_xai import methods
from jupyter_xai.methods import requirements
from jupyter_xai.methods.base import Method
from jupyter_xai.models.base import Model
from jupyter_xai.text import html_table
from jupyter_xai.text.html_table import Html, cell, element

_SIZES = (8, 100)
"""Prompts for which the default number of perturbations is told, in units."""

_WIDTH = 96
_HEAD = ("method", "needs", "costs", "use")
_LEGEND = (
    "n prompt units, m response units, p perturbations; a prompt is scored or answered, masked or "
    "whole. What is remembered costs nothing. Checks come on top; --estimate counts all of it."
)


@dataclass(frozen=True)
class Row:
    """One method.

    Attributes
    ----------
    name, needs, costs, use : str
    why_not : str
        Why the model cannot serve it; empty when it can, or when no model was given.
    """

    name: str
    needs: str
    costs: str
    use: str
    why_not: str = ""


@dataclass(frozen=True, repr=False)
class MethodsTable:
    """A table that terminals print and notebooks draw.

    Attributes
    ----------
    rows : sequence of Row
    model : str
        Whose methods are marked; empty for none.

    Examples
    --------
    >>> [row.costs for row in table().rows if row.name == "leave-one-out"]
    ['n + 1 prompts']
    """

    rows: Sequence[Row]
    model: str = ""

    def __repr__(self) -> str:
        blocks = []
        for row in self.rows:
            mark = f"  (not for {self.model}: {row.why_not})" if row.why_not else ""
            facts = [f"needs {row.needs}; costs {row.costs}", row.use]
            lines = [line for fact in facts for line in textwrap.wrap(fact, _WIDTH - 4)]
            blocks.append("\n".join([f"{row.name}{mark}", *(f"    {line}" for line in lines)]))
        return "\n".join([*blocks, "", *textwrap.wrap(_LEGEND, _WIDTH)])

    def _repr_html_(self) -> str:
        drawn = html_table.table(
            _HEAD, map(self._html, self.rows), class_="jxai-methods", style="text-align:left"
        )
        return f"{drawn}<p>{escape(_LEGEND)}</p>"

    def _html(self, row: Row) -> Html:
        style, use = "text-align:left;vertical-align:top", [row.use]
        if row.why_not:
            style += ";opacity:.6"
            use = [element("em", f"Not for {self.model}: {row.why_not}."), f" {row.use}"]
        name = element("code", row.name)
        cells = ([name], [row.needs], [row.costs], use)
        return html_table.row(cell(*content, style=style) for content in cells)


def table(model: Model | None = None) -> MethodsTable:
    """All methods; those that a model cannot serve are marked, with the reason.

    Parameters
    ----------
    model : Model, optional
    """
    rows = []
    for name in methods.names():
        method = methods.get(name)
        why_not = (
            ""
            if model is None or requirements.met(method, model)
            else requirements.reason(method, model)
        )
        rows.append(
            Row(
                name,
                requirements.wanted(method) or "nothing",
                _costs(method),
                method.summary,
                why_not,
            )
        )
    return MethodsTable(rows, "" if model is None else model.name)


def _costs(method: Method) -> str:
    defaults = [method.default_perturbations(n) for n in _SIZES]
    if defaults[0] is None:
        return method.formula
    few, many = _SIZES
    sizes = f" for {few} units, {defaults[1]} for {many}" if defaults[0] != defaults[1] else ""
    return f"{method.formula}; p is {defaults[0]}{sizes} unless given"
