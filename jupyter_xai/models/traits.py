"""What the scoring kernel needs to know of a transformers model, read from its configuration."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

_CPU_FLOPS_PER_BATCH = 2e11
"""Bounds the time between two progress reports on a CPU to a few seconds."""

_CPU_TOKENS_PER_BATCH = (64, 1024)
_GPU_TOKENS_PER_BATCH = 8192

_CPU_FLOPS_WORTH_A_BATCH = 2e10
_CPU_TOKENS_WORTH_A_BATCH = 256
_GPU_TOKENS_WORTH_A_BATCH = 4096
"""From here on matrix products run at full speed and a call's overhead no longer counts."""


@dataclass(frozen=True)
class Traits:
    """Properties of a model's forward call.

    Attributes
    ----------
    takes_positions, takes_logits_to_keep : bool
        Which arguments it has.
    padding_is_safe : bool
        False for recurrent layers, which read their padding; they get rows of one length only.
    may_share : bool
        Whether rows may be run on top of the keys and values of another pass.
    most_tokens : int
        Most tokens in one batch.
    enough_tokens : int
        A batch of so many tokens need not grow at the price of padding.
    cache_bytes_per_token : int
        Size of one token's keys and values.
    """

    takes_positions: bool
    takes_logits_to_keep: bool
    padding_is_safe: bool
    may_share: bool
    most_tokens: int
    enough_tokens: int
    cache_bytes_per_token: int


def traits_of(model: Any) -> Traits:
    """Read the traits of a causal or encoder-decoder model."""
    config = model.config.get_text_config()
    kinds = set(getattr(config, "layer_types", None) or ())
    attention_only = not getattr(model, "_is_stateful", False) and all(
        kind.endswith("attention") and "linear" not in kind for kind in kinds
    )
    windowed = kinds - {"full_attention"} or (
        getattr(config, "sliding_window", None) and getattr(config, "use_sliding_window", True)
    )
    positions = takes(model, "position_ids")
    keeps = takes(model, "logits_to_keep")
    plain_attention = getattr(config, "_attn_implementation", "eager") in ("eager", "sdpa")
    most, enough = _batch_tokens(model)
    return Traits(
        takes_positions=positions,
        takes_logits_to_keep=keeps,
        padding_is_safe=attention_only,
        may_share=bool(
            positions
            and keeps
            and attention_only
            and plain_attention
            and not windowed
            and not model.config.is_encoder_decoder
        ),
        most_tokens=most,
        enough_tokens=enough,
        cache_bytes_per_token=_cache_bytes_per_token(model, config),
    )


def takes(model: Any, argument: str) -> bool:
    """Whether the model's forward call has an argument of this name."""
    return argument in inspect.signature(model.forward).parameters


def input_device(model: Any) -> torch.device:
    """Where the model wants its token ids."""
    return model.get_input_embeddings().weight.device


def decoder_start(model: Any) -> int:
    """The token with which the decoder begins, as `generate` would choose it."""
    generation = getattr(model, "generation_config", None)
    config = model.config
    for holder, name in (
        (generation, "decoder_start_token_id"),
        (config, "decoder_start_token_id"),
        (generation, "bos_token_id"),
        (config, "bos_token_id"),
        (config, "pad_token_id"),
    ):
        found = getattr(holder, name, None)
        if isinstance(found, list):
            found = found[0] if found else None
        if found is not None:
            return int(found)
    return 0


def forced_start(model: Any) -> list[int]:
    """Tokens that `generate` forces behind the decoder's first: such as a target language."""
    if not model.config.is_encoder_decoder:
        return []
    generation = getattr(model, "generation_config", None)
    found = getattr(generation, "forced_bos_token_id", None)
    return [] if found is None else [int(found)]


def _batch_tokens(model: Any) -> tuple[int, int]:
    if input_device(model).type != "cpu":
        return _GPU_TOKENS_PER_BATCH, _GPU_TOKENS_WORTH_A_BATCH
    flops_per_token = 2 * sum(parameter.numel() for parameter in model.parameters())
    fewest, most = _CPU_TOKENS_PER_BATCH
    most = min(most, max(fewest, _CPU_FLOPS_PER_BATCH / flops_per_token))
    enough = max(_CPU_TOKENS_WORTH_A_BATCH, _CPU_FLOPS_WORTH_A_BATCH / flops_per_token)
    return int(most), int(min(most, enough))


def _cache_bytes_per_token(model: Any, config: Any) -> int:
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return 2 * config.num_hidden_layers * heads * width * model.dtype.itemsize
