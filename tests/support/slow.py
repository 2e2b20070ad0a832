"""Tokenizers that do not tell where their tokens stand, each beside a fast one that does."""

from __future__ import annotations

from functools import cache
from typing import Any

import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

import tiny

KINDS = ("bytes", "sentencepiece", "wordpiece")


class Slow(transformers.PreTrainedTokenizer):
    """The tokens of a backend, by transformers' Python code: without offsets."""

    def __init__(self, backend: Tokenizer, **options: Any) -> None:
        self.inner = backend
        super().__init__(**options)

    @property
    def vocab_size(self) -> int:
        return self.inner.get_vocab_size()

    def get_vocab(self) -> dict[str, int]:
        return self.inner.get_vocab()

    def _tokenize(self, text: str, **_: Any) -> list[str]:
        return self.inner.encode(text, add_special_tokens=False).tokens

    def _convert_token_to_id(self, token: str) -> int | None:
        return self.inner.token_to_id(token)

    def _convert_id_to_token(self, index: int) -> str | None:
        return self.inner.id_to_token(index)

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        ids = [self.inner.token_to_id(token) for token in tokens]
        return self.inner.decode(ids, skip_special_tokens=False)


@cache
def wordpiece_backend() -> Tokenizer:
    """In the manner of BERT: lower case, no accents, white space dropped, unknown words."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=300, special_tokens=tiny.SPECIAL, show_progress=False
    )
    tokenizer.train_from_iterator(tiny.TEXTS[:2], trainer)
    return tokenizer


def pair(kind: str, *, chat: bool = False) -> tuple[Any, Any]:
    """A fast tokenizer and one without offsets that has the same tokens."""
    backend = {
        "bytes": tiny.byte_level_backend,
        "sentencepiece": tiny.sentencepiece_backend,
        "wordpiece": wordpiece_backend,
    }[kind]()
    special = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(backend.to_str()), **special
    )
    slow = Slow(backend, **special)
    if chat:
        fast.chat_template = slow.chat_template = tiny.CHAT_TEMPLATE
    return fast, slow
