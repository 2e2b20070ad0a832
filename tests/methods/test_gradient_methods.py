"""Gradient methods: equal to Captum run plainly, complete, signed, stoppable, harmless."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import jupyter_xai as xai
import tiny
from gradient_games import ANSWER, KINDS, NAMES, TEXT, close, game_of, play, tiny_game
from gradient_games import _one_quiet_thread as _one_quiet_thread
from jupyter_xai import methods
from jupyter_xai.game.differentiable_game import DifferentiableGame
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.methods.gradients import base as shared
from jupyter_xai.models.base import Sampling
from jupyter_xai.models.local.transformers import TransformersModel


class Plain:
    """The same as a careful user of Captum writes it: one column at a time, nothing of ours."""

    def __init__(self, game: MaskingGame) -> None:
        self.model = copy.deepcopy(game.model.model)  # type: ignore[attr-defined]
        self.ids = list(game.response.ids or ())
        self.game = game
        self.source = game.prompt.token_source
        embed = self.model.get_input_embeddings()
        tokens = torch.tensor([game.prompt.ids])
        self.embeddings = embed(tokens).detach()
        self.behind = embed(torch.tensor([self.ids[:-1]])).detach()
        blank = embed(torch.tensor(3)).detach()  # <unk>
        inside = torch.from_numpy(self.source >= 0)[None, :, None]
        self.baseline = torch.where(inside, blank, self.embeddings)

    def forward(self, embeddings: torch.Tensor) -> torch.Tensor:
        size = len(embeddings)
        if self.model.config.is_encoder_decoder:
            start = self.model.config.decoder_start_token_id
            decoder = torch.tensor([[start, *self.ids[:-1]]]).expand(size, -1)
            logits = self.model(inputs_embeds=embeddings, decoder_input_ids=decoder).logits
        else:
            rows = torch.cat([embeddings, self.behind.expand(size, -1, -1)], dim=1)
            logits = self.model(inputs_embeds=rows).logits[:, -len(self.ids) :]
        logprobs = logits.log_softmax(-1)[:, range(len(self.ids)), self.ids]
        return torch.stack([logprobs[:, c].sum(1) for c in self.game.columns], dim=1)

    def by_source(self, columns: list[torch.Tensor]) -> NDArray[np.float64]:
        scores = torch.stack([each[0].sum(-1) for each in columns], dim=1).detach().double().numpy()
        return np.stack([scores[self.source == i].sum(0) for i in range(self.game.n)])


@pytest.mark.parametrize("kind", KINDS)
def test_one_gradient_is_captums(kind: str) -> None:
    from captum.attr import InputXGradient, Saliency

    game = tiny_game(kind)
    plain = Plain(game)
    columns = range(game.m + 1)
    captum = [InputXGradient(plain.forward).attribute(plain.embeddings, target=c) for c in columns]
    close(play(game, "input-x-gradient").scores, plain.by_source(captum))
    signed = [
        Saliency(plain.forward).attribute(plain.embeddings, target=c, abs=False) for c in columns
    ]
    unit = torch.nn.functional.normalize(plain.embeddings, dim=-1)
    close(play(game, "saliency").scores, plain.by_source([g * unit for g in signed]))
    norms = [Saliency(plain.forward).attribute(plain.embeddings, target=c) for c in columns]
    close(play(game, "saliency", variant="norm").scores, plain.by_source(norms))


@pytest.mark.parametrize("units", ["token", "word", "sentence"])
@pytest.mark.parametrize("kind", KINDS)
def test_integrated_gradients_are_captums(kind: str, units: str) -> None:
    from captum.attr import IntegratedGradients

    game = tiny_game(kind, units=units)
    plain = Plain(game)
    captum = [
        IntegratedGradients(plain.forward).attribute(
            plain.embeddings, plain.baseline, target=c, n_steps=20
        )
        for c in range(game.m + 1)
    ]
    found = play(game, "integrated-gradients", most_steps=20)
    close(found.scores, plain.by_source(captum))
    assert found.exact
    # The last of the baseline and of the prompt, and one pass back a step and unit.
    assert game.cost.backwards == 20 * game.m
    assert game.cost.forwards == 20 + 1 + 1 + 1


@pytest.mark.parametrize("kind", tiny.ALL)
def test_integrated_gradients_are_complete(kind: str) -> None:
    game = tiny_game(kind)
    found = play(game, "integrated-gradients")
    played = DifferentiableGame(game)
    start = shared.baseline(played, "token")
    gained = played.full - played.values(start[None])[0]
    # Tokens outside of all sources are the same in both, and so have no part in it.
    missed = np.abs(found.scores.sum(axis=0) - gained)
    assert (missed <= 0.01 * np.maximum(np.abs(gained), 0.01)).all()
    errors = found.details["completeness error"]
    np.testing.assert_allclose(errors, missed / np.maximum(np.abs(gained), 0.01), atol=1e-3)
    assert not found.notes


def test_integrated_gradients_of_the_tutor_are_complete() -> None:
    model = xai.load("tutor")
    prompt = model.prompt(TEXT)
    game = MaskingGame(model, prompt, model.respond(prompt, Sampling()), ledger=Ledger())
    errors = play(game, "integrated-gradients").details["completeness error"]
    assert max(error for error in errors if error is not None) <= 0.01


def test_errors_above_one_percent_are_said() -> None:
    game = tiny_game("llama")
    found = play(game, "integrated-gradients", baseline="zero", steps=2, most_steps=2)
    assert max(found.details["completeness error"][:-1]) > 0.01
    assert "the scores miss what the prompt adds by up to" in found.notes[0]
    more = play(game, "integrated-gradients", baseline="mean", steps=2, most_steps=128)
    assert max(more.details["steps"][:-1]) > 2
    assert max(more.details["completeness error"][:-1]) <= 0.01


def test_weights_of_the_trapezoid_sum_to_one() -> None:
    """Captum's sum to (steps - 1) / steps, so that even a straight line is missed."""
    from jupyter_xai.methods.gradients.integrated_gradients import quadrature

    for name in ("gausslegendre", "trapezoid"):
        points, weights = quadrature(name, 7)
        np.testing.assert_allclose([weights.sum(), weights @ points], [1, 0.5], rtol=1e-12)


