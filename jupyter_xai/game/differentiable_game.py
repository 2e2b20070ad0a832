"""The masking game, differentiated: values of any embeddings of the prompt, and their gradients.

Gradient methods reach a model through this, as the others do through masks.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.game.token_values import IMPOSSIBLE, LEAST_DOUBT, TokenValues
from jupyter_xai.models.capabilities import Differentiable, GradientModel
from jupyter_xai.models.locks import lock_of

if TYPE_CHECKING:
    import torch

Result = TypeVar("Result")

_AGREEMENT = {"float32": 1e-3, "float64": 1e-3, "bfloat16": 0.2, "float16": 0.02}
"""How far values from embeddings may lie from values from token ids, a token or relatively."""


@dataclass(frozen=True, eq=False)
class Gradients:
    """Values of some rows of embeddings, and their gradients for some columns.

    Attributes
    ----------
    rows : slice
        Which of the given rows these are.
    values : float64 [b, m + 1]
        All columns; the last one is the whole response.
    gradients : sequence of float32 tensors [b, P, d]
        One for each column that was asked for, in order.
    """

    rows: slice
    values: NDArray[np.float64]
    gradients: list[torch.Tensor]


class DifferentiableGame:
    """Values of a masking game as a function of the embeddings of the prompt's tokens.

    Parameters
    ----------
    game : MaskingGame
        With the value ``logprob`` or ``logit``. What is computed here is counted by its cost.

    Attributes
    ----------
    embeddings : float32 tensor [P, d]
        Of the whole prompt, detached.
    token_source : int64 [P]
        For each token the position of its source, -1 if protected.
    blank : int or None
        The token that stands for nothing, where the model has one.
    vocabulary : int
        How many tokens have an embedding.
    most_rows : int
        How many rows are run at once.

    Raises
    ------
    XaiError
        When the model gives no gradients, or the game's values are distances between texts.

    Examples
    --------
    >>> import jupyter_xai as xai
    >>> from jupyter_xai.game.masking_game import MaskingGame
    >>> model = xai.load("tutor")
    >>> prompt = model.prompt("Mia has a red kite. Tom has a blue kite.")
    >>> game = MaskingGame(model, prompt, model.supplied(prompt, "A red kite."))
    >>> played = DifferentiableGame(game)
    >>> [batch] = played.gradients(played.embeddings[None], columns=[game.m])
    >>> played.by_source((batch.gradients[0] * played.embeddings).sum(-1)[0]).shape
    (2,)
    """

    def __init__(self, game: MaskingGame) -> None:
        model = game.model
        if game.value == "text":
            msg = Worded(
                "gradients need log-probabilities; use ",
                Option("value", "logprob"),
                " or ",
                Option("value", "logit"),
            )
            raise XaiError(msg)
        if "gradients" not in model.capabilities or not isinstance(model, GradientModel):
            msg = f"{model.name} gives no gradients; use a method that needs none, such as linear"
            raise XaiError(msg)
        self.game = game
        self._reading = TokenValues(
            game.value, game.response, game.response_document, foil=game.foil, targets=game.targets
        )
        with lock_of(model):
            self._sides = [model.differentiable(game.prompt, each) for each in game.sides]
        self.embeddings = self._sides[0].embeddings
        self.token_source = self._sides[0].token_source
        self.blank = self._sides[0].blank
        self.vocabulary = self._sides[0].vocabulary
        self.most_rows = min(side.rows for side in self._sides)
        self._full: NDArray[np.float64] | None = None

    @property
    def full(self) -> NDArray[np.float64]:
        """Values of the whole prompt: float64 [m + 1].

        Raises
        ------
        XaiError
            When the model does something else with embeddings than with token ids.
        """
        if self._full is None:
            self._full = self._agreeing()
        return self._full

    @property
    def columns(self) -> list[int]:
        """Columns that depend on the prompt: not those without tokens, or behind a foil's first."""
        reading, m = self._reading, self.game.m
        last = m if reading.decisive is None else reading.decisive
        return [j for j in range(m + 1) if len(reading.columns[j]) and (j <= last or j == m)]

    def embed(self, tokens: NDArray[np.int64]) -> torch.Tensor:
        """Embeddings of any tokens of the vocabulary: float32 [..., d]."""
        with lock_of(self.game.model):
            return self._sides[0].embed(tokens)

    def values(self, embeddings: torch.Tensor) -> NDArray[np.float64]:
        """Values of embeddings [R, P, d]: float64 [R, m + 1]."""
        return np.concatenate([batch.values for batch in self.gradients(embeddings, columns=())])

    def gradients(self, embeddings: torch.Tensor, columns: Sequence[int]) -> Iterator[Gradients]:
        """Differentiate columns of the game's values with respect to embeddings.

        One forward pass a row, and one backward pass a row and column; rows are run in batches
        that fit into memory.

        Parameters
        ----------
        embeddings : float32 tensor [R, P, d]
            What takes the place of the prompt's embeddings.
        columns : sequence of int
            Which of the m + 1 columns; with none of them only values are computed.

        Yields
        ------
        Gradients
            Batches, in order; together they cover all rows.

        Raises
        ------
        XaiError
            When the model gives NaN or does not fit into memory.
        BudgetSpent
            When the game's budget ends before the rows do.
        """
        if self._full is None:
            self._full = self._agreeing()
        yield from self._batches(embeddings, columns)

    def run_by_rule(
        self, rule: Callable[[Differentiable], Result], *, forwards: int, backwards: int
    ) -> Result:
        """Hand the response to a rule that propagates through the model in a way of its own.

        Parameters
        ----------
        rule : callable
        forwards, backwards : int
            Rows that it will run; they are counted, and refused where the budget has no room.
        """
        cost = self.game.cost
        self.game.budget.reserve(forwards + backwards, cost)
        started = perf_counter()
        try:
            with lock_of(self.game.model), _recording(self.embeddings.device.type):
                found = rule(self._sides[0])
        finally:
            cost.seconds += perf_counter() - started
        cost.forwards += forwards
        cost.backwards += backwards
        cost.tokens += forwards * self._sides[0].tokens
        return found

    def by_source(self, scores: torch.Tensor | NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum scores of tokens over the tokens of each source: [..., P] -> float64 [..., n]."""
        found = scores if isinstance(scores, np.ndarray) else scores.double().cpu().numpy()
        sources = [found[..., self.token_source == i].sum(axis=-1) for i in range(self.game.n)]
        return np.stack(sources, axis=-1)

    def recall(self, column: int, *name: Hashable) -> NDArray[np.float64] | None:
        """What was kept of a column under this name in this session: float64 [n], or None."""
        return self.game.ledger.get(self._name(column, name))

    def keep(self, scores: NDArray[np.float64], column: int, *name: Hashable) -> None:
        """Keep scores of the sources for a column, within the ledger's bounds."""
        self.game.ledger.put(self._name(column, name), scores, size=scores.nbytes)

    def _name(self, column: int, name: tuple[Hashable, ...]) -> tuple[Hashable, ...]:
        game, reading = self.game, self._reading
        tokens = (reading.columns[column].tobytes(), reading.foil_columns[column].tobytes())
        cut = (game.prompt.ids, self.token_source.tobytes())
        return (game.fingerprint, "gradients", cut, game.asked, game.value, tokens, name)

    def _batches(self, embeddings: torch.Tensor, columns: Sequence[int]) -> Iterator[Gradients]:
        start, cost = 0, self.game.cost
        calls = 1 + len(columns)
        while start < len(embeddings):
            wanted = min(self.most_rows, len(embeddings) - start)
            self.game.budget.reserve(calls, cost)
            rows = slice(
                start, start + max(1, self.game.budget.room(wanted * calls, cost) // calls)
            )
            size = rows.stop - start
            self.game.budget.reserve(size * (len(self._sides) + len(columns)), self.game.cost)
            started = perf_counter()
            try:
                with lock_of(self.game.model):
                    values, gradients = self._run(embeddings[rows], columns)
            except RuntimeError as error:
                self._halve_or_raise(error, size)
                continue
            finally:
                self.game.cost.seconds += perf_counter() - started
            start = rows.stop
            yield Gradients(rows, values, gradients)

    def _run(
        self, embeddings: torch.Tensor, columns: Sequence[int]
    ) -> tuple[NDArray[np.float64], list[torch.Tensor]]:
        import torch

        size, cost = len(embeddings), self.game.cost
        with _recording(embeddings.device.type):
            inputs = embeddings.detach().clone().requires_grad_(len(columns) > 0)
            values = self._column_values([side.logprobs(inputs) for side in self._sides])
            cost.forwards += size * len(self._sides)
            cost.tokens += size * sum(side.tokens for side in self._sides)
            gradients: list[torch.Tensor] = []
            for position, column in enumerate(columns):
                # Rows do not touch each other, so the gradient of their sum is that of each.
                (gradient,) = torch.autograd.grad(
                    values[:, column].sum(), inputs, retain_graph=position < len(columns) - 1
                )
                gradients.append(gradient)
                cost.backwards += size
        self._refuse_nan(values, gradients)
        return values.detach().cpu().numpy(), gradients

    def _column_values(self, logprobs: Sequence[torch.Tensor]) -> torch.Tensor:
        """The game's values, as `TokenValues` computes them: float64 [b, m + 1]."""
        import torch

        reading = self._reading
        own, *foil = (each.double().clamp(min=IMPOSSIBLE) for each in logprobs)
        sums = torch.stack([own[:, column].sum(dim=1) for column in reading.columns], dim=1)
        for other in foil:
            columns = reading.foil_columns
            sums = sums - torch.stack([other[:, column].sum(dim=1) for column in columns], dim=1)
        if self.game.value == "logprob":
            return sums
        bounded = sums.clamp(max=-LEAST_DOUBT)
        counted = torch.tensor([len(column) > 0 for column in reading.columns])
        odds = bounded - torch.log(-torch.expm1(bounded))
        return torch.where(counted.to(odds.device), odds, 0.0)

    def _refuse_nan(self, values: torch.Tensor, gradients: Sequence[torch.Tensor]) -> None:
        for found, what in ((values, "log-probabilities"), *((g, "gradients") for g in gradients)):
            if not found.isfinite().all():
                msg = (
                    f"{self.game.model.name} returned NaN or infinite {what}; "
                    "load it in float32 or bfloat16, or check its weights"
                )
                raise XaiError(msg)

    def _halve_or_raise(self, error: RuntimeError, rows: int) -> None:
        import torch

        if "out of memory" not in str(error).lower() and "not enough memory" not in str(error):
            raise error
        if rows == 1:
            msg = (
                "not enough memory for the gradients of a single prompt; use a shorter prompt or "
                "response, or load the model in a smaller dtype"
            )
            raise XaiError(msg) from error
        self.most_rows = max(1, rows // 2)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _agreeing(self) -> NDArray[np.float64]:
        """Values of the whole prompt; refuse models that treat embeddings unlike token ids."""
        game = self.game
        expected = game.values(np.ones((1, game.n), dtype=bool))[0]
        [batch] = self._batches(self.embeddings[None], ())
        found = batch.values[0]
        allowed = _AGREEMENT.get(str(game.model.describe()["dtype"]), _AGREEMENT["bfloat16"])
        slack = allowed * max(game.lengths)
        columns = self.columns
        if not np.allclose(found[columns], expected[columns], rtol=allowed, atol=slack):
            msg = (
                f"{game.model.name} computes something else from embeddings than from tokens, so "
                "its gradients would mislead; use a method that needs none, such as linear"
            )
            raise XaiError(msg)
        return found


@contextmanager
def _recording(device: str) -> Iterator[None]:
    """Record for gradients, whatever mode the caller is in, and keep autocast out."""
    import torch

    with (
        torch.inference_mode(False),
        torch.enable_grad(),
        torch.autocast(device, enabled=False),
    ):
        yield
