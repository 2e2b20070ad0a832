"""What the model answers to masked prompts: asked once each, counted, within a budget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from jupyter_xai.asking import lock_of
from jupyter_xai.models.base import Model, Operator, Sampling
from jupyter_xai.models.capabilities import BatchModel


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

    @property
    def queries(self) -> int:
        """How many answers the model gave."""
        return sum(answer is not None for answer in self.known.values())

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
        if self._max_queries is not None:
            wanted = wanted[: max(0, self._max_queries - self.queries)]
        model = self._model
        if not isinstance(model, BatchModel):
            for prompt in wanted:
                self(prompt)
            return
        with lock_of(model):
            cut = [model.prompt(prompt) for prompt in wanted]
            for place, said in model.respond_all(cut, self._sampling, at_once=self._at_once):
                self.known[wanted[place]] = said.text

    def _recalled(self, prompt: str) -> bool:
        """Whether the answer is now known without asking."""
        return False

    def _ask(self, prompt: str) -> str | None:
        if self._max_queries is not None and self.queries >= self._max_queries:
            return None
        model = self._model
        with lock_of(model):
            cut = model.prompt(prompt)
            whole = np.ones((1, len(cut.document.sources)), dtype=bool)
            # Unlike a response to explain, an answer to a masked prompt may be blank.
            return next(iter(model.answer(cut, whole, Operator(), self._sampling))).text
