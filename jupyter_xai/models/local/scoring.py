"""The scoring kernel: log-probabilities of one response under many masked prompts.

One teacher-forced pass gives all response tokens of a row; logits are computed only where the
response is, by the model's own `logits_to_keep`, so that soft caps and logit scales stay in. Rows
are left-padded, sorted by length, run with explicit attention mask and positions, and share the
computation of common beginnings (see `jupyter_xai.models.local.shared_prefixes`), as far as the
model was measured to bear it (see `jupyter_xai.models.local.batching`). A batch gives what single
rows give: where lengths spread further than they did before, one row is run alone, too, and
compared.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import XaiError
from jupyter_xai.models.base import Scored
from jupyter_xai.models.local.batching import Bearing, differs, measure_bearing
from jupyter_xai.models.local.fingerprints import structure
from jupyter_xai.models.local.forward import evaluating, is_out_of_memory
from jupyter_xai.models.local.logits import batch_logits, has_plain_head, in_one_batch, plain_logits
from jupyter_xai.models.local.masked_inputs import MaskedInput
from jupyter_xai.models.local.prefix_cache import KeysAndValues
from jupyter_xai.models.local.row_checks import Check, Checks, NotBorne
from jupyter_xai.models.local.shared_prefixes import Trunk, groups, shared_tokens
from jupyter_xai.models.local.token_logprobs import token_logprobs
from jupyter_xai.models.local.traits import may_fill_gaps, traits_of

if TYPE_CHECKING:
    import torch

_LOGIT_BYTES_PER_BATCH = 2**28
_CACHE_BYTES_PER_BATCH = 2**30
_WIDTHS_AT_ONCE = 12
"""Numbers that a layer holds for each token while it runs, in widths of the model."""

_WORTH_SHARING = 0.08
"""Share of all tokens that sharing must spare to be worth its second pass."""

_MOST_PADDING = 0.04
"""Share of a batch that padding may take once the batch is large enough to be quick."""

_SAMPLED_TOKENS = 8
"""Tokens of a response by which a model's bearing is measured."""


Read = Callable[["torch.Tensor", Sequence[int]], NDArray[np.float32]]
"""Reduces logits [b, R, V] that predict a response of R tokens to one number a token."""


