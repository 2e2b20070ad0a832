"""Answers of transformers models to masked prompts given in tokens."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_xai.errors import returned_nan
from jupyter_xai.models.base import Sampling
from jupyter_xai.models.local.forward import evaluating
from jupyter_xai.models.local.masked_inputs import MaskedInput
from jupyter_xai.models.local.traits import decoder_start, input_device

if TYPE_CHECKING:
    import torch

# fmt: off
_BLIND = frozenset((
    "assistant_confidence_threshold", "assistant_lookbehind", "begin_suppress_tokens",
    "bos_token_id", "decoder_start_token_id", "disable_compile", "do_sample", "early_stopping",
    "eos_token_id", "epsilon_cutoff", "eta_cutoff", "forced_bos_token_id", "is_assistant",
    "length_penalty", "max_length", "max_new_tokens", "min_p", "num_assistant_tokens",
    "num_assistant_tokens_schedule", "num_beams", "num_return_sequences", "output_attentions",
    "output_hidden_states", "output_logits", "output_scores", "pad_token_id",
    "remove_invalid_values", "renormalize_logits", "return_dict_in_generate", "suppress_tokens",
    "target_lookbehind", "temperature", "top_h", "top_k", "top_p", "transformers_version",
    "typical_p", "use_cache",
))
# fmt: on
"""Settings of `generate` that do not look at what stands before an answer, or are overruled."""

_NEUTRAL = {
    "encoder_repetition_penalty": 1,
    "guidance_scale": 1,
    "num_beam_groups": 1,
    "repetition_penalty": 1,
}
"""With these values they do nothing."""


def generate(
    model: Any,
    inputs: Sequence[MaskedInput],
    sampling: Sampling,
    *,
    name: str,
    ends: set[int],
    pad: int,
    begun: Sequence[int] = (),
    tokenizer: Any = None,
    watch: Watch | None = None,
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
    tokenizer : transformers.PreTrainedTokenizerBase, optional
        For models whose generation ends at certain texts.
    watch : Watch, optional
        Is told what the model thinks as it answers one of the inputs.

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
    if watch is not None:
        options["logits_processor"] += [_watching(watch)]
    if getattr(model.generation_config, "stop_strings", None):
        options["tokenizer"] = tokenizer
    if encodes and begun:
        first = torch.full((len(inputs), 1), decoder_start(model))
        options["decoder_input_ids"] = torch.cat([first, beginning], dim=1).to(device)
    elif begun:
        ids = torch.cat([ids, beginning], dim=1)
        attended = torch.cat([attended, torch.ones_like(beginning)], dim=1)
    if sampling.temperature > 0:
        seeds = [sampling.seed_for(item.key()) for item in inputs]
        options["logits_processor"] += [_drawing(sampling.temperature, seeds, device)]
    # A copy: what is set here must not stay with the model, nor what it has of beams rule here.
    config = deepcopy(model.generation_config)
    config.update(
        max_new_tokens=sampling.max_new_tokens,
        do_sample=False,
        temperature=None,
        top_p=None,
        top_k=None,
        num_beams=1,
        num_return_sequences=1,
        return_dict_in_generate=False,
        pad_token_id=pad,
        eos_token_id=sorted(ends) or None,
    )
    with evaluating(model):
        output = model.generate(
            input_ids=ids.to(device),
            attention_mask=attended.to(device),
            generation_config=config,
            **options,
        )
    new = output[:, (1 if encodes else width) + len(begun) :]
    return [_until_end(row, ends) for row in new.tolist()]


@dataclass
class Watch:
    """The two likeliest tokens at each step of one answer, and how far they lie apart."""

    row: int
    tokens: list[tuple[int, int]] = field(default_factory=list)
    apart: list[float] = field(default_factory=list)


def sees_padding(config: Any) -> bool:
    """Whether settings of `generate` look at what stands before the answer, padding included.

    Repetition penalties and lists of n-grams do, and lengths are counted with it. What is not
    known to be blind is taken to see.
    """
    for name, value in config.__dict__.items():
        if name.startswith("_") or name in _BLIND or not value:
            continue
        if _NEUTRAL.get(name) != value:
            return True
    return False


def _watching(watch: Watch) -> Any:
    from transformers.generation.logits_process import LogitsProcessor

    class Watching(LogitsProcessor):
        def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
            top = scores[watch.row].double().topk(2)
            first, second = top.indices.tolist()
            watch.tokens.append((first, second))
            watch.apart.append(float(top.values[0] - top.values[1]))
            return scores

    return Watching()


def _refusing_nan(name: str) -> Any:
    from transformers.generation.logits_process import LogitsProcessor

    class Refusing(LogitsProcessor):
        def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
            if scores.isnan().any() or scores.isposinf().any():
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
