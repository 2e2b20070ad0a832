"""The widget's Python side: requests in, results and progress out, the newest request wins."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import jupyter_xai as xai
from conftest import TRAVEL, ToyModel
from jupyter_xai.errors import XaiError
from jupyter_xai.explanation.result import MIME
from jupyter_xai.interface.explanation import Explanation
from jupyter_xai.interface.widget.jobs import Job, Worker
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


def test_it_shows_what_it_is_given(widget: ExplanationWidget) -> None:
    assert widget.result["request"] == 0
    assert widget.explanation is not None
    assert widget.result["explanation"] == widget.explanation.to_dict()
    assert widget.progress["state"] == "idle"
    names = [method["name"] for method in widget.choices["methods"]]
    assert names[0] == "linear"
    lacking = {each["name"]: each["why"] for each in widget.choices["methods"] if each["why"]}
    assert all(each["available"] != (each["name"] in lacking) for each in widget.choices["methods"])
    assert "foil='...'" in lacking["contrastive"], "this model tells no next-best answer"
    assert not {"linear", "leave-one-out", "shap", "lime"} & {*lacking}
    assert widget.choices["levels"] == ["token", "word", "sentence", "paragraph"]
    assert widget.choices["response_levels"] == ["token", "word", "sentence", "paragraph"]
    assert widget.choices["values"] == ["logprob", "logit", "text"]


def test_choices_of_a_model_that_gives_text_only() -> None:
    e = xai.explain(LONG, str.upper, method="random", response="a b")
    choices = ExplanationWidget(e).choices
    assert choices["levels"] == ["word", "sentence", "paragraph"]
    assert choices["values"] == ["text"]


def test_a_request_is_answered(widget: ExplanationWidget) -> None:
    seen = Recorded(widget)
    ask(widget, **explain_request(1, method="shap", perturbations=64))
    assert widget.result["request"] == 1
    assert widget.result["explanation"]["method"]["name"] == "shap"
    assert widget.progress["request"] == 1
    assert widget.progress["state"] == "idle"
    assert seen.progress[0]["state"] == "running"
    assert len(seen.results) >= 3, "first scores come before the end"
    used = [each["explanation"]["perturbations"]["used"] for each in seen.results]
    assert used == sorted(used)


def test_requests_build_on_each_other(widget: ExplanationWidget) -> None:
    ask(widget, **explain_request(1, method="shap"))
    ask(widget, **explain_request(2, response_units="word"))
    made = widget.result["explanation"]
    assert made["method"]["name"] == "shap"
    assert made["response"]["level"] == "word"
    ask(widget, **explain_request(3, units="paragraph"))
    made = widget.result["explanation"]
    assert made["prompt"]["level"] == "paragraph"
    assert made["k"] == 1, "no more than there are units"


def test_a_piece_of_the_response_is_explained_and_let_go(widget: ExplanationWidget) -> None:
    whole = widget.result["explanation"]
    text = "".join(unit["text"] for unit in whole["response"]["units"])
    end = len(text.split(maxsplit=1)[0])
    ask(widget, **explain_request(1, targets=[[0, end]]))
    made = widget.result["explanation"]
    ((start, stop),) = made["response"]["targets"]["spans"]
    assert made["response"]["targets"]["kind"] == "spans"
    assert text[start:stop].strip() == text[:end], "whole tokens"
    assert made["response"]["units"][0]["targets"] == [text[:end]]
    assert made["total"] != whole["total"]
    ask(widget, **explain_request(2, targets=None))
    assert widget.result["explanation"]["total"] == whole["total"]
    assert "targets" not in widget.result["explanation"]["response"]
    ask(widget, **explain_request(3, targets=[[0, len(text) + 9]]))
    assert "leaves the response" in widget.progress["message"]


def test_the_response_is_compared_with_what_the_reader_names(widget: ExplanationWidget) -> None:
    whole = widget.result["explanation"]
    text = "".join(unit["text"] for unit in whole["response"]["units"])
    ask(widget, **explain_request(1, value="logit", targets=[[0, 2]]))
    ask(widget, **explain_request(2, foil="Nowhere at all."))
    made = widget.result["explanation"]
    assert made["response"]["foil"]["text"].strip() == "Nowhere at all."
    assert made["response"]["foil"]["supplied"]
    assert "targets" not in made["response"]
    assert made["value"] == "logprob"
    assert "".join(unit["text"] for unit in made["response"]["units"]) == text
    assert "logit" not in widget.choices["values"]
    ask(widget, id=3, kind="checks", k=3)
    assert [check["k"] for check in widget.result["explanation"]["checks"]] == [2, 3]
    assert "foil" in widget.result["explanation"]["response"]
    ask(widget, **explain_request(4, foil=text))
    assert "equals the response" in widget.progress["message"]
    ask(widget, **explain_request(5, foil=None))
    assert "foil" not in widget.result["explanation"]["response"]
    assert widget.result["explanation"]["total"] == whole["total"]
    assert "logit" in widget.choices["values"]


def test_metrics_are_measured_on_demand(widget: ExplanationWidget) -> None:
    offered = {each["name"]: each for each in widget.choices["metrics"]}
    assert "200 forwards" in offered["curves"]["cost"]
    assert offered["divergence"]["why"]
    before = [each["name"] for each in widget.result["explanation"]["metrics"]]
    ask(widget, id=1, kind="metrics", groups=["curves"], k=2)
    metrics = {each["name"]: each for each in widget.result["explanation"]["metrics"]}
    assert set(metrics) > set(before)
    assert any("AOPC" in name for name in metrics)
    assert widget.progress["state"] == "idle"
    ask(widget, id=2, kind="metrics", groups=["divergence"], k=2)
    assert widget.progress["state"] == "failed"
    assert "cannot be computed" in widget.progress["message"]
    ask(widget, id=3, kind="metrics", groups=["nonsense"], k=2)
    assert "nonsense" in widget.progress["message"]


def test_checks_are_added(widget: ExplanationWidget) -> None:
    ask(widget, id=1, kind="checks", k=3)
    assert [check["k"] for check in widget.result["explanation"]["checks"]] == [2, 3]
    assert widget.result["request"] == 1


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"kind": "checks", "k": 99}, "k is 99, but the prompt has only 10 sentences"),
        ({"kind": "checks"}, "k must be a whole number"),
        (
            {"kind": "explain", "settings": {"method": "magic"}},
            "magic",
        ),
        ({"kind": "explain", "settings": {"perturbations": "many"}}, "must be a whole number"),
        ({"kind": "explain", "settings": {"units": "<b>"}}, "unknown units '<b>'"),
        ({"kind": "dance"}, "unknown; reload the page"),
    ],
)
def test_bad_requests_fail_with_one_line(
    widget: ExplanationWidget, request_: dict[str, Any], message: str
) -> None:
    before = widget.result
    ask(widget, id=7, **request_)
    assert widget.progress["state"] == "failed"
    assert widget.progress["request"] == 7
    assert message in widget.progress["message"]
    assert "\n" not in widget.progress["message"]
    assert widget.result == before
    ask(widget, **explain_request(8, method="random"))
    assert widget.progress["state"] == "idle"


def test_a_models_own_failure_is_told(toy: ToyModel) -> None:
    widget = ExplanationWidget(xai.explain(LONG, toy, method="leave-one-out"))

    def broken() -> None:
        msg = "out of memory"
        raise RuntimeError(msg)

    toy.on_batch = broken
    ask(widget, **explain_request(1, method="shap"))
    assert widget.progress["state"] == "failed"
    assert widget.progress["message"] == "RuntimeError: out of memory"


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


def test_an_opened_explanation_says_why_nothing_can_be_computed(
    toy: ToyModel, tmp_path: Any
) -> None:
    path = xai.explain(TRAVEL, toy, method="random").save(tmp_path / "e.json")
    widget = ExplanationWidget(xai.open(path))
    assert not any(method["available"] for method in widget.choices["methods"])
    assert all("without its model" in method["why"] for method in widget.choices["methods"])
    ask(widget, **explain_request(1, method="shap"))
    assert widget.progress["state"] == "failed"
    assert "opened without its model" in widget.progress["message"]


def test_a_large_explanation_is_sent_within_bounds(widget: ExplanationWidget) -> None:
    made = widget.explanation
    assert isinstance(made, Explanation)
    assert ExplanationWidget(made).result["explanation"]["scores"] == made.to_dict()["scores"]


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


# Curves and changed prompts


def test_curves_are_added_and_stay_with_checks(widget: ExplanationWidget) -> None:
    ask(widget, id=1, kind="curves")
    made = widget.result["explanation"]
    assert widget.result["request"] == 1
    assert len(made["curves"]["deletion"]) == 11
    ask(widget, id=2, kind="checks", k=3)
    assert widget.result["explanation"]["curves"] == made["curves"]


def test_a_changed_prompt_is_answered_beside_the_explanation(widget: ExplanationWidget) -> None:
    before = widget.result
    assert widget.choices["text"] == LONG
    ask(widget, id=1, kind="what-if", removed=[0])
    found = widget.what_if
    assert found["request"] == 1
    assert found["removed"] == [0] or found["removed"] == (0,)
    fall = found["logprob_before"] - found["logprob"]
    assert fall == pytest.approx(before["explanation"]["total"][0])
    assert widget.result == before, "the explanation stays as it is"
    assert (widget.progress["request"], widget.progress["state"]) == (1, "idle")
    ask(widget, id=2, kind="what-if", text="Warm places, please.")
    assert widget.what_if["text"] == "Warm places, please."
    assert widget.what_if["request"] == 2


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"removed": list(range(10))}, "all 10 sentences are switched off"),
        ({"text": "\n"}, "the prompt is"),
        ({}, "either removed=[...] or text='...'"),
        ({"removed": "all"}, "is not understood"),
        ({"text": 7}, "the prompt"),
    ],
)
def test_a_prompt_that_cannot_be_asked_fails_with_one_line(
    widget: ExplanationWidget, asked: dict[str, Any], message: str
) -> None:
    ask(widget, id=1, kind="what-if", **asked)
    assert widget.progress["state"] == "failed"
    assert message in widget.progress["message"]
    assert "\n" not in widget.progress["message"]
    assert widget.what_if == {}


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


def test_other_methods_are_set_beside(widget: ExplanationWidget) -> None:
    shown = widget.explanation
    ask(widget, id=1, kind="compare", methods=["shap", "lime"])
    found = widget.compared
    assert found["request"] == 1
    assert [entry["label"] for entry in found["entries"]] == ["leave-one-out", "shap", "lime"]
    assert [len(entry["units"]) for entry in found["entries"]] == [10, 10, 10]
    assert len(found["agreement"]) == 3
    assert widget.explanation is shown, "the explanation stays as it is"
    assert widget.result["request"] == 0
    assert widget.progress["state"] == "idle"
    ask(widget, id=2, kind="compare", methods=["leave-one-out"])
    assert "at least one method beside leave-one-out" in widget.progress["message"]


def test_a_cancelled_comparison_keeps_the_methods_that_have_scores(toy: ToyModel) -> None:
    widget = ExplanationWidget(xai.explain(LONG, toy, method="leave-one-out"))
    seen = Recorded(widget)
    toy.on_batch = lambda: widget.set_trait("request", {"id": 2, "kind": "cancel"})
    ask(widget, id=1, kind="compare", methods=["shap", "lime"])
    assert [entry["label"] for entry in widget.compared["entries"]] == ["leave-one-out", "shap"]
    assert widget.compared["entries"][1]["explanation"]["partial"]
    assert any(each["message"].startswith("shap") for each in seen.progress)
    widget.close()


def test_what_a_notebook_saves_is_told_on_demand(
    widget: ExplanationWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(widget, "send", sent.append)
    ask(widget, id=1, kind="checks", k=3)
    ask(widget, id=2, kind="what-if", removed=[0])
    widget._handle_custom_msg({"kind": "bundle"}, [])
    data = sent[0]["data"]
    assert [check["k"] for check in data[MIME]["checks"]] == [2, 3]
    assert {*data} == {MIME, "text/html", "text/plain"}, "the live view stands already"
    assert [*sent[0]["metadata"][MIME]["what_if"]["removed"]] == [0]
    json.dumps(sent[0], allow_nan=False)
    ask(widget, **explain_request(3, units="word"))
    widget._handle_custom_msg({"kind": "bundle"}, [])
    assert sent[1]["data"][MIME]["prompt"]["level"] == "word"
    assert sent[1]["metadata"] == {}, "it told of sentences"
