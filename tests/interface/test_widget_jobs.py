"""Runs that a widget shows: cancelled, overtaken, waiting for the cell, in threads of their own."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import jupyter_xai as xai
from conftest import TRAVEL, ToyModel
from jupyter_xai.errors import XaiError
from jupyter_xai.interface.widget.jobs import Job, Worker
from jupyter_xai.interface.widget.widget import ExplanationWidget
from widgets import LONG, SLOW, Gate, Recorded, ask, explain_request
from widgets import widget as widget


def test_cancelling_keeps_what_arrived(toy: ToyModel) -> None:
    widget = ExplanationWidget(xai.explain(LONG, toy, method="leave-one-out"))
    gate = Gate(toy, after=30)
    widget.request = explain_request(1, method="linear", perturbations=200)
    assert gate.reached.wait(SLOW)
    widget.request = {"id": 2, "kind": "cancel"}
    gate.opened.set()
    assert widget.wait(SLOW)
    assert widget.progress["state"] == "cancelled"
    assert widget.progress["request"] == 1
    made = widget.result["explanation"]
    assert widget.result["request"] == 1
    assert made["partial"]
    assert 30 <= made["perturbations"]["used"] < 200


def test_the_newest_request_wins(toy: ToyModel) -> None:
    widget = ExplanationWidget(xai.explain(LONG, toy, method="leave-one-out"))
    gate = Gate(toy, after=30)
    seen = Recorded(widget)
    widget.request = explain_request(1, method="linear", perturbations=200)
    assert gate.reached.wait(SLOW)
    early = len(seen.results)
    widget.request = explain_request(2, method="random")
    widget.request = explain_request(3, method="shap", perturbations=50)
    gate.opened.set()
    assert widget.wait(SLOW)
    later = {result["request"] for result in seen.results[early:]}
    assert later == {3}, "nothing of an overtaken request is published"
    assert widget.result["explanation"]["method"]["name"] == "shap"
    assert widget.progress["request"] == 3
    assert widget.progress["state"] == "idle"


def test_cancelling_a_waiting_request_is_told(toy: ToyModel) -> None:
    widget = ExplanationWidget(xai.explain(LONG, toy, method="leave-one-out"))
    gate = Gate(toy, after=30)
    widget.request = explain_request(1, method="linear", perturbations=200)
    assert gate.reached.wait(SLOW)
    widget.request = explain_request(2, method="shap")
    widget.request = {"id": 3, "kind": "cancel"}
    gate.opened.set()
    assert widget.wait(SLOW)
    assert widget.progress["request"] == 2
    assert widget.progress["state"] == "cancelled"


def test_two_widgets_are_independent(toy: ToyModel) -> None:
    one, two = (ExplanationWidget(xai.explain(p, toy, method="random")) for p in (LONG, TRAVEL))
    one.request = explain_request(1, method="shap")
    two.request = explain_request(1, method="leave-one-out")
    assert one.wait(SLOW)
    assert two.wait(SLOW)
    assert one.result["explanation"]["method"]["name"] == "shap"
    assert two.result["explanation"]["method"]["name"] == "leave-one-out"
    assert len(two.result["explanation"]["total"]) == 4


def test_requests_wait_for_a_run_in_the_main_thread(toy: ToyModel) -> None:
    widget = ExplanationWidget()
    with widget.foreground() as watcher:
        explanation = xai.explain(LONG, toy, method="leave-one-out", progress=watcher)
        widget.request = explain_request(1, method="random")
        watcher.finished(explanation)
        assert widget.result["request"] == 0
    assert widget.wait(SLOW)
    assert widget.result["request"] == 1


def test_cancelling_stops_a_run_in_the_main_thread(toy: ToyModel) -> None:
    widget = ExplanationWidget()
    asked = iter(range(1000))

    def cancel() -> None:
        if next(asked) == 20:
            thread = threading.Thread(
                target=lambda: setattr(widget, "request", {"id": 1, "kind": "cancel"})
            )
            thread.start()
            thread.join()

    toy.on_batch = cancel
    with widget.foreground() as watcher:
        explanation = xai.explain(LONG, toy, perturbations=100, progress=watcher)
        watcher.finished(explanation)
    assert explanation.partial
    assert widget.progress["state"] == "cancelled"
    assert widget.result["explanation"]["partial"]


def test_a_failing_run_in_the_main_thread_is_shown(toy: ToyModel) -> None:
    widget = ExplanationWidget()
    with pytest.raises(XaiError), widget.foreground() as watcher:
        xai.explain(LONG, toy, k=99, progress=watcher)
    assert widget.progress["state"] == "failed"
    assert "k is 99" in widget.progress["message"]


def test_progress_is_told_at_most_ten_times_a_second(
    toy: ToyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("jupyter_xai.interface.widget.jobs.perf_counter", lambda: clock[0])

    def tick() -> None:
        clock[0] += 0.01

    toy.on_batch = tick
    widget = ExplanationWidget()
    seen = Recorded(widget)
    with widget.foreground() as watcher:
        watcher.finished(xai.explain(LONG, toy, perturbations=200, progress=watcher))
    began, *running = [each for each in seen.progress if each["state"] == "running"]
    assert (began["done"], began["total"]) == (0, 0)
    assert 2 <= len(running) <= clock[0] * 10 + 2
    assert running[-1]["done"] <= running[-1]["total"]
    assert np.all(np.diff([each["seconds"] for each in running]) > 0.05)


def test_the_worker_forgets_what_was_overtaken() -> None:
    ran: list[int] = []
    started, go_on = threading.Event(), threading.Event()

    def run(job: Job) -> None:
        ran.append(job.request)
        started.set()
        assert go_on.wait(SLOW)

    worker = Worker(run)
    jobs = [Job(number) for number in range(4)]
    worker.submit(jobs[0])
    assert started.wait(SLOW)
    for job in jobs[1:]:
        worker.submit(job)
    go_on.set()
    assert worker.wait(SLOW)
    assert ran == [0, 3]
    assert jobs[0].stale
    assert not jobs[3].stale


def test_of_two_changed_prompts_the_newest_is_answered(toy: ToyModel) -> None:
    widget = ExplanationWidget(xai.explain(LONG, toy, method="random"))
    answers: list[dict[str, Any]] = []
    widget.observe(lambda change: answers.append(change["new"]), names="what_if")
    gate = Gate(toy, after=1)
    widget.request = {"id": 1, "kind": "what-if", "removed": [1, 2]}
    assert gate.reached.wait(SLOW)
    widget.request = {"id": 2, "kind": "what-if", "removed": [3, 4]}
    gate.opened.set()
    assert widget.wait(SLOW)
    assert [answer["request"] for answer in answers] == [2]
    assert [*answers[0]["removed"]] == [3, 4]


def test_a_changed_prompt_can_be_cancelled(toy: ToyModel) -> None:
    widget = ExplanationWidget(xai.explain(LONG, toy, method="random"))
    gate = Gate(toy, after=1)
    widget.request = {"id": 1, "kind": "what-if", "removed": [1, 2]}
    assert gate.reached.wait(SLOW)
    widget.request = {"id": 2, "kind": "cancel"}
    gate.opened.set()
    assert widget.wait(SLOW)
    assert (widget.progress["request"], widget.progress["state"]) == (1, "cancelled")
    assert widget.what_if == {}
    assert widget.result["explanation"]["partial"] is False


def test_a_cancelled_comparison_keeps_the_methods_that_have_scores(toy: ToyModel) -> None:
    widget = ExplanationWidget(xai.explain(LONG, toy, method="leave-one-out"))
    seen = Recorded(widget)
    toy.on_batch = lambda: widget.set_trait("request", {"id": 2, "kind": "cancel"})
    ask(widget, id=1, kind="compare", methods=["shap", "lime"])
    assert [entry["label"] for entry in widget.compared["entries"]] == ["leave-one-out", "shap"]
    assert widget.compared["entries"][1]["explanation"]["partial"]
    assert any(each["message"].startswith("shap") for each in seen.progress)
    widget.close()
