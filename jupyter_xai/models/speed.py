"""How fast a model is, as measured in this session."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.masking import Masks
from jupyter_xai.models.base import Model, Operator, Prompt
from jupyter_xai.models.capabilities import LocalModel

_FORGETTING = 0.5
"""What earlier measurements count beside the newest: the first ones hold the warming up."""

_SAMPLE = "The quick brown fox jumps over the lazy dog. " * 6


@dataclass
class Pace:
    """Measured seconds of one model.

    Tokens are counted as if every prompt were run by itself. What the computing of common
    beginnings spares is therefore in the pace.
    """

    _tokens: float = 0.0
    _scoring: float = 0.0
    _answers: float = 0.0
    _answering: float = 0.0

    def scored(self, tokens: float, seconds: float) -> None:
        """So many tokens went through the model in so many seconds."""
        if not tokens:
            return
        self._tokens = _FORGETTING * self._tokens + tokens
        self._scoring = _FORGETTING * self._scoring + seconds

    def answered(self, answers: float, seconds: float) -> None:
        """So many answers took so many seconds."""
        if not answers:
            return
        self._answers = _FORGETTING * self._answers + answers
        self._answering = _FORGETTING * self._answering + seconds

    @property
    def a_token(self) -> float | None:
        """Seconds for a token that is scored; None while nothing was measured."""
        return self._scoring / self._tokens if self._tokens else None

    @property
    def an_answer(self) -> float | None:
        """Seconds for an answer; None while nothing was measured."""
        return self._answering / self._answers if self._answers else None


_paces: WeakKeyDictionary[Model, Pace] = WeakKeyDictionary()


def pace_of(model: Model) -> Pace:
    """What was measured of this model so far."""
    return _paces.setdefault(model, Pace())


def prompt_tokens(
    prompt: Prompt, masks: Masks, operator: Operator, model: Model | None = None
) -> NDArray[np.int64]:
    """Tokens of masked prompts: int64 [R]; 0 for models that tell no tokens.

    What is tokenised anew is counted by the model, where it is given; else by the tokens of the
    whole prompt.
    """
    if prompt.ids is None or prompt.token_source is None:
        return np.zeros(len(masks), dtype=np.int64)
    if operator.name in ("text", "substitute") and isinstance(model, LocalModel):
        return np.array(model.tokens(prompt, masks, operator), dtype=np.int64)
    if operator.name not in ("text", "delete", "attention"):
        return np.full(len(masks), len(prompt.ids))
    source = prompt.token_source
    own = np.bincount(source[source >= 0], minlength=masks.shape[1])
    return np.maximum(1, masks @ own + int((source < 0).sum()))


def measure_speed(model: LocalModel, max_new_tokens: int) -> None:
    """Measure a model that nobody used yet, by scoring a few words: it is asked for no answer.

    An answer takes about a short pass for each of its tokens.
    """
    pace = pace_of(model)
    if pace.a_token is None:
        pace.scored(*_scoring(model, _SAMPLE, _SAMPLE[:45]))
    if pace.an_answer is None:
        _, seconds = _scoring(model, "The", "quick")
        pace.answered(1 / max_new_tokens, seconds)


def _scoring(model: LocalModel, text: str, answer: str) -> tuple[float, float]:
    """Tokens that are scored, and seconds."""
    prompt = model.prompt(text)
    masks = np.ones((1, len(prompt.document.sources)), dtype=bool)
    response = model.supplied(prompt, answer)
    tokens = float(prompt_tokens(prompt, masks, Operator())[0]) + len(response.ids or ())
    seconds = 0.0
    for _ in range(2):  # the first call warms up
        started = perf_counter()
        for _ in model.score(prompt, masks, Operator(), response):
            pass
        seconds = perf_counter() - started
    return tokens, seconds
