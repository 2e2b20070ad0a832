"""The energy network and the interpreter (Figure 2 of the paper).

Both see sentences as embeddings with *gates*: 1 for a sentence that is there, 0 for one that is
not. A gate multiplies the weight with which a sentence is attended to, so that a gate of 0 is the
same as a shorter text, padding needs no rule of its own, and gradients reach gates of 0, too.

The order of sentences is not seen, as in the paper, which names no positions.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from jupyter_xai.methods.energy.configs import EnergyConfig
from jupyter_xai.methods.energy.origin import Origin

_CLOSED = 1e-30
# Added to gates before the logarithm: vanishes beside 1 in single precision, and keeps both the
# weight of a closed gate and the gradient there finite.

_SPREAD = 4.0
"""Similarities of sentences differ by some tenths, the numbers beside them by about 1."""
_SHARP = 16.0
"""Sentences that are a tenth more alike than others count five times as much."""


class GatedAttention(nn.Module):
    """Multi-head attention to gated sentences, and to a zero beside them.

    The zero takes no parameters and keeps attention defined where every gate is closed, as in a
    prompt of which nothing is left.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, context: Tensor, gates: Tensor) -> Tensor:
        """Attend from x [B, q, d] to context [B, n, d] through gates [B, n]: [B, q, d]."""
        query = self._split(self.query(x))
        key = functional.pad(self._split(self.key(context)), (0, 0, 0, 1))
        value = functional.pad(self._split(self.value(context)), (0, 0, 0, 1))
        bias = functional.pad(_log(gates), (0, 1))[:, None, None, :].to(query.dtype)
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        return self.out(attended.transpose(1, 2).flatten(2))

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class Block(nn.Module):
    """Attention to others or among themselves, and a feed-forward network, both residual."""

    def __init__(self, config: EnergyConfig) -> None:
        super().__init__()
        self.attention = GatedAttention(config.width, config.heads)
        self.feed_forward = nn.Sequential(
            nn.Linear(config.width, config.width * config.expansion),
            nn.GELU(),
            nn.Linear(config.width * config.expansion, config.width),
        )
        self.attention_norm = nn.LayerNorm(config.width)
        self.feed_forward_norm = nn.LayerNorm(config.width)

    def forward(self, x: Tensor, gates: Tensor, context: Tensor | None = None) -> Tensor:
        """Attend from x [B, q, d] to the context [B, n, d], or to x, through gates [B, n]."""
        normed = self.attention_norm(x)
        x = x + self.attention(normed, normed if context is None else context, gates)
        return x + self.feed_forward(self.feed_forward_norm(x))


class ConceptProjection(nn.Module):
    """Sentence embeddings to concepts: each sentence in the light of the others of its text."""

    def __init__(self, config: EnergyConfig) -> None:
        super().__init__()
        self.scale = config.embedding_width**0.5
        # No layer between an encoder and a concept space of one width, as in the paper.
        self.widen = (
            nn.Identity()
            if config.embedding_width == config.width
            else nn.Linear(config.embedding_width, config.width)
        )
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.projection_blocks))
        self.norm = nn.LayerNorm(config.width)

    def forward(self, sentences: Tensor, gates: Tensor) -> Tensor:
        """Concepts [B, n, d] of embeddings [B, n, e] of length 1."""
        # Entries of about 1, the scale of what the blocks add.
        x = self.widen(sentences * self.scale)
        for block in self.blocks:
            x = block(x, gates)
        return self.norm(x)


class EnergyNetwork(nn.Module):
    """Energy of a prompt with a response: low when the model would write it (section 3.2).

    Unless the configuration says otherwise, each sentence of the response is also laid beside what
    is most like it in the prompt: beside the product of their concepts, number by number, and how
    alike they are. So that it tells one name or colour from another after some hundred prompts.

    Parameters
    ----------
    config : EnergyConfig
    """

    def __init__(self, config: EnergyConfig) -> None:
        super().__init__()
        self.config = config
        self.prompt_concepts = ConceptProjection(config)
        self.response_concepts = ConceptProjection(config)
        self.cross = nn.ModuleList(Block(config) for _ in range(config.cross_blocks))
        if config.matching:
            self.matched = nn.Linear(2 * config.width + 1, config.width)
        self.pooling = nn.Linear(config.width, 1)
        self.head = _two_layers(config.width, config.width)

    def forward(
        self, prompt: Tensor, prompt_gates: Tensor, response: Tensor, response_gates: Tensor
    ) -> Tensor:
        """Energies.

        Parameters
        ----------
        prompt : float [B, n, e]
            Sentence embeddings of length 1.
        prompt_gates : float [B, n]
            From 0 (not there, padding) to 1.
        response : float [B, m, e]
        response_gates : float [B, m]
            At least one is above 0 in each row. For a target subset, 1 for its sentences only.

        Returns
        -------
        float [B]
        """
        concepts = self.prompt_concepts(prompt, prompt_gates)
        x = self.response_concepts(response, response_gates)
        own = x
        for block in self.cross:
            x = block(x, prompt_gates, concepts)
        if self.config.matching:
            # Of length 1, sentences are at most so much alike; what padding holds is not.
            alike = (response @ prompt.transpose(1, 2)).clamp(-1, 1)
            shares = _shares(_SHARP * alike, prompt_gates)
            best = _SPREAD * (shares * alike).sum(dim=-1, keepdim=True)
            beside = own * (shares.to(own.dtype) @ concepts)
            x = x + self.matched(torch.cat([own, beside, best.to(own.dtype)], dim=-1))
        weights = torch.softmax(self.pooling(x).squeeze(-1) + _log(response_gates), dim=-1)
        pooled = (weights[..., None] * x).sum(dim=1)
        # Energies are compared: their differences need all digits.
        with torch.autocast(pooled.device.type, enabled=False):
            return self.head(pooled.to(self.pooling.weight.dtype)).squeeze(-1)


