"""The built widget in a bare page, with a stand-in for the kernel's side of the traits."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "jupyter_xai" / "static"

TABS = ("Matrix", "Flow", "Curve", "Checks", "What if", "Settings", "Scores")
"""Every tab of the view; Scores, which is open at the beginning, comes last."""

CHOICES = {
    "methods": [
        {"name": "linear", "title": "Linear", "available": True, "why": ""},
        {"name": "leave-one-out", "title": "Leave one out", "available": True, "why": ""},
        {"name": "shap", "title": "SHAP", "available": True, "why": ""},
        {"name": "saliency", "title": "Saliency", "available": False, "why": "needs gradients"},
    ],
    "levels": ["token", "word", "sentence", "paragraph"],
    "response_levels": ["token", "word", "sentence"],
    "values": ["logprob", "logit"],
    "metrics": [
        {"name": "curves", "title": "Curves", "what": "AOPC", "cost": "200 forwards", "why": ""},
        {"name": "text", "title": "Answers", "what": "BLEU", "cost": "7 answers", "why": "no text"},
    ],
    "text": "Where should I go?",
}
IDLE = {
    "request": 0,
    "state": "idle",
    "done": 0,
    "total": 0,
    "seconds": 0.0,
    "seconds_left": None,
    "message": "",
}

# A model as anywidget hands it to a widget. `sent` keeps the requests, `arrive` plays the kernel.
MOUNT = """async ({name, esm, state}) => {
  // One module for all views of a page, so that what it keeps for itself would be seen.
  const source = new Blob([esm], {type: 'text/javascript'});
  window.loaded ??= import(URL.createObjectURL(source));
  const { default: widget } = await window.loaded;
  const listeners = new Map();
  const sent = [];
  const model = {
    get: (key) => state[key],
    set: (key, value) => { state[key] = value; },
    save_changes: () => sent.push(structuredClone(state.request)),
    on: (event, f) => listeners.set(event, [...(listeners.get(event) ?? []), f]),
    off: (event, f) =>
      listeners.set(event, (listeners.get(event) ?? []).filter((other) => other !== f)),
  };
  const el = document.createElement('div');
  el.className = name;
  document.body.append(el);
  window[name] = {
    sent,
    listeners,
    arrive: (key, value) => {
      state[key] = value;
      for (const f of listeners.get('change:' + key) ?? []) f();
    },
    cleanup: await widget.render({ model, el }),
  };
}"""

MOUNT_SAVED = """async ({name, esm, explanation}) => {
  const source = new Blob([esm], {type: 'text/javascript'});
  const { mount } = await import(URL.createObjectURL(source));
  const el = document.createElement('div');
  el.className = name;
  document.body.append(el);
  window[name] = { view: mount(el, explanation) };
}"""


# What anywidget makes of bytes in a trait: views of the message's buffers.
RECEIVE = """({name, result, buffers}) => {
  const view = (text) => {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return new DataView(bytes.buffer);
  };
  for (const [key, text] of Object.entries(buffers)) result.explanation.packed[key] = view(text);
  window[name].arriving = () => window[name].arrive('result', result);
}"""


class Harness:
    """A page, what went wrong in it, and the widgets in it by name."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        options.setdefault("viewport", {"width": 1000, "height": 900})
        options.setdefault("reduced_motion", "reduce")
        self.context: BrowserContext = browser.new_context(**options)
        self.page: Page = self.context.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._on_console)
        self.page.route("**/*", lambda route: self._on_request(route))
        self.page.set_content(
            "<!doctype html><html lang=en><title>View</title><style>"
            "html{color-scheme:light dark} body{margin:12px}</style><main></main></html>"
        )
        self.page.add_style_tag(content=(STATIC / "widget.css").read_text())

    def mount(self, explanation: dict[str, Any] | None, name: str = "first", **state: Any) -> None:
        state = {
            "result": {"request": 0, "explanation": explanation},
            "progress": IDLE,
            "choices": CHOICES,
            "request": {},
        } | state
        esm = (STATIC / "widget.js").read_text()
        state |= {"_esm": esm, "_css": (STATIC / "widget.css").read_text()}
        self.page.evaluate(MOUNT, {"name": name, "esm": esm, "state": state})

    def mount_saved(self, explanation: dict[str, Any], name: str = "first") -> None:
        esm = (STATIC / "view.js").read_text()
        self.page.evaluate(MOUNT_SAVED, {"name": name, "esm": esm, "explanation": explanation})

    def arrive(self, trait: str, value: Any, name: str = "first") -> None:
        """The kernel sets a trait."""
        self.page.evaluate(
            "({name, trait, value}) => window[name].arrive(trait, value)",
            {"name": name, "trait": trait, "value": value},
        )

    def receive(self, explanation: dict[str, Any], name: str = "first", request: int = 0) -> None:
        """The kernel sends an explanation as `sendable` packs it; `arriving()` then draws it."""
        packed = explanation["packed"]
        buffers = {key: value for key, value in packed.items() if isinstance(value, bytes)}
        listed = {key: value for key, value in packed.items() if key not in buffers}
        self.page.evaluate(
            RECEIVE,
            {
                "name": name,
                "result": {"request": request, "explanation": {**explanation, "packed": listed}},
                "buffers": {key: b64encode(value).decode() for key, value in buffers.items()},
            },
        )

    def sent(self, name: str = "first") -> list[dict[str, Any]]:
        """The requests so far."""
        return self.page.evaluate("(name) => window[name].sent", name)

    def _on_console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(message.text)

    def _on_request(self, route: Any) -> None:
        if route.request.url.startswith(("blob:", "data:", "about:")):
            route.continue_()
        else:
            self.problems.append(f"asked the network for {route.request.url}")
            route.abort()


Open = Callable[..., Harness]
"""Opens a page, by the options of `Harness`."""
