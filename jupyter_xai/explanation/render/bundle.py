"""What a notebook holds of a result when it is opened without its kernel."""

from __future__ import annotations

from typing import Any

from jupyter_xai.explanation.render.html import static_html
from jupyter_xai.explanation.render.text import as_text
from jupyter_xai.explanation.result import MIME, Result
from jupyter_xai.explanation.storage import compact


def saved_bundle(explanation: Result) -> dict[str, Any]:
    """What a notebook that is opened without its kernel can show: all but the live view."""
    return {
        MIME: compact(explanation),
        "text/html": static_html(explanation),
        "text/plain": as_text(explanation),
    }
