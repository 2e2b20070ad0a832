"""How far next-token distributions move when some of the prompt is removed.

The distributions themselves, [tokens, vocabulary] for every mask, are never kept: those of the
whole prompt are held once, and every other row is reduced to one number a token as soon as its
logits are there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.models.capabilities import Diverged, Of
from jupyter_xai.models.local.masked_inputs import MaskedInput

if TYPE_CHECKING:
    import torch

    from jupyter_xai.models.local.scoring import ScoringKernel


def divergences(
    kernel: ScoringKernel,
    original: MaskedInput,
    inputs: Sequence[MaskedInput],
    response: Sequence[int],
    of: Of,
) -> Iterator[Diverged]:
    """Kullback-Leibler divergence at every response token between each input and the original.

    Parameters
    ----------
    kernel : ScoringKernel
    original : MaskedInput
        The whole prompt. It is run once more than the inputs.
    inputs : sequence of MaskedInput
    response : sequence of int
        Token ids; both sides see the same ones before each position.
    of : str
        ``masked``: KL(input || original). ``original``: KL(original || input).

    Yields
    ------
    Diverged
        Batches in no particular order; together they cover all inputs. The first counts the
        tokens of the original too.
    """
    held: list[torch.Tensor] = []

    def hold(logits: torch.Tensor, response: Sequence[int]) -> NDArray[np.float32]:
        held.append(logits[0].float().log_softmax(-1))
        return np.zeros((1, len(response)), dtype=np.float32)

    def read(logits: torch.Tensor, response: Sequence[int]) -> NDArray[np.float32]:
        import torch

        whole = held[0]
        rows = []
        for row in logits:
            own = row.float().log_softmax(-1)
            rows.append(kl(own, whole) if of == "masked" else kl(whole, own))
        return torch.stack(rows).cpu().numpy()

    unreported = sum(batch.tokens for batch in kernel.score([original], response, read=hold))
    for batch in kernel.score(inputs, response, read=read):
        yield Diverged(batch.rows, batch.logprobs, batch.tokens + unreported)
        unreported = 0


def kl(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    """KL(p || q) of log-probabilities over the last axis, in nats.

    Zero or more; infinite where q rules out what p allows.

    Examples
    --------
    >>> import torch
    >>> p = torch.tensor([0.5, 0.5]).log()
    >>> q = torch.tensor([0.9, 0.1]).log()
    >>> round(float(kl(p, q)), 3), float(kl(p, p))
    (0.511, 0.0)
    """
    import torch

    # What both rule out, such as the padding of a vocabulary, would be 0 times infinity minus
    # infinity.
    parts = torch.where(p > -torch.inf, p.exp() * (p - q), 0.0)
    # Of a sum that is 0, rounding may leave a little less.
    return parts.sum(-1).clamp(min=0)
