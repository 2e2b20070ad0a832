"""Calling a model of transformers so that it is left as it was found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.models.local.traits import input_device, is_offloaded, rotary_modules

if TYPE_CHECKING:
    import torch


def token_arguments(
    model: Any, ids: NDArray[np.int64], zeroed: NDArray[np.bool_]
) -> dict[str, torch.Tensor]:
    """Token ids for a forward call, or embeddings when some of them are zeroed."""
    import torch

    device = input_device(model)
    tokens = torch.from_numpy(np.ascontiguousarray(ids)).to(device)
    if not zeroed.any():
        return {"input_ids": tokens}
    embeddings = model.get_input_embeddings()(tokens)
    gone = torch.from_numpy(np.ascontiguousarray(zeroed)).to(embeddings.device)
    return {"inputs_embeds": embeddings.masked_fill(gone[..., None], 0)}


@contextmanager
def evaluating(model: Any, *, gradients: bool = False) -> Iterator[None]:
    """Evaluation mode for every module, no autocast, gradients only if asked for.

    Rotary frequencies that follow the length of what was read before begin as in a fresh model.
    Afterwards all is as it was.

    For one forward call at a time: a generator that held this while it waits for its reader would
    leave the reader, and whatever runs after an interrupt, in inference mode.
    """
    import torch

    training = [module for module in model.modules() if module.training]
    # Offloaded weights are made anew at each call; made in inference mode, they would stay so.
    inference = not gradients and not is_offloaded(model)
    frequencies = [(module, _begin_anew(module)) for module in rotary_modules(model)]
    model.eval()
    try:
        with (
            torch.inference_mode(inference),
            torch.set_grad_enabled(gradients),
            torch.autocast(input_device(model).type, enabled=False),
        ):
            yield
    finally:
        for module in training:
            module.training = True
        for module, before in frequencies:
            _put_back(module, before)


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether this is what torch says when memory runs out."""
    return "out of memory" in str(error).lower() or "not enough memory" in str(error)


def _begin_anew(module: Any) -> tuple[dict[str, Any], dict[str, torch.Tensor | None]]:
    """Rotary frequencies as in a fresh model; gives what was there."""
    buffers = dict(module._buffers)
    plain = {
        name: held
        for name, held in module.__dict__.items()
        if name.endswith("max_seq_len_cached") or name == "attention_scaling"
    }
    for name, held in buffers.items():
        original = buffers.get(name.replace("inv_freq", "original_inv_freq"))
        fresh = held if original is None else original
        # Copies, since some are written to in place.
        module._buffers[name] = None if fresh is None else fresh.clone()
    for name in plain:
        if name.endswith("max_seq_len_cached"):
            setattr(module, name, module.original_max_seq_len)
    return plain, buffers


def _put_back(module: Any, before: tuple[dict[str, Any], dict[str, torch.Tensor | None]]) -> None:
    plain, buffers = before
    for name, held in plain.items():
        setattr(module, name, held)
    module._buffers.update(buffers)
