"""What the model says of masked prompts: asked once each, counted, within a budget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.cache import key_of
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.models.base import Model, Operator, Sampling
from jupyter_xai.models.capabilities import BatchModel
from jupyter_xai.models.locks import lock_of
from jupyter_xai.training.pairs import Pair


class Answers:
    """Asks a model, remembers what it said, and stops asking when the budget is used up.

    Parameters
    ----------
    model : Model
    sampling : Sampling
        How it answers.
    max_queries : int, optional
        Most answers to ask for; no limit unless given.
    known : mapping of str to str or None, optional
        Prompts with what was answered before; None where asking was refused.
    at_once : int
        Prompts that a local model is given together.

    Examples
    --------
    >>> from jupyter_xai.models.load import load
    >>> answers = Answers(load(str.upper, name="shout"), Sampling(), max_queries=1)
    >>> answers("one"), answers("one"), answers("two"), answers.queries
    ('ONE', 'ONE', None, 1)
    """

    def __init__(
        self,
        model: Model,
        sampling: Sampling,
        *,
        max_queries: int | None = None,
        known: Mapping[str, str | None] | None = None,
        at_once: int = 8,
    ) -> None:
        self._model = model
        self._sampling = sampling
        self._max_queries = max_queries
        self._at_once = at_once
        self.known: dict[str, str | None] = dict(known or {})
        self.valued: dict[str, list[list[float]]] = {}

    @property
    def queries(self) -> int:
        """How many answers the model gave, and how many masked prompts it scored."""
        answers = sum(answer is not None for answer in self.known.values())
        return answers + sum(len(rows) for rows in self.valued.values())

    @property
    def left(self) -> int | None:
        """How many queries the budget still allows; None without one."""
        return None if self._max_queries is None else max(0, self._max_queries - self.queries)

    def __call__(self, prompt: str) -> str | None:
        """The model's answer; None where the budget does not allow to ask, now and later on."""
        if prompt not in self.known:
            self.known[prompt] = self._ask(prompt)
        return self.known[prompt]

    def ahead(self, prompts: Iterable[str]) -> None:
        """Ask what will be asked anyway, in batches where the model answers these faster.

        The budget goes to the first of the prompts.
        """
        wanted = [prompt for prompt in dict.fromkeys(prompts) if prompt not in self.known]
        wanted = [prompt for prompt in wanted if not self._recalled(prompt)]
        wanted = wanted[: self.left]
        model = self._model
        if not isinstance(model, BatchModel):
            for prompt in wanted:
                self(prompt)
            return
        with lock_of(model):
            cut = [model.prompt(prompt) for prompt in wanted]
            for place, said in model.respond_all(cut, self._sampling, at_once=self._at_once):
                self.known[wanted[place]] = said.text

    def values(
        self, pair: Pair, masks: NDArray[np.bool_], most: int | None = None
    ) -> NDArray[np.float64]:
        """Log-probabilities of a response's sentences, each after those before it.

        Parameters
        ----------
        pair : Pair
        masks : bool [R, n]
            True keeps a sentence of the prompt. Each that is asked about is a query.
        most : int, optional
            Ask about so many of them only; the budget's rest is another limit.

        Returns
        -------
        float64 [at most R, m]
            In nats, of the first masks. What was asked before about the same ones is told again,
            however much that was. Empty where the model cuts the texts into other sentences.

        Raises
        ------
        XaiError
            When the model gives no log-probabilities, or NaN.
        """
        key = key_of(
            prompt="".join(pair.prompt),
            response="".join(pair.response),
            masks=masks.astype(int).tolist(),
        ).hex()
        if key not in self.valued:
            allowed = [each for each in (most, self.left) if each is not None]
            self.valued[key] = self._value(key, pair, masks[: min(allowed, default=None)])
        return np.array(self.valued[key]).reshape(-1, len(pair.response))

    def _recalled(self, prompt: str) -> bool:
        """Whether the answer is now known without asking."""
        return False

    def _ask(self, prompt: str) -> str | None:
        if self.left == 0:
            return None
        model = self._model
        with lock_of(model):
            cut = model.prompt(prompt)
            whole = np.ones((1, len(cut.document.sources)), dtype=bool)
            # Unlike a response to explain, an answer to a masked prompt may be blank.
            return next(iter(model.answer(cut, whole, Operator(), self._sampling))).text

    def _value(self, key: str, pair: Pair, masks: NDArray[np.bool_]) -> list[list[float]]:
        prompt = self._model.prompt("".join(pair.prompt))
        response = self._model.supplied(prompt, "".join(pair.response))
        game = MaskingGame(self._model, prompt, response, ledger=Ledger())
        if not len(masks) or (game.n, game.m) != (len(pair.prompt), len(pair.response)):
            return []
        return game.values(masks)[:, :-1].tolist()
