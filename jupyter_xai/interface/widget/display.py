"""What a notebook is handed when an explanation is shown."""

from __future__ import annotations

import os
import sys
import warnings
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from jupyter_xai.errors import XaiError
from jupyter_xai.explanation.render.html import static_html
from jupyter_xai.explanation.render.text import as_text, one_line
from jupyter_xai.explanation.storage import compact
from jupyter_xai.interface.explanation import MIME, Explanation

if TYPE_CHECKING:
    from jupyter_xai.interface.widget.widget import ExplanationWidget

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

_widgets: WeakKeyDictionary[Explanation, ExplanationWidget] = WeakKeyDictionary()
_drawn_in: WeakKeyDictionary[Explanation, int] = WeakKeyDictionary()


def shell() -> Any:
    """The running IPython shell, or None; IPython is not imported for it."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def in_kernel() -> bool:
    """Whether a Jupyter front end may show widgets."""
    return getattr(shell(), "kernel", None) is not None


def unattended() -> bool:
    """Whether the running cell was sent by a program that only writes its outputs down.

    So do nbclient, and with it nbconvert, papermill and Quarto: their message says that nobody can
    be asked for input, and is numbered as Python's clients number theirs. A live view would then be
    saved as a pointer to a widget that nobody can draw without its kernel. Voilà runs notebooks in
    the same way, but readers follow.
    """
    if any(name.startswith("VOILA_") for name in os.environ):
        return False
    get_parent = getattr(getattr(shell(), "kernel", None), "get_parent", None)
    request = get_parent() if get_parent is not None else None
    if not request:
        return False
    header, content = request.get("header", {}), request.get("content", {})
    by_python = str(header.get("msg_id", "")).startswith(f"{header.get('session', '')}_")
    return content.get("allow_stdin") is False and by_python


def live_views() -> bool:
    """Whether somebody may see live views here."""
    return in_marimo() or (in_kernel() and not unattended())


def in_marimo() -> bool:
    """Whether a marimo notebook may show widgets; marimo is not imported for it."""
    marimo = sys.modules.get("marimo")
    return marimo is not None and marimo.running_in_notebook()


def drawn(explanation: Explanation, widget: ExplanationWidget | None) -> None:
    """Remember that this cell shows the explanation already, in this widget if in one."""
    if widget is not None:
        _widgets[explanation] = widget
    _drawn_in[explanation] = shell().execution_count


def is_drawn(explanation: Explanation) -> bool:
    """Whether this cell shows the explanation already."""
    return in_kernel() and _drawn_in.get(explanation) == shell().execution_count


def bundle(explanation: Explanation) -> dict[str, Any]:
    """The explanation in every form, the richest first.

    A cell that drew it while it was computed gets one line for it as the cell's result.
    """
    if is_drawn(explanation):
        return {"text/plain": one_line(explanation)}
    return full_bundle(explanation)


def full_bundle(explanation: Explanation) -> dict[str, Any]:
    """The explanation in every form: live view, saved view, static HTML, text."""
    live = _live_view(explanation) if live_views() else {}
    return {**live, **saved_bundle(explanation)}


def saved_bundle(explanation: Explanation) -> dict[str, Any]:
    """What a notebook that is opened without its kernel can show: all but the live view."""
    return {
        MIME: compact(explanation),
        "text/html": static_html(explanation),
        "text/plain": as_text(explanation),
    }


def _live_view(explanation: Explanation) -> dict[str, Any]:
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
