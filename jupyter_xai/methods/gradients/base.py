"""What gradient methods share: one backward pass a unit of the response, sums over tokens, ends."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import Interrupted, Option, Worded, XaiError
from jupyter_xai.game.differentiable_game import DifferentiableGame
from jupyter_xai.masking import CONFIDENCE
from jupyter_xai.methods.base import Attribution, GameMethod, Need

if TYPE_CHECKING:
    import torch

    from jupyter_xai.game.asker import Counting
    from jupyter_xai.game.masking_game import MaskingGame

COLUMNS_AT_ONCE = 8
"""Columns whose gradients come of one forward pass; what was stopped has the columns before."""

BASELINES = ("token", "zero", "mean")
"""What may take the place of a source's embeddings."""

_VOCABULARY_CHUNK = 8192
_RESAMPLES = 1000


@dataclass
class Passes:
    """Counts rows on their way back through a model, and tells the reader.

    Attributes
    ----------
    done, total : int
        Backward passes.
    """

    tell: Counting
    total: int
    done: int = 0

    def count(self, passes: int) -> None:
        """So many more are done. May raise `Interrupted`."""
        self.done += passes
        self.tell(min(self.done, self.total), self.total)


@dataclass
class Scored:
    """Scores of some columns.

    Attributes
    ----------
    scores : float64 [n, C]
    samples : float64 [K, n, C], optional
        Whose means the scores are.
    details : mapping
        From a word to one number a column.
    """

    scores: NDArray[np.float64]
    samples: NDArray[np.float64] | None = None
    details: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class GradientMethod(GameMethod):
    """A method that scores tokens by gradients with respect to their embeddings.

    A source's score is the sum over its tokens. Tokens that no source owns (those of the template,
    beginnings of sequence) have scores too, but belong to no source and are left out.
    """

    needs: ClassVar[tuple[Need, ...]] = ("gradients",)

    @property
    def is_linear(self) -> bool:
        """Whether the scores of a sum of columns are the sum of their scores."""
        return True

    @abstractmethod
    def score(
        self,
        played: DifferentiableGame,
        columns: Sequence[int],
        *,
        perturbations: int | None,
        seed: int,
        passes: Passes,
    ) -> Scored:
        """Score all sources for some columns; may be interrupted, and is then asked no more."""

    def passes(self, perturbations: int | None) -> int:
        """Backward passes for each column, where nothing has to be repeated."""
        return 1

    def noted(self, details: Mapping[str, Any]) -> tuple[str, ...]:
        """Remarks for the reader on what was found out."""
        return ()

    def summarise(self, details: dict[str, list[float | None]]) -> None:
        """Complete what was found out by what holds for the whole, the sum of its units."""

    def play(
        self,
        game: MaskingGame,
        *,
        k: int,
        perturbations: int | None,
        seed: int,
        on_progress: Counting,
        on_scores: Callable[[Attribution], None] | None = None,
    ) -> Attribution:
        """Score column by column; see `GameMethod.play`."""
        played = DifferentiableGame(game)
        shape = (game.n, game.m + 1)
        found: dict[str, NDArray[np.float64]] = {"scores": np.full(shape, np.nan)}
        found["scores"][:, _constant(game, played)] = 0.0
        details: dict[str, list[float | None]] = {}
        # For logprob, the whole is the sum of its units.
        summed = self.is_linear and game.value == "logprob" and game.foil is None
        wanted = [j for j in played.columns if not (summed and j == game.m)]
        passes = Passes(on_progress, len(wanted) * self.passes(perturbations))

        def so_far(*, stopped: bool = False) -> Attribution:
            known = {key: values.copy() for key, values in found.items()}
            return Attribution(
                known["scores"],
                low=known.get("low"),
                high=known.get("high"),
                exact="low" not in known and not stopped,
                notes=self.noted(details),
                details=dict(details),
                used=None if self.most(game.n) is None else self.passes(perturbations),
                stopped=stopped,
            )

        whole = np.zeros((1, game.n))
        try:
            for group in _groups(wanted):
                part = self.score(
                    played, group, perturbations=perturbations, seed=seed, passes=passes
                )
                found["scores"][:, group] = part.scores
                if part.samples is not None:
                    whole = whole + part.samples.sum(axis=2)
                    for name, end in zip(("low", "high"), _ends(part.samples, seed), strict=True):
                        found.setdefault(name, np.full(shape, np.nan))[:, group] = end
                for name, numbers in part.details.items():
                    column = details.setdefault(name, [None] * (game.m + 1))
                    for j, number in zip(group, numbers, strict=True):
                        column[j] = float(number)
                if on_scores is not None and group[-1] != wanted[-1]:
                    on_scores(so_far())
        except (Interrupted, KeyboardInterrupt):
            return so_far(stopped=True)
        if summed:
            found["scores"][:, -1] = found["scores"][:, :-1].sum(axis=1)
            self.summarise(details)
            if "low" in found:
                low, high = _ends(whole[..., None], seed)
                found["low"][:, -1:], found["high"][:, -1:] = low, high
        return so_far()


