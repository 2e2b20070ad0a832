"""The arithmetic floor: what no implementation of the same sum can undercut on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from jupyter_xai.models.local.masked_inputs import MaskedInput

_TOKENS_AT_ONCE = 512
_REPETITIONS = 8


@dataclass(frozen=True)
class Rates:
    """Multiply-adds counted as two, per second: matrix products of the blocks and of the head."""

    blocks: float
    head: float


@dataclass(frozen=True)
class Work:
    """What scoring some inputs takes at least.

    Attributes
    ----------
    tokens : int
        Distinct tokens: those of a trie of all rows with the response behind each.
    blocks, attention, head : float
        Floating-point operations.
    """

    tokens: int
    blocks: float
    attention: float
    head: float

    def seconds(self, rates: Rates) -> float:
        return (self.blocks + self.attention) / rates.blocks + self.head / rates.head


class Meter:
    """Measures the speed of single precision matrix products with the model's own matrices."""

    def __init__(self, model: Any) -> None:
        import torch

        layer = model.model.layers[0]
        self._blocks = [p.weight for p in layer.modules() if isinstance(p, torch.nn.Linear)]
        self._head = [model.lm_head.weight]
        self._seen: list[Rates] = []

    def measure(self) -> None:
        """Once more, beside whatever it is to be compared with."""
        self._seen.append(Rates(blocks=_rate(self._blocks), head=_rate(self._head)))

    def rates(self) -> Rates:
        """Medians of all measurements."""
        return Rates(
            blocks=median(each.blocks for each in self._seen),
            head=median(each.head for each in self._seen),
        )


def _rate(weights: Sequence[Any]) -> float:
    import torch

    inputs = {w.shape[1]: torch.randn(_TOKENS_AT_ONCE, w.shape[1]) for w in weights}
    operations = sum(2 * _TOKENS_AT_ONCE * weight.numel() for weight in weights)
    quickest = float("inf")
    with torch.inference_mode():
        for _ in range(_REPETITIONS):
            started = perf_counter()
            for weight in weights:
                torch.nn.functional.linear(inputs[weight.shape[1]], weight)
            quickest = min(quickest, perf_counter() - started)
    return operations / quickest


def least_work(model: Any, inputs: Sequence[MaskedInput], response: Sequence[int]) -> Work:
    """Operations after deduplication and sharing of every common beginning.

    Causal models only: a token then depends on those before it, so rows with a common beginning
    share its tokens.
    """
    config = model.config
    tails = {tuple(row.symbols().tolist()) for row in inputs}
    nodes = {row[: end + 1] for row in tails for end in range(len(row))}
    # The last response token is predicted but never read.
    behind = len(response) - 1
    tokens = len(nodes) + len(tails) * behind
    seen = sum(len(node) for node in nodes)
    seen += sum(int(np.arange(len(row) + 1, len(row) + 1 + behind).sum()) for row in tails)
    layer = model.model.layers[0]
    weights = sum(part.numel() for part in layer.parameters() if part.ndim == 2)
    heads, width = config.num_attention_heads, config.head_dim
    layers = config.num_hidden_layers
    return Work(
        tokens=tokens,
        blocks=2.0 * weights * layers * tokens,
        # Scores and weighted sum, two operations each, for each pair of tokens.
        attention=4.0 * heads * width * layers * seen,
        head=2.0 * model.lm_head.weight.numel() * len(tails) * len(response),
    )
