"""What the scoring kernel can read off a transformers model: its signature and configuration.

These are hopes: what a model really bears is measured, see `jupyter_xai.models.local.batching`.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_xai.errors import XaiError

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
        False for recurrent layers, which read their padding, and where the longest row of a batch
        changes what all rows mean; such models get rows of one length only.
    length_matters : bool
        Whether rotary frequencies follow the longest row of a batch.
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
    length_matters: bool
    may_share: bool
    most_tokens: int
    enough_tokens: int
    cache_bytes_per_token: int


def traits_of(model: Any) -> Traits:
    """Read the traits of a causal or encoder-decoder model."""
    config = model.config.get_text_config()
    kinds = set(getattr(config, "layer_types", None) or ())
    attention_only = attends(model)
    windowed = kinds - {"full_attention"} or (
        getattr(config, "sliding_window", None) and getattr(config, "use_sliding_window", True)
    )
    follows_length = length_matters(model)
    positions = may_take(model, "position_ids")
    keeps = may_take(model, "logits_to_keep")
    plain_attention = getattr(config, "_attn_implementation", "eager") in ("eager", "sdpa")
    most, enough = _batch_tokens(model)
    return Traits(
        takes_positions=positions,
        takes_logits_to_keep=keeps,
        padding_is_safe=attention_only and not follows_length,
        length_matters=follows_length,
        may_share=bool(
            positions
            and keeps
            and attention_only
            and plain_attention
            and may_take(model, "past_key_values")
            and not windowed
            and not length_matters(model)
            and not model.config.is_encoder_decoder
        ),
        most_tokens=most,
        enough_tokens=enough,
        cache_bytes_per_token=_cache_bytes_per_token(model, config),
    )


def attends(model: Any) -> bool:
    """Whether all layers are attention."""
    kinds = getattr(model.config.get_text_config(), "layer_types", None) or ()
    return not getattr(model, "_is_stateful", False) and all(
        kind.endswith("attention") and "linear" not in kind for kind in kinds
    )


def takes(model: Any, argument: str) -> bool:
    """Whether the model's forward call has an argument of this name."""
    return argument in inspect.signature(model.forward).parameters


def may_take(model: Any, argument: str) -> bool:
    """Whether the forward call has this argument, or hands what it does not know to another."""
    parameters = inspect.signature(model.forward).parameters
    return argument in parameters or any(
        each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values()
    )


def length_matters(model: Any) -> bool:
    """Whether rotary frequencies follow the longest row of a batch (longrope, dynamic NTK)."""
    return next(rotary_modules(model), None) is not None


def rotary_modules(model: Any) -> Iterator[Any]:
    """Modules that compute their rotary frequencies anew from the length of what they get."""
    for module in model.modules():
        kinds = module.__dict__.get("rope_type")
        if kinds is None:
            continue
        each = kinds.values() if isinstance(kinds, dict) else [kinds]
        if any(kind == "longrope" or "dynamic" in str(kind) for kind in each):
            yield module


def is_offloaded(model: Any) -> bool:
    """Whether weights come to their device only when they are needed (accelerate)."""
    return any("_hf_hook" in module.__dict__ for module in model.modules())


def check_language_model(model: Any) -> None:
    """Refuse what cannot continue a text: a bare trunk, a classifier, what fills in gaps.

    Raises
    ------
    XaiError
        Says what to load instead.
    """
    able = getattr(model, "can_generate", None)
    if not (able() if callable(able) else hasattr(model, "generate")):
        msg = (
            f"{type(model).__name__} cannot continue a text; load a causal or encoder-decoder "
            "language model, such as with AutoModelForCausalLM or AutoModelForSeq2SeqLM"
        )
        raise XaiError(msg)


def may_fill_gaps(model: Any) -> bool:
    """Whether models of this type are made for filling in gaps, unless told otherwise."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES as NAMES

    return not model.config.is_encoder_decoder and model.config.model_type in NAMES


def sides(model: Any) -> tuple[int | None, int | None]:
    """Most tokens that the encoder and the decoder of a model take; None where there is none."""
    config = model.config
    both = getattr(config, "max_position_embeddings", None)
    # T5 and its kind know no positions, whatever they were trained on.
    relative = hasattr(config, "relative_attention_num_buckets")
    encoder = getattr(config, "max_encoder_position_embeddings", None) or (
        getattr(config, "max_source_positions", None)
    )
    decoder = getattr(config, "max_decoder_position_embeddings", None) or (
        getattr(config, "max_target_positions", None)
    )
    if relative and not (encoder or decoder):
        return None, None
    found = (encoder or both, decoder or both)
    return tuple(most if most and most > 0 else None for most in found)  # type: ignore[return-value]


def context_length(model: Any) -> int | None:
    """Most tokens of prompt and response together; None when the model sets no limit."""
    config = model.config.get_text_config()
    limit = getattr(config, "max_position_embeddings", None)
    limit = limit or getattr(config, "max_target_positions", None)
    rope = getattr(config, "rope_parameters", None) or {}
    if limit is not None and rope.get("rope_type") == "dynamic":
        # The frequencies stretch with the text, as far as the model was made for.
        return int(limit * rope.get("factor", 1.0))
    # Some say -1 where they have none.
    return limit if limit and limit > 0 else None


def input_device(model: Any) -> torch.device:
    """Where the model wants its token ids."""
    import torch

    device = model.get_input_embeddings().weight.device
    if device.type != "meta":
        return device
    # Offloaded weights come to the device of their module's hook when they are needed.
    for module in model.modules():
        found = getattr(module.__dict__.get("_hf_hook"), "execution_device", None)
        if found is not None:
            return torch.device(found)
    return torch.device("cpu")


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
    # Recurrent models have no heads; their state does not grow with the tokens.
    heads = size(config, "num_attention_heads") or 1
    own = size(config, "num_key_value_heads") or heads
    width = size(config, "head_dim") or config.hidden_size // heads
    layers = size(config, "num_hidden_layers") or 1
    return int(2 * layers * own * width * model.dtype.itemsize)


def size(config: Any, name: str) -> int | None:
    """A size of a model, the largest where layers differ; None where it is not told."""
    try:
        found = getattr(config, name, None)
    except Exception:
        # Some refuse to tell one for all layers.
        return None
    return max(found) if isinstance(found, list | tuple) else found
