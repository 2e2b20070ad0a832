"""The tutor's tokenizer and chat format.

Byte-level BPE: a token carries the space before its word, so that dropping the tokens of a word or
a sentence leaves clean text, and every Unicode text survives the round trip.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from .generator import FAMILY, stream
from .generator.names import name_halves

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

PAD, END = "<|pad|>", "<|end|>"
ROLES = ("<|system|>", "<|user|>", "<|assistant|>")
VOCABULARY = 3072

CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|assistant|>' }}{%- endif -%}"
)
"""Each message between its role and the end-of-turn token, its text unchanged."""

# Few samples where names abound: otherwise whole training names would become tokens, and held-out
# names would look unlike anything the model has seen.
_CORPUS = {
    "travel": 6000,
    "reviews": 6000,
    "questions": 3000,
    "stories": 3000,
    "facts": 500,
    "hops": 300,
    "choice": 300,
}


def corpus(seed: int) -> Iterator[str]:
    """Yield the texts that the tokenizer learns from: training samples only."""
    for name, count in _CORPUS.items():
        assert name in FAMILY
        for sample in islice(stream(name, seed, rare=False), count):
            yield sample.prompt
            yield sample.response
    # Halves of names become tokens first of all, so that names are cut where these join.
    for half in name_halves():
        yield from [half] * 1000


def train_tokenizer(texts: Iterable[str]) -> PreTrainedTokenizerFast:
    """Learn the vocabulary and dress it as a Hugging Face tokenizer."""
    from tokenizers import (
        Tokenizer,
        decoders,
        models,
        pre_tokenizers,
        processors,
        trainers,
    )
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[PAD, END, *ROLES],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=END,
        additional_special_tokens=list(ROLES),
        clean_up_tokenization_spaces=False,
        model_max_length=1024,
        padding_side="left",
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast
