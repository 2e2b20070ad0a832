"""Tiny models and tokenizers built in memory, so that tests need no download."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

TEXTS = [
    "I want to rest by the sea. No busy cities, though. My budget is flexible.",
    "The old doctor walked to New York with his patient and a dog named Foo.",
    "Naïve café, 你好世界, emoji 😀🎉, and العربية too.",
    "a b c d e f g h i j k l m n o p q r s t u v w x y z 0 1 2 3 4 5 6 7 8 9",
]

CHAT_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<|{{ m['role'] }}|>\n{{ m['content'] }}<|end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)

SPECIAL = ["<s>", "</s>", "<pad>", "<unk>", "<|user|>", "<|system|>", "<|assistant|>", "<|end|>"]


@cache
def byte_level_backend() -> Tokenizer:
    """Byte-level BPE in the manner of GPT-2."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    return tokenizer


@cache
def sentencepiece_backend() -> Tokenizer:
    """BPE with a leading-space mark and byte fallback in the manner of Llama 2."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=[*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256))],
        show_progress=False,
        max_token_length=8,
    )
    tokenizer.train_from_iterator([text[:60] for text in TEXTS[:2]], trainer)
    return tokenizer


def tokenizer(kind: str = "bytes", *, chat: bool = False, **options: Any) -> Any:
    """A fast tokenizer: ``bytes`` or ``sentencepiece``."""
    backend = byte_level_backend() if kind == "bytes" else sentencepiece_backend()
    built = transformers.PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(backend.to_str()),
        bos_token="<s>",
        eos_token="</s>",
        pad_token=options.pop("pad_token", "<pad>"),
        unk_token="<unk>",
        **options,
    )
    if chat:
        built.chat_template = CHAT_TEMPLATE
    return built


_SMALL: dict[str, Any] = {
    "vocab_size": 700,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 2,
}

CAUSAL = ("gpt2", "llama", "qwen3", "gemma2", "cohere", "granite", "bloom")
ALL = (*CAUSAL, "t5")
WITHOUT_SDPA = ("gemma2", "bloom")


def model(kind: str, *, attention: str = "sdpa", seed: int = 0, **changes: Any) -> Any:
    """A randomly initialised model of a known architecture, in evaluation mode."""
    sizes = _SMALL | changes
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        config, cls = _config(kind, sizes)
        config._attn_implementation = "eager" if kind in WITHOUT_SDPA else attention
        built = cls(config)
        # Larger weights than at initialisation: attention and positions then really matter. T5
        # starts with weights of unit scale.
        with torch.no_grad():
            for parameter in built.parameters():
                if parameter.ndim > 1 and kind != "t5":
                    parameter.mul_(4)
    return built.eval()


def _config(kind: str, sizes: dict[str, Any]) -> tuple[Any, Any]:
    ids = {key: sizes[key] for key in ("bos_token_id", "eos_token_id", "pad_token_id")}
    if kind == "gpt2":
        config = transformers.GPT2Config(
            vocab_size=sizes["vocab_size"], n_embd=32, n_layer=3, n_head=4, n_positions=512, **ids
        )
        return config, transformers.GPT2LMHeadModel
    if kind == "bloom":
        config = transformers.BloomConfig(
            vocab_size=sizes["vocab_size"], hidden_size=32, n_layer=3, n_head=4, **ids
        )
        return config, transformers.BloomForCausalLM
    if kind == "t5":
        config = transformers.T5Config(
            vocab_size=sizes["vocab_size"], d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4,
            decoder_start_token_id=2, pad_token_id=2, eos_token_id=1,
        )  # fmt: skip
        return config, transformers.T5ForConditionalGeneration
    if kind == "llama":
        return transformers.LlamaConfig(**sizes), transformers.LlamaForCausalLM
    if kind == "qwen3":
        return transformers.Qwen3Config(**sizes, head_dim=8), transformers.Qwen3ForCausalLM
    if kind == "gemma2":
        config = transformers.Gemma2Config(
            **sizes, head_dim=8, sliding_window=16, final_logit_softcapping=3.0,
            attn_logit_softcapping=5.0, query_pre_attn_scalar=8,
        )  # fmt: skip
        return config, transformers.Gemma2ForCausalLM
    if kind == "cohere":
        return transformers.CohereConfig(**sizes, logit_scale=0.5), transformers.CohereForCausalLM
    if kind == "granite":
        config = transformers.GraniteConfig(**sizes, logits_scaling=3.0, embedding_multiplier=2.0)
        return config, transformers.GraniteForCausalLM
    raise ValueError(kind)
