"""From a model's logits to log-probabilities of given tokens that keep their digits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch


def token_logprobs(logits: torch.Tensor, response: Sequence[int]) -> NDArray[np.float32]:
    """The same as `differentiable_logprobs`, as an array."""
    return differentiable_logprobs(logits, response).cpu().numpy()


def differentiable_logprobs(logits: torch.Tensor, response: Sequence[int]) -> torch.Tensor:
    """Log-probabilities of given tokens, in float32 whatever the dtype of the logits.

    Parameters
    ----------
    logits : [b, R, V]
    response : sequence of int, length R

    Returns
    -------
    float32 [b, R]
        Computed as log sigmoid of the margin over all other tokens, which keeps its digits, and
        those of its gradient, when the probability is close to one.
    """
    import torch

    wanted = torch.tensor(response, device=logits.device)[:, None]
    rows = []
    for row in logits:
        row = row.float()
        margin = row.gather(1, wanted)
        others = row.scatter(1, wanted, -torch.inf).logsumexp(1, keepdim=True)
        # An infinite logit leaves no probabilities.
        margin = margin.where((margin < torch.inf) & (others < torch.inf), torch.nan)
        rows.append(torch.nn.functional.logsigmoid(margin - others)[:, 0])
    return torch.stack(rows)
