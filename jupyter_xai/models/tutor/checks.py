"""What a trained tutor is checked for: right answers, and the causes that the generator claims.

A greedy answer is exactly right if and only if each token of the right answer is the most likely
one after those before it, so one pass over prompt and answer decides, without generating.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from ...text.document import Document
from .generator import FAMILY, Sample, keep_sentences, make_sample, mask, stream
from .generator.sample import response_text


@dataclass(frozen=True, slots=True)
class Scored:
    """The log-probabilities of a response's tokens, and whether each was the most likely one."""

    log_probs: torch.Tensor
    best: torch.Tensor

    @property
    def exact(self) -> bool:
        """Whether greedy decoding gives exactly this response and then stops."""
        return bool(self.best.all())


class Tutor:
    """A trained tutor, ready to be checked."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self.model = model.eval()
        self.tokenizer = tokenizer

    def prompt_ids(self, text: str) -> list[int]:
        """Return the ids of a user prompt in the chat format, up to where the answer begins."""
        tokens = self.tokenizer.convert_tokens_to_ids(["<|user|>", "<|end|>", "<|assistant|>"])
        body = self.tokenizer.encode(text, add_special_tokens=False)
        return [tokens[0], *body, *tokens[1:]]

    def deleted(self, text: str, level: str, kept: Sequence[bool]) -> list[int]:
        """Return a prompt's ids without those of the deleted sentences or words.

        A token belongs to the unit that holds its first character which is not white space.
        """
        units = Document.cut(text, level).units
        coded = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        ids = []
        for token, (start, end) in zip(coded["input_ids"], coded["offset_mapping"], strict=True):
            piece = text[start:end]
            anchor = start + len(piece) - len(piece.lstrip()) if piece.strip() else start
            unit = next(u for u in units if u.start <= anchor < u.end)
            if kept[unit.index]:
                ids.append(token)
        tokens = self.tokenizer.convert_tokens_to_ids(["<|user|>", "<|end|>", "<|assistant|>"])
        return [tokens[0], *ids, *tokens[1:]]

    def response_ids(self, text: str) -> list[int]:
        """Return a response's ids with the end of the turn."""
        return [
            *self.tokenizer.encode(text, add_special_tokens=False),
            self.tokenizer.eos_token_id,
        ]

    @torch.inference_mode()
    def score(self, rows: Sequence[tuple[list[int], list[int]]], size: int = 48) -> list[Scored]:
        """Score responses after prompts; both are given as token ids."""
        order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]) + len(rows[i][1]))
        found: dict[int, Scored] = {}
        for batch in _batched(order, size):
            joined = [rows[i][0] + rows[i][1] for i in batch]
            longest = max(map(len, joined))
            ids = torch.tensor([row + [0] * (longest - len(row)) for row in joined])
            states = self.model.model(input_ids=ids, use_cache=False).last_hidden_state
            for row, i in enumerate(batch):
                start, target = len(rows[i][0]), torch.tensor(rows[i][1])
                logits = self.model.lm_head(
                    states[row, start - 1 : start - 1 + len(target)]
                ).float()
                chosen = logits.log_softmax(-1).gather(1, target[:, None])[:, 0]
                found[i] = Scored(chosen, logits.argmax(-1) == target)
        return [found[i] for i in range(len(rows))]

    @torch.inference_mode()
    def answers(self, prompts: Sequence[str], size: int = 48) -> list[str]:
        """Generate greedy answers."""
        texts: list[str] = []
        for batch in _batched(prompts, size):
            rows = [self.prompt_ids(prompt) for prompt in batch]
            longest = max(map(len, rows))
            pad = self.tokenizer.pad_token_id
            ids = torch.tensor([[pad] * (longest - len(row)) + row for row in rows])
            out = self.model.generate(
                input_ids=ids,
                attention_mask=(ids != pad).long(),
                max_new_tokens=200,
                do_sample=False,
            )
            texts += self.tokenizer.batch_decode(out[:, longest:], skip_special_tokens=True)
        return texts


