"""A language model without attention, of linear layers and ReLUs only."""

from __future__ import annotations

from typing import Any

import torch
import transformers
from transformers.modeling_outputs import CausalLMOutput

import tiny


class Bag(transformers.LlamaForCausalLM):
    """Predicts from the mean of all embeddings so far, by one hidden layer of ReLUs."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.inner = torch.nn.Linear(config.hidden_size, 64)
        self.relu = torch.nn.ReLU()
        self.outer = torch.nn.Linear(64, config.vocab_size)

    def forward(  # type: ignore[override]
        self, input_ids: Any = None, inputs_embeds: Any = None, **options: Any
    ) -> Any:
        if inputs_embeds is None:
            inputs_embeds = self.get_input_embeddings()(input_ids)
        count = torch.arange(1, inputs_embeds.shape[1] + 1)[:, None]
        return CausalLMOutput(
            logits=self.outer(self.relu(self.inner(self.mean(inputs_embeds, count))))
        )

    @staticmethod
    def mean(embeddings: Any, count: Any) -> Any:
        return embeddings.cumsum(dim=1) / count


def bag_model() -> Bag:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        built = Bag(tiny.model("llama").config).eval()
        with torch.no_grad():
            built.get_input_embeddings().weight.normal_()
            built.inner.weight.mul_(20)
            built.outer.weight.mul_(5)
    return built
