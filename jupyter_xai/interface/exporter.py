"""``jupyter nbconvert --to xai-html``: a notebook as a page whose explanations are interactive."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbconvert.exporters import HTMLExporter
from traitlets import Unicode, default, validate

# Servers load all exporters to list them: what reads explanations is imported where there are any.

if TYPE_CHECKING:
    from nbformat import NotebookNode

_TEMPLATES = str(Path(__file__).parents[1] / "templates")

_PLACE = "jxai-place"

_FETCHES_NOTHING = re.compile(r'<script src=""\s*>\s*</script>')


class XaiHTMLExporter(HTMLExporter):
    """HTML with the interactive view of every explanation and comparison, complete in itself.

    The page asks no network for anything of its own: it holds the view once, has neither
    require.js nor MathJax nor a widget manager, and mathematics stay as they were typed. Without
    JavaScript the static HTML is read. All else is as in nbconvert's own HTML, whose options it
    takes.

    Examples
    --------
    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> notebook = new_notebook(cells=[new_markdown_cell("Hi.")])
    >>> page, _ = XaiHTMLExporter().from_notebook_node(notebook)
    >>> "<p>Hi.</p>" in page, "src=" in page
    (True, False)
    """

    export_from_notebook = "HTML with live explanations"

    theme = Unicode(
        "auto", help="light, dark, a JupyterLab theme, or auto: what each reader prefers."
    ).tag(config=True)
    require_js_url = Unicode("", help="URL to load require.js from; none.").tag(config=True)
    mathjax_url = Unicode("", help="URL to load MathJax from; none.").tag(config=True)
    jquery_url = Unicode("", help="URL to load jQuery from; none.").tag(config=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The last one, so that it sees what --execute has made.
        self.register_preprocessor(self._embed)

    @default("template_name")
    def _own_template(self) -> str:
        return "xai-html"

    @default("extra_template_basedirs")
    def _own_templates(self) -> list[str]:
        return [str(Path.cwd()), _TEMPLATES]

    @validate("extra_template_basedirs")
    def _also_own_templates(self, proposal: Any) -> list[str]:
        return [*(each for each in proposal["value"] if each != _TEMPLATES), _TEMPLATES]

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page, and nbconvert's resources."""
        html, resources = super().from_notebook_node(nb, resources, **kw)
        html = _FETCHES_NOTHING.sub("", html)
        if f'<div class="{_PLACE}">' in html:
            from jupyter_xai.explanation.render.page import code, sheet

            before, end, after = html.rpartition("</body>")
            # Templates that make a part of a page have no body.
            head, tail = (before, end + after) if end else (after, "")
            html = f"{head}{sheet()}{code('openNotebook')}{tail}"
        return html, resources

    def _embed(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Put each of our outputs into the HTML that nbconvert shows of it."""
        from jupyter_xai.explanation.comparison import COMPARISON_MIME
        from jupyter_xai.explanation.result import MIME

        # A widget that is no part of this page would have its manager fetched.
        nb.metadata.pop("widgets", None)
        for cell in nb.cells:
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                if MIME in data or COMPARISON_MIME in data:
                    output.data = {"text/html": self._place(data, output.get("metadata", {}))}
        return nb, resources

    def _place(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
        from jupyter_xai.explanation.render.page import inert
        from jupyter_xai.files import dumps

        try:
            held, static = _held(data, metadata)
        except Exception as error:  # somebody else's notebook may hold anything
            self.log.warning("jupyter-xai: an output is damaged (%s), its text is shown", error)
            return f"<pre>{escape(str(data.get('text/plain', '')))}</pre>"
        return f'<div class="{_PLACE}">{static}{inert(dumps(held))}</div>'


def _held(data: Mapping[str, Any], metadata: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """What the page's script draws, and the same as HTML.

    The HTML is made anew: what stands in the notebook may have been written by anybody.
    """
    from jupyter_xai.explanation.comparison import COMPARISON_MIME, ComparedResults
    from jupyter_xai.explanation.render.comparison import as_html
    from jupyter_xai.explanation.render.html import static_html
    from jupyter_xai.explanation.result import MIME, Result
    from jupyter_xai.explanation.storage import from_dict

    if COMPARISON_MIME in data:
        record = data[COMPARISON_MIME]
        entries = {each["label"]: each["explanation"] for each in record["entries"]}
        found = {label: from_dict(Result, each) for label, each in entries.items()}
        return {"comparison": record}, as_html(ComparedResults(found, record["what"], record["k"]))
    record = data[MIME]
    beside = metadata.get(MIME) or {}
    what_if = {"what_if": beside["what_if"]} if beside.get("what_if") else {}
    return {"explanation": record, **what_if}, static_html(from_dict(Result, record))
