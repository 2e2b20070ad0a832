"""Joint attribution of real models: equal to enumeration on the tutor, guided by real gradients."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from math import comb

import numpy as np
import pytest
import torch

import jupyter_xai as xai
import tiny
from jupyter_xai import masking, methods, metrics
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.methods.base import Attribution, GameMethod
from jupyter_xai.methods.joint.guidance import gradient
from jupyter_xai.models.base import Sampling
from jupyter_xai.models.local.transformers import TransformersModel

KINDS = ("gpt2", "llama", "qwen3")
TEXT = "I want to rest by the sea. No busy cities, though. A budget. A dog walked to New York. No."
CASES = [
    ("stories", "sentence", 6, (2, 3)),
    ("facts", "sentence", 5, (2, 3, 4)),
    ("stories", "word", 2, (2,)),
    ("facts", "word", 1, (2,)),
]


@cache
def games(family: str, units: str, most: int) -> list[MaskingGame]:
    """Games of held-out prompts whose answers the tutor writes itself, of 4 to 11 units."""
    model = xai.load("tutor")
    found: list[MaskingGame] = []
    for sample in xai.tutor.samples(family, 200, seed=11):
        prompt = model.prompt(sample.prompt, units=units)
        if not 4 <= len(prompt.document.sources) <= 11:
            continue
        response = model.respond(prompt, Sampling())
        found.append(MaskingGame(model, prompt, response, ledger=Ledger()))
        if len(found) == most:
            break
    return found


def joint(game: MaskingGame, k: int, perturbations: int, **settings: object) -> Attribution:
    method = methods.get("joint", **settings)
    assert isinstance(method, GameMethod)
    return method.play(
        game, k=k, perturbations=perturbations, seed=0, on_progress=lambda done, total: None
    )


def totals(game: MaskingGame, sets: list[tuple[int, ...]]) -> np.ndarray:
    return game.values(masking.without(game.n, sets))[:, -1]


def test_sets_equal_enumeration_and_are_never_worse_than_greedy() -> None:
    hits = []
    for family, units, most, sizes in CASES:
        for game in games(family, units, most):
            noise = game.noise() or 0.0
            for k in (k for k in sizes if k < game.n):
                every = list(combinations(range(game.n), k))
                budget = max(200, comb(game.n, k) // 10)
                found = joint(game, k, budget, certify=False)
                assert found.sets is not None
                assert (found.used or 0) <= budget
                mine = totals(game, [tuple(found.sets[k])])[0]
                hits.append(mine <= totals(game, every).min() + noise + 1e-4)
                single = totals(game, [(i,) for i in range(game.n)])
                top = tuple(sorted(np.argsort(single, kind="stable")[:k].tolist()))
                path: tuple[int, ...] = ()
                while len(path) < k:
                    more = [tuple(sorted((*path, i))) for i in range(game.n) if i not in path]
                    path = more[int(totals(game, more).argmin())]
                assert mine <= totals(game, [top, path]).min() + noise + 1e-4
    assert len(hits) > 20
    assert np.mean(hits) >= 0.95


def test_joint_lowers_the_probability_more_than_leave_one_out_where_units_are_redundant() -> None:
    model = xai.load("tutor")
    prompt = model.prompt(
        "Write a story about a farmer and her cow. It takes place in a desert.", units="word"
    )
    game = MaskingGame(model, prompt, model.respond(prompt, Sampling()), ledger=Ledger())
    tokens = game.retarget("token")
    words = [unit.text.strip(" .") for unit in prompt.document.sources]
    single = -totals(game, [(i,) for i in range(game.n)])
    for k in (2, 3, 4):
        found = joint(game, k, 200)
        assert found.sets is not None
        rival = tuple(metrics.top_k(single, k).tolist())
        masks = np.concatenate(
            [np.ones((1, game.n), bool), masking.without(game.n, [tuple(found.sets[k]), rival])]
        )
        full, mine, other = tokens.values(masks)[:, :-1]
        ratios = metrics.probability_ratio(full, np.stack([mine, other]))
        assert ratios[0] <= ratios[1] + 1e-6
        if k == 2:
            # Either of the two lets the model guess the other: alone, both seem to be worth little.
            assert {words[i] for i in found.sets[2]} == {"farmer", "cow"}
            assert ratios[0] < ratios[1]


@pytest.mark.parametrize("kind", KINDS)
def test_the_guiding_gradient_is_the_slope_of_fading_a_unit_out(kind: str) -> None:
    model = TransformersModel(tiny.model(kind), tiny.tokenizer(chat=True))
    prompt = model.prompt(TEXT)
    response = model.supplied(prompt, "New York is nice.")
    game = MaskingGame(model, prompt, response, ledger=Ledger())
    found = gradient(game)
    assert found is not None
    whole = model.differentiable(prompt, response)
    sources = torch.from_numpy(np.array(whole.token_source))

    def total(source: int, scale: float) -> float:
        faded = whole.embeddings.clone()
        faded[sources == source] *= scale
        with torch.no_grad():
            return float(whole.logprobs(faded[None]).double().sum())

    step = 0.02
    slopes = [(total(i, 1 + step) - total(i, 1 - step)) / (2 * step) for i in range(game.n)]
    np.testing.assert_allclose(found.worth, slopes, rtol=0.05, atol=2e-3 * np.abs(slopes).max())
    assert game.cost.backwards == 1


def test_gradients_guide_where_they_exist_and_their_absence_stops_nothing() -> None:
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=True))
    prompt = model.prompt(TEXT)
    game = MaskingGame(model, prompt, model.supplied(prompt, "New York."), ledger=Ledger())
    assert joint(game, 2, 30).details["guidance"] == "gradient and leave-one-out"
    assert joint(game, 2, 30, variant="paper").details["guidance"] == "gradient"
    texts = MaskingGame(
        model, prompt, model.respond(prompt, Sampling(4)), value="text", ledger=Ledger()
    )
    assert gradient(texts) is None
    assert joint(texts, 2, 30).details["guidance"] == "leave-one-out"


@pytest.mark.parametrize("operator", ["delete", "mask-token", "zero-embedding", "attention"])
def test_the_operator_of_the_search_is_that_of_the_check_and_templates_stay(operator: str) -> None:
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=True))
    e = xai.explain(
        TEXT, model, response="New York.", method="joint", k=2, operator=operator, units="sentence"
    )
    (check,) = e.checks
    certificate = e.record["method"]["details"]["certificate"]["2"]
    assert check["drop"] == pytest.approx(certificate["drop"], abs=1e-5)
    assert certificate["proven"]
    prompt = model.prompt(TEXT)
    assert prompt.token_source is not None
    assert (prompt.token_source == -1).any(), "the template is no source, so no search removes it"
