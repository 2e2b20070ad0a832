"""What axe finds in a page: rules of accessibility that are broken."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page

from harness import ROOT

AXE = ROOT / "node_modules/axe-core/axe.min.js"


def violations(page: Page, within: str = ".first", **options: Any) -> list[tuple[str, str]]:
    """Broken rules, each with the first element that breaks it; options are those of axe's run."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(content=AXE.read_text())
    run = f"axe.run({json.dumps(within)}, {json.dumps(options)})"
    found = page.evaluate(f"async () => (await {run}).violations")
    return [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found]
