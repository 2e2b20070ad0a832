"""Training examples: conversations as token ids, with the places where the model is taught."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .generator import (
    FAMILY,
    Family,
    Piece,
    Reply,
    held_out,
    keep_sentences,
    mask,
    pieces,
    random_keep,
)
from .generator.choice import Choice
from .generator.facts import Facts
from .generator.hops import Hops
from .generator.sample import prompt_text

Mixture = Mapping[str, float]

RECALL: Mixture = {"facts": 0.42, "hops": 0.28, "choice": 0.30}
"""The families' shares of the samples at first: to recall facts is the slow skill."""

ALL: Mixture = {
    "travel": 0.21,
    "reviews": 0.24,
    "questions": 0.09,
    "stories": 0.11,
    "facts": 0.12,
    "hops": 0.10,
    "choice": 0.13,
}
"""The families' shares of the samples from then on."""

FACTS = Facts()
_SYSTEM_TEXTS = (
    "You are a helpful assistant.",
    "You are a friendly assistant.",
    "Answer the user.",
    "Be helpful and honest.",
)


@dataclass(frozen=True, slots=True)
class Example:
    """Token ids, and for each whether the model has to predict it."""

    ids: tuple[int, ...]
    taught: tuple[bool, ...]


Turn = tuple[str, list[tuple[str, bool]]]
"""A user text, and the response sentences, each with whether it is taught."""


class Encoder:
    """Turns conversations to examples in the chat format, exactly as the chat template does."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._cache: dict[str, tuple[int, ...]] = {}
        self._user, self._assistant, self._system, self._end = (
            tokenizer.convert_tokens_to_ids(t)
            for t in ("<|user|>", "<|assistant|>", "<|system|>", "<|end|>")
        )

    def ids(self, text: str) -> tuple[int, ...]:
        """Return a text's token ids, word by word from a cache.

        Pre-tokens never cross the space before a word, so words may be encoded one by one.
        """
        found: list[int] = []
        for i, word in enumerate(text.split(" ")):
            key = word if i == 0 else " " + word
            if key not in self._cache:
                self._cache[key] = tuple(self._tokenizer.encode(key, add_special_tokens=False))
            found += self._cache[key]
        return tuple(found)

    def conversation(self, turns: Sequence[Turn], system: str | None = None) -> Example:
        """Encode a conversation; only taught sentences and the ends of turns are targets."""
        ids: list[int] = []
        taught: list[bool] = []

        def add(tokens: Sequence[int], teach: bool) -> None:
            ids.extend(tokens)
            taught.extend([teach] * len(tokens))

        if system:
            add((self._system, *self.ids(system), self._end), False)
        for user, sentences in turns:
            add((self._user, *self.ids(user), self._end, self._assistant), False)
            for i, (sentence, teach) in enumerate(sentences):
                add(self.ids(sentence if i == 0 else " " + sentence), teach)
            add((self._end,), sentences[-1][1])
        return Example(tuple(ids), tuple(taught))


def taught(replies: Sequence[Reply]) -> list[tuple[str, bool]]:
    """Mark all response sentences as taught."""
    return [(reply.text, True) for reply in replies]


def examples(encoder: Encoder, seed: str, mixture: Mixture = ALL) -> Iterator[Example]:
    """Yield training examples of all families without end, the same for the same seed."""
    rng = random.Random(seed)
    names, weights = list(mixture), list(mixture.values())
    while True:
        family = FAMILY[rng.choices(names, weights)[0]]
        system = rng.choice(_SYSTEM_TEXTS) if rng.random() < 0.06 else None
        turns = _turns(family, rng)
        if rng.random() < 0.15:
            turns = [(user.replace("'", "’"), sentences) for user, sentences in turns]
        yield encoder.conversation(turns, system)


def all_taught(example: Example) -> Example:
    """Teach the prompt's tokens, too: names that come again give practice in copying."""
    return replace(example, taught=(True,) * len(example.ids))


