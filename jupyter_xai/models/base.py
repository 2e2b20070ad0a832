"""What the rest of the package knows of a model.

Everything specific to a kind of model (token ids, templates, caches, servers) stays behind these
few calls. A model is handed masks over the *sources* of a prompt (its unprotected units) and
answers for each mask; it never decides which masks matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NotRequired, Protocol, TypedDict, runtime_checkable
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.masking import OPERATORS, Masks
from jupyter_xai.text.document import Document, Span, check_characters

Capability = Literal["text", "logprob", "gradients", "attentions"]
"""What can be asked of a model: its answers, log-probabilities of a given answer, ..."""


ROLES = ("user", "system", "developer", "assistant", "tool", "context")
"""Who may have written a message."""

INSTRUCTING = ("system", "developer")
"""Whose messages are protected unless asked otherwise."""


class Message(TypedDict):
    """One chat message, as in the chat templates of transformers and of OpenAI's protocol.

    What stands in it beside role and content is passed on as it is. An assistant's turn that calls
    tools may have no content (None).
    """

    role: str
    content: str
    tool_calls: NotRequired[list[Any]]
    tool_call_id: NotRequired[str]
    name: NotRequired[str]


@dataclass(frozen=True)
class Operator:
    """What removing a unit means.

    Attributes
    ----------
    name : str
        One of `jupyter_xai.masking.OPERATORS`. For models that read text only, ``delete`` is
        another word for ``text``.
    replacement : str, optional
        For ``replace``: the text whose tokens stand in for removed tokens, repeated as needed.
        For ``mask-token``: the token to use where the tokenizer has no mask token.
        For ``substitute``: words to draw from, with spaces between them; unless given each word
        gives way to its nearest neighbour, see `jupyter_xai.models.substitution`.
    seed : int
        For ``substitute``: seeds the draws.
    """

    name: str = "delete"
    replacement: str | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.name not in OPERATORS:
            msg = f"unknown operator {self.name!r}; choose one of {', '.join(OPERATORS)}"
            raise XaiError(msg)
        if self.name == "replace" and not self.replacement:
            msg = Worded(
                "the operator 'replace' needs a replacement text, such as ",
                Option("replacement", "..."),
            )
            raise XaiError(msg)
        blank = self.replacement is not None and not self.replacement.split()
        if self.name == "substitute" and blank:
            msg = "the list of words for 'substitute' is blank; give some, or leave it out"
            raise XaiError(msg)
        check_characters(self.replacement or "", "the replacement")


@dataclass(frozen=True)
class Prompt:
    """A prompt as one model sees it.

    Attributes
    ----------
    document : Document
        The rendered text, chat template included (its own tokens are protected units).
    ids : tuple of int, optional
        Token ids as the template gave them; None for models that take text.
    token_source : int64 [len(ids)], optional
        For each token the position in ``document.sources`` that it belongs to, -1 if protected.
    messages : tuple of Message
        What was rendered, of which parts are left out for the operator ``text``; empty for models
        that cannot render anew.
    places : tuple of (start, end), length ``len(messages)``
        Where the content of each message stands in the document's text.
    """

    document: Document
    ids: tuple[int, ...] | None = None
    token_source: NDArray[np.int64] | None = None
    messages: tuple[Message, ...] = ()
    places: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Response:
    """A response whose causes are asked for.

    Attributes
    ----------
    text : str
        Without the end-of-turn token.
    ids : tuple of int, optional
        Token ids as they were generated (never tokenised again); None for models that give text.
    spans : tuple of (int, int), optional
        Where each token stands in ``text``. Tokens that share a character share a span.
    supplied : bool
        True when the user gave the text.
    finished : bool
        False when generation stopped at its length limit.
    asked : bool
        False when the model's answer was kept from before and it was not asked again.
    tokens : int, optional
        What a server counted, prompt included; None where the ids tell.
    written : int
        Those of the ``tokens`` that the server wrote.
    """

    text: str
    ids: tuple[int, ...] | None = None
    spans: tuple[Span, ...] | None = None
    supplied: bool = False
    finished: bool = True
    asked: bool = field(default=True, compare=False)
    tokens: int | None = field(default=None, compare=False)
    written: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Sampling:
    """How a model answers. Greedy unless a temperature is given.

    Attributes
    ----------
    max_new_tokens : int
    temperature : float
    seed : int
        Seeds all draws; see `draws` and `seed_for`.
    samples : int
        How many answers are drawn for each masked prompt.
    """

    max_new_tokens: int = 256
    temperature: float = 0.0
    seed: int = 0
    # Two that differ in nothing else draw the same answers, as many as both have.
    samples: int = field(default=1, compare=False)

    @property
    def is_drawn(self) -> bool:
        """Whether the same prompt may be answered otherwise the next time."""
        return self.temperature > 0 or self.samples > 1

    def draws(self) -> tuple[Sampling, ...]:
        """How each answer to one prompt is drawn, the first always in the same way.

        Where answers are drawn, none is drawn as the explained response is: that is drawn with the
        seed itself, so that it is compared with others than itself.

        Examples
        --------
        >>> Sampling().draws() == (Sampling(),)
        True
        >>> len({each.seed for each in Sampling(temperature=1.0, samples=3).draws()})
        3
        """
        if not self.is_drawn:
            return (self,)
        numbers = range(1, self.samples + 1)
        return tuple(replace(self, samples=1, seed=_mixed(self.seed, each)) for each in numbers)

    def seed_for(self, key: bytes) -> int:
        """A seed for one prompt, whatever else is answered beside it.

        Examples
        --------
        >>> Sampling().seed_for(b"one prompt") != Sampling().seed_for(b"another")
        True
        """
        return _mixed(self.seed, crc32(key))


@dataclass(frozen=True)
class Scored:
    """Log-probabilities of one batch of masks.

    Attributes
    ----------
    rows : int64 [b]
        Which of the given masks these are.
    logprobs : float32 [b, T]
        Log-probability of each response token, natural logarithm.
    tokens : int
        Tokens that went through the model for this batch.
    asked : bool
        False when the model had scored these before and was not asked again.
    written : int
        Those of the tokens that the model wrote.
    """

    rows: NDArray[np.int64]
    logprobs: NDArray[np.float32]
    tokens: int
    asked: bool = True
    written: int = 0


def _mixed(*numbers: int) -> int:
    """A seed of 32 bits made of others."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


