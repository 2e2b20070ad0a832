"""Energies of authentic pairs beside those of their negatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from jupyter_xai.methods.energy.embedded import Embedded, Sentences, dropped
from jupyter_xai.methods.energy.networks import EnergyNetwork
from jupyter_xai.training.loss import info_nce
from jupyter_xai.training.negatives import Item


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
    return _beside(network, pairs, items, embedded.pack)


def contrast(
    network: EnergyNetwork,
    items: Sequence[Item],
    embedded: Embedded,
    *,
    temperature: float,
    dropout: float = 0.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    """`info_nce` of items: of their prompts, and of the masked ones with the same response.

    With a generator, sentences are seen with `dropped` numbers, each time others.
    """
    places = [row for row, each in enumerate(items) for _ in range(1 + len(each.also))]
    pairs = [(prompt, i.response) for i in items for prompt in (i.prompt, *i.also)]

    def seen(texts: Sequence[Sentences]) -> tuple[Tensor, Tensor]:
        vectors, gates = embedded.pack(texts)
        return vectors if generator is None else dropped(vectors, dropout, generator), gates

    own, negatives, valid = _beside(network, pairs, items, seen)
    return info_nce(own, negatives[places], valid[places], temperature=temperature)


def _beside(
    network: EnergyNetwork,
    authentic: Sequence[tuple[Sentences, Sentences]],
    items: Sequence[Item],
    pack: Callable[[Sequence[Sentences]], tuple[Tensor, Tensor]],
) -> tuple[Tensor, Tensor, Tensor]:
    pairs = [*authentic, *((n.prompt, n.response) for each in items for n in each.negatives)]
    prompts, prompt_gates = pack([prompt for prompt, _ in pairs])
    responses, response_gates = pack([response for _, response in pairs])
    found = network(prompts, prompt_gates, responses, response_gates)
    counts = torch.tensor([len(each.negatives) for each in items], device=found.device)
    valid = torch.arange(int(counts.max()), device=found.device) < counts[:, None]
    negatives = found.new_zeros(valid.shape)
    negatives[valid] = found[len(authentic) :]
    return found[: len(authentic)], negatives, valid
