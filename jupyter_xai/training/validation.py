"""How well the energy network tells authentic pairs from each kind of negative (Figure 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from jupyter_xai.methods.energy.embedded import Embedded
from jupyter_xai.methods.energy.networks import EnergyNetwork
from jupyter_xai.training.contrast import energies
from jupyter_xai.training.negatives import KINDS, Item, NegativeKind


@dataclass(frozen=True)
class KindEnergies:
    """Energies of one kind of negative beside those of the authentic pairs.

    Attributes
    ----------
    kind : str
    count : int
        Negatives of this kind.
    authentic, negative : float
        Mean energy of the authentic pairs that have such negatives, each counted once for each of
        them, and of these negatives.
    win_rate : float
        Share of negatives whose own authentic pair has the lower energy; ties count half.
    gap : float or None
        Mean of the differences over their standard deviation; None when it is 0.
    auroc : float
        Probability that a negative has a higher energy than an authentic pair, whichever pairs
        they belong to: what one threshold for all could tell.
    """

    kind: NegativeKind
    count: int
    authentic: float
    negative: float
    win_rate: float
    gap: float | None
    auroc: float


@torch.no_grad()
def energies_by_kind(
    network: EnergyNetwork, items: Sequence[Item], embedded: Embedded
) -> tuple[KindEnergies, ...]:
    """Compare authentic pairs with their negatives, kind by kind.

    Parameters
    ----------
    network : EnergyNetwork
    items : sequence of Item
        Best of prompts that it was not trained on; at least one.
    embedded : Embedded

    Returns
    -------
    tuple of KindEnergies
        For each kind of which there is a negative.
    """
    from sklearn.metrics import roc_auc_score

    own, others, _ = (each.cpu().double().numpy() for each in energies(network, items, embedded))
    found = []
    for kind in KINDS:
        places = [
            (row, column)
            for row, each in enumerate(items)
            for column, negative in enumerate(each.negatives)
            if negative.kind == kind
        ]
        if not places:
            continue
        rows, columns = np.array(places).T
        negative, authentic = others[rows, columns], own[rows]
        difference = negative - authentic
        deviation = difference.std()
        once = own[np.unique(rows)]
        labels = np.repeat([1, 0], [len(negative), len(once)])
        found.append(
            KindEnergies(
                kind=kind,
                count=len(places),
                authentic=float(authentic.mean()),
                negative=float(negative.mean()),
                win_rate=float(((np.sign(difference) + 1) / 2).mean()),
                gap=float(difference.mean() / deviation) if deviation > 0 else None,
                auroc=float(roc_auc_score(labels, np.concatenate([negative, once]))),
            )
        )
    return tuple(found)
