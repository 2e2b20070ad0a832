"""The masking game: remove some of the prompt, see how well the response still fits.

`MaskingGame.values` is the only way by which methods and metrics reach a model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import RLock
from time import perf_counter
from typing import Literal, cast, get_args
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.distance import is_relative, text_distance
from jupyter_xai.errors import XaiError
from jupyter_xai.ledger import SESSION, Ledger
from jupyter_xai.models.base import Model, Operator, Prompt, Response, Sampling, ScoringModel
from jupyter_xai.text import Document, check_level

Value = Literal["logprob", "logit", "text"]
VALUES: tuple[str, ...] = get_args(Value)

Progress = Callable[[int, int], None]
"""Told ``(done, total)`` after every batch; raises `Interrupted` to stop."""

IMPOSSIBLE = -1e4
"""Stands for the log-probability of a token that the model rules out (minus infinity)."""

_LEAST_DOUBT = 1e-38
"""Keeps the logit finite where a probability rounds to one."""

_locks: WeakKeyDictionary[Model, RLock] = WeakKeyDictionary()


def lock_of(model: Model) -> RLock:
    """The lock that whoever runs this model must hold: widgets answer on other threads."""
    return _locks.setdefault(model, RLock())


@dataclass
class Cost:
    """What was asked of a model, counted where it is asked."""

    forwards: int = 0
    backwards: int = 0
    generations: int = 0
    tokens: int = 0
    reused: int = 0
    seconds: float = 0.0


class MaskingGame:
    """Values of masked prompts for every unit of a response.

    Parameters
    ----------
    model : Model
    prompt : Prompt
    response : Response
    response_units : str
        How the response is cut: ``token``, ``word``, ``sentence`` or ``paragraph``.
    value : str
        ``logprob``: sum of token log-probabilities (nats) of each unit, teacher-forced.
        ``logit``: log p / (1 - p) of each unit. ``text``: minus the distance between the response
        and the response to the masked prompt, between -2 and 0.
    operator : Operator
    distance : str
        For ``text`` values, see `jupyter_xai.distance.text_distance`.
    ledger : Ledger, optional
        The session's, unless another is given.

    Attributes
    ----------
    n, m : int
        Sources of the prompt and units of the response.
    cost : Cost
        Counted over the life of the game.
    """

    def __init__(
        self,
        model: Model,
        prompt: Prompt,
        response: Response,
        *,
        response_units: str = "sentence",
        value: str = "logprob",
        operator: Operator | None = None,
        distance: str = "cosine",
        sampling: Sampling | None = None,
        language: str = "en",
        ledger: Ledger | None = None,
    ) -> None:
        if value not in VALUES:
            msg = f"unknown value {value!r}; choose one of {', '.join(VALUES)}"
            raise XaiError(msg)
        if value != "text" and "logprob" not in model.capabilities:
            msg = (
                f"{model.name} gives text only, so {value!r} cannot be computed; "
                "use value='text', or a model that gives log-probabilities"
            )
            raise XaiError(msg)
        if value == "text":
            is_relative(distance)  # raises for an unknown one
        if not response.text.strip():
            msg = "the response is blank, so there is nothing to explain; give another response"
            raise XaiError(msg)
        self.model = model
        self.prompt = prompt
        self.response = response
        self.value = cast(Value, value)
        self.operator = operator or Operator()
        self.distance = distance
        self.sampling = sampling or Sampling()
        self.cost = Cost()
        self._language = language
        self._ledger: Ledger = SESSION if ledger is None else ledger
        self._scale: list[str] | None = None
        self._fingerprint = model.fingerprint()
        self.response_document = self._cut_response(response_units)
        self._columns = self._token_columns()
        if self.value == "text" and not response.supplied:
            # The response is the answer to the whole prompt, so that is not asked again.
            whole = self._keys(np.ones((1, self.n), dtype=bool))[0]
            self._ledger.put(whole, response.text, size=len(response.text))

    @property
    def n(self) -> int:
        """Number of sources."""
        return len(self.prompt.document.sources)

    @property
    def m(self) -> int:
        """Number of response units."""
        return len(self.response_document)

    @property
    def lengths(self) -> list[int]:
        """Response tokens behind each of the m + 1 columns (1 for text values)."""
        if self.value == "text":
            return [1] * (self.m + 1)
        return [max(1, len(column)) for column in self._columns]

    def retarget(self, response_units: str) -> MaskingGame:
        """The same game with the response cut otherwise; evaluated masks stay known."""
        return MaskingGame(
            self.model,
            self.prompt,
            self.response,
            response_units=response_units,
            value=self.value,
            operator=self.operator,
            distance=self.distance,
            sampling=self.sampling,
            language=self._language,
            ledger=self._ledger,
        )

    def values(
        self, masks: NDArray[np.bool_], *, on_progress: Progress | None = None
    ) -> NDArray[np.float64]:
        """Values of masked prompts.

        Parameters
        ----------
        masks : bool [R, n]
            True keeps a source.
        on_progress : callable, optional
            Called as ``on_progress(done, total)`` in masks; may raise `Interrupted`, after which
            everything evaluated so far is known to the ledger.

        Returns
        -------
        float64 [R, m + 1]
            The last column is the whole response.

        Raises
        ------
        XaiError
            When the model returns NaN.
        """
        masks = np.ascontiguousarray(masks, dtype=bool)
        if masks.ndim != 2 or masks.shape[1] != self.n:
            msg = f"masks must have shape [R, {self.n}], not {list(masks.shape)}"
            raise ValueError(msg)
        entries = self._evaluate(masks, on_progress)
        if self.value == "text":
            return self._text_values(cast("list[str]", entries))
        return self._token_values(np.stack(cast("list[NDArray[np.float32]]", entries)))

    def settle(self, masks: NDArray[np.bool_], values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values of masks that were evaluated bit by bit, on one scale.

        The distance ``wmd+cosine`` is relative to those of the other answers. The answers to these
        masks become the scale of all values from here on. Other values stay as they are.

        Parameters
        ----------
        masks : bool [R, n]
        values : float64 [R, m + 1]
        """
        if self.value != "text" or not len(masks) or not is_relative(self.distance):
            return values
        self._scale = self.answer_texts(masks)
        return self._text_values(self._scale)

    @property
    def response_text(self) -> str:
        """The response that is explained."""
        return self.response.text

    def prompt_texts(self, masks: NDArray[np.bool_]) -> list[str]:
        """What is left of the prompt for each mask, without what the chat template adds."""
        units = tuple(
            replace(unit, text="\n") if unit.role == "template" else unit
            for unit in self.prompt.document.units
        )
        own = Document(units)
        return [own.keep(row) for row in masks.tolist()]

    @property
    def has_answers(self) -> bool:
        """Whether values rest on answers of the model."""
        return self.value == "text"

    def answer_texts(self, masks: NDArray[np.bool_]) -> list[str]:
        """The model's answers to evaluated masks, for ``text`` values."""
        reused = self.cost.reused
        answers = cast("list[str]", self._evaluate(np.ascontiguousarray(masks, dtype=bool), None))
        # They were counted when their values were asked for.
        self.cost.reused = reused
        return answers

    def known(self, masks: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which masks need no model call: bool [R]."""
        keys = self._keys(np.ascontiguousarray(masks, dtype=bool))
        return np.array([key in self._ledger for key in keys], dtype=bool)

    def noise(self) -> float | None:
        """How far the values of equal inputs differ between a batch and a single row.

        Returns
        -------
        float or None
            Twice the largest difference over the columns, since a score compares two values. None
            for text values.
        """
        if self.value == "text":
            return None
        model = cast(ScoringModel, self.model)
        full = np.ones((1, self.n), dtype=bool)
        # Rows of several lengths, so that padding takes part.
        companions = np.ones((min(3, self.n), self.n), dtype=bool)
        companions[np.arange(len(companions)), np.arange(len(companions))] = False
        seen = []
        with lock_of(self.model):
            for masks in (full, np.concatenate([full, companions])):
                logprobs = np.empty((len(masks), len(self.response.ids or ())), np.float32)
                for batch in model.score(self.prompt, masks, self.operator, self.response):
                    logprobs[batch.rows] = batch.logprobs
                    self.cost.forwards += len(batch.rows)
                    self.cost.tokens += batch.tokens
                seen.append(self._token_values(logprobs[:1]))
        return float(2 * np.abs(seen[0] - seen[1]).max())

    def _cut_response(self, units: str) -> Document:
        level = check_level(units)
        spans = self.response.spans
        if level == "token" and spans is None:
            msg = f"{self.model.name} gives no tokens; use word or sentence response units"
            raise XaiError(msg)
        return Document.cut(
            self.response.text, level, language=self._language, token_spans=lambda _: spans or ()
        )

    def _token_columns(self) -> list[NDArray[np.int64]]:
        """For each column the response tokens that it sums."""
        spans = self.response.spans
        if spans is None:
            return []
        ends = np.array([unit.end for unit in self.response_document.units])
        text = self.response.text
        # A token belongs to the unit of its first character that is not white space.
        first = [
            min(start + len(text[start:end]) - len(text[start:end].lstrip()), max(start, end - 1))
            for start, end in spans
        ]
        unit = np.minimum(np.searchsorted(ends, first, side="right"), self.m - 1)
        columns = [np.flatnonzero(unit == j) for j in range(self.m)]
        return [*columns, np.arange(len(spans))]

    def _keys(self, masks: NDArray[np.bool_]) -> list[tuple[object, ...]]:
        inputs = self.model.keys(self.prompt, masks, self.operator)
        if self.value == "text":
            return [(self._fingerprint, "answer", key, self.sampling) for key in inputs]
        return [(self._fingerprint, "score", key, self.response.ids) for key in inputs]

    def _evaluate(self, masks: NDArray[np.bool_], on_progress: Progress | None) -> list[object]:
        keys = self._keys(masks)
        found = {key: self._ledger.get(key) for key in keys}
        wanted: dict[tuple[object, ...], int] = {}
        for row, key in enumerate(keys):
            if found[key] is None:
                wanted.setdefault(key, row)
        self.cost.reused += len(masks) - len(wanted)
        total, done = len(masks), len(masks) - len(wanted)
        if on_progress is not None:
            on_progress(done, total)
        if wanted:
            names = list(wanted)
            rows = np.array([wanted[name] for name in names])
            started = perf_counter()
            try:
                with lock_of(self.model):
                    for index, entry, size in self._ask(masks[rows]):
                        self._ledger.put(names[index], entry, size=size)
                        found[names[index]] = entry
                        done += 1
                        if on_progress is not None:
                            on_progress(done, total)
            finally:
                self.cost.seconds += perf_counter() - started
        return [found[key] for key in keys]

    def _ask(self, masks: NDArray[np.bool_]) -> Iterator[tuple[int, object, int]]:
        """Ask the model, yielding ``(row, entry, bytes)``."""
        if self.value == "text":
            for answer in self.model.answer(self.prompt, masks, self.operator, self.sampling):
                self.cost.generations += 1
                self.cost.tokens += answer.tokens
                yield answer.row, answer.text, len(answer.text)
            return
        model = cast(ScoringModel, self.model)
        for batch in model.score(self.prompt, masks, self.operator, self.response):
            if np.isnan(batch.logprobs).any():
                msg = (
                    f"{self.model.name} returned NaN log-probabilities; "
                    "load it in float32 or bfloat16, or check its weights"
                )
                raise XaiError(msg)
            self.cost.forwards += len(batch.rows)
            self.cost.tokens += batch.tokens
            for row, logprobs in zip(batch.rows, batch.logprobs, strict=True):
                # A copy, or the ledger would keep the whole batch alive.
                yield int(row), logprobs.copy(), logprobs.nbytes

    def _token_values(self, logprobs: NDArray[np.float32]) -> NDArray[np.float64]:
        tokens = np.maximum(logprobs.astype(np.float64), IMPOSSIBLE)
        sums = np.stack([tokens[:, column].sum(axis=1) for column in self._columns], axis=1)
        if self.value == "logprob":
            return sums
        return logit(sums)

    def _text_values(self, answers: Sequence[str]) -> NDArray[np.float64]:
        scale = answers if self._scale is None else self._scale
        cuts = [self._sentences(answer) for answer in answers]
        sentences = sorted({sentence for cut in cuts for sentence in cut})
        position = {sentence: index for index, sentence in enumerate(sentences)}
        scale_sentences = sorted(
            {part for text in dict.fromkeys(scale) for part in self._sentences(text)}
        )
        values = np.empty((len(answers), self.m + 1))
        whole = text_distance(self.distance, self.response.text, answers, scale=scale)
        values[:, -1] = -whole
        for j, unit in enumerate(self.response_document.units):
            distances = text_distance(
                self.distance, unit.text.strip(), sentences, scale=scale_sentences
            )
            values[:, j] = [-min(distances[position[s]] for s in cut) for cut in cuts]
        return values

    def _sentences(self, text: str) -> list[str]:
        units = Document.cut(text, "sentence", language=self._language).units
        return [unit.text.strip() for unit in units] or [""]


def logit(logprob: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-odds of log-probabilities, finite for p = 0 and p = 1.

    Examples
    --------
    >>> float(logit(np.log(np.array([0.5])))[0])
    0.0
    """
    bounded = np.clip(logprob, None, -_LEAST_DOUBT)
    # log(1 - p) through expm1 keeps its digits as p nears 1, where log1p(-exp(.)) is -inf.
    return bounded - np.log(-np.expm1(bounded))