@dataclass(frozen=True)
class Answered:
    """The answer to one masked prompt.

    Attributes
    ----------
    row : int
        Which of the given masks this is.
    text : str
    tokens : int
        Tokens of the prompt and the answer.
    asked : bool
        False when the answer was kept from before and the model was not asked again.
    written : int
        Those of the tokens that the model wrote.
    """

    row: int
    text: str
    tokens: int
    asked: bool = True
    written: int = 0


@runtime_checkable
class Model(Protocol):
    """Anything that can be explained. See `jupyter_xai.load` for how to get one."""

    @property
    def name(self) -> str: ...

    @property
    def capabilities(self) -> frozenset[Capability]: ...

    def describe(self) -> Mapping[str, str | None]:
        """The ``model`` block of an explanation: name, kind, revision, dtype, device, template."""
        ...

    def fingerprint(self) -> str:
        """Identifies the weights and the dtype: equal fingerprints give equal numbers."""
        ...

    def prompt(
        self,
        prompt: str | Sequence[Message],
        *,
        units: str = "sentence",
        spans: Sequence[Span] = (),
        language: str = "en",
        system: str | None = None,
        explain_system: bool = False,
    ) -> Prompt:
        """Render and cut a prompt. System text is protected unless ``explain_system``.

        With the units ``span``, the spans say which pieces of a text prompt may be removed.
        """
        ...

    def respond(self, prompt: Prompt, sampling: Sampling) -> Response:
        """Answer the whole prompt."""
        ...

    def supplied(self, prompt: Prompt, text: str) -> Response:
        """Make a response of a text that the user gives."""
        ...

    def keys(self, prompt: Prompt, masks: Masks, operator: Operator) -> list[bytes]:
        """For each mask a key that is equal exactly when the model's input is equal."""
        ...

    def answer(
        self, prompt: Prompt, masks: Masks, operator: Operator, sampling: Sampling
    ) -> Iterator[Answered]:
        """Answer masked prompts, yielding each as soon as it is there."""
        ...
