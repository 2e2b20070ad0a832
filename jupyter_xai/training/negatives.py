"""Negatives: pairs that look like the model's and are not (section 3.2, "structural corruption" and
"semantic-based negative sampling").

A negative counts only if the model would not say it: its response is not the model's own answer to
its prompt. For a masked prompt only the model can tell, so it is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.methods.energy.embedded import Sentences
from jupyter_xai.training.pairs import Pair, cut, is_authentic, words

NegativeKind = Literal["sentence-masked", "token-masked", "human", "other-model", "off-topic"]
KINDS: tuple[NegativeKind, ...] = get_args(NegativeKind)

Own = Callable[[str], str | None]
"""The model's own answer to a prompt, or None where it may not be asked."""

_WORDS_MASKED = 0.3


@dataclass(frozen=True)
class Negative:
    """A prompt with a response that the model would not give to it."""

    kind: NegativeKind
    prompt: Sentences
    response: Sentences


@dataclass(frozen=True)
class Item:
    """An authentic pair, or a part of its response, with its negatives.

    Attributes
    ----------
    prompt, response : tuple of str
    negatives : tuple of Negative
    also : tuple of (tuple of str)
        Masked prompts to which the model gives this response, too.
    """

    prompt: Sentences
    response: Sentences
    negatives: tuple[Negative, ...]
    also: tuple[Sentences, ...] = ()


@dataclass
class Tally:
    """How many negatives were drawn of each kind, and why some do not count.

    Attributes
    ----------
    drawn : Counter of str
    authentic : Counter of str
        The model itself gives this response.
    repeated : Counter of str
        Drawn before for the same pair.
    unchecked : Counter of str
        The model may not be asked.
    """

    drawn: Counter[str] = field(default_factory=Counter)
    authentic: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)
    unchecked: Counter[str] = field(default_factory=Counter)

    def dropped(self, kind: NegativeKind) -> float | None:
        """The share of distinct ones of a kind that do not count; None when none was drawn."""
        distinct = self.drawn[kind] - self.repeated[kind]
        return (self.authentic[kind] + self.unchecked[kind]) / distinct if distinct else None


def item(
    pair: Pair,
    others: Sequence[Pair],
    own: Own,
    rng: np.random.Generator,
    *,
    targets: Sequence[int] | None = None,
    each: int = 1,
    masked: Sequence[Sentences] | None = None,
    tally: Tally | None = None,
) -> Item:
    """Draw negatives for an authentic pair.

    Parameters
    ----------
    pair : Pair
    others : sequence of Pair
        For off-topic swaps; their responses are the model's own.
    own : callable
        See `Own`. Asked about masked prompts only.
    rng : numpy.random.Generator
    targets : sequence of int, optional
        Sentences of the response that stand alone. Responses are then compared by their sentences,
        and none of theirs is masked, since a part of a part is authentic, too.
    each : int
        How often every kind is drawn, for the prompt and for the response.
    masked : sequence of (tuple of str), optional
        The prompt without some of its sentences, in place of such draws.
    tally : Tally, optional
        Counts what was drawn and dropped.

    Examples
    --------
    >>> pair = Pair.of("I feel cold. Tell me a joke.", "Take a coat.", human="Knock, knock.")
    >>> drawn = item(pair, [], lambda prompt: "Take a coat.", np.random.default_rng(0))
    >>> sorted({negative.kind for negative in drawn.negatives})  # the model ignores the joke
    ['human', 'token-masked']
    """
    part = targets is not None
    response = pair.response if targets is None else tuple(pair.response[i] for i in targets)
    tally = Tally() if tally is None else tally
    seen: set[tuple[str, str]] = set()
    found: list[Negative] = []
    also: list[Sentences] = []
    drawn = _candidates(pair, response, others, rng, part=part, each=each, masked=masked)
    for negative, known in drawn:
        tally.drawn[negative.kind] += 1
        name = words(negative.prompt), words(negative.response)
        if name in seen:
            tally.repeated[negative.kind] += 1
            continue
        seen.add(name)
        answer = known
        if answer is None:
            text = own("".join(negative.prompt).strip())
            if text is None:
                tally.unchecked[negative.kind] += 1
                continue
            answer = cut(text)
        if is_authentic(answer, negative.response, part=part):
            tally.authentic[negative.kind] += 1
            if negative.kind == "sentence-masked" and negative.response == response:
                also.append(negative.prompt)
        else:
            found.append(negative)
    return Item(pair.prompt, response, tuple(found), tuple(also))


