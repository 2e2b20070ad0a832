"""Running the beginnings that masked prompts share, and what is kept of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.models.local.forward import token_arguments
from jupyter_xai.models.local.shared_prefixes import Trunk
from jupyter_xai.models.local.traits import input_device

if TYPE_CHECKING:
    import torch

_CHUNK = 1024
"""Tokens of a trunk that are run at once."""


class KeysAndValues:
    """Keys and values of a trunk, one pair a layer: [heads, N, width]."""

    def __init__(self, layers: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
        self._layers = layers

    @classmethod
    def of_trunk(cls, model: Any, trunk: Trunk) -> KeysAndValues:
        """Run the trunk, chunk by chunk, each token seeing only its ancestors."""
        import torch
        from transformers import DynamicCache

        device, dtype = input_device(model), model.dtype
        # Layers are plain here: models with any other kind are not shared (see traits_of).
        cache: Any = DynamicCache()
        lowest = torch.finfo(dtype).min
        for start in range(0, len(trunk), _CHUNK):
            end = min(start + _CHUNK, len(trunk))
            seen = torch.from_numpy(trunk.ancestors[start:end, :end]).to(device)
            mask = torch.zeros(seen.shape, dtype=dtype, device=device).masked_fill_(~seen, lowest)
            part = slice(start, end)
            options = token_arguments(model, trunk.ids[None, part], trunk.zeroed[None, part])
            model(
                **options,
                attention_mask=mask[None, None],
                position_ids=torch.from_numpy(trunk.positions[None, part]).to(device),
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
                return_dict=True,
            )
        return cls([(layer.keys[0], layer.values[0]) for layer in cache.layers])

    def gathered(self, paths: NDArray[np.int64]) -> Any:
        """A fresh cache with the tokens of each path: [b, heads, P, width] a layer."""
        import torch
        from transformers import DynamicCache

        cache = DynamicCache()
        for index, (keys, values) in enumerate(self._layers):
            where = torch.from_numpy(paths).to(keys.device)
            # Fancy indexing copies, so no forward call can change what is held here.
            cache.update(
                keys[:, where].transpose(0, 1).contiguous(),
                values[:, where].transpose(0, 1).contiguous(),
                index,
            )
        return cache
