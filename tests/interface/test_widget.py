"""The widget's Python side: requests in, results and progress out, the newest request wins."""

from __future__ import annotations

import json
from typing import Any

import pytest

import jupyter_xai as xai
from conftest import TRAVEL, ToyModel
from jupyter_xai.explanation.result import MIME
from jupyter_xai.interface.explanation import Explanation
from jupyter_xai.interface.widget.widget import ExplanationWidget
from widgets import LONG, Recorded, ask, explain_request
from widgets import widget as widget


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
