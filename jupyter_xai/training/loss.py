"""The contrastive loss of the energy network."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def info_nce(positive: Tensor, negatives: Tensor, valid: Tensor, *, temperature: float) -> Tensor:
    """InfoNCE (equation 1): low where authentic pairs have lower energy than their negatives.

    Parameters
    ----------
    positive : float [B]
        Energies of authentic pairs.
    negatives : float [B, N]
        Energies of the negatives of each.
    valid : bool [B, N]
        False for padding and for false negatives, such as duplicates of the authentic pair; they
        take no part. Rows without any negative teach nothing and are left out of the mean.
    temperature : float
        Above 0.

    Returns
    -------
    float []
        Mean loss of a row, in nats; 0 when no row has a negative.

    Examples
    --------
    >>> equal = info_nce(torch.zeros(1), torch.zeros(1, 3), torch.ones(1, 3).bool(), temperature=1)
    >>> round(equal.item(), 4)  # log 4
    1.3863
    """
    energies = torch.cat([positive[:, None], negatives.masked_fill(~valid, torch.inf)], dim=1)
    first = torch.zeros(len(positive), dtype=torch.long, device=positive.device)
    losses = functional.cross_entropy(-energies.float() / temperature, first, reduction="none")
    taught = valid.any(dim=1)
    return (losses * taught).sum() / taught.sum().clamp_min(1)