def masked_prompts(
    prompt: Sentences, count: int, rng: np.random.Generator
) -> tuple[Sentences, ...]:
    """Distinct prompts without some sentences: first without one each, then as many without more.

    Parameters
    ----------
    prompt : tuple of str
    count : int
        At most so many; half of them without one sentence.
    rng : numpy.random.Generator

    Examples
    --------
    >>> masked_prompts(("One. ", "Two."), 4, np.random.default_rng(0))
    (('Two.',), ('One. ',))
    """
    drawn = prompt_masks(len(prompt), count, rng)
    return tuple(
        dict.fromkeys(tuple(s for s, keep in zip(prompt, m, strict=True) if keep) for m in drawn)
    )


def prompt_masks(n: int, count: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """What `masked_prompts` keeps of n sentences: bool [at most count, n]."""
    found = [np.arange(n) != place for place in rng.permutation(n)[: -(-count // 2)] if n > 1]
    for _ in range(count - len(found) if n > 2 else 0):
        found.append(np.isin(np.arange(n), _chosen(n, rng)))
    distinct = {mask.tobytes(): mask for mask in found}
    return np.array([*distinct.values()], dtype=bool).reshape(-1, n)


def _candidates(
    pair: Pair,
    response: Sentences,
    others: Sequence[Pair],
    rng: np.random.Generator,
    *,
    part: bool,
    each: int,
    masked: Sequence[Sentences] | None,
) -> Iterator[tuple[Negative, Sentences | None]]:
    """Negatives with the model's own answer to their prompt, where it is known."""
    prompt, own = pair.prompt, pair.response
    for left in masked or ():
        yield Negative("sentence-masked", left, response), None
    for _ in range(each):
        if len(prompt) > 1 and masked is None:
            yield Negative("sentence-masked", _some(prompt, rng), response), None
        if len(response) > 1 and not part:
            yield Negative("sentence-masked", prompt, _some(response, rng)), own
        # The whole response is enough to learn from, and every such text is embedded anew.
        if not part and (left := _without_words(prompt, rng)):
            yield Negative("token-masked", left, response), None
        if left := _without_words(response, rng):
            yield Negative("token-masked", prompt, left), own
        if others:
            first, second = (others[int(rng.integers(len(others)))] for _ in range(2))
            yield Negative("off-topic", first.prompt, response), first.response
            yield Negative("off-topic", prompt, _like(second.response, response, part, rng)), own
    if pair.human:
        yield Negative("human", prompt, _like(pair.human, response, part, rng)), own
    if pair.other:
        yield Negative("other-model", prompt, _like(pair.other, response, part, rng)), own


def _some(sentences: Sentences, rng: np.random.Generator) -> Sentences:
    """Some sentences, at least one and not all, in order."""
    return tuple(sentences[i] for i in _chosen(len(sentences), rng))


def _chosen(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Places of some of n, at least one and not all, in order."""
    return np.sort(rng.choice(n, int(rng.integers(1, n)), replace=False))


def _like(
    sentences: Sentences, response: Sentences, part: bool, rng: np.random.Generator
) -> Sentences:
    """A whole text beside a whole one; beside a part, as many of its sentences."""
    if not part:
        return sentences
    count = min(len(response), len(sentences))
    chosen = np.sort(rng.choice(len(sentences), count, replace=False))
    return tuple(sentences[i] for i in chosen)


def _without_words(sentences: Sentences, rng: np.random.Generator) -> Sentences:
    """Without three words in ten, at least one; nothing when there is only one."""
    split = [sentence.split() for sentence in sentences]
    places = [(i, j) for i, row in enumerate(split) for j in range(len(row))]
    if len(places) < 2:
        return ()
    count = max(1, round(_WORDS_MASKED * len(places)))
    gone = {places[i] for i in rng.choice(len(places), count, replace=False)}
    left = (
        " ".join(word for j, word in enumerate(row) if (i, j) not in gone)
        for i, row in enumerate(split)
    )
    return tuple(f"{sentence} " for sentence in left if sentence)
