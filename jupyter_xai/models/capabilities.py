"""What some models can do beside answering; `jupyter_xai.models.base` is what all of them can."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.masking import Masks
from jupyter_xai.models.base import Model, Operator, Prompt, Response, Sampling, Scored
from jupyter_xai.text.document import Span

if TYPE_CHECKING:
    import torch

Of = Literal["masked", "original"]
"""Which side a divergence is of: KL(masked || original) or KL(original || masked)."""


@dataclass(frozen=True)
class Diverged:
    """How far the next-token distributions of one batch of masks are from the whole prompt's.

    Attributes
    ----------
    rows : int64 [b]
        Which of the given masks these are.
    divergence : float32 [b, T]
        Kullback-Leibler divergence over the vocabulary at each response token, in nats.
    tokens : int
        Tokens that went through the model for this batch.
    """

    rows: NDArray[np.int64]
    divergence: NDArray[np.float32]
    tokens: int


@runtime_checkable
class ScoringModel(Model, Protocol):
    """A model that gives the log-probability of a given response."""

    def score(
        self, prompt: Prompt, masks: Masks, operator: Operator, response: Response
    ) -> Iterator[Scored]:
        """Teacher-forced log-probabilities, yielding each batch as soon as it is there."""
        ...

    def token_spans(self, text: str) -> Sequence[Span]:
        """Spans of the tokens of a text."""
        ...


@runtime_checkable
class LocalModel(ScoringModel, Protocol):
    """A model in this process: asking it costs time and memory, but no money."""

    def tokens(self, prompt: Prompt, masks: Masks, operator: Operator) -> list[int]:
        """How many tokens it reads for each mask."""
        ...

    def working_bytes(self, prompt_tokens: int, response_tokens: int, rows: int) -> int:
        """About what scoring so many masked prompts takes at once, beside the weights."""
        ...


@runtime_checkable
class MeasuredModel(LocalModel, Protocol):
    """A local model of which is measured what it bears, and which may change between two runs."""

    @property
    def dtype(self) -> str:
        """In what it computes, such as ``float32``: how far rounding may lead."""
        ...

    @property
    def cautions(self) -> Sequence[str]:
        """What it was found not to bear, for readers."""
        ...

    @property
    def lessons(self) -> int:
        """How often scoring showed that it does not bear what it bore before.

        Numbers from before such a lesson may be wrong.
        """
        ...

    def score_unchecked(
        self, prompt: Prompt, masks: Masks, operator: Operator, response: Response
    ) -> Iterator[Scored]:
        """As `score`, for whoever compares rows alone and beside others himself."""
        ...


@runtime_checkable
class LastingModel(Model, Protocol):
    """A model that can be told apart from others in later processes, too."""

    def checkpoint(self) -> str:
        """Names the weights as they were published: what ships with the package refers to it."""
        ...

    def identity(self) -> str:
        """Identifies weights, configurations and adapters in use, in every process alike."""
        ...


@runtime_checkable
class ServedModel(Model, Protocol):
    """A model behind a server: paid by the token, and it may say something else the next time."""

    @property
    def host(self) -> str:
        """Who answers."""
        ...

    def repetition(self, number: int) -> Model:
        """The same model, asked once more: what it says is kept apart, by this number."""
        ...

    @property
    def prices(self) -> tuple[float, float] | None:
        """Money for a million tokens that it reads, and that it writes."""
        ...

    def most_tokens(
        self, prompt: Prompt, operator: Operator, sampling: Sampling, response: Response | None
    ) -> tuple[int, int]:
        """At most so many tokens are read and written for any mask of a prompt.

        They are those of scoring the response, where one is given, else those of an answer.
        """
        ...


@runtime_checkable
class BatchModel(Model, Protocol):
    """A model that answers several prompts faster together than one after the other."""

    def respond_all(
        self, prompts: Sequence[Prompt], sampling: Sampling, *, at_once: int
    ) -> Iterator[tuple[int, Response]]:
        """What `Model.respond` gives for each prompt, with its place, in any order."""
        ...


@runtime_checkable
class DivergenceModel(ScoringModel, Protocol):
    """A model whose next-token distributions can be compared, not only read at single tokens."""

    def divergence(
        self, prompt: Prompt, masks: Masks, operator: Operator, response: Response, of: Of
    ) -> Iterator[Diverged]:
        """Divergence from the whole prompt's distributions at each response token."""
        ...


