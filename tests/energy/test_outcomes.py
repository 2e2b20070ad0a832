"""What answers to masked prompts still hold, against a model whose rules are known."""

from __future__ import annotations

import torch

from jupyter_xai.energy.answers import Answers
from jupyter_xai.energy.outcomes import Outcomes
from jupyter_xai.energy.pairs import Pair
from jupyter_xai.models.base import Sampling
from jupyter_xai.models.load import load

RULES = {"cold": "Take a coat. ", "hungry": "Eat some bread. "}
PROMPTS = ("It rains. I am cold. I am hungry.", "We are hungry. Help me.")


def answer(prompt):
    return "".join(said for word, said in RULES.items() if word in prompt) or "Fine. "


def outcomes(count=8, most=None):
    answers = Answers(load(answer, name="rules"), Sampling(), max_queries=most)
    pairs = [Pair.of(prompt, answer(prompt)) for prompt in PROMPTS]
    return Outcomes(pairs, answers, count=count, seed=0), answers


def test_a_target_is_said_as_long_as_its_cause_is_there():
    found, _ = outcomes()
    kept, said, asked = found.pack([0, 0, 1], [0, 1, 0], width=4)
    for row, cause in enumerate((1, 2, 0)):
        here = asked[row] == 1
        assert torch.equal(said[row][here], kept[row, :, cause][here])
        assert 0 < said[row][here].mean() < 1


def test_the_whole_prompt_is_among_them_and_padding_is_kept():
    kept, said, asked = outcomes()[0].pack([0, 1], [0, 0], width=4)
    for each in (kept, said, asked):
        assert each[:, 0].all()
    assert kept[0, :, 3].all()
    assert kept[1, :, 2:].all()
    # One without each of the two sentences; nothing else can be left out of the second prompt.
    assert asked[1].sum() == 3


def test_a_budget_is_spent_on_all_pairs():
    found, answers = outcomes(most=2)
    assert answers.queries == 2
    assert found.pack([0, 1], [0, 0], width=3)[2].sum(dim=1).tolist() == [2, 2]
    nothing, _ = outcomes(most=0)
    assert nothing.pack([0, 1], [0, 0], width=3)[2].sum(dim=1).tolist() == [1, 1]
