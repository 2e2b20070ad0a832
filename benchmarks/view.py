"""The view with 10,000 prompt tokens and 1,000 response tokens, in a real browser.

Times come from the browser's own trace: of a hover, the work of the page's main thread from the
pointer's move until what it changed is handed to the compositor; of the first paint, the time from
the arrival of the numbers until the second frame after it begins. The targets are about times on
the wall, which a person waits and which other work on the machine lengthens; beside them stands the
thread's own time. Each run opens a page anew; the figures are medians of the runs.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright
from support.report import Table, Target, arguments, finish
from support.tracing import Span, Trace

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests" / "browser"))

import fixtures  # noqa: E402  # pyright: ignore[reportMissingImports]
from harness import STATIC, Harness  # noqa: E402  # pyright: ignore[reportMissingImports]
from jupyter_xai.explanation.wire import sendable  # noqa: E402
from jupyter_xai.files import dumps  # noqa: E402
from jupyter_xai.interface.comparison import Comparison  # noqa: E402
from jupyter_xai.interface.explanation import Explanation  # noqa: E402
from jupyter_xai.interface.widget.display import full_bundle  # noqa: E402
from jupyter_xai.metrics.curves import curve_sizes  # noqa: E402

_HOVERS = 100
_TABS = ("Matrix", "Flow", "Curve", "Checks", "What if", "Settings", "Scores")
_ARRIVE = """() => new Promise((done) => setTimeout(() => {
  const start = performance.now();
  first.arriving();
  const painted = () => done(performance.now() - start);
  requestAnimationFrame(() => requestAnimationFrame(painted));
}))"""
_NODES = """() => {
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
  let count = 1;
  while (walker.nextNode()) count += 1;
  return count;
}"""
_PLACES = """(side) => {
  const pane = document.querySelector(`.jxai-pane-${side} .jxai-pane-body`);
  const seen = pane.getBoundingClientRect();
  return [...pane.querySelectorAll('.jxai-unit')]
    .map((unit) => unit.getClientRects()[0])
    .filter((rect) => rect.top > seen.top && rect.bottom < seen.bottom)
    .map((rect) => [rect.x + rect.width / 2, rect.y + rect.height / 2]);
}"""


class Run:
    """One page: its first paint, its hovers, and how many nodes it ever has."""

    def __init__(self, browser: Browser, sent: dict[str, Any]) -> None:
        harness = Harness(browser)
        page = harness.page
        harness.mount(None)
        harness.receive(sent)
        with Trace(browser, page) as trace:
            trace.mark()
            self.paint: float = page.evaluate(_ARRIVE)
            trace.mark()
        self.work = trace.spans()[0]
        self.nodes = {"at first": _nodes(page)}
        self.answer = self._hovers(browser, page, "response")
        self.prompt = self._hovers(browser, page, "prompt")
        self._scroll(page)
        for tab in _TABS:
            page.get_by_role("tab", name=tab, exact=True).click()
            self.nodes[f"tab {tab}"] = _nodes(page)
            for what, use in _USES.get(tab, {}).items():
                use(harness)
                self.nodes[f"tab {tab}, {what}"] = _nodes(page)
        self._compare(harness)
        problems = harness.problems
        harness.context.close()
        assert problems == [], problems

    def _hovers(self, browser: Browser, page: Page, side: str) -> list[Span]:
        places = page.evaluate(_PLACES, side)[:_HOVERS]
        with Trace(browser, page) as trace:
            trace.mark()
            for x, y in places:
                page.mouse.move(x, y)
                trace.mark()
        return trace.spans()

    def _scroll(self, page: Page) -> None:
        """Through both texts, by leaps and by small steps."""
        for side in ("prompt", "response"):
            page.locator(f".jxai-pane-{side} .jxai-pane-body").hover()
            for step in (300, 300, 300, 5_000, 20_000, -400, -400):
                page.mouse.wheel(0, step)
                page.wait_for_timeout(50)
                self.nodes["scrolled"] = max(self.nodes.get("scrolled", 0), _nodes(page))

    def _compare(self, harness: Harness) -> None:
        """Three methods in the place of the view."""
        page = harness.page
        page.get_by_role("button", name="Compare").first.click()
        page.get_by_label("Leave one out").check()
        page.locator(".jxai-compare-menu").get_by_role("button", name="Compare").click()
        harness.arrive("compared", {"request": harness.sent()[-1]["id"], **compared()})
        page.locator(".jxai-comparison").wait_for()
        self.nodes["compared, three methods"] = _nodes(harness.page)


def _list_links(harness: Harness) -> None:
    """As many arcs as are ever drawn, in the table too."""
    harness.page.get_by_role("button", name="As a table").click()
    harness.page.get_by_label("threshold").press("Home")


def _answer(harness: Harness) -> None:
    """Another answer, of which every third word is another."""
    page = harness.page
    page.get_by_role("button", name="Remove top").click()
    page.get_by_role("button", name="Ask without").click()
    kinds = ("same", "removed", "added")
    changes = [{"kind": kinds[j % 3], "text": f"the answer's word {j} "} for j in range(1_000)]
    found = fixtures.answered(1, removed=[0], changes=changes)
    harness.arrive("what_if", found)
    page.locator(".jxai-what-if-sides").wait_for()


def _list_scores(harness: Harness) -> None:
    harness.page.get_by_role("button", name=re.compile("Show .*of")).click()


_USES: dict[str, dict[str, Callable[[Harness], None]]] = {
    "Flow": {"with its table": _list_links},
    "What if": {"answered": _answer},
    "Scores": {"long": _list_scores},
}


@cache
def compared() -> dict[str, Any]:
    e = fixtures.long()
    return Comparison({"one": e, "two": e, "three": e}, "methods", 3).to_dict()


def traced(sent: dict[str, Any]) -> dict[str, Any]:
    """The same with its curves."""
    n = len(sent["total"])
    sizes = curve_sizes(n).tolist()
    values = [-float(size) for size in sizes]
    random = {"mean": values, "low": values, "high": values, "draws": 8}
    curves = {"order": list(range(n)), "sizes": sizes, "random": random}
    return {**sent, "curves": {**curves, "deletion": values, "insertion": values}}


def _nodes(page: Page) -> int:
    return page.evaluate(_NODES)


def p95(spans: list[Span], clock: str = "total") -> float:
    return float(np.percentile([getattr(span, clock) for span in spans], 95))


def sizes(e: Explanation, sent: dict[str, Any]) -> tuple[int, int, int]:
    """Bytes to the browser, in the notebook, and of the compressed code and style."""
    packed = sent["packed"]
    buffers = {key: each for key, each in packed.items() if isinstance(each, bytes)}
    listed = {key: each for key, each in packed.items() if key not in buffers}
    payload = len(dumps({**sent, "packed": listed}).encode()) + sum(map(len, buffers.values()))
    saved = sum(len(json.dumps(each).encode()) for each in full_bundle(e).values())
    files = [gzip.compress((STATIC / name).read_bytes()) for name in ("widget.js", "widget.css")]
    return payload, saved, sum(map(len, files))


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    e = fixtures.long()
    sent = sendable(e)
    payload, saved, code = sizes(e, sent)
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    runs: list[Run] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        for _ in range(options.runs + 1):
            runs.append(Run(browser, traced(sent)))
            run = runs[-1]
            print(
                f"first paint {run.paint:.0f} ms, "
                f"hover p95 {p95(run.answer):.1f} and {p95(run.prompt):.1f} ms, "
                f"load {os.getloadavg()[0]:.1f}",
                file=sys.stderr,
                flush=True,
            )
        name = f"Chromium {browser.version}"
        browser.close()
    del runs[0]  # warms up
    size = f"{len(e.sources):,} prompt tokens, {len(e.targets):,} response tokens"
    times = Table(
        f"{size}; {name}; load {os.getloadavg()[0]:.1f}",
        (
            "",
            "median on the wall",
            "95th percentile",
            "the thread's median",
            "95th percentile",
            "script",
            "style",
            "layout",
            "paint",
        ),
    )
    for title, spans in (
        ("hover over the response", [run.answer for run in runs]),
        ("hover over the prompt", [run.prompt for run in runs]),
    ):
        every = [span for each in spans for span in each]
        parts = [
            f"{median(span.kinds.get(kind, 0.0) for span in every):.1f} ms"
            for kind in ("script", "style", "layout", "paint")
        ]
        middles = [
            f"{median(getattr(span, clock) for span in every):.1f} ms" for clock in ("total", "own")
        ]
        highs = [
            f"{median(p95(each, clock) for each in spans):.1f} ms" for clock in ("total", "own")
        ]
        times.add(title, middles[0], highs[0], middles[1], highs[1], *parts)
    first = median(run.paint for run in runs)
    own = median(run.work.own for run in runs)
    times.add("first paint", f"{first:.0f} ms", "", f"{own:.0f} ms", "", "", "", "", "")
    nodes = Table("Nodes in the page, elements and texts", ("when", "most"))
    for when in runs[0].nodes:
        nodes.add(when, f"{max(run.nodes[when] for run in runs):,}")
    most = max(count for run in runs for count in run.nodes.values())
    hover = max(median(p95(r.answer) for r in runs), median(p95(r.prompt) for r in runs))
    return finish(
        "view",
        [times, nodes],
        [
            Target("first paint after the numbers arrive", first, 200, "ms", least=False),
            Target("hover, 95th percentile", hover, 16, "ms", least=False),
            Target("nodes", most, 5_000, "nodes", least=False),
            Target("payload", payload / 1e6, 21, "MB", least=False),
            Target("saved in the notebook", saved / 1e6, 2, "MB", least=False),
            Target("code and style, compressed", code / 1e3, 60, "kB", least=False),
        ],
        options.json,
    )


if __name__ == "__main__":
    sys.exit(main())
