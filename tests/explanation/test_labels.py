"""Scores are called what they are, wherever they stand."""

from __future__ import annotations

import pytest

import jupyter_xai as xai
from jupyter_xai.explanation.labels import score_name, score_noise, value_name
from jupyter_xai.methods import get

PROMPT = "I want to rest. No cities, though."


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("similarity", "likeness of meaning"),
        ("attention", "share of attention"),
        ("saliency", "slope of the log-probability"),
        ("random", "random numbers"),
    ],
)
def test_what_is_no_log_probability_is_not_called_one(method: str, said: str) -> None:
    explanation = xai.explain(PROMPT, "tutor", method=method, response="Rest by the sea.")
    heading = str(explanation).splitlines()[0]
    assert said in heading
    assert "nats) " not in heading or method == "saliency"
    assert said in str(explanation.html())
    assert said in str(explanation.chart().to_dict())
    # What the checks measure is another thing.
    assert "log-probability (nats)" in explanation.metrics()["meaning"][0]


def test_scores_of_the_value_carry_its_name_and_its_noise() -> None:
    explanation = xai.explain(PROMPT, "tutor", method="leave-one-out", response="Rest by the sea.")
    assert score_name(explanation.record) == value_name(explanation.record)
    assert score_noise(explanation.record) == explanation.noise
    foil = xai.explain(PROMPT, "tutor", response="Rest by the sea.", foil="Ski.", method="shap")
    assert "lead over the other answer" in str(foil).splitlines()[0]


def test_noise_of_answers_hides_no_score_of_another_kind() -> None:
    record = {"value": "text", "noise": 0.3, "method": {"measure": "similarity"}}
    assert score_noise(record) == 0.0


def test_a_variant_may_measure_something_else() -> None:
    assert get("saliency").measure == "slope"
    assert get("saliency", variant="norm").measure == "sensitivity"
