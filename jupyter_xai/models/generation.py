"""Answers of transformers models to masked prompts given in tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_xai.errors import returned_nan
from jupyter_xai.models.base import Sampling
from jupyter_xai.models.calling import evaluating
from jupyter_xai.models.inputs import MaskedInput
from jupyter_xai.models.traits import decoder_start, input_device

if TYPE_CHECKING:
    import torch


def generate(
    model: Any,
    inputs: Sequence[MaskedInput],
    sampling: Sampling,
    *,
    name: str,
    ends: set[int],
    pad: int,
    begun: Sequence[int] = (),
) -> list[list[int]]:
    """Continue each input, greedily unless a temperature is given.

    Each input has a seed of its own, so that its answer does not depend on those beside it.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        Left as it was found. No global random state is used.
    inputs : sequence of MaskedInput
        Without zeroed tokens.
    sampling : Sampling
    name : str
        What errors call the model.
    ends : set of int
        Token ids that end an answer.
    pad : int
        Token id for the padding.
    begun : sequence of int
        Token ids that every answer begins with; they are not given back.

    Returns
    -------
    list of list of int
        New token ids, up to and with the first end token.

    Raises
    ------
    XaiError
        When the model gives NaN, of which the greedy choice would be any token.
    """
    import torch

    device = input_device(model)
    encodes = model.config.is_encoder_decoder
    width = max(len(item) for item in inputs)
    ids = torch.full((len(inputs), width), pad)
    attended = torch.zeros((len(inputs), width), dtype=torch.int64)
    for row, item in enumerate(inputs):
        part = slice(0, len(item)) if encodes else slice(width - len(item), width)
        ids[row, part] = torch.from_numpy(item.ids)
        attended[row, part] = torch.from_numpy(item.attended.astype(np.int64))
    beginning = torch.tensor([list(begun)] * len(inputs), dtype=torch.int64)
    options: dict[str, Any] = {"logits_processor": [_refusing_nan(name)]}
    if encodes and begun:
        first = torch.full((len(inputs), 1), decoder_start(model))
        options["decoder_input_ids"] = torch.cat([first, beginning], dim=1).to(device)
    elif begun:
        ids = torch.cat([ids, beginning], dim=1)
        attended = torch.cat([attended, torch.ones_like(beginning)], dim=1)
    if sampling.temperature > 0:
        seeds = [sampling.seed_for(item.key()) for item in inputs]
        options["logits_processor"] += [_drawing(sampling.temperature, seeds, device)]
    with evaluating(model):
        output = model.generate(
            input_ids=ids.to(device),
            attention_mask=attended.to(device),
            max_new_tokens=sampling.max_new_tokens,
            do_sample=False,
            temperature=None,
            top_p=None,
            top_k=None,
            num_beams=1,
            pad_token_id=pad,
            eos_token_id=sorted(ends) or None,
            **options,
        )
    new = output[:, (1 if encodes else width) + len(begun) :]
    return [_until_end(row, ends) for row in new.tolist()]


def _refusing_nan(name: str) -> Any:
    from transformers.generation.logits_process import LogitsProcessor

    class Refusing(LogitsProcessor):
        def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
            if scores.isnan().any():
                raise returned_nan(name)
            return scores

    return Refusing()


def _drawing(temperature: float, seeds: Sequence[int], device: torch.device) -> Any:
    """Makes the greedy choice a draw: the largest of the logits with Gumbel noise added.

    The Gumbel-max trick: its distribution is the softmax of the logits by the temperature.
    """
    import torch
    from transformers.generation.logits_process import LogitsProcessor

    generators = [torch.Generator(device).manual_seed(seed) for seed in seeds]

    class Drawing(LogitsProcessor):
        def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
            noise = torch.empty_like(scores, dtype=torch.float32)
            for row, generator in zip(noise, generators, strict=True):
                row.exponential_(generator=generator)
            return scores.float() / temperature - noise.log()

    return Drawing()


def _until_end(ids: list[int], ends: set[int]) -> list[int]:
    """Cut off what follows the first end token: the padding of shorter answers."""
    for position, token in enumerate(ids):
        if token in ends:
            return ids[: position + 1]
    return ids
