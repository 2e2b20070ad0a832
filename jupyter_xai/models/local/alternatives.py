"""The answer that a model nearly gave: where it hesitated most, and what it might have said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.models.base import Response
from jupyter_xai.models.local.masked_inputs import MaskedInput

if TYPE_CHECKING:
    import torch

    from jupyter_xai.models.local.answer_tokens import Wording
    from jupyter_xai.models.local.scoring import ScoringKernel

_LOOKED_AT = 32
"""Tokens of each position among which another one is looked for."""


_MOST_TURNS = 8
"""Other beginnings that are tried until one leads to another text."""


def other_answer(
    kernel: ScoringKernel,
    whole: MaskedInput,
    response: Response,
    go_on: Callable[[list[int]], Response],
    wording: Wording,
) -> Response | None:
    """What the model would have said instead; None where all it might say reads the same.

    Parameters
    ----------
    kernel : ScoringKernel
    whole : MaskedInput
        The whole prompt.
    response : Response
    go_on : callable
        Makes a response of its first tokens.
    wording : Wording
    """
    forced = wording.forced()
    said = [*forced, *(response.ids or ())]
    turns = hesitations(kernel, whole, said, ends=wording.ends(), has_content=wording.has_content)
    free = (turn for turn in turns if turn[0] >= len(forced))
    for position, token in islice(free, _MOST_TURNS):
        other = go_on([*said[:position], token])
        # Tokens can spell one text in several ways.
        if other.text.strip() not in ("", response.text.strip()):
            return other
    return None


def hesitations(
    kernel: ScoringKernel,
    whole: MaskedInput,
    response: Sequence[int],
    *,
    ends: set[int],
    has_content: Callable[[int], bool],
) -> Iterator[tuple[int, int]]:
    """Where else the response might have gone, the likeliest turn first.

    At each position the likeliest token other than the response's is what the model would have said
    instead; the turn is the likelier, the larger the ratio of their probabilities. Turns between
    two tokens with content come first: a comma for a full stop is no other answer.

    Parameters
    ----------
    kernel : ScoringKernel
    whole : MaskedInput
        The whole prompt.
    response : sequence of int
        Token ids.
    ends : set of int
        Tokens that end an answer; no turn is taken to them, and none from them.
    has_content : callable
        Tells of a token id whether it says something.

    Yields
    ------
    (int, int)
        Position, and the token to put there.
    """
    tokens: list[NDArray[np.int64]] = []
    behind: list[NDArray[np.float64]] = []

    def look(logits: torch.Tensor, response: Sequence[int]) -> NDArray[np.float32]:
        import torch

        row = logits[0].double()
        top = row.topk(min(_LOOKED_AT, row.shape[-1]), dim=-1)
        said = row.gather(1, torch.tensor(response, device=row.device)[:, None])
        tokens.append(top.indices.cpu().numpy())
        behind.append((said - top.values).cpu().numpy())
        return np.zeros((1, len(response)), dtype=np.float32)

    for _ in kernel.score([whole], response, read=look):
        pass
    turns: list[tuple[bool, float, int, int]] = []
    for position, said in enumerate(response):
        if said in ends:
            continue
        others = [
            (not (has_content(said) and has_content(token)), float(gap), position, token)
            for token, gap in zip(tokens[0][position].tolist(), behind[0][position], strict=True)
            if token != said and token not in ends
        ]
        turns += [min(others)] if others else []
    for _, _, position, token in sorted(turns):
        yield position, token
