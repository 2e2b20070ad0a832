"""The masking game: remove some of the prompt, see how well the response still fits.

`MaskingGame.values` is the only way by which methods and metrics reach a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.asking import Asker, Cost, Progress, lock_of
from jupyter_xai.budget import Budget
from jupyter_xai.errors import XaiError
from jupyter_xai.ledger import SESSION, Ledger
from jupyter_xai.models.base import Model, Operator, Prompt, Response, Sampling
from jupyter_xai.models.capabilities import Of, ScoringModel, ServedModel
from jupyter_xai.paying import Bill, a_call
from jupyter_xai.substitution import stand_ins
from jupyter_xai.text import Document, check_level
from jupyter_xai.text_values import TextValues
from jupyter_xai.token_values import TokenValues

__all__ = ["VALUES", "Cost", "MaskingGame", "Progress", "Value", "lock_of"]

Value = Literal["logprob", "logit", "text"]
VALUES: tuple[str, ...] = get_args(Value)

_REPETITIONS = 2
"""How often a server is asked for the whole prompt again, to see whether it says the same."""

_NORMAL = 1.645
"""Half the width of a normal distribution's 90 % interval, in standard deviations."""


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
    foil : Response, optional
        Turns every value into a contrast, value of the response minus value of the foil under the
        same mask, see `TokenValues` and `TextValues`. Of log-probabilities that is the log-odds
        of the one against the other, so that there is no ``logit`` beside it.
    targets : bool [T], optional
        Response tokens that count; units without any have the value 0.
    budget : Budget, optional
        What may be asked of the model at most; `BudgetSpent` is raised before it asks for more.

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
        foil: Response | None = None,
        targets: NDArray[np.bool_] | None = None,
        budget: Budget | None = None,
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
        self.sampling = sampling or Sampling()
        is_plain_function = "logprob" not in model.capabilities and not isinstance(
            model, ServedModel
        )
        is_greedy = self.sampling.temperature == 0 and not is_plain_function
        if is_greedy and self.sampling.samples > 1:
            msg = (
                f"samples={self.sampling.samples} needs a temperature above 0: the greedy answers "
                f"of {model.name} to one prompt are all the same"
            )
            raise XaiError(msg)
        if foil is not None and value == "logit":
            msg = (
                "with a foil, the log-odds of the response against it are the difference of their "
                "log-probabilities; use value='logprob'"
            )
            raise XaiError(msg)
        if foil is not None and targets is not None:
            msg = "a foil is compared with the whole response; give either a foil or targets"
            raise XaiError(msg)
        if not response.text.strip():
            msg = "the response is blank, so there is nothing to explain; give another response"
            raise XaiError(msg)
        self.model = model
        self.prompt = prompt
        self.response = response
        self.value: Value = cast(Value, value)
        self.operator = operator or Operator()
        self.distance = distance
        self.foil = foil
        self.targets = targets
        self._language = language
        self._ledger: Ledger = SESSION if ledger is None else ledger
        self._asker = Asker(model, prompt, self.operator, self.sampling, self._ledger)
        self._asker.budget = budget or Budget()
        self.budget.expect(self.a_call)
        self.response_document = self._cut_response(response_units)
        self._reading = self._read()
        if self.value == "text" and not response.supplied and not self.sampling.is_drawn:
            # The response is the answer to the whole prompt, so that is not asked again.
            self._asker.remember_answer(np.ones((1, self.n), dtype=bool), response.text)

    @property
    def n(self) -> int:
        """Number of sources."""
        return len(self.prompt.document.sources)

    @property
    def m(self) -> int:
        """Number of response units."""
        return len(self.response_document)

    @property
    def cost(self) -> Cost:
        """What was asked of the model."""
        return self._asker.cost

    @property
    def budget(self) -> Budget:
        """What may be asked of the model at most."""
        return self._asker.budget

    @property
    def a_call(self) -> Bill:
        """The most that a call about any mask may take."""
        about = (self.model, self.prompt, self.operator, self.sampling)
        if self.value == "text":
            return a_call(*about, None)
        return max((a_call(*about, each) for each in self._scored), key=lambda bill: bill.tokens)

    @property
    def fingerprint(self) -> str:
        """The model's, as it was when the game began."""
        return self._asker.fingerprint

    @property
    def columns(self) -> Sequence[NDArray[np.int64]]:
        """For each of the m + 1 columns the response tokens that it sums; none for text values."""
        return self._reading.columns

    @property
    def lengths(self) -> list[int]:
        """Tokens behind each of the m + 1 columns (1 for text values)."""
        return self._reading.lengths

    @property
    def decisive(self) -> int | None:
        """The response unit in which the foil first differs; None without, or for text values."""
        return self._reading.decisive

    @property
    def asked(self) -> tuple[object, ...]:
        """What tells this game from others about the same prompt: response, foil and targets."""
        foil = None if self.foil is None else self.foil.ids or self.foil.text
        targets = None if self.targets is None else self.targets.tobytes()
        return (self.response.ids or self.response.text, foil, targets)

    @property
    def asked_a_mask(self) -> int:
        """How often the model is asked about one mask: for two scores, or for several answers."""
        return max(1, self.draws) if self.value == "text" else len(self._scored)

    def retarget(
        self, response_units: str | None = None, *, targets: NDArray[np.bool_] | None = None
    ) -> MaskingGame:
        """The same game about other pieces of the response; evaluated masks stay known.

        Parameters
        ----------
        response_units : str, optional
            How to cut the response; as it is unless given.
        targets : bool [T], optional
            Response tokens that count; all unless given.
        """
        return self._again(response_units, value=self.value, foil=self.foil, targets=targets)

    def plain(self, value: str, response_units: str | None = None) -> MaskingGame:
        """A game of another value about the whole response, without foil; at the same cost.

        Parameters
        ----------
        value : str
        response_units : str, optional
            How to cut the response; as it is unless given.
        """
        return self._again(response_units, value=value)

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
        if self.asked_a_mask > 1 and self.budget.is_limited:
            self._ask_what_fits(masks)
        if isinstance(self._reading, TextValues):
            answers = self._asker.answers(masks, on_progress)
            return self._of_draws(self._reading, masks, answers).mean(axis=1)
        sides = [
            self._asker.logprobs(masks, each, _part(on_progress, position, len(self._scored)))
            for position, each in enumerate(self._scored)
        ]
        return self._reading.values(*sides)

    def divergences(
        self, masks: NDArray[np.bool_], *, of: Of = "masked", on_progress: Progress | None = None
    ) -> NDArray[np.float64]:
        """How far removing units moves the model's distributions over the next token.

        Parameters
        ----------
        masks : bool [R, n]
        of : str
            ``masked``: KL(masked || whole prompt). ``original``: KL(whole prompt || masked).
        on_progress : callable, optional
            As for `values`.

        Returns
        -------
        float64 [R, T]
            Over the vocabulary, in nats, at each token of the response; 0 or more.

        Raises
        ------
        XaiError
            When the model does not tell its distributions.
        """
        masks = np.ascontiguousarray(masks, dtype=bool)
        return self._asker.divergences(masks, self.response, of, on_progress).astype(np.float64)

    def settle(self, masks: NDArray[np.bool_], values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values of masks that were evaluated bit by bit, on one scale.

        The distance ``wmd+cosine`` is relative to those of the other answers. The answers to these
        masks become the scale of all values from here on. Other values stay as they are.

        Parameters
        ----------
        masks : bool [R, n]
        values : float64 [R, m + 1]
        """
        reading = self._reading
        if not len(masks) or not isinstance(reading, TextValues) or not reading.is_relative:
            return values
        answers = self.answer_samples(masks)
        reading.settle([text for each in answers for text in each])
        return self._of_draws(reading, masks, answers).mean(axis=1)

    @property
    def response_text(self) -> str:
        """The response that is explained."""
        return self.response.text

    @property
    def draws(self) -> int:
        """How many answers are drawn for each mask; 0 where none is drawn by chance."""
        drawn = self.value == "text" and self.sampling.is_drawn
        return self.sampling.samples if drawn else 0

    def prompt_texts(self, masks: NDArray[np.bool_]) -> list[str]:
        """What is left of the prompt for each mask, without what the chat template adds.

        Where the operator puts a text in the place of removed ones, that is there.
        """
        units = tuple(
            replace(unit, text="\n") if unit.role == "template" else unit
            for unit in self.prompt.document.units
        )
        own = Document(units)
        others = stand_ins(own, self.operator)
        return [own.keep(row, others) for row in masks.tolist()]

    @property
    def has_answers(self) -> bool:
        """Whether values rest on answers of the model."""
        return self.value == "text"

    def answer_texts(self, masks: NDArray[np.bool_]) -> list[str]:
        """The model's answers to evaluated masks, for ``text`` values; the first of several."""
        return [answers[0] for answers in self.answer_samples(masks)]

    def answer_samples(self, masks: NDArray[np.bool_]) -> list[tuple[str, ...]]:
        """All answers that were drawn for evaluated masks, for ``text`` values."""
        reused = self.cost.reused
        answers = self._asker.answers(np.ascontiguousarray(masks, dtype=bool))
        # They were counted when their values were asked for.
        self.cost.reused = reused
        return answers

    def value_errors(self, masks: NDArray[np.bool_]) -> NDArray[np.float64] | None:
        """Standard errors of the values of evaluated masks, by the spread of their answers.

        Returns
        -------
        float64 [R, m + 1] or None
            None where fewer than two answers are drawn for each mask.
        """
        reading = self._reading
        if self.draws < 2 or not isinstance(reading, TextValues):
            return None
        values = self._of_draws(reading, masks, self.answer_samples(masks))
        return values.std(axis=1, ddof=1) / np.sqrt(self.draws)

    def known(self, masks: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which masks need no model call: bool [R]."""
        masks = np.ascontiguousarray(masks, dtype=bool)
        if self.value == "text":
            return self._asker.know_answers(masks)
        each = [self._asker.know_logprobs(masks, response) for response in self._scored]
        return np.logical_and.reduce(each)

    @property
    def noise_calls(self) -> int:
        """How many calls `noise` makes."""
        if isinstance(self.model, ServedModel):
            return 0 if self.draws else sum(self._new_to(again) for again in self._repetitions())
        return 0 if self.value == "text" else (2 + min(3, self.n)) * self.asked_a_mask

    def new(self, masks: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Which masks need model calls, equal model inputs once: row numbers, in order."""
        keys = self.model.keys(self.prompt, masks, self.operator)
        first = {key: row for row, key in reversed(list(enumerate(keys)))}
        rows = np.array(sorted(first.values()), dtype=np.int64)
        return rows[~self.known(masks[rows])]

    def reserve(self, masks: NDArray[np.bool_], *, more: int = 0) -> None:
        """Refuse to begin with masks that the budget does not allow for.

        Parameters
        ----------
        masks : bool [R, n]
        more : int
            How many masks will follow that are not known yet.

        Raises
        ------
        BudgetSpent
            When fewer calls may be made than these masks need.
        """
        if self.budget.is_limited:
            calls = (len(self.new(masks)) + more) * self.asked_a_mask
            self.budget.reserve(calls, self.cost)

    def noise(self) -> float | None:
        """How far the values of equal inputs differ.

        Returns
        -------
        float or None
            For log-probabilities twice the largest difference, over the columns, between a batch
            and a single row, since a score compares two values. Where several answers are drawn,
            half the width of the 90 % interval of the difference of two values of the whole
            prompt, by the spread of its answers. For servers the largest difference, over the
            columns, between the values of the whole prompt when it is asked three times. None for
            other text values.
        """
        reading = self._reading
        if isinstance(self.model, ServedModel) and not self.draws:
            return self._noise_of_repetitions()
        if isinstance(reading, TextValues):
            errors = self.value_errors(np.ones((1, self.n), dtype=bool))
            return None if errors is None else float(_NORMAL * 2**0.5 * np.nanmax(errors))
        model = cast(ScoringModel, self.model)
        full = np.ones((1, self.n), dtype=bool)
        # Rows of several lengths, so that padding takes part.
        companions = np.ones((min(3, self.n), self.n), dtype=bool)
        companions[np.arange(len(companions)), np.arange(len(companions))] = False
        seen = []
        self.budget.reserve(self.noise_calls, self.cost)
        with lock_of(self.model):
            for masks in (full, np.concatenate([full, companions])):
                sides = []
                for response in self._scored:
                    logprobs = np.empty((len(masks), len(response.spans or ())), np.float32)
                    for batch in model.score(self.prompt, masks, self.operator, response):
                        logprobs[batch.rows] = batch.logprobs
                        self.cost.forwards += len(batch.rows)
                        self.cost.tokens += batch.tokens
                    sides.append(logprobs[:1])
                seen.append(reading.values(*sides))
        return float(2 * np.nanmax(np.abs(seen[0] - seen[1])))

    def _repetitions(self) -> list[Asker]:
        """Ask a server for the whole prompt once more; counted and remembered as ever."""
        model = self.model
        assert isinstance(model, ServedModel)
        numbers = range(1, 1 + _REPETITIONS)
        return [replace(self._asker, model=model.repetition(number)) for number in numbers]

    def _new_to(self, asker: Asker) -> int:
        """How many calls it takes to ask for the whole prompt."""
        whole = np.ones((1, self.n), dtype=bool)
        if self.value == "text":
            return int((~asker.know_answers(whole)).sum())
        return sum(int((~asker.know_logprobs(whole, each)).sum()) for each in self._scored)

    def _noise_of_repetitions(self) -> float:
        """How far a server's values of one prompt lie apart."""
        reading, whole = self._reading, np.ones((1, self.n), dtype=bool)
        reused, askers = self.cost.reused, [self._asker, *self._repetitions()]
        calls = sum(self._new_to(asker) for asker in askers)
        if calls:
            self.budget.reserve(calls, self.cost)
        if isinstance(reading, TextValues):
            values = reading.values([asker.answers(whole)[0][0] for asker in askers])
        else:
            each = [[asker.logprobs(whole, side) for side in self._scored] for asker in askers]
            values = np.concatenate([reading.values(*sides) for sides in each])
        self.cost.reused = reused
        apart = values.max(axis=0) - values.min(axis=0)
        return float(np.nanmax(apart))

    def _of_draws(
        self, reading: TextValues, masks: NDArray[np.bool_], answers: Sequence[Sequence[str]]
    ) -> NDArray[np.float64]:
        """Values of all answers: float64 [R, draws, m + 1]."""
        if not self.draws or self.response.supplied:
            return reading.of_draws(answers)
        whole = self.answer_samples(np.ones((1, self.n), dtype=bool))[0]
        return reading.of_draws(answers, whole, own=np.atleast_1d(masks.all(axis=1)))

    def _cut_response(self, units: str) -> Document:
        level = check_level(units)
        spans = self.response.spans
        if level == "token" and spans is None:
            msg = f"{self.model.name} gives no tokens; use word or sentence response units"
            raise XaiError(msg)
        return Document.cut(
            self.response.text, level, language=self._language, token_spans=lambda _: spans or ()
        )

    def _read(self) -> TokenValues | TextValues:
        """How values are read from what the model gives."""
        foil, units = self.foil, self.response_document
        if self.value != "text":
            return TokenValues(self.value, self.response, units, foil=foil, targets=self.targets)
        if self.targets is not None:
            msg = "targets are tokens of the response; they need value='logprob' or value='logit'"
            raise XaiError(msg)
        return TextValues(
            self.distance,
            self.response.text,
            units,
            foil=None if foil is None else foil.text,
            language=self._language,
        )

    def _again(self, response_units: str | None, **changes: Any) -> MaskingGame:
        """A game of the same model, prompt and response, which adds to the same cost."""
        game = MaskingGame(
            self.model,
            self.prompt,
            self.response,
            response_units=response_units or self.response_document.level,
            operator=self.operator,
            distance=self.distance,
            sampling=self.sampling,
            language=self._language,
            ledger=self._ledger,
            **changes,
        )
        game._asker.cost = self._asker.cost
        game._asker.budget = self._asker.budget
        game.budget.expect(game.a_call)
        return game

    def _ask_what_fits(self, masks: NDArray[np.bool_]) -> None:
        """Where not all fits into the budget, ask for the first masks: parts of one are no use."""
        calls = np.cumsum(~self.known(masks)) * self.asked_a_mask
        if not calls[-1]:
            return
        fits = int(np.searchsorted(calls, self.budget.room(int(calls[-1]), self.cost), "right"))
        if fits < len(masks):
            if fits:
                self.values(masks[:fits])
            asked = int(calls[fits - 1]) if fits else 0
            self.budget.reserve(int(calls[-1]) - asked, self.cost)

    @property
    def _scored(self) -> list[Response]:
        """What the model is asked about for each mask."""
        if self.foil is None or self.value == "text":
            return [self.response]
        return [self.response, self.foil]


def _part(on_progress: Progress | None, position: int, parts: int) -> Progress | None:
    """Progress within one of several passes over the same masks."""
    if on_progress is None:
        return None
    return lambda done, total: on_progress((position * total + done) // parts, total)
