"""What a browser's main thread does, from its own trace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from playwright.sync_api import Browser, Page

_CATEGORIES = ("devtools.timeline", "disabled-by-default-devtools.timeline", "blink.user_timing")
# The tasks that answer an input and bring what it changed to the screen.
_KINDS = {
    "EventDispatch": "script",
    "FunctionCall": "script",
    "TimerFire": "script",
    "FireAnimationFrame": "script",
    "HitTest": "layout",
    "UpdateLayoutTree": "style",
    "Layout": "layout",
    "PrePaint": "paint",
    "Paint": "paint",
    "Layerize": "paint",
    "Commit": "paint",
}
# Made by mouse.move() on its way in, and by our own waiting.
_TWO_FRAMES = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0))))"""


@dataclass(frozen=True)
class Span:
    """Milliseconds of main-thread work between two marks.

    Attributes
    ----------
    total : float
        By the clock on the wall, with what other processes took of the core meanwhile.
    own : float
        By the thread's own clock.
    kinds : dict of str to float
        The total by kind of work.
    """

    total: float
    own: float
    kinds: dict[str, float]


class Trace:
    """Records while it is open; `mark` cuts the record into spans."""

    def __init__(self, browser: Browser, page: Page) -> None:
        self._page = page
        self._session = browser.new_browser_cdp_session()
        self._events: list[dict[str, Any]] = []
        self._complete = False
        self._session.on("Tracing.dataCollected", lambda found: self._events.extend(found["value"]))
        self._session.on("Tracing.tracingComplete", lambda _: self._end())

    def __enter__(self) -> Trace:
        config = {"includedCategories": list(_CATEGORIES)}
        self._session.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": config})
        return self

    def __exit__(self, *_: object) -> None:
        self._session.send("Tracing.end")
        while not self._complete:
            self._page.wait_for_timeout(20)
        self._session.detach()

    def mark(self) -> None:
        """End a span and begin the next, once all that was asked for is on the screen."""
        self._page.evaluate(_TWO_FRAMES)
        self._page.evaluate("performance.mark('span')")

    def spans(self) -> list[Span]:
        """The work between each two marks."""
        marks = [event for event in self._events if _is_mark(event)]
        if not marks:
            return []
        thread = marks[0]["pid"], marks[0]["tid"]
        work = sorted(
            (
                event["ts"],
                event["ts"] + event.get("dur", 0),
                _KINDS[event["name"]],
                event.get("tdur", 0),
            )
            for event in self._events
            if (event["pid"], event["tid"]) == thread
            and event["ph"] == "X"
            and event["name"] in _KINDS
        )
        times = sorted(event["ts"] for event in marks)
        return [
            _span([each for each in work if start <= each[0] < end])
            for start, end in pairwise(times)
        ]

    def _end(self) -> None:
        self._complete = True


def _is_mark(event: dict[str, Any]) -> bool:
    return event["name"] == "span" and event.get("cat", "").startswith("blink.user_timing")


def _span(work: Sequence[tuple[float, float, str, float]]) -> Span:
    """Each microsecond counts once, for the innermost task that it was spent in."""
    kinds: dict[str, float] = defaultdict(float)
    open_tasks: list[tuple[float, str]] = []
    last = 0.0
    own = 0.0
    for start, end, kind, lasted in [*work, (float("inf"), float("inf"), "", 0.0)]:
        while open_tasks and open_tasks[-1][0] <= start:
            until, inner = open_tasks.pop()
            kinds[inner] += max(0.0, until - last)
            last = max(last, until)
        if not open_tasks:
            own += lasted  # what it holds within is counted with it
        else:
            kinds[open_tasks[-1][1]] += max(0.0, start - last)
        last = max(last, start)
        open_tasks.append((end, kind))
    in_all = {kind: time / 1000 for kind, time in kinds.items()}
    return Span(sum(in_all.values()), own / 1000, in_all)
