"""Leave-one-out the plain way: each row alone, by `model(input_ids=...)`, in float64."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from jupyter_xai.models.base import Operator
from jupyter_xai.models.local.transformers import TransformersModel

TEXT = (
    "I want to rest by the sea. No busy cities, though. My budget is flexible. "
    "The old doctor walked. A dog."
)
RESPONSE = "New York is nice."


def total(model: Any, ids: list[int], response: tuple[int, ...]) -> float:
    """Log-probability of a response after token ids; on a copy, so that nothing is kept."""
    fresh = copy.deepcopy(model)
    with torch.no_grad():
        if model.config.is_encoder_decoder:
            start = model.generation_config.decoder_start_token_id
            decoder = torch.tensor([[start, *response[:-1]]])
            logits = fresh(input_ids=torch.tensor([ids]), decoder_input_ids=decoder).logits
        else:
            logits = fresh(input_ids=torch.tensor([[*ids, *response[:-1]]])).logits
    logprobs = logits[0, -len(response) :].double().log_softmax(-1)
    return float(logprobs[range(len(response)), list(response)].sum())


def left_out(
    model: Any, tokenizer: Any, text: str = TEXT, response: str = RESPONSE
) -> NDArray[np.float64]:
    """What the log-probability of the response loses without each sentence: float64 [n]."""
    wrapped = TransformersModel(model, tokenizer)
    prompt = wrapped.prompt(text)
    n = len(prompt.document.sources)
    masks = np.concatenate([np.ones((1, n), bool), ~np.eye(n, dtype=bool)])
    said = wrapped.supplied(prompt, response).ids or ()
    values = np.array(
        [
            total(model, item.ids.tolist(), said)
            for item in wrapped.inputs(prompt, masks, Operator())
        ]
    )
    return values[0] - values[1:]
