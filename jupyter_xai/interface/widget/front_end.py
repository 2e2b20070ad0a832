"""The view's code on its way to a page: a loader in each widget's state, the code itself once.

Hosts that save widgets with a notebook save all that their traits hold. So a widget's own code is
a loader of a kilobyte, and the view's code goes with the message that opens the widget, from where
the page takes it and tells so. A page that is loaded again asks for it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Any

import anywidget
import traitlets

from jupyter_xai.environment import in_marimo, unattended
from jupyter_xai.files import FOLDER, static_file

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

_RELOADS = os.environ.get("ANYWIDGET_HMR") == "1"
"""Whether anywidget watches the files and reloads what was built anew."""

for _name in ("loader.js", "widget.js", "widget.css"):
    static_file(_name)  # says how to build it where it is missing


class FrontEnd(anywidget.AnyWidget):
    """A widget that is drawn by the code in ``widget.js`` and ``widget.css``.

    Attributes
    ----------
    front_end : dict
        ``{id}``: which code draws this widget; for pages that open it also ``code`` and ``style``.

    Notes
    -----
    A page says ``{kind: "taken"}`` when it has the code, and ``{kind: "front-end"}`` when it needs
    it; then it is sent ``{kind, id, code, style}``.

    marimo keeps no widgets and draws in a shadow root, and whoever works on the view wants it
    reloaded: both have the code from anywidget itself.
    """

    _esm = FOLDER / "widget.js" if _RELOADS else static_file("loader.js")
    _css = FOLDER / "widget.css" if _RELOADS else ""

    front_end = traitlets.Dict().tag(sync=True)

    def __init__(self, **kwargs: Any) -> None:
        self._opening = False
        if in_marimo():
            kwargs |= {"_esm": static_file("widget.js"), "_css": static_file("widget.css")}
        super().__init__(front_end={"id": _code()["id"]}, **kwargs)
        self.on_msg(self._serve_code)

    @property
    def view(self) -> dict[str, Any]:
        """The part of a bundle that stands for this widget; nothing where no page knows of it."""
        if self.comm is None:
            return {}
        made = super()._repr_mimebundle_()
        data = made[0] if isinstance(made, tuple) else made
        return {WIDGET_VIEW: data[WIDGET_VIEW]} if data else {}

    def open(self) -> None:
        """Tell the page of this widget, if there is one."""
        if unattended():
            return
        self._opening = True
        try:
            super().open()
        finally:
            self._opening = False

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """The traits as the page gets them."""
        state = super().get_state(key, drop_defaults)
        if self._opening and "front_end" in state and not (_RELOADS or in_marimo()):
            state["front_end"] = _code()
        return state

    def _serve_code(self, _: object, content: Mapping[str, Any], buffers: object) -> None:
        del buffers
        if content.get("kind") == "taken":
            self.send_state("front_end")
        elif content.get("kind") == "front-end":
            self.send({"kind": "front-end", **_code()})


@cache
def _code() -> dict[str, str]:
    code, style = static_file("widget.js"), static_file("widget.css")
    return {"id": sha256((code + style).encode()).hexdigest()[:16], "code": code, "style": style}
