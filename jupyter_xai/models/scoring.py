"""The scoring kernel: log-probabilities of one response under many masked prompts.

One teacher-forced pass gives all response tokens of a row; logits are computed only where the
response is, by the model's own `logits_to_keep`, so that soft caps and logit scales stay in. Rows
are left-padded, sorted by length, run with explicit attention mask and positions, and share the
computation of common beginnings (see `jupyter_xai.models.sharing`). A batch gives what single rows
give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import XaiError
from jupyter_xai.models.base import Scored
from jupyter_xai.models.calling import evaluating, token_arguments
from jupyter_xai.models.inputs import MaskedInput
from jupyter_xai.models.sharing import Group, groups, shared_tokens
from jupyter_xai.models.traits import decoder_start, input_device, traits_of
from jupyter_xai.models.trunk import KeysAndValues

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


Read = Callable[["torch.Tensor", Sequence[int]], NDArray[np.float32]]
"""Reduces logits [b, R, V] that predict a response of R tokens to one number a token."""


def token_logprobs(logits: torch.Tensor, response: Sequence[int]) -> NDArray[np.float32]:
    """The same as `differentiable_logprobs`, as an array."""
    return differentiable_logprobs(logits, response).cpu().numpy()


def differentiable_logprobs(logits: torch.Tensor, response: Sequence[int]) -> torch.Tensor:
    """Log-probabilities of given tokens, in float32 whatever the dtype of the logits.

    Parameters
    ----------
    logits : [b, R, V]
    response : sequence of int, length R

    Returns
    -------
    float32 [b, R]
        Computed as log sigmoid of the margin over all other tokens, which keeps its digits, and
        those of its gradient, when the probability is close to one.
    """
    import torch

    wanted = torch.tensor(response, device=logits.device)[:, None]
    rows = []
    for row in logits:
        row = row.float()
        margin = row.gather(1, wanted)
        others = row.scatter(1, wanted, -torch.inf).logsumexp(1, keepdim=True)
        rows.append(torch.nn.functional.logsigmoid(margin - others)[:, 0])
    return torch.stack(rows)


class ScoringKernel:
    """Scores masked prompts with one transformers model.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        Causal or encoder-decoder. Left as it was found, training mode included.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._traits = traits_of(model)
        self._tokens_per_batch = self._traits.most_tokens

    @property
    def takes_positions(self) -> bool:
        """Whether the model can be told the positions of its tokens."""
        return self._traits.takes_positions

    def working_bytes(self, prompt_tokens: int, response_tokens: int, rows: int) -> int:
        """About what scoring so many rows takes at once, by the bounds that batches keep."""
        config = self._model.config.get_text_config()
        length = prompt_tokens + response_tokens
        kept = response_tokens if self._traits.takes_logits_to_keep else length
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
    ) -> Iterator[Scored]:
        """Log-probabilities of the response tokens after each input.

        Parameters
        ----------
        inputs : sequence of MaskedInput
        response : sequence of int
            Token ids.
        read : callable, optional
            What else is to be read from the logits, in place of the log-probabilities.

        Yields
        ------
        Scored
            Batches in no particular order; together they cover all inputs.

        Raises
        ------
        XaiError
            When not even a single row fits into memory.
        """
        if self._model.config.is_encoder_decoder:
            yield from self._score_encoder_decoder(inputs, response, read)
            return
        total = sum(len(row) for row in inputs)
        if self._traits.may_share and shared_tokens(inputs) > _WORTH_SHARING * (
            total + len(inputs) * len(response)
        ):
            for group in groups(inputs, most=self._most_trunk_tokens()):
                yield from self._score_group(inputs, response, group, read)
        else:
            yield from self._score_rows(inputs, response, np.arange(len(inputs)), read)

    def _most_trunk_tokens(self) -> int:
        # Attention within the trunk grows with its square; beyond a few widths it costs more than
        # the layers' weights do.
        return 3 * int(self._model.config.get_text_config().hidden_size)

    def _score_group(
        self, inputs: Sequence[MaskedInput], response: Sequence[int], group: Group, read: Read
    ) -> Iterator[Scored]:
        if not len(group.trunk):
            yield from self._score_rows(inputs, response, group.rows, read)
            return
        with evaluating(self._model):
            held = KeysAndValues.of_trunk(self._model, group.trunk)
        paths = dict(zip(group.rows.tolist(), group.paths, strict=True))
        unreported = len(group.trunk)
        for batch in self._score_rows(inputs, response, group.rows, read, held=held, paths=paths):
            yield Scored(batch.rows, batch.logprobs, batch.tokens + unreported)
            unreported = 0

    def _score_rows(
        self,
        inputs: Sequence[MaskedInput],
        response: Sequence[int],
        rows: NDArray[np.int64],
        read: Read,
        *,
        held: KeysAndValues | None = None,
        paths: dict[int, NDArray[np.int64]] | None = None,
    ) -> Iterator[Scored]:
        """Score causal rows, each from where its path leaves the trunk."""
        starts = {int(row): len(paths[int(row)]) if paths else 0 for row in rows}
        own = {row: len(inputs[row]) - start + len(response) - 1 for row, start in starts.items()}
        queue = sorted((int(row) for row in rows), key=lambda row: (own[row], starts[row]))
        while queue:
            size = self._batch_size(queue, own, starts, len(response))
            batch = queue[:size]
            try:
                # Logits have no name here: they must be gone before the next batch has its own.
                with evaluating(self._model):
                    logprobs = read(
                        self._forward(inputs, response, batch, starts, own, held, paths), response
                    )
            except RuntimeError as error:
                self._halve_or_raise(error, size)
                continue
            queue = queue[size:]
            yield Scored(np.array(batch, dtype=np.int64), logprobs, sum(own[row] for row in batch))

    def _batch_size(
        self, queue: list[int], own: dict[int, int], starts: dict[int, int], kept: int
    ) -> int:
        """How many rows of the queue, shortest first, make the next batch."""
        config = self._model.config.get_text_config()
        logit_rows = kept if self._traits.takes_logits_to_keep else own[queue[-1]]
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
            if size and not self._traits.padding_is_safe and width != own[queue[0]]:
                break
            size += 1
            real += width
        return size

    def _halve_or_raise(self, error: RuntimeError, rows: int) -> None:
        import torch

        if "out of memory" not in str(error).lower() and "not enough memory" not in str(error):
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

    def _forward(
        self,
        inputs: Sequence[MaskedInput],
        response: Sequence[int],
        batch: list[int],
        starts: dict[int, int],
        own: dict[int, int],
        held: KeysAndValues | None,
        paths: dict[int, NDArray[np.int64]] | None,
    ) -> torch.Tensor:
        """Logits that predict the response: [b, R, V]."""
        width = max(own[row] for row in batch)
        depth = max(starts[row] for row in batch)
        ids = np.zeros((len(batch), width), dtype=np.int64)
        positions = np.zeros((len(batch), width), dtype=np.int64)
        zeroed = np.zeros((len(batch), width), dtype=bool)
        attended = np.zeros((len(batch), depth + width), dtype=np.int64)
        gather = np.zeros((len(batch), depth), dtype=np.int64)
        following = np.array(response[:-1], dtype=np.int64)
        for i, row in enumerate(batch):
            item, start, at = inputs[row], starts[row], width - own[row]
            last = int(item.positions[-1])
            ids[i, at:] = np.concatenate([item.ids[start:], following])
            positions[i, at:] = np.concatenate(
                [item.positions[start:], np.arange(last + 1, last + len(response))]
            )
            zeroed[i, at : at + len(item) - start] = item.zeroed[start:]
            attended[i, depth + at :] = 1
            if paths is not None and start:
                gather[i, depth - start :] = paths[row]
                attended[i, depth - start : depth] = 1
        options: dict[str, Any] = {"use_cache": False}
        if held is not None and depth:
            options = {"use_cache": True, "past_key_values": held.gathered(gather)}
        return self._call(ids, positions, zeroed, attended, len(response), options)

    def _call(
        self,
        ids: NDArray[np.int64],
        positions: NDArray[np.int64],
        zeroed: NDArray[np.bool_],
        attended: NDArray[np.int64],
        kept: int,
        options: dict[str, Any],
    ) -> torch.Tensor:
        import torch

        device = input_device(self._model)
        options |= token_arguments(self._model, ids, zeroed)
        options["attention_mask"] = torch.from_numpy(attended).to(device)
        if self._traits.takes_positions:
            options["position_ids"] = torch.from_numpy(positions).to(device)
        if self._traits.takes_logits_to_keep:
            options["logits_to_keep"] = kept
        logits = self._model(**options, return_dict=True).logits
        # Some multi-stream models add an axis; all have the vocabulary last.
        return logits.reshape(len(ids), -1, logits.shape[-1])[:, -kept:]

    def _score_encoder_decoder(
        self, inputs: Sequence[MaskedInput], response: Sequence[int], read: Read
    ) -> Iterator[Scored]:
        import torch

        decoder = np.array([decoder_start(self._model), *response[:-1]])
        queue = sorted(range(len(inputs)), key=lambda row: len(inputs[row]))
        own = {row: len(inputs[row]) + len(response) for row in queue}
        none = dict.fromkeys(queue, 0)
        device = input_device(self._model)
        while queue:
            size = self._batch_size(queue, own, none, len(response))
            batch = queue[:size]
            width = max(len(inputs[row]) for row in batch)
            ids = np.zeros((size, width), dtype=np.int64)
            zeroed = np.zeros((size, width), dtype=bool)
            attended = np.zeros((size, width), dtype=np.int64)
            for i, row in enumerate(batch):
                item = inputs[row]
                ids[i, : len(item)] = item.ids
                zeroed[i, : len(item)] = item.zeroed
                attended[i, : len(item)] = item.attended
            try:
                with evaluating(self._model):
                    output = self._model(
                        **token_arguments(self._model, ids, zeroed),
                        attention_mask=torch.from_numpy(attended).to(device),
                        decoder_input_ids=torch.from_numpy(np.tile(decoder, (size, 1))).to(device),
                        use_cache=False,
                        return_dict=True,
                    )
                    logprobs = read(output.logits, response)
                    del output
            except RuntimeError as error:
                self._halve_or_raise(error, size)
                continue
            queue = queue[size:]
            yield Scored(np.array(batch), logprobs, sum(own[row] for row in batch))
