"""gSMILE on models that draw their answers: several for each masked prompt."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

import jupyter_xai as xai
import tiny
from jupyter_xai.errors import XaiError
from jupyter_xai.game.ledger import SESSION, Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.masking import every
from jupyter_xai.methods.gsmile.local_fit import kernel_weights
from jupyter_xai.methods.gsmile.method import Gsmile
from jupyter_xai.methods.gsmile.permutation_test import permutation_test
from jupyter_xai.models.base import Operator, Sampling
from jupyter_xai.models.function import FunctionModel
from jupyter_xai.models.local.transformers import TransformersModel
from jupyter_xai.text.distance import sentence_costs, text_distance

PROMPT = "Somewhere warm please now"
WARM, CITY = "Go to a warm island.", "Stay in the old city."
APART = text_distance("wmd", WARM, [CITY])[0]


class Oracle:
    """Answers WARM with a chance that the prompt's words make, by the seed that it is told."""

    def __init__(self, **chances: float) -> None:
        self.chances = {"warm": 0.6, "please": 0.2, **chances}
        self.asked: list[tuple[str, int]] = []

    def chance(self, prompt: str) -> float:
        return sum(by for word, by in self.chances.items() if word in prompt)

    def __call__(self, prompt: str, seed: int) -> str:
        self.asked.append((prompt, seed))
        drawn = np.random.default_rng(seed).random()
        return WARM if drawn < self.chance(prompt) else CITY


def game_of(oracle: Oracle, prompt_text: str, sampling: Sampling) -> MaskingGame:
    model = FunctionModel(oracle)
    prompt = model.prompt(prompt_text, units="word")
    response = model.respond(prompt, sampling)
    return MaskingGame(
        model, prompt, response, value="text", distance="wmd", sampling=sampling, ledger=Ledger()
    )


def test_every_answer_is_drawn_by_a_seed_of_its_own_and_asked_for_once() -> None:
    oracle = Oracle()
    e = xai.explain(PROMPT, oracle, method="gsmile", samples=4)
    asked = Counter(prompt for prompt, _ in oracle.asked)
    # The whole prompt's answers are compared with the response, which is drawn apart.
    assert asked.pop(PROMPT) == 5
    assert set(asked.values()) == {4}
    assert len(asked) == 14
    assert len({seed for _, seed in oracle.asked}) == len(oracle.asked)
    assert e.record["cost"]["generations"] == len(oracle.asked) == 61
    assert e.record["method"]["settings"]["sampling"]["samples"] == 4
    again = xai.explain(PROMPT, oracle, method="gsmile", samples=4)
    assert len(oracle.asked) == 61
    assert (again.total == e.total).all()
    # More answers for each mask are added to those that are there.
    xai.explain(PROMPT, oracle, method="gsmile", samples=6)
    assert len(oracle.asked) == 61 + 2 * 15


def test_one_seed_gives_one_result_and_another_gives_another() -> None:
    totals = []
    for seed in (0, 0, 1):
        SESSION.clear()
        totals.append(xai.explain(PROMPT, Oracle(), method="gsmile", samples=3, seed=seed).total)
    assert (totals[0] == totals[1]).all()
    assert (totals[0] != totals[2]).any()


def test_answers_drawn_in_another_way_are_not_taken_for_these() -> None:
    """What is remembered is known by all sampling settings, and nothing is drawn by default."""
    oracle = Oracle()
    xai.explain("warm please", oracle, method="gsmile")
    assert len(oracle.asked) == 3
    for settings in ({"temperature": 1.0}, {"temperature": 2.0}, {"max_new_tokens": 9}):
        before = len(oracle.asked)
        xai.explain("warm please", oracle, method="gsmile", samples=2, **settings)
        assert len(oracle.asked) == before + 1 + 2 * 3


