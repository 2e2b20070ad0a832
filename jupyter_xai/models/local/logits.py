"""How a batch of masked prompts goes through a transformers model, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.models.local.batching import Bearing
from jupyter_xai.models.local.forward import token_arguments
from jupyter_xai.models.local.masked_inputs import MaskedInput
from jupyter_xai.models.local.prefix_cache import KeysAndValues
from jupyter_xai.models.local.shared_prefixes import groups
from jupyter_xai.models.local.traits import decoder_start, input_device, may_take, takes

if TYPE_CHECKING:
    import torch


def batch_logits(
    model: Any,
    bearing: Bearing,
    inputs: Sequence[MaskedInput],
    response: Sequence[int],
    batch: Sequence[int],
    *,
    starts: Mapping[int, int],
    held: KeysAndValues | None = None,
    paths: Mapping[int, NDArray[np.int64]] | None = None,
) -> torch.Tensor:
    """Logits that predict a response after several inputs: [b, R, V].

    Parameters
    ----------
    model : transformers.PreTrainedModel
    bearing : Bearing
        What the model is told.
    inputs : sequence of MaskedInput
    response : sequence of int
        Token ids.
    batch : sequence of int
        Which inputs to run.
    starts : mapping
        How many of each input's tokens lie in the trunk.
    held, paths
        The trunk's keys and values, and each input's way through it.
    """
    if model.config.is_encoder_decoder:
        return _encoder_decoder_logits(model, [inputs[row] for row in batch], response)
    own = {row: len(inputs[row]) - starts[row] + len(response) - 1 for row in batch}
    width = max(own.values())
    depth = max(starts[row] for row in batch)
    ids = np.zeros((len(batch), width), dtype=np.int64)
    positions = np.zeros((len(batch), width), dtype=np.int64)
    zeroed = np.zeros((len(batch), width), dtype=bool)
    attended = np.zeros((len(batch), depth + width), dtype=np.int64)
    gather = np.zeros((len(batch), depth), dtype=np.int64)
    following = np.array(response[:-1], dtype=np.int64)
    for i, row in enumerate(batch):
        item, start, at = inputs[row], starts[row], width - own[row]
        last = int(item.positions[-1])
        ids[i, at:] = np.concatenate([item.ids[start:], following])
        positions[i, at:] = np.concatenate(
            [item.positions[start:], np.arange(last + 1, last + len(response))]
        )
        zeroed[i, at : at + len(item) - start] = item.zeroed[start:]
        attended[i, depth + at :] = 1
        if paths is not None and start:
            gather[i, depth - start :] = paths[row]
            attended[i, depth - start : depth] = 1
    import torch

    device = input_device(model)
    options = _no_cache(model)
    if held is not None and depth:
        options = {"use_cache": True, "past_key_values": held.gathered(gather)}
    options |= token_arguments(model, ids, zeroed)
    if bearing.mask:
        options["attention_mask"] = torch.from_numpy(attended).to(device)
    if bearing.positions:
        options["position_ids"] = torch.from_numpy(positions).to(device)
    if bearing.keeps:
        options["logits_to_keep"] = len(response)
    logits = _logits(model(**options, **_as_dict(model)), len(batch))
    if bearing.keeps and logits.shape[1] == width > len(response):
        msg = "logits_to_keep was swallowed"
        raise ValueError(msg)
    return logits[:, -len(response) :]


def in_one_batch(
    model: Any, bearing: Bearing, inputs: Sequence[MaskedInput], response: Sequence[int]
) -> torch.Tensor:
    """Logits [R, T, V] of all inputs in one batch, on one trunk where the bearing shares."""
    rows = range(len(inputs))
    if not bearing.sharing:
        return batch_logits(model, bearing, inputs, response, rows, starts=dict.fromkeys(rows, 0))
    [group] = groups(inputs, most=sum(len(item) for item in inputs))
    paths = dict(zip(group.rows.tolist(), group.paths, strict=True))
    starts = {row: len(paths[row]) for row in rows}
    held = KeysAndValues.of_trunk(model, group.trunk)
    return batch_logits(
        model, bearing, inputs, response, rows, starts=starts, held=held, paths=paths
    )


def plain_logits(model: Any, ids: Sequence[int], response: Sequence[int]) -> torch.Tensor:
    """Logits [1, T, V] of one row by the plainest call: token ids and nothing else.

    Only where the head treats every position by itself are logits left out that nobody wants.
    """
    import torch

    device = input_device(model)
    if model.config.is_encoder_decoder:
        options = {
            "input_ids": torch.tensor([list(ids)], device=device),
            "decoder_input_ids": torch.tensor(
                [[decoder_start(model), *response[:-1]]], device=device
            ),
        }
    else:
        options = {"input_ids": torch.tensor([[*ids, *response[:-1]]], device=device)}
    if takes(model, "logits_to_keep") and has_plain_head(model):
        options["logits_to_keep"] = len(response)  # type: ignore[assignment]
    output = model(**options, **_no_cache(model), **_as_dict(model))
    return _logits(output, 1)[:, -len(response) :]


def has_plain_head(model: Any) -> bool:
    """Whether logits come of a matrix product; quantised ones depend on all positions."""
    import torch

    return type(model.get_output_embeddings()) is torch.nn.Linear


def _encoder_decoder_logits(
    model: Any, inputs: Sequence[MaskedInput], response: Sequence[int]
) -> torch.Tensor:
    import torch

    device, size = input_device(model), len(inputs)
    width = max(len(item) for item in inputs)
    decoder = np.array([decoder_start(model), *response[:-1]], dtype=np.int64)
    ids = np.zeros((size, width), dtype=np.int64)
    zeroed = np.zeros((size, width), dtype=bool)
    attended = np.zeros((size, width), dtype=np.int64)
    for i, item in enumerate(inputs):
        ids[i, : len(item)] = item.ids
        zeroed[i, : len(item)] = item.zeroed
        attended[i, : len(item)] = item.attended
    output = model(
        **token_arguments(model, ids, zeroed),
        attention_mask=torch.from_numpy(attended).to(device),
        decoder_input_ids=torch.from_numpy(np.tile(decoder, (size, 1))).to(device),
        **_no_cache(model),
        **_as_dict(model),
    )
    return _logits(output, size)[:, -len(response) :]


def _logits(output: Any, rows: int) -> torch.Tensor:
    """Logits [b, L, V] of what a forward call gave."""
    logits = output.logits if hasattr(output, "logits") else output[0]
    # Some multi-stream models add an axis; all have the vocabulary last.
    return logits.reshape(rows, -1, logits.shape[-1])


def _no_cache(model: Any) -> dict[str, Any]:
    return {"use_cache": False} if may_take(model, "use_cache") else {}


def _as_dict(model: Any) -> dict[str, Any]:
    return {"return_dict": True} if may_take(model, "return_dict") else {}