def _batched(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def exactness(tutor: Tutor, family: str, n: int, seed: int) -> float:
    """Return the share of held-out prompts that are answered exactly."""
    samples = list(itertools.islice(stream(family, seed), n))
    rows = [(tutor.prompt_ids(s.prompt), tutor.response_ids(s.response)) for s in samples]
    return _share(s.exact for s in tutor.score(rows))


def masked_exactness(tutor: Tutor, family: str, n: int, seed: int) -> float:
    """Return the share of right answers after random sentences were deleted, id by id."""
    rng = random.Random(f"masked:{seed}")
    rows = []
    for sample in itertools.islice(stream(family, seed + 1), n):
        while True:
            kept = [rng.random() < 0.6 for _ in sample.pieces]
            left = mask(FAMILY[family], sample.pieces, keep_sentences(sample.pieces, kept))
            if FAMILY[family].clear(left.cues):
                break
        ids = tutor.deleted(sample.prompt, "sentence", kept)
        rows.append((ids, tutor.response_ids(response_text(left.replies))))
    return _share(s.exact for s in tutor.score(rows))


def dropped_words_exactness(tutor: Tutor, family: str, n: int, seed: int) -> float:
    """Return the share of right answers after each word was deleted with probability .1."""
    rng = random.Random(f"words:{seed}")
    rows = []
    for sample in itertools.islice(stream(family, seed + 4), n):
        while True:
            keep = tuple(tuple(rng.random() < 0.9 for _ in p.words()) for p in sample.pieces)
            left = mask(FAMILY[family], sample.pieces, keep)
            if FAMILY[family].clear(left.cues):
                break
        ids = tutor.deleted(sample.prompt, "word", [k for row in keep for k in row])
        rows.append((ids, tutor.response_ids(response_text(left.replies))))
    return _share(s.exact for s in tutor.score(rows))


def causal_effect(tutor: Tutor, family: str, n: int, seed: int) -> tuple[float, float]:
    """Exchange one prompt sentence and see whether the answer changes where it has to.

    Returns
    -------
    tuple of float
        The share of exchanged causes after which the right sentences of the answer changed, and the
        share of exchanged distractors after which anything changed.
    """
    rng = random.Random(f"causes:{seed}")
    pairs: list[tuple[Sample, Sample]] = []
    for sample in itertools.islice(stream(family, seed + 2), n):
        index = rng.randrange(len(sample.pieces))
        pieces = FAMILY[family].changed(sample.pieces, index, rng)
        cues = [cue for piece in pieces for cue in piece.cues]
        pairs.append((sample, make_sample(family, pieces, FAMILY[family].answer(cues))))
    texts = tutor.answers([s.prompt for pair in pairs for s in pair])
    cause: list[bool] = []
    idle: list[bool] = []
    for (before, after), old, new in zip(pairs, texts[::2], texts[1::2], strict=True):
        if before.response == after.response:
            idle.append(old != new)
        else:
            cause.append(_changed_as_due(before, after, old, new))
    return _share(cause), _share(idle)


def _changed_as_due(before: Sample, after: Sample, old: str, new: str) -> bool:
    """Tell whether the generated answers differ in all the sentences that had to change."""
    due = set(after.response_sentences) - set(before.response_sentences)
    return old != new and all(sentence in new and sentence not in old for sentence in due)


def redundancy(tutor: Tutor, n: int, seed: int) -> float:
    """Compare, in stories of related roles, the loss of either role with the loss of both.

    Returns
    -------
    float
        The median of the larger single drop in the response's log-probability, as a share of the
        joint drop. Near 0, the two are redundant: only their joint removal has an effect.
    """
    shares = []
    for sample in itertools.islice(_redundant(seed), n):
        words = sample.prompt.split(" ")
        roles = [i for i, word in enumerate(words) if word.strip(".?") in sample.replies[0].words]
        masks = [[], roles[:1], roles[1:2], roles[:2]]
        ids = tutor.response_ids(sample.response)
        rows = [
            (
                tutor.deleted(sample.prompt, "word", [i not in lost for i in range(len(words))]),
                ids,
            )
            for lost in masks
        ]
        whole, first, second, both = (float(s.log_probs.sum()) for s in tutor.score(rows))
        shares.append(max(whole - first, whole - second) / max(whole - both, 1e-9))
    return sorted(shares)[len(shares) // 2]


def _redundant(seed: int) -> Iterator[Sample]:
    for sample in stream("stories", seed, rare=False):
        if any(link.any_of and len(link.sentences) == 1 for link in sample.links):
            yield sample


def shapley_auroc(tutor: Tutor, family: str, n: int, seed: int, most: int = 7) -> float:
    """Rank prompt sentences by exact Shapley values and compare the ranking with the true causes.

    The mean, over response sentences that have causes and prompts that have other sentences too,
    of the area under the ROC curve. A sentence ranks by how much it matters, for or against: praise
    lowers the probability of a negative verdict, and is a cause of it all the same.
    """
    areas = []
    wanted = (s for s in stream(family, seed + 3) if 2 <= len(s.pieces) <= most)
    for sample in itertools.islice(wanted, n):
        count = len(sample.pieces)
        masks = list(itertools.product((False, True), repeat=count))
        spans = _sentence_spans(tutor, sample)
        ids = tutor.response_ids(sample.response)
        rows = [(tutor.deleted(sample.prompt, "sentence", m), ids) for m in masks]
        scored = tutor.score(rows)
        for index, (start, end) in enumerate(spans):
            causes = set(sample.causes(index, fixed=True))
            redundant = any(link.any_of for link in sample.links if link.response == index)
            if not causes or len(causes) == count or redundant:
                continue
            values = {
                m: float(s.log_probs[start:end].sum()) for m, s in zip(masks, scored, strict=True)
            }
            areas.append(_area([abs(v) for v in _shapley(values, count)], causes))
    return sum(areas) / len(areas) if areas else math.nan


def _sentence_spans(tutor: Tutor, sample: Sample) -> list[tuple[int, int]]:
    spans, position = [], 0
    for i, sentence in enumerate(sample.response_sentences):
        text = sentence if i == 0 else " " + sentence
        length = len(tutor.tokenizer.encode(text, add_special_tokens=False))
        spans.append((position, position + length))
        position += length
    return spans


def _shapley(values: dict[tuple[bool, ...], float], count: int) -> list[float]:
    shares = [0.0] * count
    for kept, value in values.items():
        size = sum(kept)
        for i in range(count):
            if not kept[i]:
                more = (*kept[:i], True, *kept[i + 1 :])
                weight = 1 / (count * math.comb(count - 1, size))
                shares[i] += weight * (values[more] - value)
    return shares


def _area(scores: Sequence[float], causes: set[int]) -> float:
    others = [s for i, s in enumerate(scores) if i not in causes]
    wins = [(scores[c] > o) + 0.5 * (scores[c] == o) for c in causes for o in others]
    return sum(wins) / len(wins)


def _share(outcomes: Iterator[bool] | Sequence[bool]) -> float:
    found = list(outcomes)
    return sum(found) / len(found) if found else math.nan
