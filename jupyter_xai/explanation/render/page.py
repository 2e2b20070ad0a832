"""One page with the interactive view, complete in itself: no kernel, no network."""

from __future__ import annotations

import json
from html import escape

from jupyter_xai.explanation.render.html import static_html
from jupyter_xai.explanation.result import Result
from jupyter_xai.explanation.wire import embeddable
from jupyter_xai.files import dumps, static_file
from jupyter_xai.text.formatting import shortened

# A module in a Blob: browsers refuse to import modules from pages opened as files.
_START = """
const source = JSON.parse(document.getElementById('jxai-view').textContent);
const url = URL.createObjectURL(new Blob([source], {{ type: 'text/javascript' }}));
const {{ {name} }} = await import(url);
URL.revokeObjectURL(url);
{name}();
"""


def page(explanation: Result) -> str:
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
    return (
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>"
        "body{margin:1rem auto;max-width:80rem;padding:0 1rem;font-family:system-ui,sans-serif}"
        f"</style>{sheet()}</head><body>"
        f'<main id="jxai-root">{fallback}</main>'
        f"{inert(data, name)}{code('openPage')}</body></html>\n"
    )


def sheet() -> str:
    """The view's style sheet as an element."""
    style = static_file("widget.css").replace("</", "<\\/")
    return f'<style id="jxai-style">{style}</style>'


def code(opening: str) -> str:
    """The view's code as elements, and a script that calls one of its functions."""
    source = inert(json.dumps(static_file("view.js")), "jxai-view")
    return f'{source}<script type="module">{_START.format(name=opening)}</script>'


def inert(data: str, name: str = "") -> str:
    """JSON in an element that it cannot end early, whatever is written in it."""
    named = f' id="{name}"' if name else ""
    safe = data.replace("<", "\\u003c")
    return f'<script type="application/json"{named}>{safe}</script>'
