"""How an interpreter is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from jupyter_xai.errors import Option, Worded, XaiError, above_zero, checked_seed, one_of
from jupyter_xai.methods.energy.configs import OBJECTIVES, Objective
from jupyter_xai.training.selection import Draws

_MOST = 2**31


@dataclass(frozen=True)
class TrainingSettings:
    """How to train.

    Attributes
    ----------
    energy_steps, interpreter_steps : int
        Steps of the two phases, of ``batch`` pairs each.
    batch : int
    rate : float
        Largest learning rate of AdamW, for both networks. In each phase it rises at first and then
        falls along a cosine.
    temperature : float
        Of InfoNCE.
    k : int, optional
        Sentences that the interpreter chooses; fewer where a prompt has not more than k. Unless
        given, each choice is of another number, so that every place in the order is learnt.
    objective : str, optional
        See `jupyter_xai.methods.energy.configs.OBJECTIVES`. Unless given, ``likelihood`` for models
        that give log-probabilities, and ``answers`` for others.
    subsets : int
        Random choices of a prompt's sentences in a step, for the objective ``fitted``.
    outcomes : int
        Masked prompts of each pair that the model is asked about for the objectives ``answers`` and
        ``likelihood``, before training: half of them without one sentence, the others without any
        number of them.
    draws : str
        See `jupyter_xai.training.selection.draw`.
    draw_temperature : float
        Of the relaxed choice.
    masked : int
        For each pair, the model answers so many prompts without some of its sentences before
        training. They are negatives where it does not say the response, and authentic where it
        does.
    negatives : int
        How often each other kind of negative is drawn for a pair.
    dropout : float
        Share of the numbers of each sentence's embedding that the networks do not see in a step,
        from 0 to below 1. Some hundred prompts are few, and without it they are learnt by heart.
    ask_every, asked : int
        Every so many steps of the interpreter, the model answers so many masked prompts.
    max_queries : int, optional
        Most queries of the model, those about negatives included.
    seed : int
    """

    energy_steps: int = 600
    interpreter_steps: int = 600
    batch: int = 24
    rate: float = 1e-3
    temperature: float = 1.0
    k: int | None = None
    objective: Objective | None = None
    subsets: int = 6
    outcomes: int = 16
    draws: Draws = "without-replacement"
    draw_temperature: float = 0.5
    masked: int = 8
    negatives: int = 2
    dropout: float = 0.1
    ask_every: int = 5
    asked: int = 4
    max_queries: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        counts = ("batch", "k", "subsets", "outcomes", "masked", "negatives", "ask_every", "asked")
        for name in counts:
            if name != "k" or self.k is not None:
                self._check_count(name, 1)
        for name in ("energy_steps", "interpreter_steps", "negatives"):
            self._check_count(name, 0)
        if self.max_queries is not None:
            self._check_count("max_queries", 0)
        checked_seed(self.seed)
        for name in ("rate", "temperature", "draw_temperature"):
            above_zero(getattr(self, name), name, example=0.5)
        is_number = isinstance(self.dropout, int | float) and not isinstance(self.dropout, bool)
        if not is_number or not 0 <= self.dropout < 1:
            msg = Worded(
                Option("dropout", self.dropout),
                " is not allowed; give a number from 0 to below 1",
            )
            raise XaiError(msg)
        one_of(self.draws, get_args(Draws), "draws")
        if self.objective is not None:
            one_of(self.objective, OBJECTIVES, "objective")

    def _check_count(self, name: str, least: int) -> None:
        count = getattr(self, name)
        if isinstance(count, bool) or not isinstance(count, int) or not least <= count <= _MOST:
            msg = Worded(
                Option(name, count),
                f" is not allowed; give a whole number of at least {least}",
            )
            raise XaiError(msg)
