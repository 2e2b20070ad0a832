"""Asking a model about masked prompts: each equal input once a session, counted, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import cast

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import XaiError, returned_nan
from jupyter_xai.game.budget import Budget, Cost
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.trust import Trust
from jupyter_xai.masking import Masks
from jupyter_xai.models.base import Model, Operator, Prompt, Response, Sampling
from jupyter_xai.models.capabilities import DivergenceModel, MeasuredModel, Of, ScoringModel
from jupyter_xai.models.locks import lock_of
from jupyter_xai.models.prices import money, prices_of
from jupyter_xai.models.speed import pace_of, prompt_tokens

Key = tuple[object, ...]

Counting = Callable[[int, int], None]
"""Told ``(done, total)`` after every batch; raises `Interrupted` to stop."""

_Entries = Iterator[tuple[int, object, int]]
"""Row, what the model gave for it, and its size in bytes."""

_MASKS_AT_ONCE = 16

_WITNESSED = " It was a quiet day."
"""What is scored after the whole prompt to see whether answers from before still hold."""


@dataclass
class Asker:
    """Asks one model about one prompt.

    Attributes
    ----------
    model : Model
    prompt : Prompt
    operator : Operator
    sampling : Sampling
    ledger : Ledger
        Knows what was asked before.
    cost : Cost
    budget : Budget
        What may be asked at most.
    trust : Trust
        What was made sure of in this run.
    impossible : set of keys
        What was scored with a response token that the model rules out.
    """

    model: Model
    prompt: Prompt
    operator: Operator
    sampling: Sampling
    ledger: Ledger
    cost: Cost = field(default_factory=Cost)
    budget: Budget = field(default_factory=Budget)
    trust: Trust = field(default_factory=Trust)
    impossible: set[Key] = field(default_factory=set)
    fingerprint: str = ""

    def __post_init__(self) -> None:
        with lock_of(self.model):
            self.fingerprint = self.fingerprint or self.model.fingerprint()
        self.prices = prices_of(self.model)

    def answers(
        self, masks: Masks, on_progress: Counting | None = None, *, count_reused: bool = True
    ) -> list[tuple[str, ...]]:
        """The answers to each masked prompt: one, or as many as are drawn.

        Parameters
        ----------
        masks : bool [R, n]
        on_progress : callable, optional
        count_reused : bool
            Whether what is known counts as reused; not where it is looked up once more.
        """
        draws = self.sampling.draws()
        # Few masks at a time, so that an interrupted run has all answers to most of its masks.
        at_once = len(masks) if len(draws) == 1 else _MASKS_AT_ONCE
        found: list[tuple[str, ...]] = []
        self._make_sure_of_answers(masks)
        for start in range(0, len(masks), max(1, at_once)):
            some = masks[start : start + at_once]
            inputs = self._inputs(some)
            each = [
                self._remembered(
                    self._answer_keys(inputs, draw),
                    some,
                    partial(self._ask_answers, sampling=draw, count_reused=count_reused),
                    _part(on_progress, start, len(masks), number / len(draws), len(draws)),
                    count_reused,
                )
                for number, draw in enumerate(draws)
            ]
            found += zip(*cast("list[list[str]]", each), strict=True)
        return found

    def logprobs(
        self,
        masks: Masks,
        response: Response,
        on_progress: Counting | None = None,
        *,
        count_reused: bool = True,
    ) -> NDArray[np.float32]:
        """Log-probabilities of a response's tokens after each masked prompt: [R, T].

        Parameters
        ----------
        masks : bool [R, n]
        response : Response
        on_progress : callable, optional
        count_reused : bool
            As for `answers`.

        Raises
        ------
        XaiError
            When the model returns NaN.
        """
        keys = self._score_keys(masks, response)
        self._make_sure_of_scores(keys, masks, response)
        found = self._remembered(
            keys,
            masks,
            lambda wanted: self._ask_scores(wanted, response, count_reused=count_reused),
            on_progress,
            count_reused,
        )
        scores = np.stack(cast("list[NDArray[np.float32]]", found))
        ruled_out = np.flatnonzero(np.isneginf(scores).any(axis=1))
        self.impossible.update(keys[row] for row in ruled_out)
        return scores

    def divergences(
        self, masks: Masks, response: Response, of: Of, on_progress: Counting | None = None
    ) -> NDArray[np.float32]:
        """Divergences from the whole prompt's next-token distributions at each token: [R, T].

        Raises
        ------
        XaiError
            When the model does not tell its distributions.
        """
        model = self.model
        if not isinstance(model, DivergenceModel):
            msg = (
                f"{model.name} does not tell its distributions over the next token, only the "
                "probabilities of given ones; use a local model"
            )
            raise XaiError(msg)
        whole, *inputs = self._inputs(np.concatenate([_everything(masks), masks]))
        found = self._remembered(
            [(self.fingerprint, "divergence", of, whole, key, response.ids) for key in inputs],
            masks,
            lambda wanted: self._ask_divergences(model, wanted, response, of),
            on_progress,
        )
        return np.stack(cast("list[NDArray[np.float32]]", found))

    def know_answers(self, masks: Masks) -> NDArray[np.bool_]:
        """Which masks need no model call for any of their answers: bool [R]."""
        inputs = self._inputs(masks)
        each = [self._known(self._answer_keys(inputs, draw)) for draw in self.sampling.draws()]
        return np.logical_and.reduce(each)

    def know_logprobs(self, masks: Masks, response: Response) -> NDArray[np.bool_]:
        """Which scores need no model call: bool [R]."""
        return self._known(self._score_keys(masks, response))

    def remember_answer(self, mask: Masks, text: str) -> None:
        """Keep an answer that is known already."""
        key = self._answer_keys(self._inputs(mask), self.sampling)[0]
        self.ledger.put(key, text, size=len(text))

    def _inputs(self, masks: Masks) -> Sequence[bytes]:
        return self.model.keys(self.prompt, masks, self.operator)

    def _answer_keys(self, inputs: Sequence[bytes], sampling: Sampling) -> list[Key]:
        return [(self.fingerprint, "answer", key, sampling) for key in inputs]

    def _score_keys(self, masks: Masks, response: Response) -> list[Key]:
        # Servers tell no token ids.
        scored = response.ids or response.text
        return [(self.fingerprint, "score", key, scored) for key in self._inputs(masks)]

    def _known(self, keys: Sequence[Key]) -> NDArray[np.bool_]:
        return np.array([key in self.ledger for key in keys], dtype=bool)

    def _remembered(
        self,
        keys: Sequence[Key],
        masks: Masks,
        ask: Callable[[Masks], _Entries],
        on_progress: Counting | None,
        count_reused: bool = True,
    ) -> list[object]:
        """What the ledger knows, and what the model is asked for."""
        found = {key: self.ledger.get(key) for key in keys}
        wanted: dict[Key, int] = {}
        for row, key in enumerate(keys):
            if found[key] is None:
                wanted.setdefault(key, row)
        self.cost.reused += len(masks) - len(wanted) if count_reused else 0
        total, known = len(masks), len(masks) - len(wanted)
        if on_progress is not None:
            on_progress(known, total)
        fresh: dict[Key, object] = {}
        lessons = self._lessons
        while wanted:
            for name, entry in self._asked(wanted, masks, ask):
                fresh[name] = entry
                if on_progress is not None:
                    on_progress(known + len(fresh), total)
            if self._lessons == lessons:
                break
            # The model was just found not to bear what it bore before.
            lessons = self._lessons
            self.ledger.forget(self.fingerprint)
            wanted = {key: row for row, key in reversed(list(enumerate(keys)))}
        found |= fresh
        return [found[key] for key in keys]

    @property
    def _lessons(self) -> int:
        return self.model.lessons if isinstance(self.model, MeasuredModel) else 0

    def make_sure(self, whole: Masks, response: Response | None) -> bool:
        """Whether what the ledger knows of the whole prompt, if anything, still holds.

        Parameters
        ----------
        whole : bool [1, n]
        response : Response, optional
            Whose scores are looked at; answers are, without one.
        """
        if response is None:
            self._make_sure_of_answers(whole)
        else:
            self._make_sure_of_scores(self._score_keys(whole, response), whole, response)
        return not self.trust.is_stale

    def _make_sure_of_scores(self, keys: Sequence[Key], masks: Masks, response: Response) -> None:
        """Score the whole prompt anew, or another row, where the ledger knew some before."""
        model = self.model
        if self.trust.is_sure or not isinstance(model, MeasuredModel):
            return
        at = next(iter(self.trust.foreign(keys, self.ledger)), None)
        if at is None:
            return
        key, mask = keys[at], masks[at : at + 1]
        whole = _everything(masks)
        [key_of_whole] = self._score_keys(whole, response)
        if key_of_whole in self.ledger:
            key, mask = key_of_whole, whole
        known = self.ledger.get(key)
        if known is not None:
            score = partial(self._score_anew, mask, response)
            self.trust.examine(key, known, score, self.ledger, model.dtype)

    def _make_sure_of_answers(self, masks: Masks) -> None:
        """Score a short text after the whole prompt, and compare it with what it was before."""
        model, whole = self.model, _everything(masks)
        if self.trust.is_sure or not isinstance(model, MeasuredModel):
            return
        try:
            with lock_of(model):
                response = model.supplied(self.prompt, _WITNESSED)
        except XaiError:
            # There is no room behind the prompt.
            return
        [key] = self._score_keys(whole, response)
        known = self.ledger.get(key)
        score = partial(self._score_anew, whole, response)
        if known is not None:
            self.trust.examine(key, known, score, self.ledger, model.dtype)
            return
        self.trust.is_sure = True
        scores = score()
        self.ledger.put(key, scores, size=scores.nbytes)

    def _score_anew(self, mask: Masks, response: Response) -> NDArray[np.float32]:
        """One row, whatever the ledger knows. No masked prompt, so none is counted."""
        started = perf_counter()
        try:
            with lock_of(self.model):
                model = cast(ScoringModel, self.model)
                [batch] = model.score(self.prompt, mask, self.operator, response)
        finally:
            self.cost.seconds += perf_counter() - started
        self.cost.tokens += batch.tokens
        return batch.logprobs[0].copy()

    def _asked(
        self, wanted: Mapping[Key, int], masks: Masks, ask: Callable[[Masks], _Entries]
    ) -> Iterator[tuple[Key, object]]:
        """Ask for the wanted rows, as far as the budget goes, and remember what comes."""
        left = list(wanted)
        while left:
            names = left[: self.budget.room(len(left), self.cost)]
            left = left[len(names) :]
            rows = np.array([wanted[name] for name in names])
            started = perf_counter()
            try:
                with lock_of(self.model):
                    for index, entry, size in ask(masks[rows]):
                        self.ledger.put(names[index], entry, size=size)
                        self.trust.own.add(names[index])
                        yield names[index], entry
            finally:
                self.cost.seconds += perf_counter() - started

    def _ask_answers(self, masks: Masks, sampling: Sampling, *, count_reused: bool) -> _Entries:
        started, before, done = perf_counter(), self.cost.generations, 0
        try:
            for answer in self.model.answer(self.prompt, masks, self.operator, sampling):
                self.cost.generations += answer.asked
                self.cost.reused += count_reused and not answer.asked
                self.cost.tokens += answer.tokens
                self.cost.money += money(self.prices, answer.tokens, answer.written)
                yield answer.row, answer.text, len(answer.text)
                done += 1
                self._go_on(len(masks) - done)
        finally:
            asked = self.cost.generations - before
            pace_of(self.model).answered(asked, perf_counter() - started)

    def _ask_scores(self, masks: Masks, response: Response, *, count_reused: bool) -> _Entries:
        model = cast(ScoringModel, self.model)
        tokens = prompt_tokens(self.prompt, masks, self.operator, model) + len(response.ids or ())
        started, went, done = perf_counter(), 0, 0
        try:
            for batch in model.score(self.prompt, masks, self.operator, response):
                self._refuse_nan(batch.logprobs)
                self.cost.forwards += len(batch.rows) if batch.asked else 0
                self.cost.reused += len(batch.rows) if count_reused and not batch.asked else 0
                self.cost.tokens += batch.tokens
                self.cost.money += money(self.prices, batch.tokens, batch.written)
                went += int(tokens[batch.rows].sum()) if batch.asked else 0
                for row, logprobs in zip(batch.rows, batch.logprobs, strict=True):
                    # A copy, or the ledger would keep the whole batch alive.
                    yield int(row), logprobs.copy(), logprobs.nbytes
                done += len(batch.rows)
                self._go_on(len(masks) - done)
        finally:
            pace_of(self.model).scored(went, perf_counter() - started)

    def _ask_divergences(
        self, model: DivergenceModel, masks: Masks, response: Response, of: Of
    ) -> _Entries:
        self.budget.reserve(1 + len(masks), self.cost)
        self.cost.forwards += 1  # the whole prompt
        for batch in model.divergence(self.prompt, masks, self.operator, response, of):
            self._refuse_nan(batch.divergence)
            self.cost.forwards += len(batch.rows)
            self.cost.tokens += batch.tokens
            for row, divergence in zip(batch.rows, batch.divergence, strict=True):
                yield int(row), divergence.copy(), divergence.nbytes

    def _go_on(self, left: int) -> None:
        """Stop between two batches when the time is over."""
        if left:
            self.budget.check_time()

    def _refuse_nan(self, numbers: NDArray[np.float32]) -> None:
        if np.isnan(numbers).any():
            raise returned_nan(self.model.name)


def _part(
    on_progress: Counting | None, start: int, total: int, before: float, parts: int
) -> Counting | None:
    """Progress in masks, told by one of several parts of the work on some of them."""
    if on_progress is None:
        return None

    def told(done: int, some: int) -> None:
        on_progress(start + int(some * before + done / parts), total)

    return told


def _everything(masks: Masks) -> Masks:
    return np.ones((1, masks.shape[1]), dtype=bool)
