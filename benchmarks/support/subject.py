"""The model, tokenizer, prompt and response that are measured. All made in memory, no downloads."""

from __future__ import annotations

import re
from typing import Any

PROMPT = (
    "I want to rest by the sea for a whole week. "
    "No busy cities and no long flights, please. "
    "My budget is flexible, but the hotel should be small. "
    "I travel with my mother, who likes to read in the shade. "
    "She does not eat meat. "
    "We both like old villages and quiet walks in the morning. "
    "The weather in May is fine for us. "
    "Where should we go, and how do we get there? "
)
"""Ends with white space, as a template would: the response then tokenises as it does alone."""

RESPONSE = "Take the night train to the island and rent a small house near the quiet beach."

_PIECE = r"\w+\s*|[^\w\s]\s*"
"""A token is a word or a punctuation mark with the white space behind it, so that dropping the
tokens of a sentence is the same as dropping its text: libraries that delete text and libraries
that delete tokens then send the model the same input."""

_SPECIAL = ("<unk>", "<s>", "</s>", "<pad>")


def tokenizer(vocabulary: int = 32_000, **options: Any) -> Any:
    """A fast tokenizer that knows the prompt's and the response's words, and fillers."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    pieces = re.findall(_PIECE, PROMPT + RESPONSE)
    known = dict.fromkeys([*_SPECIAL, *pieces, *(piece.strip() for piece in pieces)])
    fillers = (f"<{number}>" for number in range(vocabulary - len(known)))
    names = {token: number for number, token in enumerate([*known, *fillers])}
    backend = Tokenizer(models.WordLevel(names, unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.Split(Regex(_PIECE), "isolated")
    backend.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        # Peers put the unknown token in the place of removed ones; so does `mask-token` with this.
        mask_token="<unk>",
        **options,
    )


def model(vocabulary: int = 32_000, **changes: Any) -> Any:
    """A Llama of 61 million parameters with random weights."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    sizes = {
        "hidden_size": 576,
        "intermediate_size": 1536,
        "num_hidden_layers": 12,
        "num_attention_heads": 9,
        "num_key_value_heads": 3,
        "tie_word_embeddings": True,
        "max_position_embeddings": 2048,
    } | changes
    config = LlamaConfig(
        vocab_size=vocabulary, bos_token_id=1, eos_token_id=2, pad_token_id=3, **sizes
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        built = LlamaForCausalLM(config)
        with torch.no_grad():
            for layer in built.model.layers:
                # Larger than at initialisation, so that the response depends on the prompt and
                # differences between libraries can be seen.
                for parameter in layer.parameters():
                    if parameter.ndim > 1:
                        parameter.mul_(3)
    return built.eval()


def left_padding(tokens: Any) -> Any:
    """A copy with left padding and a chat template that adds nothing."""
    from copy import deepcopy

    copied = deepcopy(tokens)
    copied.padding_side = "left"
    copied.chat_template = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
    return copied
