"""What the energy network learns from: authentic pairs and parts of them, with negatives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.methods.energy.embedded import Embedded, Sentences
from jupyter_xai.training.answers import Answers
from jupyter_xai.training.negatives import Item, Tally, item, masked_prompts
from jupyter_xai.training.pairs import Pair, cut
from jupyter_xai.training.settings import TrainingSettings

_NEAR = 20
_ROWS_AT_ONCE = 1024


class Items:
    """Draws items from pairs, the same for one seed.

    Parameters
    ----------
    pairs : sequence of Pair
    answers : Answers
    embedded : Embedded
    settings : TrainingSettings

    Attributes
    ----------
    tally : Tally
        Of the items of all pairs.
    """

    def __init__(
        self,
        pairs: Sequence[Pair],
        answers: Answers,
        embedded: Embedded,
        settings: TrainingSettings,
    ) -> None:
        self.tally = Tally()
        self._pairs = pairs
        self._answers = answers
        self._embedded = embedded
        self._settings = settings
        self._near: list[list[int]] = []

    def all(self) -> list[Item]:
        """Whole responses, each of their sentences, and a part of each, with their negatives.

        The model is asked about all masked prompts together first.
        """
        self._near = self._nearest()
        wanted: dict[str, None] = {}

        def noted(prompt: str) -> None:
            wanted[prompt] = None

        for index in range(len(self._pairs)):
            self._whole(index, noted, self._rng(0, index))
        self._answers.ahead(wanted)
        self.tally = Tally()
        found = []
        for index, pair in enumerate(self._pairs):
            rng = self._rng(0, index)
            masked, whole = self._whole(index, self._answers, rng)
            found.append(whole)
            parts: list[Sequence[int]] = [[place] for place in range(len(pair.response))]
            if len(pair.response) > 2:
                parts.append(self._part(index, rng))
            found += [self._part_of(index, masked, part, rng) for part in parts]
        kept = [each for each in found if each.negatives]
        self._embedded.ahead(n.prompt for each in kept for n in each.negatives)
        self._embedded.ahead(n.response for each in kept for n in each.negatives)
        return kept

    def asked(self, index: int, prompt: Sentences, rng: np.random.Generator) -> Item | None:
        """The model's answer to a masked prompt; None when there is none, or nothing beside it."""
        text = self._answers("".join(prompt).strip()) if prompt else None
        if not text or not text.strip():
            return None
        pair = self._pairs[index]
        masked = Pair(prompt, cut(text), pair.human, pair.other)
        # The whole prompt is among the others: its answer is a negative where it differs.
        others = [pair, *self._others(index, rng)]
        drawn = item(masked, others, self._answers.known.get, rng, masked=())
        return drawn if drawn.negatives else None

    def targets(self, index: int, rng: np.random.Generator) -> Sequence[int]:
        """What an explanation may ask about: a sentence mostly, or all, or a part."""
        count, kind = len(self._pairs[index].response), rng.random()
        if kind < 0.7:
            return [int(rng.integers(count))]
        return range(count) if kind < 0.9 else self._part(index, rng)

    def _whole(
        self, index: int, own: Callable[[str], str | None], rng: np.random.Generator
    ) -> tuple[tuple[Sentences, ...], Item]:
        pair = self._pairs[index]
        masked = masked_prompts(pair.prompt, self._settings.masked, rng)
        others = self._others(index, rng)
        return masked, item(
            pair,
            others,
            own,
            rng,
            each=self._settings.negatives,
            masked=masked,
            tally=self.tally,
        )

    def _part_of(
        self,
        index: int,
        masked: Sequence[Sentences],
        part: Sequence[int],
        rng: np.random.Generator,
    ) -> Item:
        return item(
            self._pairs[index],
            self._others(index, rng),
            self._answers,
            rng,
            targets=part,
            each=self._settings.negatives,
            masked=masked,
            tally=self.tally,
        )

    def _part(self, index: int, rng: np.random.Generator) -> Sequence[int]:
        """Some sentences of a response, at least one."""
        count = len(self._pairs[index].response)
        size = int(rng.integers(1, count + 1))
        return np.sort(rng.choice(count, size, replace=False)).tolist()

    def _others(self, index: int, rng: np.random.Generator) -> list[Pair]:
        """Pairs to swap with: as many like this one, which are hard to tell from it, as any."""
        near = self._near[index]
        any_ = rng.integers(len(self._pairs), size=len(near)).tolist()
        return [self._pairs[i] for i in (*near, *any_) if i != index]

    def _nearest(self) -> list[list[int]]:
        """The pairs whose sentences mean about the same, for each pair."""
        texts = [(*pair.prompt, *pair.response) for pair in self._pairs]
        self._embedded.ahead(texts)
        parts = [texts[i : i + _ROWS_AT_ONCE] for i in range(0, len(texts), _ROWS_AT_ONCE)]
        # Padding is zeros.
        centres = [self._embedded.pack(part)[0].sum(dim=1).cpu().numpy() for part in parts]
        rows = np.concatenate(centres)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True).clip(min=1e-9)
        count = min(_NEAR, len(rows) - 1)
        found = []
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            alike = rows[start : start + _ROWS_AT_ONCE] @ rows.T
            alike[np.arange(len(alike)), np.arange(start, start + len(alike))] = -np.inf
            found += np.argsort(-alike, axis=1, kind="stable")[:, :count].tolist()
        return found

    def _rng(self, *of: Any) -> np.random.Generator:
        return np.random.default_rng([self._settings.seed, *of])


def even_shares(items: Sequence[Item]) -> NDArray[np.float64]:
    """Probabilities to draw items by: all prompts equally often, half the time whole responses.

    A response of many sentences has many items. They would else be most of what is learnt, and
    the whole response of a long one hardly ever met.
    """
    most: dict[Sentences, int] = {}
    for each in items:
        most[each.prompt] = max(len(each.response), most.get(each.prompt, 0))
    kinds = [(each.prompt, len(each.response) == most[each.prompt]) for each in items]
    counts = Counter(kinds)
    shares = np.array([1 / counts[kind] for kind in kinds])
    return shares / shares.sum()


def held_out_items(
    pairs: Sequence[Pair], answers: Answers, tally: Tally | None = None
) -> list[Item]:
    """Whole held-out pairs with negatives to measure by, the same at every call.

    Swaps are with any of the other pairs.

    Parameters
    ----------
    pairs : sequence of Pair
    answers : Answers
        Asked about all masked prompts together.
    tally : Tally, optional
    """
    wanted: dict[str, None] = {}

    def draw(own: Callable[[str], str | None], counted: Tally | None) -> list[Item]:
        found = []
        for index, pair in enumerate(pairs):
            rng = np.random.default_rng([2, index])
            others = [each for each in pairs if each is not pair]
            found.append(item(pair, others, own, rng, tally=counted))
        return found

    def noted(prompt: str) -> None:
        wanted[prompt] = None

    draw(noted, None)
    answers.ahead(wanted)
    return [each for each in draw(answers, tally) if each.negatives]