def test_values_are_unbiased() -> None:
    """The mean over all pairs of two samples estimates the expected distance of two answers."""
    found = []
    for seed in range(150):
        game = game_of(Oracle(), "warm please", Sampling(samples=3, seed=seed))
        found.append(game.values(every(2))[:, -1])
    whole, chances = 0.8, np.array([0.0, 0.6, 0.2, 0.8])
    expected = -APART * (whole * (1 - chances) + (1 - whole) * chances)
    error = np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(np.mean(found, axis=0) - expected) <= 4 * error).all()
    assert expected[3] == pytest.approx(-APART * 0.32)


def test_units_are_compared_with_each_answer() -> None:
    game = game_of(Oracle(please=0.4), "warm please", Sampling(samples=5))
    answers = game.answer_samples(every(2))
    values = game.values(every(2))
    for row, drawn in enumerate(answers):
        distances = text_distance("wmd", game.response.text, drawn)
        assert values[row, 0] == pytest.approx(-distances.mean(), abs=1e-9)


def test_intervals_hold_the_spread_of_the_answers_where_all_masks_are_there() -> None:
    covered = []
    method = Gsmile(sigma=1.0)
    masks = method.plan(4, None, 0)
    assert len(masks) == 15
    words = PROMPT.split()
    texts = [" ".join(w for w, k in zip(words, row, strict=True) if k) for row in masks]
    # The whole prompt is always answered alike, so that what the answers are compared with is sure.
    oracle = Oracle(warm=0.5, please=0.3, now=0.2)
    values = np.array([-APART * (1 - oracle.chance(text)) for text in texts])
    weights = kernel_weights(text_distance("wmd", PROMPT, texts), 1.0)
    truth = LinearRegression().fit(masks, values, sample_weight=weights).coef_
    widths = []
    for seed in range(30):
        game = game_of(oracle, PROMPT, Sampling(samples=6, seed=seed))
        found = method.reading(game).solve(masks, game.values(masks), lengths=[1, 1], seed=0)
        assert not found.exact
        assert found.low is not None
        assert found.high is not None
        covered.append((found.low[:, -1] <= truth) & (truth <= found.high[:, -1]))
        widths.append(found.high[:, -1] - found.low[:, -1])
    # With six answers of two kinds the normal approximation is rough.
    assert 0.8 <= np.mean(covered) <= 0.98
    assert (np.mean(widths, axis=0) > 0).all()


def test_a_single_drawn_answer_is_not_called_exact() -> None:
    toy = TransformersModel(tiny.model("llama"), tiny.tokenizer())
    e = xai.explain(
        "New York is nice", toy, method="gsmile", value="text", temperature=1.0, max_new_tokens=3,
        checks=False,
    )  # fmt: skip
    assert not e.record["method"]["exact"]
    assert e.low is not None


def test_the_noise_floor_is_that_of_repeated_whole_prompts() -> None:
    game = game_of(Oracle(please=0.1), "warm please", Sampling(samples=8))
    whole = np.ones((1, 2), dtype=bool)
    answers = [game.response.text, *game.answer_samples(whole)[0]]
    apart = np.array([text_distance("wmd", text, answers) for text in answers])
    drawn = -np.array([np.delete(apart[:, i], i).mean() for i in range(1, 9)])
    units = -apart[0, 1:]
    error = max(drawn.std(ddof=1), units.std(ddof=1)) / np.sqrt(8)
    assert game.noise() == pytest.approx(1.645 * np.sqrt(2) * error, rel=1e-6)
    assert game_of(Oracle(please=0.4), "warm please", Sampling(samples=8)).noise() == 0
    assert game_of(Oracle(), "warm please", Sampling(samples=1)).noise() is None


