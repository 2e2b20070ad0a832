"""`compare`: several explanations on one scale."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

import conftest
import jupyter_xai as xai
from jupyter_xai import XaiError, compare
from jupyter_xai.metrics import kendall_tau, top_k_overlap


def schema_of_comparisons() -> Draft202012Validator:
    """The schema of a comparison, which leads to that of explanations."""
    folder = Path(xai.__file__).parent / "schema"
    comparison, explanation = read = [
        json.loads((folder / f"{name}.schema.json").read_text("utf-8"))
        for name in ("comparison", "explanation")
    ]
    known = Registry().with_resources((each["$id"], Resource.from_contents(each)) for each in read)
    beside = "https://jupyter-xai.org/schema/explanation.schema.json"
    known = known.with_resource(beside, Resource.from_contents(explanation))
    return Draft202012Validator(comparison, registry=known)


SCHEMA = schema_of_comparisons()
WORDINGS = {"neutral": "Say warm words.", "men": "Say warm words to men.", "no": "Say no words."}


@pytest.fixture
def toy() -> conftest.ToyModel:
    return conftest.ToyModel()


def test_methods_stand_on_one_scale_with_their_own_numbers_kept(toy: Any) -> None:
    found = compare(conftest.TRAVEL, toy, methods=["leave-one-out", "shap", "similarity"])
    frame = found.frame()
    assert frame.groupby("label")["scaled"].apply(lambda s: np.abs(s).max()).eq(1).all()
    for label in ("leave-one-out", "shap", "similarity"):
        own = frame[frame["label"] == label]
        np.testing.assert_allclose(own["score"], found[label].total)
        ratio = own["score"] / np.abs(own["score"]).max()
        np.testing.assert_allclose(own["scaled"], ratio)
        assert own.sort_values("rank")["source"].tolist() == list(found[label].ranking())


def test_agreement_is_that_of_the_metrics(toy: Any) -> None:
    found = compare(conftest.TRAVEL, toy, methods=["leave-one-out", "random"], k=2)
    one, two = found["leave-one-out"].total, found["random"].total
    agreement = found.agreement()[0]
    assert agreement.kendall == kendall_tau(one, two)
    assert agreement.overlap == top_k_overlap(one, two, 2)
    assert agreement.common == 4


def test_models_are_compared_on_one_prompt() -> None:
    models = {"a": conftest.ToyModel(name="one"), "b": conftest.ToyModel("It is best.", "two")}
    found = compare(conftest.TRAVEL, models=models, method="leave-one-out")
    assert found["b"].response == "It is best."
    assert found.aligned


def test_wordings_are_compared_on_the_words_that_they_share(toy: Any) -> None:
    found = compare(model=toy, prompts=WORDINGS, method="leave-one-out")
    assert not found.aligned
    pairs = {(each.first, each.second): each for each in found.agreement()}
    # "words." and "words to men." differ, "Say" and "warm" are shared.
    assert pairs["neutral", "men"].common >= 2
    assert pairs["neutral", "no"].common == 3
    page = found._repr_mimebundle_()["text/html"]
    assert page.count("<table") == 3
    assert page.count('scope="row"') == sum(len(e.sources) for e in found.explanations.values())


def test_text_and_html_say_everything_and_escape_it() -> None:
    models = {"<b>a</b>": conftest.ToyModel(), "b": conftest.ToyModel(conftest.HOSTILE, "b")}
    found = compare("<script>x</script> Warm. Money.", models=models, method="leave-one-out")
    page = found._repr_mimebundle_()["text/html"]
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;" in page
    # Numbers, row and column headings, so that colour carries nothing alone.
    assert re.search(r'<th scope="row"[^>]*>.*Money', page)
    assert page.count('scope="col"') == 3
    assert "<caption>" in page
    text = str(found)
    assert "Kendall" in text
    assert "answer:" in text


def test_the_chart_is_drawn_offline(toy: Any) -> None:
    found = compare(conftest.TRAVEL, toy, methods=["leave-one-out", "shap"])
    spec = found.chart()._repr_mimebundle_()["application/vnd.vegalite.v5+json"]
    assert len(spec["data"]["values"]) == 8
    assert {row["label"] for row in spec["data"]["values"]} == {"leave-one-out", "shap"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "none was given"),
        ({"prompt": "A.", "methods": ["shap", "lime"], "models": ["tutor"]}, "methods and models"),
        ({"prompt": "A.", "prompts": ["A.", "B."]}, "in prompts="),
        ({"methods": ["shap", "lime"]}, "one prompt"),
        ({"prompt": "A.", "methods": ["shap"]}, "two or more"),
        ({"prompt": "A.", "methods": "shap"}, "a list or a mapping"),
        ({"prompt": "A.", "methods": ["shap", "shap"]}, "same name"),
        ({"prompt": "A.", "model": str.upper, "models": ["tutor", str.upper]}, "not both"),
        ({"prompt": "A b.", "methods": ["shap", "lime"], "k": 0}, "at least 1"),
    ],
)
def test_what_does_not_fit_is_refused(given: Any, message: str) -> None:
    with pytest.raises(XaiError, match=message):
        compare(**given)


def test_an_unknown_label_is_told(toy: Any) -> None:
    found = compare(conftest.TRAVEL, toy, methods=["random", "similarity"])
    with pytest.raises(XaiError, match="random, similarity"):
        found["shap"]


def test_settings_go_to_the_methods_that_have_them(toy: conftest.ToyModel) -> None:
    found = compare(conftest.TRAVEL, toy, methods=["linear", "shap"], alpha=0.5)
    assert found["linear"].record["method"]["settings"]["alpha"] == 0.5
    with pytest.raises(XaiError, match="has no setting 'alhpa'"):
        compare(conftest.TRAVEL, toy, methods=["linear", "shap"], alhpa=0.5)


def test_the_view_is_given_the_explanations_and_what_links_them(toy: Any) -> None:
    found = compare(prompts=WORDINGS, model=toy, method="leave-one-out")
    data = found.to_dict()
    assert [entry["label"] for entry in data["entries"]] == list(WORDINGS)
    assert [entry["explanation"] for entry in data["entries"]] == [
        found[label].to_dict() for label in WORDINGS
    ]
    assert data["entries"][0]["units"] == [0, 1, 2]
    assert data["entries"][1]["units"] == [0, 1, 2, None, None]
    assert [pair["common"] for pair in data["agreement"]] == [
        pair.common for pair in found.agreement()
    ]
    SCHEMA.validate(data)
    bundle = found._repr_mimebundle_()
    assert next(iter(bundle)) == "application/vnd.jupyter-xai.comparison.v1+json"
    assert bundle["application/vnd.jupyter-xai.comparison.v1+json"] == data


def test_progress_leaves_no_line_above_what_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[dict[str, str]] = []

    class Handle:
        def update(self, data: dict[str, str], **options: Any) -> None:
            shown[-1] = data

    def display(data: dict[str, str], **options: Any) -> Handle:
        shown.append(data)
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    monkeypatch.setattr("jupyter_xai.progress.in_kernel", lambda: True)
    monkeypatch.setattr("jupyter_xai.progress.PATIENCE", 0.0)
    monkeypatch.setattr("jupyter_xai.progress._BETWEEN", 0.0)
    compare(conftest.TRAVEL, conftest.ToyModel(), methods=["leave-one-out", "shap"], progress=True)
    assert shown == [{}]
