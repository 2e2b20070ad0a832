"""The response that is explained, and the foil that it is contrasted with."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.models.base import Model, Operator, Prompt, Response, Sampling
from jupyter_xai.models.capabilities import RunnerUpModel
from jupyter_xai.models.locks import lock_of
from jupyter_xai.models.prices import money, prices_of
from jupyter_xai.models.speed import pace_of


class Responses:
    """Response and foil to one prompt: texts that were given, or the model's own.

    Parameters
    ----------
    model : Model
    given, foil : str, optional
        Texts; the model is asked for what is not given, on first use.
    sampling : Sampling
        How the model answers. Its next-best response is greedy.
    ledger : Ledger
    """

    def __init__(
        self,
        model: Model,
        *,
        given: str | None,
        foil: str | None,
        sampling: Sampling,
        ledger: Ledger,
    ) -> None:
        self.given = given
        self.given_foil = foil
        self._model = model
        self._sampling = sampling
        self._ledger = ledger
        self._response: Response | None = None
        self._foil: Response | None = None
        self._spent: dict[str, float] = {}

    def against(self, foil: str | None) -> Responses:
        """The same response, contrasted with another text, or with none."""
        other = self.again()
        other.given_foil = foil
        other._response = self._response
        return other

    def again(self) -> Responses:
        """The same to another prompt: only what was given stays."""
        return Responses(
            self._model,
            given=self.given,
            foil=self.given_foil,
            sampling=self._sampling,
            ledger=self._ledger,
        )

    def response(self, prompt: Prompt) -> Response:
        """What is explained."""
        if self._response is None:
            with lock_of(self._model):
                if self.given is None:
                    self._response = self._answer(prompt)
                else:
                    self._response = self._model.supplied(prompt, self.given)
                    if self._response.tokens:  # a server was asked where its tokens stand
                        self._count(prompt, self._response, forwards=1)
        return self._response

    def foil(self, prompt: Prompt, *, needed: bool) -> Response | None:
        """What the response is contrasted with; without a given one, only where it is needed.

        A given one begins with the same white space as the response, unless it has some.

        Raises
        ------
        XaiError
            When the foil equals the response or does not fit into the model's context, or the model
            has no next-best response.
        """
        if self.given_foil is None and not needed:
            return None
        if self._foil is None:
            response = self.response(prompt)
            with lock_of(self._model):
                if self.given_foil is None:
                    self._foil = self._runner_up(prompt, response)
                else:
                    self._foil = self._supplied_foil(prompt, response, self.given_foil)
        return self._foil

    def written(self, prompt: Prompt) -> Response | None:
        """The response, unless the model would have to write it."""
        if self._response is not None or self.given is not None:
            return self.response(prompt)
        return self._ledger.get(self._name_of_answer(prompt))

    def written_foil(self, prompt: Prompt) -> Response | None:
        """The foil, unless the model would have to write it."""
        if self._foil is not None:
            return self._foil
        response = self.written(prompt)
        if self.given_foil is not None:
            with lock_of(self._model):
                return self._model.supplied(prompt, self.given_foil)
        if response is None:
            return None
        return self._ledger.get(self._name_of_runner_up(prompt, response))

    def take_spent(self) -> dict[str, float]:
        """What the model's own responses cost, counted like `Cost`; nothing the second time."""
        spent, self._spent = self._spent, {}
        return spent

    def _answer(self, prompt: Prompt) -> Response:
        name = self._name_of_answer(prompt)
        known = self._ledger.get(name)
        if known is not None:
            return known
        started = perf_counter()
        response = self._model.respond(prompt, self._sampling)
        pace_of(self._model).answered(1, perf_counter() - started)
        if not response.text.strip():
            msg = f"{self._model.name} answered with nothing, so there is nothing to explain"
            raise XaiError(msg)
        self._ledger.put(name, response, size=64 * len(response.text))
        self._count(prompt, response, generations=int(response.asked))
        return response

    def _supplied_foil(self, prompt: Prompt, response: Response, text: str) -> Response:
        if text.strip() == response.text.strip():
            msg = "the foil equals the response; give a text that says something else"
            raise XaiError(msg)
        if text == text.lstrip():
            space = response.text[: len(response.text) - len(response.text.lstrip())]
            text = space + text
        try:
            return self._model.supplied(prompt, text)
        except XaiError as error:
            msg = Worded("the foil cannot be used: ", error.message)
            raise XaiError(msg) from error

    def _runner_up(self, prompt: Prompt, response: Response) -> Response:
        model = self._model
        if not isinstance(model, RunnerUpModel):
            msg = Worded(
                f"{model.name} does not tell what it would have answered instead; give a "
                "text to contrast with, as ",
                Option("foil", "..."),
            )
            raise XaiError(msg)
        name = self._name_of_runner_up(prompt, response)
        known = self._ledger.get(name)
        if known is not None:
            return known
        foil = model.runner_up(prompt, response, self._sampling)
        self._ledger.put(name, foil, size=64 * len(foil.text))
        self._count(prompt, response, forwards=1)
        self._count(prompt, foil, generations=1)
        return foil

    def _name_of_answer(self, prompt: Prompt) -> tuple[object, ...]:
        """How the ledger calls the model's own answer."""
        return (*self._asked(prompt), "response", self._sampling)

    def _name_of_runner_up(self, prompt: Prompt, response: Response) -> tuple[object, ...]:
        said = response.ids or response.text
        return (*self._asked(prompt), "runner-up", said, self._sampling.max_new_tokens)

    def _asked(self, prompt: Prompt) -> tuple[object, ...]:
        everything = np.ones((1, len(prompt.document.sources)), dtype=bool)
        with lock_of(self._model):
            fingerprint = self._model.fingerprint()
        return (fingerprint, self._model.keys(prompt, everything, Operator())[0])

    def _count(self, prompt: Prompt, response: Response, **calls: int) -> None:
        tokens = response.tokens
        if tokens is None:
            tokens = len(prompt.ids or ()) + len(response.ids or ())
        paid = money(prices_of(self._model), tokens, response.written)
        for kind, count in {**calls, "tokens": tokens, "money": paid}.items():
            self._spent[kind] = self._spent.get(kind, 0) + count
