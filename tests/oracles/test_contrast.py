"""Contrasts: the difference of two plain games, and free where both were played before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tiny
from jupyter_xai import methods
from jupyter_xai.errors import XaiError
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.game.token_values import first_difference
from jupyter_xai.masking import Masks, every
from jupyter_xai.methods.base import MaskMethod
from jupyter_xai.models.base import Operator, Prompt, Response, Sampling, Scored
from jupyter_xai.models.function import FunctionModel
from jupyter_xai.models.local.transformers import TransformersModel
from jupyter_xai.text.distance import text_distance

TEXT = "I want to rest by the sea. No busy cities, though. My budget is flexible."
ANSWER = "A dog. New York is nice. The sea."
FOIL = "A dog. New cities though. I want to rest, though."


class Counting(TransformersModel):
    """Counts the masks that really go through the model."""

    rows = 0

    def score(
        self, prompt: Prompt, masks: Masks, operator: Operator, response: Response
    ) -> Iterator[Scored]:
        for batch in super().score(prompt, masks, operator, response):
            self.rows += len(batch.rows)
            yield batch


@pytest.fixture
def model() -> Counting:
    return Counting(tiny.model("llama"), tiny.tokenizer(chat=True))


def game(model: TransformersModel, ledger: Ledger, answer: str, **options: Any) -> MaskingGame:
    prompt = model.prompt(TEXT)
    foil = options.pop("foil", None)
    options["foil"] = None if foil is None else model.supplied(prompt, foil)
    return MaskingGame(model, prompt, model.supplied(prompt, answer), ledger=ledger, **options)


def test_a_contrast_is_the_difference_of_two_plain_games(model: Counting) -> None:
    ledger = Ledger()
    masks = every(3)
    own = game(model, ledger, ANSWER, response_units="token").values(masks)
    other = game(model, ledger, FOIL, response_units="token").values(masks)
    paid = model.rows
    played = game(model, ledger, ANSWER, foil=FOIL)
    values = played.values(masks)
    assert model.rows == paid, "both responses had been scored for these masks"
    assert played.cost.forwards == 0
    assert played.known(masks).all()
    np.testing.assert_allclose(values[:, -1], own[:, -1] - other[:, -1], atol=1e-4)
    assert played.foil is not None
    first = first_difference(played.response, played.foil)
    assert first > 2, "the two begin alike"
    assert played.decisive == 1
    assert (values[:, 0] == 0).all(), "the first sentence is in both"
    np.testing.assert_allclose(values[:, 1], own[:, first] - other[:, first], atol=1e-5)
    assert np.isnan(values[:, 2]).all(), "behind the first difference only the whole is compared"
    assert np.abs(values[:, -1] - values[:, 1]).max() > 0.01


def test_each_side_is_asked_once_a_mask(model: Counting) -> None:
    played = game(model, Ledger(), ANSWER, foil=FOIL)
    told: list[tuple[int, int]] = []
    played.values(every(3), on_progress=lambda done, total: told.append((done, total)))
    assert model.rows == played.cost.forwards == 2 * 8
    assert told[-1] == (8, 8)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


@pytest.mark.parametrize("name", ["leave-one-out", "shap", "linear", "contrastive", "lime"])
@pytest.mark.parametrize("perturbations", [None, 6])
def test_swapping_response_and_foil_changes_the_signs(
    model: Counting, name: str, perturbations: int | None
) -> None:
    ledger = Ledger()
    method = methods.get(name)
    assert isinstance(method, MaskMethod)
    found = []
    for answer, foil in ((ANSWER, FOIL), (FOIL, ANSWER)):
        played = game(model, ledger, answer, foil=foil, response_units="token")
        masks = method.plan(played.n, perturbations, seed=0)
        values = played.values(masks)
        scores = method.solve(masks, values, lengths=played.lengths, seed=0).scores
        assert played.decisive is not None
        found.append((scores[:, -1], scores[:, played.decisive], played.lengths[-1]))
    (total, decisive, length), (swapped, swapped_decisive, swapped_length) = found
    assert length == swapped_length
    np.testing.assert_allclose(total, -swapped, atol=1e-9)
    np.testing.assert_allclose(decisive, -swapped_decisive, atol=1e-9)
    assert np.abs(total).max() > 0.01


def test_certain_and_impossible_tokens_cancel(model: Counting) -> None:
    from jupyter_xai.game.token_values import IMPOSSIBLE, TokenValues

    prompt = model.prompt(TEXT)
    response, foil = (model.supplied(prompt, text) for text in ("New York", "New cities"))
    played = MaskingGame(model, prompt, response, foil=foil)
    reading = TokenValues("logprob", response, played.response_document, foil=foil)
    never = np.full((1, len(response.spans or ())), -np.inf, np.float32)
    neither = np.full((1, len(foil.spans or ())), -np.inf, np.float32)
    values = reading.values(never, neither)
    assert np.isfinite(values[:, -1]).all()
    assert abs(values[0, -1]) <= -IMPOSSIBLE * max(never.size, neither.size)


def test_text_values_tell_which_of_two_the_answer_is_nearer_to() -> None:
    def answer(prompt: str) -> str:
        return "Go to the sea." if "sea" in prompt else "Go to the hills."

    model = FunctionModel(answer)
    prompt = model.prompt("I love the sea. I do not fly.")
    response = model.respond(prompt, Sampling())
    foil = model.supplied(prompt, "Go to the hills.")
    played = MaskingGame(model, prompt, response, value="text", foil=foil, ledger=Ledger())
    values = played.values(every(2))
    apart = float(text_distance("cosine", response.text, [foil.text])[0])
    expected = np.where(every(2)[:, 0], apart, -apart)
    np.testing.assert_allclose(values[:, -1], expected, atol=1e-6)
    assert np.isnan(values[:, :-1]).all()
    assert played.decisive is None
    with pytest.raises(XaiError, match="use distance='cosine' or distance='wmd'"):
        MaskingGame(model, prompt, response, value="text", distance="wmd+cosine", foil=foil)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"foil": ANSWER + " A dog."}, "differ only in where they end"),
        ({"foil": ANSWER}, "differ only in where they end"),
        ({"foil": FOIL, "value": "logit"}, "use value='logprob'"),
        ({"foil": FOIL, "targets": np.ones(3, dtype=bool)}, "either a foil or targets"),
    ],
)
def test_what_cannot_be_contrasted_is_said(model: Counting, options: Any, said: str) -> None:
    with pytest.raises(XaiError, match=said):
        game(model, Ledger(), ANSWER, **options)
