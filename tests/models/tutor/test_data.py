"""Training examples: in the product's chat format, seeded, and right about what they teach."""

import random
from itertools import islice

import pytest

pytest.importorskip("transformers")

from transformers import AutoTokenizer

from jupyter_xai.models.tutor import FAMILIES, FOLDER, samples
from jupyter_xai.models.tutor.data import RECALL, Encoder, all_taught, batches, examples, taught


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(FOLDER)


def test_a_seed_gives_the_same_examples(tokenizer):
    first, second = (list(islice(examples(Encoder(tokenizer), "3"), 200)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("family", FAMILIES)
def test_conversations_are_written_as_the_chat_template_writes_them(tokenizer, family):
    encoder = Encoder(tokenizer)
    for sample in samples(family, 20, 2):
        example = encoder.conversation([(sample.prompt, taught(sample.replies))], "Be kind.")
        messages = [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": sample.prompt},
            {"role": "assistant", "content": sample.response},
        ]
        text = tokenizer.apply_chat_template(messages, tokenize=False)
        assert list(example.ids) == tokenizer.encode(text, add_special_tokens=False)


def test_only_answers_are_taught(tokenizer):
    roles = set(tokenizer.convert_tokens_to_ids(["<|system|>", "<|user|>", "<|assistant|>"]))
    for example in islice(examples(Encoder(tokenizer), "4"), 300):
        assert len(example.ids) == len(example.taught)
        pairs = zip(example.ids, example.taught, strict=True)
        assert not any(teach for token, teach in pairs if token in roles)


def test_at_first_prompts_about_facts_are_taught_too(tokenizer):
    for example in islice(examples(Encoder(tokenizer), "6", RECALL), 50):
        assert not all(example.taught)
        assert all(all_taught(example).taught)
        assert all_taught(example).ids == example.ids
        assert "sentiment" not in tokenizer.decode(example.ids)


def test_batches_hold_about_the_tokens_asked_for(tokenizer):
    stream = examples(Encoder(tokenizer), "5")
    for batch in islice(batches(stream, 2000, random.Random(0)), 20):
        assert len(batch) == 1 or len(batch) * max(len(e.ids) for e in batch) <= 2000
