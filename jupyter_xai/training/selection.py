"""Choosing k sentences: by chance and with gradients in training, plainly when explaining.

Appendix B of the paper draws k relaxed one-hot vectors independently and takes their element-wise
maximum. Independent draws collide, so that fewer than k sentences may be chosen; the default here
draws without replacement.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

Draws = Literal["without-replacement", "independent"]


def gumbel(logits: Tensor, generator: torch.Generator) -> Tensor:
    """Standard Gumbel noise of the shape of some logits (equation A1)."""
    uniform = torch.rand(logits.shape, generator=generator, device=generator.device)
    # A draw of exactly 0 has no logarithm.
    positive = uniform.clamp_min(torch.finfo(uniform.dtype).tiny)
    return -torch.log(-torch.log(positive)).to(logits.device)


def draw(
    logits: Tensor,
    k: int | Tensor,
    *,
    temperature: float,
    generator: torch.Generator,
    draws: Draws = "without-replacement",
) -> Tensor:
    """Gates of a random choice of k sentences, through which gradients reach the logits.

    Parameters
    ----------
    logits : float [B, n]
        -inf marks padding, which is never chosen.
    k : int or int64 [B]
        At least 1; rows with fewer sentences choose them all.
    temperature : float
        Above 0. Smaller ones make the relaxation harder and its gradients noisier.
    generator : torch.Generator
    draws : str
        ``without-replacement``: exactly k gates of 1 and the others 0, chosen with the
        probabilities of successive draws from the softmax of the logits (Gumbel top-k; Kool et al.
        2019, arXiv:1903.06059). Gradients are those of its relaxation (Xie and Ermon 2019,
        arXiv:1901.10517), straight through.
        ``independent``: the paper's relaxed gates between 0 and 1 (equations A1 to A4).

    Returns
    -------
    float [B, n]

    Examples
    --------
    >>> generator = torch.Generator().manual_seed(0)
    >>> gates = draw(torch.zeros(1, 5), 2, temperature=0.5, generator=generator)
    >>> float(gates.sum())
    2.0
    """
    counts = _counts(logits, k)
    if draws == "independent":
        return _independent(logits, counts, temperature, generator)
    return _without_replacement(logits, counts, temperature, generator)


def top_k(logits: Tensor, k: int | Tensor) -> Tensor:
    """Which sentences have the k largest logits: the same at every call.

    Parameters
    ----------
    logits : float [B, n]
        -inf marks padding, which is never chosen. Among equals the first goes first.
    k : int or int64 [B]
        At least 1; rows with fewer sentences choose them all.

    Returns
    -------
    bool [B, n]
        Exactly k of each row.

    Examples
    --------
    >>> top_k(torch.tensor([[1.0, 3.0, 3.0, 3.0]]), 2).tolist()
    [[False, True, True, False]]
    """
    order = torch.argsort(logits, dim=-1, descending=True, stable=True)
    ranks = torch.empty_like(order)
    ranks.scatter_(-1, order, torch.arange(logits.shape[-1], device=order.device).expand_as(order))
    return ranks < _counts(logits, k)[:, None]


def _counts(logits: Tensor, k: int | Tensor) -> Tensor:
    wanted = torch.as_tensor(k, device=logits.device).expand(len(logits))
    if (wanted < 1).any():
        msg = f"k={k} is not allowed; give a whole number of at least 1"
        raise ValueError(msg)
    return torch.minimum(wanted, torch.isfinite(logits).sum(dim=-1))


def _independent(
    logits: Tensor, counts: Tensor, temperature: float, generator: torch.Generator
) -> Tensor:
    most = int(counts.max())
    repeated = logits.expand(most, *logits.shape)
    relaxed = torch.softmax((repeated + gumbel(repeated, generator)) / temperature, dim=-1)
    wanted = torch.arange(most, device=logits.device)[:, None, None] < counts[None, :, None]
    return (relaxed * wanted).amax(dim=0)


def _without_replacement(
    logits: Tensor, counts: Tensor, temperature: float, generator: torch.Generator
) -> Tensor:
    keys = logits + gumbel(logits, generator)
    chosen = top_k(keys.detach(), counts).to(keys.dtype)
    relaxed, left = torch.zeros_like(keys), keys / temperature
    smallest = torch.finfo(keys.dtype).tiny
    for turn in range(int(counts.max())):
        share = torch.softmax(left, dim=-1)
        relaxed = relaxed + share * (turn < counts)[:, None]
        left = left + torch.log((1 - share).clamp_min(smallest)) / temperature
    # In brackets, so that what is added is exactly 0.
    return chosen + (relaxed - relaxed.detach())
