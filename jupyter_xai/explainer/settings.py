"""What can be chosen about an explanation, and readable errors for what cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from jupyter_xai import methods
from jupyter_xai.errors import XaiError, above_zero, at_least_one, checked_seed, one_of
from jupyter_xai.game.targets import Targets, checked_targets
from jupyter_xai.game.values import VALUES
from jupyter_xai.methods.base import Method
from jupyter_xai.models.base import Model, Operator
from jupyter_xai.text.document import PROMPT_LEVELS, RESPONSE_LEVELS

DEFAULT_K = 3


@dataclass(frozen=True)
class Settings:
    """The choices behind one explanation of one response.

    Attributes
    ----------
    method : str
        See `jupyter_xai.methods.names`.
    method_settings : mapping
        Settings of that method.
    units : str, optional
        How the prompt is cut; None takes the method's own choice.
    response_units : str
        How the response is cut.
    value : str, optional
        What the scores measure; None takes the method's own choice, or ``text`` where the model
        gives nothing else.
    operator : Operator, optional
        What removing a unit means; None takes the value's own, see
        `jupyter_xai.game.values.operator_in_force`.
    k : int, optional
        How many top units are checked together; None stands for 3, or all where there are fewer.
    perturbations : int, optional
        How many masked prompts are evaluated; None takes the method's own choice.
    seed : int
    targets : str or tuple of (start, end), optional
        Which pieces of the response are explained: ``context-dependent``, or spans in characters;
        None stands for all of it.
    max_forwards : int, optional
        The most prompts that one run may have scored or answered (and passes back), see
        `jupyter_xai.game.budget.Budget`. None sets no limit.
    max_seconds : float, optional
        The time after which the model is asked no more. None sets no limit.
    max_tokens : int, optional
        The most tokens that one run may have read and written. None sets no limit.
    max_cost : float, optional
        The most money that one run may cost, for models with prices. None sets no limit.
    """

    method: str = "linear"
    method_settings: Mapping[str, Any] = field(default_factory=dict)
    units: str | None = None
    response_units: str = "sentence"
    value: str | None = None
    operator: Operator | None = None
    k: int | None = None
    perturbations: int | None = None
    seed: int = 0
    targets: Targets | None = None
    max_forwards: int | None = None
    max_seconds: float | None = None
    max_tokens: int | None = None
    max_cost: float | None = None

    def __post_init__(self) -> None:
        if self.units is not None:
            one_of(self.units, (*PROMPT_LEVELS, "span"), "units")
        one_of(self.response_units, RESPONSE_LEVELS, "response units")
        if self.value is not None:
            one_of(self.value, VALUES, "value")
        checked_seed(self.seed)
        if self.k is not None:
            at_least_one(self.k, "k")
        if self.perturbations is not None:
            at_least_one(self.perturbations, "perturbations")
        checked_targets(self.targets)
        if self.max_forwards is not None:
            at_least_one(self.max_forwards, "max_forwards")
        if self.max_seconds is not None:
            above_zero(self.max_seconds, "max_seconds", example=30)
        if self.max_tokens is not None:
            at_least_one(self.max_tokens, "max_tokens")
        if self.max_cost is not None:
            above_zero(self.max_cost, "max_cost", example=0.5)

    @cached_property
    def resolved(self) -> Method:
        """The method of this name with these settings.

        Raises
        ------
        XaiError
            For an unknown name or setting, or a setting that is out of range.
        """
        return methods.get(self.method, **self.method_settings)

    @property
    def prompt_units(self) -> str:
        """How the prompt is cut: as chosen, else as the method wants it."""
        return self.units or self.resolved.default_units

    def k_for(self, n: int, units: str) -> int:
        """The k to use for n prompt units of this level: unless chosen, at most half of them.

        Raises
        ------
        XaiError
            When a k was chosen that is larger than n.
        """
        if self.k is None:
            # With more than half removed, nearly any choice ruins the answer.
            return max(1, min(DEFAULT_K, n // 2))
        if self.k > n:
            pieces = f"{n} {units}{'' if n == 1 else 's'}"
            msg = f"k is {self.k}, but the prompt has only {pieces}; choose a k of at most {n}"
            raise XaiError(msg)
        return self.k

    def value_for(self, model: Model, preferred: str, *, contrast: bool = False) -> str:
        """The value to use: the chosen one, else the method's, else what the model can give.

        The log-odds of a ``contrast`` are a difference of log-probabilities.
        """
        if self.value is not None:
            return self.value
        if contrast and preferred == "logit":
            preferred = "logprob"
        return preferred if "logprob" in model.capabilities else "text"
