"""Calling a model of transformers so that it is left as it was found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.models.traits import input_device

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

    Afterwards all is as it was.

    For one forward call at a time: a generator that held this while it waits for its reader would
    leave the reader, and whatever runs after an interrupt, in inference mode.
    """
    import torch

    training = [module for module in model.modules() if module.training]
    model.eval()
    try:
        with (
            torch.inference_mode(not gradients),
            torch.set_grad_enabled(gradients),
            torch.autocast(input_device(model).type, enabled=False),
        ):
            yield
    finally:
        for module in training:
            module.training = True
