"""Scores computed the plain way: one row, one forward call, all logits, float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from jupyter_xai.models.local.masked_inputs import MaskedInput


def plain_logprobs(
    model: Any, item: MaskedInput, response: tuple[int, ...], *, positions: bool
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Log-probabilities of the response after one masked input."""
    with torch.inference_mode():
        if model.config.is_encoder_decoder:
            logits = _encoder_decoder_logits(model, item, response)
        else:
            logits = _causal_logits(model, item, response, positions)
    logprobs = logits.double().log_softmax(-1)
    return logprobs[range(len(response)), list(response)].numpy()


def _causal_logits(
    model: Any, item: MaskedInput, response: tuple[int, ...], positions: bool
) -> torch.Tensor:
    ids = torch.tensor([[*item.ids.tolist(), *response[:-1]]])
    options: dict[str, Any] = {"attention_mask": torch.ones_like(ids)}
    if positions:
        last = int(item.positions[-1])
        places = [*item.positions.tolist(), *range(last + 1, last + len(response))]
        options["position_ids"] = torch.tensor([places])
    options |= _tokens(model, ids, item)
    return model(**options).logits[0, -len(response) :]


def _encoder_decoder_logits(
    model: Any, item: MaskedInput, response: tuple[int, ...]
) -> torch.Tensor:
    start = model.config.decoder_start_token_id
    return model(
        **_tokens(model, torch.tensor(item.ids)[None], item),
        attention_mask=torch.tensor(item.attended)[None].long(),
        decoder_input_ids=torch.tensor([[start, *response[:-1]]]),
    ).logits[0]


def _tokens(model: Any, ids: torch.Tensor, item: MaskedInput) -> dict[str, torch.Tensor]:
    if not item.zeroed.any():
        return {"input_ids": ids}
    embeddings = model.get_input_embeddings()(ids).clone()
    embeddings[0, : len(item)][torch.tensor(item.zeroed)] = 0
    return {"inputs_embeds": embeddings}