def chunks(played: DifferentiableGame, count: int) -> Iterator[slice]:
    """Split many rows so that no more of them are made than are run at once."""
    start = 0
    while start < count:
        end = min(start + played.most_rows, count)
        yield slice(start, end)
        start = end


def baseline(played: DifferentiableGame, name: str) -> torch.Tensor:
    """Embeddings of a prompt whose sources say nothing: float32 [P, d].

    Parameters
    ----------
    played : DifferentiableGame
    name : str
        ``token``: the tokenizer's mask, unknown, padding or end token, the first of these that
        there is. ``zero``: zeros. ``mean``: the mean embedding of the vocabulary.

    Raises
    ------
    XaiError
        When the tokenizer has no such token.
    """
    import torch

    if name == "zero":
        instead = torch.zeros_like(played.embeddings[0])
    elif name == "mean":
        ids = np.arange(played.vocabulary)
        parts = [
            played.embed(part).sum(dim=0)
            for part in np.array_split(ids, max(1, len(ids) // _VOCABULARY_CHUNK))
        ]
        instead = torch.stack(parts).sum(dim=0) / played.vocabulary
    else:
        if played.blank is None:
            msg = Worded(
                f"the tokenizer of {played.game.model.name} has no token that stands for "
                "nothing; use ",
                Option("baseline", "zero"),
                " or ",
                Option("baseline", "mean"),
            )
            raise XaiError(msg)
        instead = played.embed(np.array(played.blank))
    return torch.where(in_sources(played)[:, None], instead, played.embeddings)


def in_sources(played: DifferentiableGame) -> torch.Tensor:
    """Which tokens belong to a source: bool [P]."""
    import torch

    return torch.from_numpy(played.token_source >= 0).to(played.embeddings.device)


def _ends(samples: NDArray[np.float64], seed: int) -> tuple[NDArray[np.float64], ...]:
    """Bootstrap intervals of means over the first axis: two float64 [n, C]."""
    count = len(samples)
    draws = np.random.default_rng(seed).multinomial(
        count, np.full(count, 1 / count), size=_RESAMPLES
    )
    means = np.tensordot(draws / count, samples, axes=1)
    outside = (1 - CONFIDENCE) / 2
    low, high = np.quantile(means, [outside, 1 - outside], axis=0)
    return low, high


def _groups(columns: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(columns), COLUMNS_AT_ONCE):
        yield list(columns[start : start + COLUMNS_AT_ONCE])


def _constant(game: MaskingGame, played: DifferentiableGame) -> list[int]:
    """Columns that have a value and do not depend on the prompt."""
    behind = game.m if game.decisive is None else game.decisive
    return [j for j in range(game.m) if j not in played.columns and j <= behind]


def check_choice(word: object, choices: Sequence[str], name: str) -> None:
    """Refuse a setting that is none of its choices.

    Raises
    ------
    XaiError
        Names them.
    """
    if word not in choices:
        msg = f"unknown {name} {word!r}; choose one of {', '.join(choices)}"
        raise XaiError(msg)


def check_count(number: object, name: str) -> None:
    """Refuse a setting that is not a whole number of at least 1.

    Raises
    ------
    XaiError
        Names the setting.
    """
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        msg = Worded(Option(name, number), " is not allowed; give a whole number of at least 1")
        raise XaiError(msg)
