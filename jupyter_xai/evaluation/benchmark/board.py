"""One prompt, one response, one model: the board on which all methods are measured alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from jupyter_xai import masking, methods, metrics
from jupyter_xai.errors import XaiError
from jupyter_xai.evaluation.benchmark.cases import Case, matters
from jupyter_xai.evaluation.benchmark.contestants import MOST_LISTED
from jupyter_xai.game.asker import Counting
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.masking import Masks, Values
from jupyter_xai.methods import Attribution, Method, requirements
from jupyter_xai.models.base import Model, Operator, Sampling
from jupyter_xai.models.locks import lock_of


@dataclass(frozen=True)
class Played:
    """An explanation on its board.

    Attributes
    ----------
    board : Board
    method : Method
        As it was played, with the texts that it read.
    found : Attribution
    masks : bool [R, n]
        What the scores rest on; empty where the method does not tell.
    values : float64 [R, m + 1]
        Of these masks, as the method saw them.
    lengths : sequence of int, length m + 1
        Response tokens behind each column.
    seed : int
    """

    board: Board
    method: Method
    found: Attribution
    masks: Masks
    values: Values
    lengths: Sequence[int]
    seed: int

    @property
    def used(self) -> int:
        """Perturbations that the scores rest on, the whole prompt not counted."""
        return len(self.masks) - 1 if len(self.masks) else self.found.used or 0

    def top(self, k: int) -> list[int]:
        """The set of k that the method would remove."""
        sets = self.found.sets or {}
        chosen = sets[k] if k in sets else metrics.top_k(self.found.scores[:, -1], k)
        return [int(unit) for unit in chosen]


class Board:
    """Plays methods on one case and tells the values by which they are measured.

    Whatever the method explains, it is measured by log-probabilities where the model gives these,
    else by how far answers move; so all methods stand on one scale.

    Parameters
    ----------
    model : Model
    case : Case
    units, response_units : str
        How prompt and response are cut.
    operator : Operator, optional
        That of the value unless given.
    sampling : Sampling
    ledger : Ledger
    listed : bool
        Whether all masks are evaluated first, where there are not too many.

    Raises
    ------
    XaiError
        When nothing of the prompt can be removed, or the truth does not fit it.
    """

    def __init__(
        self,
        model: Model,
        case: Case,
        *,
        units: str,
        response_units: str,
        operator: Operator | None,
        sampling: Sampling,
        ledger: Ledger,
        listed: bool,
    ) -> None:
        self.model = model
        self._response_units = response_units
        self._operator = operator
        self._sampling = sampling
        self._ledger = ledger
        with lock_of(model):
            self.prompt = model.prompt(case.prompt, units=units)
            if not self.prompt.document.sources:
                msg = "nothing in the prompt can be removed"
                raise XaiError(msg)
            if case.response is None:
                self.response = self._answer()
            else:
                self.response = model.supplied(self.prompt, case.response)
        self.value = "logprob" if "logprob" in model.capabilities else "text"
        self._games: dict[tuple[str, str], MaskingGame] = {}
        self._tables: dict[tuple[str, str], Values] = {}
        self.game = self.game_of(self.value, "cosine")
        self.n, self.m = self.game.n, self.game.m
        self.listed = listed and self.n <= MOST_LISTED
        document = self.prompt.document
        self.truth = [(each.target, matters(each, document, case.prompt)) for each in case.truth]
        for target, _ in self.truth:
            if target is not None and not 0 <= target < self.m:
                msg = f"the truth names response unit {target}, but there are {self.m}, from 0 on"
                raise XaiError(msg)

    def game_of(self, value: str, distance: str) -> MaskingGame:
        """The game of a value; made once."""
        key = (value, distance)
        if key not in self._games:
            self._games[key] = MaskingGame(
                self.model,
                self.prompt,
                self.response,
                response_units=self._response_units,
                value=value,
                operator=self._operator,
                distance=distance,
                sampling=self._sampling,
                ledger=self._ledger,
                wary=True,
            )
        return self._games[key]

    def values(self, masks: Masks, *, on_progress: Counting | None = None) -> Values:
        """Values on the common scale, [R, m + 1]."""
        return self._values(self.game, masks, on_progress)

    def attribute(
        self,
        method: Method,
        *,
        k: int,
        perturbations: int | None,
        seed: int,
        value: str | None = None,
        on_progress: Counting | None = None,
    ) -> Played:
        """Scores of a method, without intervals, and what they rest on.

        Parameters
        ----------
        method : Method
        k : int
            The largest set that is asked for.
        perturbations : int or None
        seed : int
        value : str, optional
            What the method explains; its own choice unless given.
        on_progress : callable, optional

        Raises
        ------
        XaiError
            When the model cannot serve the method.
        """
        requirements.check(method, self.model)
        if value is None:
            value = method.default_value if self.value == "logprob" else "text"
        game = self.game_of(value, method.default_distance)
        masks, values = np.empty((0, self.n), dtype=bool), np.empty((0, self.m + 1))
        if isinstance(method, methods.TextMethod):
            sources = [unit.text for unit in self.prompt.document.sources]
            targets = [unit.text for unit in game.response_document.units]
            found = method.score(sources, targets, seed=seed)
            return Played(self, method, found, masks, values, game.lengths, seed)
        if isinstance(method, methods.GameMethod):
            told = on_progress or (lambda _done, _total: None)
            found = method.play(game, k=k, perturbations=perturbations, seed=seed, on_progress=told)
            return Played(self, method, found, masks, values, game.lengths, seed)
        player = cast("methods.MaskMethod", method).reading(game)
        masks = player.plan(self.n, perturbations, seed)
        values = game.settle(masks, self._values(game, masks, on_progress))
        found = player.solve(masks, values, lengths=game.lengths, seed=seed, intervals=False)
        return Played(self, player, found, masks, values, game.lengths, seed)

    def _values(self, game: MaskingGame, masks: Masks, on_progress: Counting | None) -> Values:
        if not self.listed or game.value == "text":
            return game.values(masks, on_progress=on_progress)
        key = (game.value, game.distance)
        if key not in self._tables:
            self._tables[key] = game.values(masking.every(self.n), on_progress=on_progress)
        return self._tables[key][masks @ (1 << np.arange(self.n))]

    def _answer(self) -> Any:
        everything = np.ones((1, len(self.prompt.document.sources)), dtype=bool)
        key = self.model.keys(self.prompt, everything, Operator())[0]
        name = (self.model.fingerprint(), "response", key, self._sampling)
        found = self._ledger.get(name)
        if found is None:
            found = self.model.respond(self.prompt, self._sampling)
            self._ledger.put(name, found, size=64 * len(found.text))
        return found