@runtime_checkable
class RunnerUpModel(ScoringModel, Protocol):
    """A model that can tell what it would have answered instead."""

    def runner_up(self, prompt: Prompt, response: Response, sampling: Sampling) -> Response:
        """The next-best response.

        It leaves the response at the token where another one was nearest to being said (both with
        a letter or a digit in them, where there are such), says that one and goes on greedily.

        Raises
        ------
        XaiError
            When there is none that reads otherwise.
        """
        ...


class Differentiable(Protocol):
    """The log-probabilities of one response as a function of the prompt's token embeddings."""

    @property
    def embeddings(self) -> torch.Tensor:
        """Embeddings of the whole prompt's tokens: float32 [P, d], detached."""
        ...

    @property
    def token_source(self) -> NDArray[np.int64]:
        """For each token the position of its source, -1 if protected: int64 [P]."""
        ...

    @property
    def blank(self) -> int | None:
        """The token that stands for nothing, such as a mask token."""
        ...

    @property
    def vocabulary(self) -> int:
        """How many tokens have an embedding."""
        ...

    def embed(self, tokens: NDArray[np.int64]) -> torch.Tensor:
        """Embeddings of any tokens: float32 [..., d], detached."""
        ...

    @property
    def rows(self) -> int:
        """How many rows to run at once, so that they are quick and fit into memory."""
        ...

    @property
    def ids(self) -> Sequence[int]:
        """Token ids of the response, of length T."""
        ...

    @property
    def tokens(self) -> int:
        """Tokens that go through the model for one row."""
        ...

    def logprobs(self, embeddings: torch.Tensor) -> torch.Tensor:
        """Teacher-forced log-probabilities of the response: float32 [b, T].

        Parameters
        ----------
        embeddings : float32 [b, P, d]
            What takes the place of the prompt's embeddings. The result can be differentiated with
            respect to it, and to nothing else.
        """
        ...

    def logits(self, embeddings: torch.Tensor) -> torch.Tensor:
        """What `logprobs` are computed from: [b, T, V]."""
        ...

    @property
    def module(self) -> torch.nn.Module:
        """The model itself, for rules that are hung into its parts."""
        ...


@runtime_checkable
class GradientModel(ScoringModel, Protocol):
    """A model whose log-probabilities can be differentiated."""

    def differentiable(self, prompt: Prompt, response: Response) -> Differentiable:
        """The response's log-probabilities as a function of the prompt's embeddings."""
        ...


@dataclass(frozen=True, eq=False)
class Attended:
    """Attention weights of a prompt with its response, means over heads.

    Attributes
    ----------
    own : float32 [layers, L, L]
        Within the stack that reads the prompt: row q says where position q looks. The first P
        positions are the prompt's tokens.
    cross : float32 [layers, T, P] or None
        From the response to the prompt, in encoder-decoder models.
    rows : int64 [T] or None
        In causal models, the position from which each response token is predicted.
    tokens : int
        Tokens that went through the model.
    """

    own: NDArray[np.float32]
    cross: NDArray[np.float32] | None
    rows: NDArray[np.int64] | None
    tokens: int


@runtime_checkable
class AttentionModel(ScoringModel, Protocol):
    """A model that shows its attention weights."""

    def attentions(self, prompt: Prompt, response: Response) -> Attended:
        """Attention weights while the response is read after the whole prompt."""
        ...
