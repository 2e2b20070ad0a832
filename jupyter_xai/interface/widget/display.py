"""What a notebook is handed when an explanation is shown."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from jupyter_xai.environment import in_kernel, in_marimo, live_views, shell
from jupyter_xai.errors import XaiError
from jupyter_xai.explanation.render.bundle import saved_bundle
from jupyter_xai.explanation.render.text import one_line
from jupyter_xai.explanation.result import Result

if TYPE_CHECKING:
    from jupyter_xai.interface.widget.widget import ExplanationWidget

_widgets: WeakKeyDictionary[Result, ExplanationWidget] = WeakKeyDictionary()
_drawn_in: WeakKeyDictionary[Result, int] = WeakKeyDictionary()


def drawn(explanation: Result, widget: ExplanationWidget | None) -> None:
    """Remember that this cell shows the explanation already, in this widget if in one."""
    if widget is not None:
        _widgets[explanation] = widget
    _drawn_in[explanation] = shell().execution_count


def is_drawn(explanation: Result) -> bool:
    """Whether this cell shows the explanation already."""
    return in_kernel() and _drawn_in.get(explanation) == shell().execution_count


def bundle(explanation: Result) -> dict[str, Any]:
    """The explanation in every form, the richest first.

    A cell that drew it while it was computed gets one line for it as the cell's result.
    """
    if is_drawn(explanation):
        return {"text/plain": one_line(explanation)}
    return full_bundle(explanation)


def full_bundle(explanation: Result) -> dict[str, Any]:
    """The explanation in every form: live view, saved view, static HTML, text."""
    view = _live_view(explanation) if live_views() else {}
    return {**view, **saved_bundle(explanation)}


def _live_view(explanation: Result) -> dict[str, Any]:
    try:
        from jupyter_xai.interface.widget.widget import ExplanationWidget

        # marimo closes the widgets of a cell that runs again, and draws each in one place.
        if explanation not in _widgets or in_marimo():
            _widgets[explanation] = ExplanationWidget(explanation)
        return _widgets[explanation].view
    except XaiError as error:
        # Static HTML is still worth showing.
        warnings.warn(str(error), stacklevel=2)
        return {}
