"""DeepLIFT: by hand where its rule holds, refused where it does not, and no hook stays behind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import jupyter_xai as xai
import tiny
from bags import bag_model
from jupyter_xai import methods
from jupyter_xai.errors import XaiError
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.methods.base import GameMethod
from jupyter_xai.models.local.transformers import TransformersModel

TEXT = "I want to rest by the sea. No busy cities, though. My budget is flexible."
ANSWER = "New York is nice. A dog."


def game_of(built: Any, **options: Any) -> MaskingGame:
    model = TransformersModel(built, tiny.tokenizer(chat=True))
    prompt = model.prompt(TEXT)
    return MaskingGame(model, prompt, model.supplied(prompt, ANSWER), ledger=Ledger(), **options)


def play(game: MaskingGame) -> Any:
    method = methods.get("deeplift")
    assert isinstance(method, GameMethod)
    return method.play(game, k=1, perturbations=None, seed=0, on_progress=lambda done, total: None)


def test_the_rescale_rule_by_hand() -> None:
    built = bag_model()
    game = game_of(built)
    found = play(game)
    ids, answer = list(game.prompt.ids or ()), list(game.response.ids or ())
    source = game.prompt.token_source
    assert source is not None
    with torch.no_grad():
        embed = built.get_input_embeddings()
        here = embed(torch.tensor(ids + answer[:-1])).double()
        blank = here.clone()
        blank[: len(ids)][torch.from_numpy(source >= 0)] = embed(torch.tensor(3)).double()
        first, second = built.inner.weight.double(), built.outer.weight.double()
        count = torch.arange(1, len(here) + 1)[:, None]
        before, after = (
            (x.cumsum(0) / count) @ first.T + built.inner.bias.double() for x in (blank, here)
        )
        ends = [h.relu() @ second.T + built.outer.bias.double() for h in (before, after)]
        slope = (after.relu() - before.relu()) / (after - before)
        gained = np.zeros((game.n, len(answer)))
        for t, token in enumerate(answer):
            q = len(ids) - 1 + t
            way = torch.linspace(0, 1, 4001).double()[:, None]
            mean = (ends[0][q] + way * (ends[1][q] - ends[0][q])).softmax(-1)[:-1].mean(0)
            back = -mean
            back[token] += 1
            back = ((back @ second) * slope[q]) @ first / (q + 1)
            for p in range(len(ids)):
                if source[p] >= 0:
                    gained[source[p], t] += float(back @ (here[p] - blank[p]))
    expected = np.stack([gained[:, column].sum(axis=1) for column in game.columns], axis=1)
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(found.scores, expected, atol=2e-3 * np.abs(expected).max())
    assert max(error for error in found.details["completeness error"][:-1]) < 1e-3


@pytest.mark.parametrize("kind", ["gpt2", "llama", "t5"])
def test_where_the_rule_does_not_hold_the_result_is_refused(kind: str) -> None:
    built = tiny.model(kind)
    with pytest.raises(XaiError, match=r"its scores miss \d+ % .* use integrated-gradients"):
        play(game_of(built))
    for module in built.modules():
        hooks = (module._forward_hooks, module._forward_pre_hooks, module._backward_hooks)
        assert not any(hooks)


def test_no_hook_stays_behind_and_the_mode_is_kept() -> None:
    built = bag_model().train()
    play(game_of(built))
    assert all(module.training for module in built.modules())
    for module in built.modules():
        hooks = (module._forward_hooks, module._forward_pre_hooks, module._backward_hooks)
        assert not any(hooks)


def test_other_values_are_refused() -> None:
    with pytest.raises(XaiError, match="deeplift needs value='logprob' and no foil"):
        play(game_of(bag_model(), value="logit"))
    with pytest.raises(XaiError, match="use integrated-gradients"):
        xai.explain(TEXT, "tutor", response="Rest.", method="deeplift")
