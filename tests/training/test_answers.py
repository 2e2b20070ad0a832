"""Answers that are asked for ahead: once, in batches, within the budget."""

from __future__ import annotations

from jupyter_xai.models.base import Sampling
from jupyter_xai.models.load import load
from jupyter_xai.training.answer_store import KeptAnswers
from jupyter_xai.training.answers import Answers

PROMPTS = ("I love wine.", "I want a place to relax. No busy cities, though.", "I have a week off.")


def test_together_they_are_what_they_are_alone():
    model = load("tutor")
    together = Answers(model, Sampling(), at_once=3)
    together.ahead(PROMPTS)
    alone = Answers(model, Sampling())
    assert together.known == {prompt: alone(prompt) for prompt in PROMPTS}


def test_the_budget_holds_ahead():
    for model in (load("tutor"), load(str.upper, name="shout")):
        answers = Answers(model, Sampling(), max_queries=2)
        answers.ahead([*PROMPTS, *PROMPTS])
        assert answers.queries == 2
        assert set(answers.known) == set(PROMPTS[:2])
        assert answers(PROMPTS[2]) is None


def test_what_is_kept_is_not_asked_again(tmp_path):
    asked = []

    def model(prompt):
        asked.append(prompt)
        return prompt.upper()

    for _ in range(2):
        KeptAnswers(load(model, name="shout"), tmp_path).ahead(PROMPTS)
    assert asked == list(PROMPTS)
