"""What the interpreter learns from the energy network."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from jupyter_xai.errors import XaiError
from jupyter_xai.methods.energy.configs import Objective

if TYPE_CHECKING:
    from jupyter_xai.models.base import Model


MARGIN = 2.0
"""So far above the whole prompt's energy, a masked prompt counts half."""


def objective_for(model: Model, given: Objective | None) -> Objective:
    """What an interpreter of a model learns: what was given, or what suits the model best.

    Raises
    ------
    XaiError
        When the model does not tell what is wanted.
    """
    scores = "logprob" in model.capabilities
    if given == "likelihood" and not scores:
        msg = (
            f"{model.name} gives no log-probabilities, so objective='likelihood' is not possible; "
            "objective='answers' learns from its answers alone"
        )
        raise XaiError(msg)
    return given or ("likelihood" if scores else "answers")


def ascended(without: Tensor, kept: Tensor, objective: Objective) -> Tensor:
    """What is minimised to ascend equation 3, for ``difference`` and ``bounded``.

    Parameters
    ----------
    without, kept : float [B]
        Energies of the target with the prompt without the chosen sentences, and with them alone.
    objective : str

    Returns
    -------
    float []

    Examples
    --------
    >>> ascended(torch.tensor([3.0]), torch.tensor([1.0]), "difference").item()
    -2.0
    """
    difference = without.float() - kept.float()
    return (
        -difference.mean() if objective == "difference" else functional.softplus(-difference).mean()
    )


def fitted(
    logits: Tensor,
    here: Tensor,
    subsets: Tensor,
    energy: Callable[[Tensor], Tensor],
    *,
    temperature: float,
) -> Tensor:
    """How far the logits are from telling equation 3 of each subset.

    Energies e of a masked prompt beside e0 of the whole one are bounded as
    sigmoid(`MARGIN` - (e - e0) / temperature): whether the model would still say the target.

    Parameters
    ----------
    logits : float [B, n]
        -inf marks padding.
    here : float [B, n]
        1 for sentences, 0 for padding.
    subsets : float [R, B, n]
        1 for what is kept.
    energy : callable
        Energies [rows] of gates [rows, n], rows of all B prompts one after the other.
    temperature : float
        Of InfoNCE.

    Returns
    -------
    float []
        Mean squared error.
    """
    count, rows, n = subsets.shape
    with torch.no_grad():
        gates = torch.cat([here[None], subsets, here - subsets])
        energies = energy(gates.reshape(-1, n)).float().reshape(-1, rows)
        said = torch.sigmoid(MARGIN - (energies[1:] - energies[0]) / temperature)
        wanted = said[:count] - said[count:]
    told = ((2 * subsets - 1) * here * logits.masked_fill(here == 0, 0)).sum(dim=-1)
    return ((told - wanted) ** 2).mean()


def answered(effects: Tensor, offset: Tensor, kept: Tensor, said: Tensor, asked: Tensor) -> Tensor:
    """How unlikely it is what the model said of masked prompts, by the effects of what is gone.

    An answer holds the target with the probability sigmoid(offset - sum of the effects of the
    sentences that are gone).

    Parameters
    ----------
    effects : float [B, n]
        -inf marks padding.
    offset : float []
        Log-odds for the whole prompt.
    kept : float [B, R, n]
        Masked prompts: 1 for what is kept, and for padding.
    said : float [B, R]
        1 where the answer holds the target, or the share to which it still does.
    asked : float [B, R]
        0 for padding.

    Returns
    -------
    float []
        Mean cross-entropy of a query, in nats.

    Examples
    --------
    >>> effects, gone = torch.tensor([[2.0, 0.0]]), torch.tensor([[[0.0, 1.0]]])
    >>> one = torch.ones(1, 1)
    >>> round(answered(effects, torch.tensor(2.0), gone, one, one).item(), 4)  # log 2
    0.6931
    """
    gone = (1 - kept) @ effects.masked_fill(effects.isinf(), 0)[..., None]
    losses = functional.binary_cross_entropy_with_logits(
        offset - gone.squeeze(-1), said, reduction="none"
    )
    return (losses * asked).sum() / asked.sum()


def random_subsets(here: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Subsets [count, B, n] of sentences: of each possible size equally often, none empty or whole.

    Parameters
    ----------
    here : float [B, n]
        1 for sentences, of which there are at least two, 0 for padding.
    count : int
    generator : torch.Generator
        On the CPU.

    Examples
    --------
    >>> drawn = random_subsets(torch.ones(1, 3), 4, torch.Generator().manual_seed(0))
    >>> sorted({int(size) for size in drawn.sum(dim=-1).flatten()})
    [1, 2]
    """
    most = here.sum(dim=1).cpu() - 1
    sizes = 1 + torch.floor(torch.rand(count, len(here), generator=generator) * most)
    order = torch.rand(count, *here.shape, generator=generator).masked_fill(here.cpu() == 0, 2.0)
    ranks = order.argsort(dim=-1).argsort(dim=-1)
    return (ranks < sizes[..., None]).to(here)
