"""Attention weights of transformers models. Only the eager implementation tells them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import XaiError
from jupyter_xai.models.capabilities import Attended
from jupyter_xai.models.local.forward import evaluating
from jupyter_xai.models.local.traits import decoder_start, forced_start, input_device

if TYPE_CHECKING:
    import torch

_SWITCH = "_attn_implementation_internal"
"""Where a configuration keeps its implementation; its setter would also change other parts."""


def shows_attention(model: Any) -> bool:
    """Whether the attention between all tokens can be read: not of windows and global tokens.

    Encoders with local attention compute it in blocks of their own.
    """
    config = model.config
    local = getattr(config, "encoder_attention_type", None) in ("local", "transient-global")
    windows = isinstance(getattr(config, "attention_window", None), list | tuple)
    return not (local or windows)


def attended(model: Any, ids: Sequence[int], response: Sequence[int]) -> Attended:
    """Run prompt and response once, teacher-forced, and read all attention weights.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        Left as it was found, implementation of attention included.
    ids : sequence of int, length P
    response : sequence of int, length T

    Raises
    ------
    XaiError
        When the model does not tell its weights.
    """
    import torch

    device = input_device(model)
    following = list(response[:-1])
    with _eager(model), evaluating(model):
        if model.config.is_encoder_decoder:
            start = [decoder_start(model), *forced_start(model)]
            output = model(
                input_ids=torch.tensor([list(ids)], device=device),
                decoder_input_ids=torch.tensor([[*start, *following]], device=device),
                use_cache=False,
                output_attentions=True,
                return_dict=True,
            )
            own = _means(output.encoder_attentions, model)
            cross = _means(output.cross_attentions, model)[:, len(start) - 1 :]
            return Attended(own, cross, None, len(ids) + len(response))
        output = model(
            input_ids=torch.tensor([[*ids, *following]], device=device),
            use_cache=False,
            output_attentions=True,
            return_dict=True,
        )
        rows = np.arange(len(ids) - 1, len(ids) + len(following))
        return Attended(_means(output.attentions, model), None, rows, len(ids) + len(following))


def _means(layers: Sequence[torch.Tensor] | None, model: Any) -> NDArray[np.float32]:
    """Means over heads of the first row of the batch: [layers, queries, keys]."""
    if not layers or any(layer is None for layer in layers):
        msg = (
            f"{type(model).__name__} does not tell its attention weights; "
            "use another method, such as linear"
        )
        raise XaiError(msg)
    return np.stack([layer[0].float().mean(dim=0).cpu().numpy() for layer in layers])


@contextmanager
def _eager(model: Any) -> Iterator[None]:
    """Compute attention step by step; afterwards as before."""
    configs = {id(config): config for config in _configs(model)}.values()
    before = [(config, getattr(config, _SWITCH)) for config in configs]
    try:
        for config, _ in before:
            setattr(config, _SWITCH, "eager")
        yield
    finally:
        for config, implementation in before:
            setattr(config, _SWITCH, implementation)


def _configs(model: Any) -> Iterator[Any]:
    """Every configuration that some part of the model reads."""
    for module in model.modules():
        config = getattr(module, "config", None)
        if hasattr(config, _SWITCH):
            yield config
