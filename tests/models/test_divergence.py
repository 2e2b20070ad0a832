"""Divergences equal those of torch.distributions over distributions computed the plain way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import tiny
from jupyter_xai.masking import every
from jupyter_xai.models.base import Operator, Prompt, Response
from jupyter_xai.models.capabilities import Of
from jupyter_xai.models.local.divergence import kl
from jupyter_xai.models.local.transformers import TransformersModel

TEXT = "I want to rest by the sea. No busy cities, though. My budget is flexible."


def diverged(
    model: TransformersModel, prompt: Prompt, masks: Any, operator: Operator, r: Response, of: Of
) -> NDArray[np.float32]:
    found = np.full((len(masks), len(r.ids or ())), np.nan, np.float32)
    for batch in model.divergence(prompt, masks, operator, r, of):
        found[batch.rows] = batch.divergence
    return found


def distributions(
    model: TransformersModel, prompt: Prompt, mask: NDArray[np.bool_], r: Response
) -> torch.distributions.Categorical:
    """Of one masked prompt by one forward call, in float64."""
    (item,) = model.inputs(prompt, mask[None], Operator())
    ids = list(r.ids or ())
    with torch.inference_mode():
        if model.model.config.is_encoder_decoder:
            start = model.model.config.decoder_start_token_id
            logits = model.model(
                input_ids=torch.tensor(item.ids)[None],
                decoder_input_ids=torch.tensor([[start, *ids[:-1]]]),
            ).logits[0]
        else:
            whole = torch.tensor([[*item.ids.tolist(), *ids]])
            logits = model.model(input_ids=whole).logits[0, len(item) - 1 : -1]
    return torch.distributions.Categorical(logits=logits.double())


@pytest.mark.parametrize("kind", ["llama", "gpt2", "gemma2", "t5"])
def test_divergences_are_those_of_torch(kind: str) -> None:
    model = TransformersModel(tiny.model(kind), tiny.tokenizer(chat=True))
    prompt = model.prompt(TEXT)
    response = model.supplied(prompt, "New York is nice. a b c")
    masks = every(3)
    original = distributions(model, prompt, np.ones(3, dtype=bool), response)
    for of in ("masked", "original"):
        found = diverged(model, prompt, masks, Operator(), response, of)
        for row, mask in zip(found, masks, strict=True):
            masked = distributions(model, prompt, mask, response)
            sides = (masked, original) if of == "masked" else (original, masked)
            expected = torch.distributions.kl_divergence(*sides).numpy()
            np.testing.assert_allclose(row, expected, rtol=1e-3, atol=2e-5)
        assert (found >= 0).all()
        np.testing.assert_allclose(found[masks.all(axis=1)], 0, atol=1e-5)
        assert found.max() > 0.05, "the model hardly reacts, so this would prove nothing"


def test_what_both_rule_out_is_no_difference() -> None:
    p = torch.tensor([0.5, 0.5, 0.0]).log()
    q = torch.tensor([0.9, 0.1, 0.0]).log()
    assert float(kl(p, q)) == pytest.approx(0.5 * np.log(0.5 / 0.9) + 0.5 * np.log(0.5 / 0.1))
    assert float(kl(p, torch.tensor([1.0, 0.0, 0.0]).log())) == float("inf")


def test_divergences_are_read_in_full_precision() -> None:
    model = TransformersModel(tiny.model("llama").to(torch.bfloat16), tiny.tokenizer(chat=True))
    prompt = model.prompt(TEXT)
    response = model.supplied(prompt, "New York")
    everything = np.ones((1, 3), dtype=bool)
    found = diverged(model, prompt, everything, Operator(), response, "masked")
    np.testing.assert_allclose(found, 0, atol=1e-6)