def test_gradient_shap_is_captums_on_the_same_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    from captum.attr import GradientShap

    game = tiny_game("llama")
    plain = Plain(game)
    method: Any = methods.get("gradient-shap")
    starts, points = method._draw(DifferentiableGame(game), range(6), 3, None)
    order = iter(range(6))
    monkeypatch.setattr(np.random, "uniform", lambda low, high, size: points.numpy()[:size])
    monkeypatch.setattr(
        np.random, "choice", lambda size, count: np.array([next(order) for _ in range(count)])
    )
    captum = []
    for column in range(game.m + 1):
        order = iter(range(6))
        captum.append(
            GradientShap(plain.forward).attribute(
                plain.embeddings, starts, n_samples=6, stdevs=0.0, target=column
            )
        )
    found = play(game, "gradient-shap", perturbations=6, seed=3)
    close(found.scores, plain.by_source(captum))
    assert found.used == 6
    assert not found.exact


def test_gradient_shap_nears_the_mean_of_what_the_prompt_adds() -> None:
    game = tiny_game("gpt2")
    found = play(game, "gradient-shap", perturbations=400)
    played = DifferentiableGame(game)
    method: Any = methods.get("gradient-shap")
    starts, _ = method._draw(played, range(400), 0, None)
    gained = played.full - played.values(starts).mean(axis=0)
    spread = found.high - found.low  # type: ignore[operator]
    assert (np.abs(found.scores.sum(axis=0) - gained) < spread.sum(axis=0)).all()
    assert (found.low <= found.scores).all()
    assert (found.scores <= found.high).all()
    fewer = play(game, "gradient-shap", perturbations=40)
    assert np.nanmean(spread) < np.nanmean(fewer.high - fewer.low)  # type: ignore[operator]


