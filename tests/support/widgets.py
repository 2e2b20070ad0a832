"""Widgets, what they are asked, and what they said."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

import jupyter_xai as xai
from conftest import ToyModel
from jupyter_xai.interface.widget.widget import ExplanationWidget

SLOW = 20.0
"""Seconds after which something is taken to hang."""


LONG = "Warm places. " + " ".join(f"Sentence number {i}." for i in range(9))


class Recorded:
    """Everything that a widget said, in order."""

    def __init__(self, widget: ExplanationWidget) -> None:
        self.results: list[dict[str, Any]] = []
        self.progress: list[dict[str, Any]] = []
        widget.observe(lambda change: self.results.append(change["new"]), names="result")
        widget.observe(lambda change: self.progress.append(change["new"]), names="progress")


def ask(widget: ExplanationWidget, **request: Any) -> None:
    widget.request = request
    assert widget.wait(SLOW)


def explain_request(number: int, **settings: Any) -> dict[str, Any]:
    return {"id": number, "kind": "explain", "settings": settings}


@pytest.fixture
def widget(toy: ToyModel) -> Iterator[ExplanationWidget]:
    widget = ExplanationWidget(xai.explain(LONG, toy, method="leave-one-out", k=2))
    yield widget
    assert widget.wait(SLOW)
    widget.close()


class Gate:
    """Holds the model at one of its batches until it is opened."""

    def __init__(self, toy: ToyModel, after: int) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()
        self._after = after
        toy.on_batch = self._pass

    def _pass(self) -> None:
        self._after -= 1
        if self._after == 0:
            self.reached.set()
            assert self.opened.wait(SLOW)
