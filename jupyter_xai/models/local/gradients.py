"""Log-probabilities of a response as a differentiable function of the prompt's embeddings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.models.local.forward import evaluating
from jupyter_xai.models.local.token_logprobs import differentiable_logprobs
from jupyter_xai.models.local.traits import (
    decoder_start,
    forced_start,
    input_device,
    size,
    takes,
    traits_of,
)

if TYPE_CHECKING:
    import torch

_HALF_SCALE = 2.0**10
"""Gradients travel through float16 models this much larger, or small ones would become zero."""

_BYTES_ON_CPU = 2**30
_BYTES_ON_GPU = 2**33
_WIDTHS_HELD = 24
"""Numbers that one layer holds for the way back, in widths of the model and for each token."""

_LOGITS_HELD = 16
"""Bytes held for each logit."""


def is_differentiable(model: Any) -> bool:
    """Whether the model takes embeddings in the place of token ids."""
    return takes(model, "inputs_embeds")


class EmbeddedPrompt:
    """See `jupyter_xai.models.base.Differentiable`.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        Causal or encoder-decoder. Left as it was found.
    ids : sequence of int, length P
        The whole prompt.
    token_source : int64 [P]
    response : sequence of int, length T
    blank : int, optional
        The token that stands for nothing.
    """

    def __init__(
        self,
        model: Any,
        ids: Sequence[int],
        token_source: NDArray[np.int64],
        response: Sequence[int],
        blank: int | None,
    ) -> None:
        self._model = model
        self._traits = traits_of(model)
        self.ids = list(response)
        self.token_source = token_source
        embedded = self._embed(ids)
        self._dtype = embedded.dtype
        self.embeddings = embedded.float()
        self.blank = blank
        # What the model predicts the last token from is never followed by it.
        self._following = self._embed(self.ids[:-1])

    @property
    def tokens(self) -> int:
        """See `Differentiable.tokens`."""
        # In a causal model the last response token is predicted but never read.
        read = len(self.ids) - (not self._model.config.is_encoder_decoder)
        return len(self.embeddings) + read

    @property
    def rows(self) -> int:
        """See `Differentiable.rows`."""
        config = self._model.config.get_text_config()
        length = len(self.embeddings) + len(self.ids)
        heads = size(config, "num_attention_heads") or 0
        widths = _WIDTHS_HELD * config.hidden_size + heads * length
        held = length * config.num_hidden_layers * widths * self._dtype.itemsize
        kept = len(self.ids) if self._traits.takes_logits_to_keep else length
        held += kept * config.vocab_size * _LOGITS_HELD
        bytes_allowed = _BYTES_ON_CPU if self.embeddings.device.type == "cpu" else _BYTES_ON_GPU
        return max(1, min(self._traits.most_tokens // length, bytes_allowed // held))

    @property
    def vocabulary(self) -> int:
        """See `Differentiable.vocabulary`."""
        return int(self._model.get_input_embeddings().weight.shape[0])

    def embed(self, tokens: NDArray[np.int64]) -> torch.Tensor:
        """See `Differentiable.embed`."""
        return self._embed(tokens).float()

    def logprobs(self, embeddings: torch.Tensor) -> torch.Tensor:
        """See `Differentiable.logprobs`."""
        import torch

        with _differentiating(self._model):
            inner = embeddings
            half = self._dtype == torch.float16 and embeddings.requires_grad
            if half:
                inner = inner.clone()
                inner.register_hook(lambda gradient: gradient / _HALF_SCALE)
            logprobs = differentiable_logprobs(self.logits(inner), self.ids)
            if half:
                logprobs.register_hook(lambda gradient: gradient * _HALF_SCALE)
            return logprobs

    def logits(self, embeddings: torch.Tensor) -> torch.Tensor:
        """See `Differentiable.logits`."""
        with _differentiating(self._model):
            inner = embeddings.to(self._dtype)
            if self._model.config.is_encoder_decoder:
                return self._encoder_decoder_logits(inner)
            return self._causal_logits(inner)

    @property
    def module(self) -> torch.nn.Module:
        """See `Differentiable.module`."""
        return self._model

    def _causal_logits(self, embeddings: torch.Tensor) -> torch.Tensor:
        import torch

        following = self._following.expand(len(embeddings), -1, -1)
        options: dict[str, Any] = {}
        kept = len(self.ids)
        if self._traits.takes_logits_to_keep:
            options["logits_to_keep"] = kept
        logits = self._model(
            inputs_embeds=torch.cat([embeddings, following.to(embeddings.device)], dim=1),
            use_cache=False,
            return_dict=True,
            **options,
        ).logits
        # Some multi-stream models add an axis; all have the vocabulary last.
        return logits.reshape(len(embeddings), -1, logits.shape[-1])[:, -kept:]

    def _encoder_decoder_logits(self, embeddings: torch.Tensor) -> torch.Tensor:
        import torch

        start = [decoder_start(self._model), *forced_start(self._model)]
        decoder = [*start, *self.ids[:-1]]
        return self._model(
            inputs_embeds=embeddings,
            decoder_input_ids=torch.tensor([decoder], device=embeddings.device).expand(
                len(embeddings), -1
            ),
            use_cache=False,
            return_dict=True,
        ).logits[:, len(start) - 1 :]

    def _embed(self, ids: Sequence[int] | NDArray[np.int64]) -> torch.Tensor:
        """Embeddings of tokens as the model's first layer gets them, in the model's dtype."""
        import torch

        # Not in inference mode: what is made there takes no part in gradients.
        with _differentiating(self._model):
            tokens = torch.as_tensor(
                np.asarray(ids, dtype=np.int64), device=input_device(self._model)
            )
            return self._model.get_input_embeddings()(tokens).detach()


@contextmanager
def _differentiating(model: Any) -> Iterator[None]:
    """As `evaluating`, and gradients reach the inputs only; afterwards all is as it was.

    Parameters that want gradients would keep every layer's input alive.
    """
    wanting = {name for name, each in model.named_parameters() if each.requires_grad}
    with evaluating(model, gradients=True):
        try:
            _want(model, wanting, False)
            yield
        finally:
            _want(model, wanting, True)


def _want(model: Any, names: set[str], gradients: bool) -> None:
    # By name: offloaded parameters are others after each call.
    for name, parameter in model.named_parameters():
        if name in names:
            parameter.requires_grad_(gradients)