class Interpreter(nn.Module):
    """Logits of the prompt's sentences for some sentences of the response (section 3.3).

    The paper passes attention weights through the MLP. Their width varies with the text, and they
    hold no concept, so the MLP here is given what attention puts out for each prompt sentence.
    Unless the configuration says otherwise, it is also told how well that sentence matches the
    targets: the product of their concepts, number by number, and the similarity of their meanings.
    Attention to one target is the same for all sentences, so that without these an MLP has to learn
    to compare them, from more texts than there are.

    Parameters
    ----------
    config : EnergyConfig

    Attributes
    ----------
    origin : Origin or None
        What it was trained on, where that is known.
    offset : float []
        Log-odds that the answer to the whole prompt holds a target, where it learns from answers.
    """

    def __init__(self, config: EnergyConfig) -> None:
        super().__init__()
        self.config = config
        self.origin: Origin | None = None
        self.prompt_concepts = ConceptProjection(config)
        self.response_concepts = ConceptProjection(config)
        self.cross = nn.ModuleList(Block(config) for _ in range(config.cross_blocks))
        self.head = (
            _two_layers(2 * config.width + 1, 2 * config.width)
            if config.matching
            else _two_layers(config.width, config.width)
        )
        self.offset = nn.Parameter(torch.tensor(2.0))

    def start_from(self, energy: EnergyNetwork) -> None:
        """Take over the projections of an energy network of the same configuration."""
        self.prompt_concepts.load_state_dict(energy.prompt_concepts.state_dict())
        self.response_concepts.load_state_dict(energy.response_concepts.state_dict())

    def forward(
        self,
        prompt: Tensor,
        prompt_gates: Tensor,
        response: Tensor,
        response_gates: Tensor,
        targets: Tensor,
    ) -> Tensor:
        """Logits; their softmax over the prompt's sentences are the importance scores.

        Parameters
        ----------
        prompt, prompt_gates, response, response_gates
            As for `EnergyNetwork`; the response is the whole one.
        targets : float [B, m]
            1 for the sentences that are asked about.

        Returns
        -------
        float [B, n]
            -inf where a gate of the prompt is 0.
        """
        x = own = self.prompt_concepts(prompt, prompt_gates)
        concepts = self.response_concepts(response, response_gates)
        # Targets are kept after the projection: they were read in the light of the response.
        kept = response_gates * targets
        for block in self.cross:
            x = block(x, kept, concepts)
        if self.config.matching:
            shared = own * _mean(concepts, kept)
            alike = (prompt * _mean(response, kept)).sum(dim=-1, keepdim=True)
            x = torch.cat([x, shared, _SPREAD * alike.to(x.dtype)], dim=-1)
        return self.head(x).squeeze(-1).masked_fill(prompt_gates == 0, -torch.inf)


def _two_layers(width: int, hidden: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, 1))


def _mean(sentences: Tensor, kept: Tensor) -> Tensor:
    """Mean [B, 1, d] of those sentences [B, m, d] that are kept [B, m]; 0 of none."""
    total = (kept[..., None] * sentences).sum(dim=1, keepdim=True)
    return total / kept.sum(dim=1)[:, None, None].clamp_min(_CLOSED)


def _shares(logits: Tensor, gates: Tensor) -> Tensor:
    """Softmax of logits [B, m, n] through gates [B, n] and beside a zero, as `GatedAttention`."""
    open_ = functional.pad(logits + _log(gates)[:, None, :], (0, 1))
    return torch.softmax(open_, dim=-1)[..., :-1]


def _log(gates: Tensor) -> Tensor:
    # Differences of relaxed gates may fall below 0 by rounding.
    return torch.log(gates.float().clamp_min(0) + _CLOSED)
