"""The masking game: remove some of the prompt, see how well the response still fits.

`MaskingGame.values` is the only way by which methods and metrics reach a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.game.answered_masks import AnsweredMasks
from jupyter_xai.game.asker import Asker, Counting
from jupyter_xai.game.budget import Budget, Cost
from jupyter_xai.game.ledger import SESSION, Ledger
from jupyter_xai.game.noise import noise_calls, noise_floor
from jupyter_xai.game.question import Question
from jupyter_xai.models.base import Model, Operator, Prompt, Response, Sampling
from jupyter_xai.models.capabilities import Of


class MaskingGame(Question):
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
    operator : Operator, optional
        See `jupyter_xai.game.values.operator_in_force`.
    distance : str
        For ``text`` values, see `jupyter_xai.text.distance.text_distance`.
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
    fingerprint : str, optional
        The model's, where it was taken already.
    wary : bool
        Whether one row that the ledger knows is scored anew before the others are believed, see
        `jupyter_xai.game.trust`.

    Attributes
    ----------
    n, m : int
        Sources of the prompt and units of the response.
    operator : Operator
        What removing a unit means.
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
        fingerprint: str = "",
        wary: bool = False,
    ) -> None:
        super().__init__(
            model,
            prompt,
            response,
            response_units=response_units,
            value=value,
            operator=operator,
            distance=distance,
            sampling=sampling,
            language=language,
            foil=foil,
            targets=targets,
        )
        self.ledger: Ledger = SESSION if ledger is None else ledger
        self._asker = Asker(
            model, prompt, self.operator, self.sampling, self.ledger, fingerprint=fingerprint
        )
        self._asker.trust.is_sure = not wary
        self._asker.budget = budget or Budget()
        self.budget.expect(self.a_call)
        self._masks = self.read(self._asker)
        if self.value == "text" and not response.supplied and not self.sampling.is_drawn:
            # The response is the answer to the whole prompt, so that is not asked again.
            self._asker.remember_answer(np.ones((1, self.n), dtype=bool), response.text)

    @property
    def cost(self) -> Cost:
        """What was asked of the model."""
        return self._asker.cost

    @property
    def budget(self) -> Budget:
        """What may be asked of the model at most."""
        return self._asker.budget

    @property
    def fingerprint(self) -> str:
        """The model's, as it was when the game began."""
        return self._asker.fingerprint

    @property
    def impossible(self) -> int:
        """In how many of the evaluated inputs the model ruled out a token of the response."""
        return len(self._asker.impossible)

    @property
    def columns(self) -> Sequence[NDArray[np.int64]]:
        """For each of the m + 1 columns the response tokens that it sums; none for text values."""
        return self._masks.reading.columns

    @property
    def lengths(self) -> list[int]:
        """Tokens behind each of the m + 1 columns (1 for text values)."""
        return self._masks.reading.lengths

    @property
    def decisive(self) -> int | None:
        """The response unit in which the foil first differs; None without, or for text values."""
        return self._masks.reading.decisive

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

        Where no operator was chosen, it is that of the value.

        Parameters
        ----------
        value : str
        response_units : str, optional
            How to cut the response; as it is unless given.
        """
        return self._again(response_units, value=value)

    def instead(
        self, *, prompt: Prompt | None = None, response: Response | None = None
    ) -> MaskingGame:
        """A game of log-probabilities about another prompt or response; at the same cost."""
        return self._again(
            "paragraph",
            value="logprob",
            prompt=prompt or self.prompt,
            response=response or self.response,
        )

    def typed(self) -> MaskingGame:
        """The same game, whose masked prompts are what somebody would type who left units out.

        Of every value; operators that put something in place, or hide, stay. At the same cost.
        """
        if self.operator.name not in ("delete", "text") or not self.prompt.messages:
            return self
        return self._again(None, value=self.value, foil=self.foil, operator=Operator("text"))

    def values(
        self,
        masks: NDArray[np.bool_],
        *,
        on_progress: Counting | None = None,
        count_reused: bool = True,
    ) -> NDArray[np.float64]:
        """Values of masked prompts.

        Parameters
        ----------
        masks : bool [R, n]
            True keeps a source.
        on_progress : callable, optional
            Called as ``on_progress(done, total)`` in masks; may raise `Interrupted`, after which
            everything evaluated so far is known to the ledger.
        count_reused : bool
            Whether values that are known count as reused; not where a run looks up once more what
            it has asked for itself.

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
            self._ask_what_fits(masks, count_reused=count_reused)
        return self._masks.values(masks, on_progress, count_reused=count_reused)

    def divergences(
        self, masks: NDArray[np.bool_], *, of: Of = "masked", on_progress: Counting | None = None
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
        answered = self._masks
        return answered.settle(masks, values) if isinstance(answered, AnsweredMasks) else values

    def answer_texts(self, masks: NDArray[np.bool_]) -> list[str]:
        """The model's answers to evaluated masks, for ``text`` values; the first of several."""
        return [answers[0] for answers in self.answer_samples(masks)]

    def answer_samples(self, masks: NDArray[np.bool_]) -> list[tuple[str, ...]]:
        """All answers that were drawn for evaluated masks, for ``text`` values.

        Raises
        ------
        XaiError
            For other values, which rest on no answers; see `has_answers`.
        """
        if not isinstance(self._masks, AnsweredMasks):
            msg = Worded(
                f"{self.value} values rest on no answers; ask a game with ",
                Option("value", "text"),
                " for them",
            )
            raise XaiError(msg)
        return self._masks.answers(masks)

    def value_errors(self, masks: NDArray[np.bool_]) -> NDArray[np.float64] | None:
        """Standard errors of the values of evaluated masks, by the spread of their answers.

        Returns
        -------
        float64 [R, m + 1] or None
            None where fewer than two answers are drawn for each mask.
        """
        return self._masks.errors(masks) if isinstance(self._masks, AnsweredMasks) else None

    def known(self, masks: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which masks need no model call: bool [R]."""
        return self._masks.known(np.ascontiguousarray(masks, dtype=bool))

    def make_sure(self) -> bool:
        """Whether what is known of the whole prompt, if anything, still holds; if not, forget it.

        Only wary games look.
        """
        whole = np.ones((1, self.n), dtype=bool)
        return self._asker.make_sure(whole, None if self.value == "text" else self.response)

    @property
    def noise_calls(self) -> int:
        """How many calls `noise` makes."""
        return noise_calls(self._masks, self.n)

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
        return noise_floor(self._masks, self.n)

    def _again(self, response_units: str | None, **changes: Any) -> MaskingGame:
        """A game of the same model, prompt and response, which adds to the same cost."""
        same = {"prompt": self.prompt, "response": self.response, "operator": self.chosen_operator}
        about = same | changes
        game = MaskingGame(
            self.model,
            response_units=response_units or self.response_document.level,
            distance=self.distance,
            sampling=self.sampling,
            language=self.language,
            ledger=self.ledger,
            fingerprint=self.fingerprint,
            **about,
        )
        game._asker.trust = self._asker.trust
        game._asker.impossible = self._asker.impossible
        game._asker.cost = self._asker.cost
        game._asker.budget = self._asker.budget
        game.budget.expect(game.a_call)
        return game

    def _ask_what_fits(self, masks: NDArray[np.bool_], *, count_reused: bool) -> None:
        """Where not all fits into the budget, ask for the first masks: parts of one are no use."""
        calls = np.cumsum(~self.known(masks)) * self.asked_a_mask
        if not calls[-1]:
            return
        fits = int(np.searchsorted(calls, self.budget.room(int(calls[-1]), self.cost), "right"))
        if fits < len(masks):
            if fits:
                self.values(masks[:fits], count_reused=count_reused)
            asked = int(calls[fits - 1]) if fits else 0
            self.budget.reserve(int(calls[-1]) - asked, self.cost)
