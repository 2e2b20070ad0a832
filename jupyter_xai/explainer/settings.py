"""What can be chosen about an explanation, and readable errors for what cannot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import index
from typing import Any

from jupyter_xai.errors import XaiError, unknown
from jupyter_xai.game.targets import Targets, checked_targets
from jupyter_xai.game.values import VALUES
from jupyter_xai.methods.base import above_zero
from jupyter_xai.models.base import Message, Model, Operator
from jupyter_xai.models.messages import as_messages
from jupyter_xai.text.document import Document, Span, check_characters

PROMPT_LEVELS = ("token", "word", "sentence", "paragraph", "message")
RESPONSE_LEVELS = ("token", "word", "sentence", "paragraph")
DEFAULT_K = 3
MOST = 2**53
"""The largest count: all that a float, and a browser, can tell from the next one."""


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


def chosen_operator(name: str | None, replacement: str | None, seed: int = 0) -> Operator | None:
    """The operator of this name; None for that of the value.

    Raises
    ------
    XaiError
        When there is none of this name, or a replacement is given for none.
    """
    if name is not None:
        return Operator(name, replacement, seed)
    if replacement is not None:
        msg = (
            f"replacement={replacement!r:.40} needs an operator that puts it in; "
            "add operator='replace', 'substitute' or 'mask-token'"
        )
        raise XaiError(msg)
    return None


def one_of(word: object, choices: Iterable[str], what: str) -> str:
    """Return ``word`` if it is among the choices.

    Raises
    ------
    XaiError
        Names the nearest choice, if one is near, and what there is.

    Examples
    --------
    >>> one_of("sentense", ["word", "sentence"], "units")
    Traceback (most recent call last):
    ...
    jupyter_xai.errors.XaiError: unknown units 'sentense', did you mean 'sentence'? \
There are: word, sentence
    """
    choices = list(choices)
    if isinstance(word, str) and word in choices:
        return word
    raise unknown(word, choices, what)


def checked_seed(seed: object) -> int:
    """Return ``seed`` if generators take it: a whole number of at least 0, in 64 bits.

    Raises
    ------
    XaiError
        Otherwise.
    """
    if isinstance(seed, bool) or not hasattr(seed, "__index__") or not 0 <= index(seed) < 2**64:  # type: ignore[arg-type]
        msg = f"the seed must be a whole number from 0 to 2**64 - 1, not {seed!r:.40}"
        raise XaiError(msg)
    return index(seed)  # type: ignore[arg-type]


def at_least_one(number: object, what: str) -> int:
    """Return ``number`` if it is a whole number of at least 1.

    Raises
    ------
    XaiError
        Otherwise.
    """
    if isinstance(number, bool) or not hasattr(number, "__index__"):
        msg = f"{what} must be a whole number, not {number!r}"
        raise XaiError(msg)
    whole = int(number)  # type: ignore[call-overload]
    if whole < 1:
        msg = f"{what} must be at least 1, not {whole}"
        raise XaiError(msg)
    if whole > MOST:
        msg = f"{what} must be at most {MOST:,}"
        raise XaiError(msg)
    return whole


def checked_prompt(prompt: str | Sequence[Message]) -> str | Sequence[Message]:
    """Return the prompt if it is a text or a list of messages, and not blank.

    Raises
    ------
    XaiError
        Otherwise.
    """
    as_messages(prompt)
    return prompt


def checked_spans(prompt: str | Sequence[Message], spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return spans of a text prompt, in order.

    Raises
    ------
    XaiError
        When the prompt is a chat, or a span is empty, overlaps another or leaves the text.
    """
    if not spans:
        msg = "units 'span' need spans: give units=[(start, end), ...] with offsets into the prompt"
        raise XaiError(msg)
    if not isinstance(prompt, str):
        msg = "spans are offsets into one text; give the prompt as a text, not as a chat"
        raise XaiError(msg)
    try:
        checked = tuple(sorted((index(start), index(end)) for start, end in spans))
        Document.from_spans(prompt, checked)
    except (TypeError, ValueError) as error:
        msg = f"units={spans!r:.80} are no spans of the prompt: {error}"
        raise XaiError(msg) from error
    return checked


def checked_response(response: str | None) -> str | None:
    """Return the response if it is a text that is not blank, or None.

    Raises
    ------
    XaiError
        Otherwise.
    """
    blank = "the response is blank, so there is nothing to explain; give another response"
    return _text_or_none(response, "response", blank)


def checked_foil(foil: str | None) -> str | None:
    """Return the foil if it is a text that is not blank, or None.

    Raises
    ------
    XaiError
        Otherwise.
    """
    blank = "the foil is blank; give a text to contrast the response with"
    return _text_or_none(foil, "foil", blank)


def _text_or_none(text: str | None, what: str, blank: str) -> str | None:
    if text is not None and not isinstance(text, str):
        msg = f"the {what} must be a text, not {type(text).__name__}"
        raise XaiError(msg)
    if text is not None and not text.strip():
        raise XaiError(blank)
    return None if text is None else check_characters(text, f"the {what}")