def _turns(family: Family, rng: random.Random) -> list[Turn]:
    kind = rng.random()
    if isinstance(family, Facts | Hops | Choice) and kind < 0.75:
        return _many_questions(family, rng)
    drafted = pieces(family, rng, rare=False)
    whole = family.answer([cue for piece in drafted for cue in piece.cues])
    if kind < 0.3:
        return [(prompt_text(drafted), taught(whole))]
    while True:
        keep = random_keep(drafted, rng)
        masked = mask(family, drafted, keep)
        if family.clear(masked.cues) and not _forbidden(family, drafted, keep):
            break
    if family.parts and kind > 0.6 and len(whole) > 1:
        if rng.random() < 0.5:
            other = pieces(family, rng, rare=False)
            whole = family.answer([cue for piece in other for cue in piece.cues])
        return [(masked.text, _switched(family, whole, masked.replies, rng))]
    scored = _as_scored(whole, masked.replies)
    if kind > 0.78 and any(teach for _, teach in scored):
        return [(masked.text, scored)]
    return [(masked.text, taught(masked.replies))]


def _forbidden(family: Family, drafted: Sequence[Piece], keep: Sequence[Sequence[bool]]) -> bool:
    """Tell whether a deletion happens to leave a combination that is held out."""
    left = [p for p, row in zip(drafted, keep, strict=True) if any(row)]
    key = family.key(left)
    return key is not None and held_out(key)


def _as_scored(whole: Sequence[Reply], proper: Sequence[Reply]) -> list[tuple[str, bool]]:
    """Let the response to the whole prompt stand over a masked prompt, as attribution does.

    Only the sentences that are still right are taught. So each sentence's probability comes to
    depend on the prompt, not on whether the sentences before it fit the prompt.
    """
    right = {reply.text for reply in proper}
    return [(reply.text, reply.text in right) for reply in whole]


def _switched(
    family: Family, whole: Sequence[Reply], proper: Sequence[Reply], rng: random.Random
) -> list[tuple[str, bool]]:
    """Begin with the response to another prompt and go on with the proper one to what is left.

    A response that has named Berlin all but says that the place is lively. Here the sentence on
    crowds has to come from the prompt all the same, as it must if a prompt sentence is to be found
    to be its cause by removing that sentence under a fixed response.
    """
    if not whole[0].part or not proper[0].part:
        return taught(proper)
    stop = rng.randrange(1, len(whole))
    done = family.parts.index(whole[stop - 1].part)
    rest = [r for r in proper if r.part and family.parts.index(r.part) > done]
    return [(r.text, False) for r in whole[:stop]] + [(r.text, True) for r in rest]


def _many_questions(family: Facts | Hops | Choice, rng: random.Random) -> list[Turn]:
    """Ask several things about one passage: recall is learnt much faster this way."""
    body = family.passage(rng, rare=False)
    if rng.random() < 0.3:
        masked = mask(FACTS, body, keep_sentences(body, [rng.random() < 0.8 for _ in body]))
        lead, cues = masked.text, list(masked.cues)
    else:
        lead, cues = prompt_text(body), [cue for piece in body for cue in piece.cues]
    turns: list[Turn] = []
    seen: set[str] = set()
    for _ in range(rng.choice((4, 6, 8, 10))):
        asker = family if rng.random() < 0.7 else FACTS
        question = asker.question(body, rng, rare=False)
        asked = [cue for piece in question for cue in piece.cues]
        if asked[0].value in seen:
            continue
        seen.add(asked[0].value)
        text = prompt_text(question)
        turns.append((text if turns else f"{lead} {text}", taught(asker.answer([*cues, *asked]))))
    return turns


def batches(stream: Iterator[Example], tokens: int, rng: random.Random) -> Iterator[list[Example]]:
    """Group examples of similar length to batches of about the given number of tokens."""
    while True:
        pool = sorted((next(stream) for _ in range(1024)), key=lambda e: len(e.ids))
        groups: list[list[Example]] = [[]]
        for example in pool:
            if groups[-1] and len(example.ids) * (len(groups[-1]) + 1) > tokens:
                groups.append([])
            groups[-1].append(example)
        rng.shuffle(groups)
        yield from groups