def test_several_answers_are_tested_by_their_sentence_embeddings() -> None:
    oracle = Oracle(please=0.4)
    settings = {"alpha": 0.05, "samples": 12, "sigma": 1.0, "seed": 3}
    e = xai.explain("warm please", oracle, method="gsmile", **settings)
    p = e.record["method"]["details"]["p_values"]
    game = game_of(oracle, "warm please", Sampling(samples=12, seed=3))
    masks = Gsmile().plan(2, None, 3)
    first, *samples = game.answer_samples(masks)
    cost = sentence_costs([WARM, CITY])
    for value, sample in zip(p[1:], samples, strict=True):
        counts = [np.array([each.count(text) for text in (WARM, CITY)]) for each in (first, sample)]
        plain = permutation_test(*counts, cost, seed=0, draws=1500, stopping="never")
        assert (value <= 0.05) == (plain.p <= 0.05)
    # Between single texts there is next to no power; between samples there is.
    assert p[0] == 1
    assert min(p[1:]) <= 0.01


def test_a_given_response_is_compared_with_what_is_drawn() -> None:
    e = xai.explain(PROMPT, Oracle(), response=CITY, method="gsmile", samples=5)
    assert e.record["response"]["supplied"]
    assert e.sources[int(np.argmin(e.total))].strip() == "warm"


def test_an_interrupted_run_keeps_what_was_drawn() -> None:
    oracle = Oracle()

    def stop(done: int, total: int, what: str) -> None:
        if done >= 16 + 8 and what != "answering":
            raise KeyboardInterrupt

    prompt = "Somewhere warm please now or never"
    e = xai.explain(prompt, oracle, method="gsmile", samples=3, progress=stop)
    assert e.partial
    asked = len(oracle.asked)
    done = xai.explain(prompt, oracle, method="gsmile", samples=3)
    assert not done.partial
    assert len(oracle.asked) == 3 * 63 + 1
    assert asked < len(oracle.asked)
    assert len(set(oracle.asked)) == len(oracle.asked)


# Token models


def tiny_model() -> TransformersModel:
    return TransformersModel(tiny.model("llama"), tiny.tokenizer())


def test_a_drawn_answer_does_not_depend_on_those_beside_it() -> None:
    import torch

    model = tiny_model()
    prompt = model.prompt("New York is nice. A dog.", units="word")
    masks = every(6)[40:52]
    sampling = Sampling(max_new_tokens=5, temperature=1.5, seed=2)
    before = torch.get_rng_state()
    together = {a.row: a.text for a in model.answer(prompt, masks, Operator(), sampling)}
    for row in range(len(masks)):
        alone = next(iter(model.answer(prompt, masks[row : row + 1], Operator(), sampling)))
        assert alone.text == together[row]
    assert len(set(together.values())) > 6
    assert (torch.get_rng_state() == before).all()


def test_tokens_are_drawn_with_the_models_own_probabilities() -> None:
    import torch

    model = tiny_model()
    prompt = model.prompt("New York is nice.")
    with torch.inference_mode():
        logits = model.model(torch.tensor([list(prompt.ids or ())])).logits[0, -1].double()
    chances = (logits / 0.7).softmax(0).numpy()
    counts = np.zeros(len(chances))
    draws = 200
    for seed in range(draws):
        sampling = Sampling(max_new_tokens=1, temperature=0.7, seed=seed)
        inputs = model.inputs(prompt, np.ones((1, 1), dtype=bool), Operator())
        counts[model._writer.write(inputs, sampling)[0][0]] += 1
    # A count differs from its expectation by more than four deviations once in 16,000.
    deviation = np.sqrt(draws * chances * (1 - chances))
    assert (np.abs(counts - draws * chances) <= 4 * deviation + 2).all()


def test_greedy_answers_are_not_repeated() -> None:
    with pytest.raises(XaiError, match="needs a temperature above 0"):
        xai.explain("New York is nice", tiny_model(), method="gsmile", value="text", samples=3)
    e = xai.explain(
        "New York is nice", tiny_model(), method="gsmile", value="text", samples=3,
        temperature=1.0, max_new_tokens=4, checks=False,
    )  # fmt: skip
    assert e.record["cost"]["generations"] == 1 + 3 * 15
    assert not e.record["method"]["exact"]
    assert e.noise is not None
