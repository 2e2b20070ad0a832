"""One page with the interactive view, complete in itself: no kernel, no network."""

from __future__ import annotations

import json
from html import escape

from jupyter_xai.explanation import Explanation
from jupyter_xai.reporting import shortened
from jupyter_xai.sending import embeddable
from jupyter_xai.static_files import static_file
from jupyter_xai.static_html import static_html
from jupyter_xai.storage import dumps

# A module in a Blob: browsers refuse to import modules from pages opened as files.
_START = """
const source = JSON.parse(document.getElementById('jxai-view').textContent);
const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
const { openPage } = await import(url);
URL.revokeObjectURL(url);
openPage();
"""


def page(explanation: Explanation) -> str:
    """The whole page as text.

    Raises
    ------
    XaiError
        When the front end was not built.
    """
    title = f"Why? {shortened(explanation.response, 60)}"
    return page_of(
        title, static_html(explanation), "jxai-explanation", dumps(embeddable(explanation))
    )


def page_of(title: str, fallback: str, name: str, data: str) -> str:
    """A page that draws some data, by the name under which the view looks for them.

    Raises
    ------
    XaiError
        When the front end was not built.
    """
    style = static_file("widget.css").replace("</", "<\\/")
    return (
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>"
        "body{margin:1rem auto;max-width:80rem;padding:0 1rem;font-family:system-ui,sans-serif}"
        f'</style><style id="jxai-style">{style}</style></head><body>'
        f'<main id="jxai-root">{fallback}</main>'
        f"{_data('jxai-view', json.dumps(static_file('view.js')))}"
        f"{_data(name, data)}"
        f'<script type="module">{_START}</script></body></html>\n'
    )


def _data(name: str, text: str) -> str:
    """JSON that cannot end its element early, whatever is written in it."""
    inert = text.replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{inert}</script>'