class Linear(TransformersModel):
    """log p of response token t is a given linear function of the prompt's embeddings."""

    def __init__(self) -> None:
        super().__init__(tiny.model("llama"), tiny.tokenizer(chat=True))

    def differentiable(self, prompt: Any, response: Any) -> Any:
        inner = super().differentiable(prompt, response)
        size = (len(response.ids), *inner.embeddings.shape)
        weights = torch.randn(size, generator=torch.Generator().manual_seed(0)) / 10
        return SimpleNamespace(
            embeddings=inner.embeddings,
            token_source=inner.token_source,
            blank=inner.blank,
            vocabulary=inner.vocabulary,
            embed=inner.embed,
            rows=7,
            tokens=1,
            weights=weights,
            logprobs=lambda e: torch.einsum("bpd,tpd->bt", e, weights) - 50,
        )


@pytest.mark.parametrize("name", NAMES)
def test_linear_functions_have_closed_forms(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    game = game_of(Linear())
    monkeypatch.setattr(
        DifferentiableGame,
        "_agreeing",
        lambda self: next(self._batches(self.embeddings[None], ())).values[0],
    )
    played = DifferentiableGame(game)
    side: Any = played._sides[0]
    if name == "gradient-shap":
        found = play(game, name, baseline="token", perturbations=5)
    else:
        found = play(game, name)
    start = shared.baseline(played, "token")
    along = {
        "saliency": torch.nn.functional.normalize(played.embeddings, dim=-1),
        "input-x-gradient": played.embeddings,
    }.get(name, played.embeddings - start)
    products = torch.einsum("pd,tpd->tp", along, side.weights)
    expected = np.stack([played.by_source(products)[c].sum(0) for c in game.columns], axis=1)
    close(found.scores, expected, 1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_units_sum_to_the_whole_and_signs_are_kept(name: str) -> None:
    game = tiny_game("llama", units="word", response_units="token")
    found = play(game, name)
    np.testing.assert_allclose(found.scores[:, :-1].sum(axis=1), found.scores[:, -1], rtol=1e-6)
    assert (found.scores > 0).any()
    assert (found.scores < 0).any()
    # Columns are worked off in groups; together they are what one group gives.
    assert game.m + 1 > 8
    one = play(game.retarget("sentence"), name)
    np.testing.assert_allclose(one.scores[:, -1], found.scores[:, -1], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_a_single_unit_and_equal_units(name: str) -> None:
    single = play(tiny_game("llama", text="Rest."), name)
    assert single.scores.shape == (1, 3)
    repeated = play(tiny_game("llama", text="a a a", units="word"), name)
    assert repeated.scores.shape == (3, 3)
    assert np.isfinite(repeated.scores).all()


@pytest.mark.parametrize("name", NAMES)
def test_log_odds_and_contrasts(name: str) -> None:
    for options in ({"value": "logit"}, {"foil": "New York is bad. A cat."}):
        game = tiny_game("gpt2", response_units="word", **options)
        scores = play(game, name).scores
        finite = np.isfinite(scores).all(axis=0)
        if game.decisive is None:
            assert finite.all()
            continue
        assert not scores[:, : game.decisive].any()
        assert list(np.flatnonzero(~finite)) == list(range(game.decisive + 1, game.m))
        assert np.abs(scores[:, -1]).max() > 0.01


def test_a_contrast_is_the_difference_of_both_sides() -> None:
    game = tiny_game("llama", foil="A bad cat.")
    both = [
        play(tiny_game("llama", answer=each), "input-x-gradient").scores[:, -1]
        for each in (ANSWER, "A bad cat.")
    ]
    close(play(game, "input-x-gradient").scores[:, -1], both[0] - both[1])
