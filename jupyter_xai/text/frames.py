"""Data frames that can be read: three digits, nothing where nothing is known, no elided columns."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd

_WIDEST = 60
"""Longer texts are cut in terminals; HTML wraps them."""


class ReadableFrame(pd.DataFrame):
    """A DataFrame as any other, printed and drawn for people.

    Values are kept as they are; only what is shown is rounded. Columns in which nothing is known,
    such as intervals of methods that do not sample, are not shown.

    Examples
    --------
    >>> ReadableFrame({"unit": ["a", "b"], "score": [1.23456, 2e-19], "low": [None, None]})
      unit  score
    0    a   1.23
    1    b  2e-19
    """

    @property
    def _constructor(self) -> Any:
        return ReadableFrame

    def __repr__(self) -> str:
        shown = self._shown()
        few = pd.get_option("display.min_rows")
        return shown.to_string(max_colwidth=_WIDEST, min_rows=few, **_options(shown))

    def _repr_html_(self) -> str | None:
        if not pd.get_option("display.notebook_repr_html"):
            return None
        text = io.StringIO()
        shown = self._shown()
        with pd.option_context("display.max_colwidth", None):
            shown.to_html(text, notebook=True, **_options(shown))
        return text.getvalue()

    def _shown(self) -> pd.DataFrame:
        # Labels may repeat, so that places are taken.
        known = [place for place in range(self.shape[1]) if self.iloc[:, place].notna().any()]
        return pd.DataFrame(self).iloc[:, known if len(self) else slice(None)]


def _options(frame: pd.DataFrame) -> dict[str, Any]:
    most = pd.get_option("display.max_rows")
    long = bool(most) and len(frame) > most
    return {
        "max_rows": most,
        "show_dimensions": long,
        "na_rep": "",
        "float_format": _digits,
    }


def _digits(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number + 0.0:.3g}"