class ScoringKernel:
    """Scores masked prompts with one transformers model.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        Causal or encoder-decoder. Left as it was found, training mode included.
    sample : callable, optional
        Gives token ids of ordinary text, by which the model's bearing is measured on first use;
        without it, signature and configuration are believed.
    """

    def __init__(
        self, model: Any, sample: Callable[[], Sequence[Sequence[int]]] | None = None
    ) -> None:
        self._model = model
        self._traits = traits_of(model)
        self._tokens_per_batch = self._traits.most_tokens
        self._sample = sample
        self._structure = ""
        self._bearing = Bearing.hoped(self._traits)
        self._measured = False
        self._checks = Checks()
        self._lessons = 0

    @property
    def takes_positions(self) -> bool:
        """Whether the model can be told the positions of its tokens."""
        return self.bearing().positions

    @property
    def notes(self) -> tuple[str, ...]:
        """What the model was found not to bear."""
        return self._bearing.notes

    @property
    def lessons(self) -> int:
        """How often a run showed that the model does not bear what it bore on short text."""
        return self._lessons

    def bearing(self, response: Sequence[int] = ()) -> Bearing:
        """In which ways rows may be run: measured once for each structure of the model.

        Parameters
        ----------
        response : sequence of int
            Whose first tokens are scored; some of the sample's own unless given.
        """
        if self._sample is None:
            return self._bearing
        found = structure(self._model)
        if self._measured and found == self._structure:
            return self._bearing
        rows = self._sample()
        following = list(response[:_SAMPLED_TOKENS])
        if len(following) < 2:
            following = list(rows[-1])[-2:]
        self._traits = traits_of(self._model)
        hoped = Bearing.hoped(self._traits)
        try:
            with warnings.catch_warnings():
                # Some models warn of arguments that are only tried.
                warnings.simplefilter("ignore")
                self._bearing = measure_bearing(
                    self._model,
                    hoped,
                    rows,
                    lambda bearing, inputs: self._together(bearing, inputs, following),
                    lambda item: self._alone(item, following, token_logprobs),
                    lambda item, alone: self._looks_ahead(item, following, alone),
                )
        except RuntimeError as error:
            self._halve_or_raise(error, 1)
        self._structure, self._measured = found, True
        self._checks = Checks()
        return self._bearing

    def working_bytes(self, prompt_tokens: int, response_tokens: int, rows: int) -> int:
        """About what scoring so many rows takes at once, by the bounds that batches keep."""
        config = self._model.config.get_text_config()
        length = prompt_tokens + response_tokens
        kept = response_tokens if self._bearing.keeps else length
        logits = 4 * config.vocab_size * kept
        cache = length * self._traits.cache_bytes_per_token
        fits = (
            _LOGIT_BYTES_PER_BATCH // logits,
            _CACHE_BYTES_PER_BATCH // max(1, cache),
            self._tokens_per_batch // length,
        )
        batch = max(1, min(rows, *fits))
        activations = length * _WIDTHS_AT_ONCE * config.hidden_size * self._model.dtype.itemsize
        # Beside the batch: the trunk, and one row's logits as they are reduced.
        return batch * (logits + cache + activations) + cache + 2 * logits

    def score(
        self,
        inputs: Sequence[MaskedInput],
        response: Sequence[int],
        *,
        read: Read = token_logprobs,
        checked: bool = True,
    ) -> Iterator[Scored]:
        """Log-probabilities of the response tokens after each input.

        Parameters
        ----------
        inputs : sequence of MaskedInput
        response : sequence of int
            Token ids.
        read : callable, optional
            What else is to be read from the logits, in place of the log-probabilities.
        checked : bool
            Whether one row is run alone, too, where lengths spread further than they did before.

        Yields
        ------
        Scored
            Batches in no particular order; together they cover all inputs.

        Raises
        ------
        XaiError
            When not even a single row fits into memory.
        """
        self.bearing(response)
        left = set(range(len(inputs)))
        while left:
            try:
                for batch in self._scored(inputs, response, sorted(left), read, checked):
                    left -= set(batch.rows.tolist())
                    yield batch
            except NotBorne as found:
                self._bearing = self._bearing.without(found.way)
                self._checks = Checks()
                self._lessons += 1

    def _scored(
        self,
        inputs: Sequence[MaskedInput],
        response: Sequence[int],
        rows: list[int],
        read: Read,
        checked: bool,
    ) -> Iterator[Scored]:
        some = [inputs[row] for row in rows]
        total = sum(len(item) for item in some) + len(some) * len(response)
        if self._bearing.sharing and shared_tokens(some) > _WORTH_SHARING * total:
            for group in groups(some, most=self._most_trunk_tokens()):
                of_group = [rows[index] for index in group.rows]
                paths = dict(zip(of_group, group.paths, strict=True))
                yield from self._score_pass(
                    inputs, response, of_group, read, checked, group.trunk, paths
                )
        else:
            yield from self._score_pass(inputs, response, rows, read, checked)

    def _most_trunk_tokens(self) -> int:
        # Attention within the trunk grows with its square; beyond a few widths it costs more than
        # the layers' weights do.
        return 3 * int(self._model.config.get_text_config().hidden_size)

    def _score_pass(
        self,
        inputs: Sequence[MaskedInput],
        response: Sequence[int],
        rows: list[int],
        read: Read,
        checked: bool,
        trunk: Trunk | None = None,
        paths: dict[int, NDArray[np.int64]] | None = None,
    ) -> Iterator[Scored]:
        """Score rows, each from where its path leaves the trunk."""
        held, unreported = None, 0
        if trunk is not None and len(trunk):
            with evaluating(self._model):
                held = KeysAndValues.of_trunk(self._model, trunk)
            unreported = len(trunk)
        starts = {row: len(paths[row]) if paths and held else 0 for row in rows}
        read_too = 0 if self._model.config.is_encoder_decoder else -1
        own = {row: len(inputs[row]) - starts[row] + len(response) + read_too for row in rows}
        queue = sorted(rows, key=lambda row: (own[row], starts[row]))
        kept = len(response)
        plan = self._plan(queue, own, starts, kept)
        check = None
        if checked and self._sample is not None:
            check = self._checks.wanted(
                plan, inputs, shares=held is not None, pads=self._bearing.padding
            )
        if check is not None and check.beside is None:
            row = check.row
            plan.sort(key=lambda batch: row not in batch)
        while plan:
            batch = plan[0]
            try:
                # Logits have no name here: they must be gone before the next batch has its own.
                with evaluating(self._model):
                    logprobs = read(
                        self._forward(inputs, response, batch, starts, held, paths), response
                    )
                if check is not None:
                    self._compare(inputs, response, check, batch, logprobs, read)
                    check = None
            except RuntimeError as error:
                self._halve_or_raise(error, len(batch))
                left = {row for rows in plan for row in rows}
                plan = self._plan([row for row in queue if row in left], own, starts, kept)
                check = None
                continue
            plan = plan[1:]
            tokens = sum(own[row] for row in batch) + unreported
            yield Scored(np.array(batch, dtype=np.int64), logprobs, tokens)
            unreported = 0

    def _plan(
        self, queue: list[int], own: dict[int, int], starts: dict[int, int], kept: int
    ) -> list[list[int]]:
        """The batches of a queue of rows, shortest first."""
        batches = []
        while queue:
            size = self._batch_size(queue, own, starts, kept)
            batches.append(queue[:size])
            queue = queue[size:]
        return batches

    def _compare(
        self,
        inputs: Sequence[MaskedInput],
        response: Sequence[int],
        check: Check,
        batch: list[int],
        found: NDArray[np.float32],
        read: Read,
    ) -> None:
        """Run the checked row alone, and learn from what comes out."""
        row = check.row
        if check.beside is None:
            beside = found[batch.index(row)]
        else:
            pair = [row, check.beside]
            with evaluating(self._model):
                logits = self._forward(inputs, response, pair, dict.fromkeys(pair, 0))
                beside = read(logits, response)[0]
        alone = self._alone(inputs[row], response, read)
        if differs(alone, beside, str(self._model.dtype).removeprefix("torch.")):
            raise NotBorne(check.way)
        self._checks.passed(check)

    def _batch_size(
        self, queue: list[int], own: dict[int, int], starts: dict[int, int], kept: int
    ) -> int:
        """How many rows of the queue, shortest first, make the next batch."""
        if not self._bearing.batches:
            return 1
        config = self._model.config.get_text_config()
        logit_rows = kept if self._bearing.keeps else own[queue[-1]]
        fits = max(1, _LOGIT_BYTES_PER_BATCH // (4 * config.vocab_size * logit_rows))
        cache_bytes = self._traits.cache_bytes_per_token
        size = real = 0
        for row in queue[:fits]:
            width = own[row]
            whole = (size + 1) * width
            if size and whole > self._tokens_per_batch:
                break
            padding = (whole - real - width) / whole
            if real >= self._traits.enough_tokens and padding > _MOST_PADDING:
                break
            if size and (size + 1) * (width + starts[row]) * cache_bytes > _CACHE_BYTES_PER_BATCH:
                break
            if size and not self._bearing.padding and width != own[queue[0]]:
                break
            size += 1
            real += width
        return size

    def _halve_or_raise(self, error: RuntimeError, rows: int) -> None:
        import torch

        if not is_out_of_memory(error):
            raise error
        if rows == 1:
            msg = (
                "not enough memory to score a single masked prompt; use a shorter prompt or "
                "response, or load the model in a smaller dtype"
            )
            raise XaiError(msg) from error
        self._tokens_per_batch = max(1, self._tokens_per_batch // 2)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _alone(self, item: MaskedInput, response: Sequence[int], read: Read) -> NDArray[np.float32]:
        """One row by the plainest call that there is for it."""
        with evaluating(self._model):
            if item.is_plain:
                return read(plain_logits(self._model, item.ids.tolist(), response), response)[0]
            return read(self._forward([item], response, [0], {0: 0}), response)[0]

    def _looks_ahead(
        self, item: MaskedInput, response: list[int], alone: NDArray[np.float32]
    ) -> bool:
        """Whether the logits before the last token that is read depend on that token."""
        if not has_plain_head(self._model):
            # Quantised products scale by all positions together, so that a little always leaks.
            return False
        ids = item.ids.tolist()
        changed = next(token for token in ids if token != response[-2])
        with evaluating(self._model):
            logits = plain_logits(self._model, ids, [*response[:-2], changed, response[-1]])
            one, two = alone[:-1], token_logprobs(logits, response)[0, :-1]
        if may_fill_gaps(self._model):
            return not np.allclose(one, two, rtol=1e-6, atol=1e-6)
        return differs(one, two, str(self._model.dtype).removeprefix("torch."))

    def _together(
        self, bearing: Bearing, inputs: Sequence[MaskedInput], response: Sequence[int]
    ) -> NDArray[np.float32]:
        with evaluating(self._model):
            return token_logprobs(in_one_batch(self._model, bearing, inputs, response), response)

    def _forward(
        self,
        inputs: Sequence[MaskedInput],
        response: Sequence[int],
        batch: list[int],
        starts: dict[int, int],
        held: KeysAndValues | None = None,
        paths: dict[int, NDArray[np.int64]] | None = None,
    ) -> torch.Tensor:
        """Logits that predict the response: [b, R, V]."""
        return batch_logits(
            self._model,
            self._bearing,
            inputs,
            response,
            batch,
            starts=starts,
            held=held,
            paths=paths,
        )
