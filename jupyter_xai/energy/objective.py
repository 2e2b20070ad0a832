"""What the interpreter ascends."""

from __future__ import annotations

from typing import Literal, get_args

from torch import Tensor
from torch.nn import functional

Objective = Literal["bounded", "difference"]
OBJECTIVES: tuple[Objective, ...] = get_args(Objective)
"""``difference``: the paper's (equation 3). It has no bound, so that a few prompts with large
energies outweigh all others, and whatever raises the energy of what is left is worth as much as
what explains the response.
``bounded``: the log of the probability, by the two energies, that the chosen sentences rather than
the others are what the model answered. It is won once, and then leaves the prompt alone."""


def gap_and_loss(without: Tensor, kept: Tensor, objective: Objective) -> tuple[Tensor, Tensor]:
    """The mean difference of energies (equation 3), and what is minimised for it.

    Parameters
    ----------
    without, kept : float [B]
        Energies of the target with the prompt without the chosen sentences, and with them alone.
    objective : str
        See `OBJECTIVES`.

    Returns
    -------
    float [], float []

    Examples
    --------
    >>> import torch
    >>> gap, loss = gap_and_loss(torch.tensor([3.0]), torch.tensor([1.0]), "difference")
    >>> gap.item(), loss.item()
    (2.0, -2.0)
    """
    difference = without.float() - kept.float()
    gap = difference.mean()
    return gap, -gap if objective == "difference" else functional.softplus(-difference).mean()
