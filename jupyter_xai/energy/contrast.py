"""Energies of authentic pairs beside those of their negatives."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from jupyter_xai.energy.loss import info_nce
from jupyter_xai.energy.negatives import Item
from jupyter_xai.energy.networks import EnergyNetwork
from jupyter_xai.energy.packing import Embedded
from jupyter_xai.energy.pairs import Sentences


def energies(
    network: EnergyNetwork, items: Sequence[Item], embedded: Embedded
) -> tuple[Tensor, Tensor, Tensor]:
    """Energies of items and of their negatives.

    Parameters
    ----------
    network : EnergyNetwork
    items : sequence of Item
        At least one.
    embedded : Embedded

    Returns
    -------
    float [B], float [B, N], bool [B, N]
        Of the authentic pairs, of their negatives, and which of these are there.
    """
    pairs = [(each.prompt, each.response) for each in items]
    return _beside(network, pairs, items, embedded)


def contrast(
    network: EnergyNetwork, items: Sequence[Item], embedded: Embedded, *, temperature: float
) -> Tensor:
    """`info_nce` of items: of their prompts, and of the masked ones with the same response."""
    places = [row for row, each in enumerate(items) for _ in range(1 + len(each.also))]
    pairs = [(prompt, i.response) for i in items for prompt in (i.prompt, *i.also)]
    own, negatives, valid = _beside(network, pairs, items, embedded)
    return info_nce(own, negatives[places], valid[places], temperature=temperature)


def _beside(
    network: EnergyNetwork,
    authentic: Sequence[tuple[Sentences, Sentences]],
    items: Sequence[Item],
    embedded: Embedded,
) -> tuple[Tensor, Tensor, Tensor]:
    pairs = [*authentic, *((n.prompt, n.response) for each in items for n in each.negatives)]
    prompts, prompt_gates = embedded.pack([prompt for prompt, _ in pairs])
    responses, response_gates = embedded.pack([response for _, response in pairs])
    found = network(prompts, prompt_gates, responses, response_gates)
    counts = torch.tensor([len(each.negatives) for each in items], device=found.device)
    valid = torch.arange(int(counts.max()), device=found.device) < counts[:, None]
    negatives = found.new_zeros(valid.shape)
    negatives[valid] = found[len(authentic) :]
    return found[: len(authentic)], negatives, valid
