"""What is known of masked prompts, against a model whose rules are known, and the game's values."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from jupyter_xai.errors import XaiError
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.models import tutor
from jupyter_xai.models.base import Sampling
from jupyter_xai.models.load import load
from jupyter_xai.training.answer_store import KeptAnswers
from jupyter_xai.training.answers import Answers
from jupyter_xai.training.outcomes import by_answers, by_likelihood
from jupyter_xai.training.pairs import Pair

RULES = {"cold": "Take a coat. ", "hungry": "Eat some bread. "}
PROMPTS = ("It rains. I am cold. I am hungry.", "We are hungry. Help me.")


def answer(prompt):
    return "".join(said for word, said in RULES.items() if word in prompt) or "Fine. "


def outcomes(count=8, most=None):
    answers = Answers(load(answer, name="rules"), Sampling(), max_queries=most)
    pairs = [Pair.of(prompt, answer(prompt)) for prompt in PROMPTS]
    return by_answers(pairs, answers, count=count, seed=0), answers


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


def told(seed=3, n=2):
    """Pairs of the tutor."""
    samples = [each for family in ("travel", "facts") for each in tutor.samples(family, n, seed)]
    return [Pair.of(sample.prompt, sample.response) for sample in samples]


def test_likelihoods_are_those_of_the_game():
    model, pairs = load("tutor"), told()
    found = by_likelihood(pairs, Answers(model, Sampling()), count=6, seed=0)
    for index, pair in enumerate(pairs):
        prompt = model.prompt("".join(pair.prompt))
        game = MaskingGame(model, prompt, model.supplied(prompt, "".join(pair.response)))
        for target in range(len(pair.response)):
            kept, said, asked = (
                each[0] for each in found.pack([index], [target], len(pair.prompt))
            )
            masks = kept[asked == 1].numpy().astype(bool)
            assert masks[0].all()
            values = game.values(masks)[:, target]
            wanted = np.minimum(np.exp(values - values[0]), 1)
            assert said[asked == 1].numpy() == pytest.approx(wanted, abs=1e-4)
            assert said[0] == 1


def test_every_score_is_a_query_and_a_budget_is_shared_out():
    model, pairs = load("tutor"), told()
    chosen, width = list(range(len(pairs))), max(len(pair.prompt) for pair in pairs)
    # What is left over goes to the last.
    for most, counts in ((14, [3, 3, 4, 4]), (4, [1] * 4), (0, [1] * 4)):
        answers = Answers(model, Sampling(), max_queries=most)
        found = by_likelihood(pairs, answers, count=6, seed=0)
        assert answers.queries == most
        asked = found.pack(chosen, [0] * len(pairs), width)[2]
        assert asked.sum(dim=1).tolist() == counts


def test_scores_on_disk_are_not_asked_for_again(tmp_path):
    model, pairs = load("tutor"), told(n=1)
    told_of = []
    first = KeptAnswers(model, tmp_path, told=lambda: told_of.append(1))
    once = by_likelihood(pairs, first, count=4, seed=0)
    assert len(told_of) == len(pairs)

    class Silent:
        """The same model, which does not answer any more."""

        def __getattr__(self, name):
            if name == "score":
                raise AssertionError
            return getattr(model, name)

    second = KeptAnswers(Silent(), tmp_path)
    again = by_likelihood(pairs, second, count=4, seed=0)
    assert second.queries == first.queries > 0
    for one, other in zip(once.pack([0], [0], 9), again.pack([0], [0], 9), strict=True):
        assert torch.equal(one, other)


def test_a_model_without_log_probabilities_has_no_likelihoods():
    answers = Answers(load(answer, name="rules"), Sampling())
    with pytest.raises(XaiError, match="log-prob"):
        by_likelihood([Pair.of(PROMPTS[0], answer(PROMPTS[0]))], answers, count=4, seed=0)
