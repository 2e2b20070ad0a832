"""Sentences to tensors: each sentence is embedded once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.text.embeddings import embed

Sentences = tuple[str, ...]
"""Sentences of a text with the white space behind them: joined they are the text."""

pass

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to rows of length 1."""


class Embedded:
    """The embeddings of all sentences seen so far, without the white space at their ends.

    Parameters
    ----------
    width : int
        Of an embedding.
    encode : callable
        See `Encode`; the bundled encoder unless given.
    known : mapping of str to float32 [width], optional
    device : str
        Where the tensors are wanted.
    """

    def __init__(
        self,
        width: int,
        encode: Encode = embed,
        known: Mapping[str, NDArray[np.float32]] | None = None,
        *,
        device: str = "cpu",
    ) -> None:
        self.width = width
        self._encode = encode
        self.known: dict[str, NDArray[np.float32]] = dict(known or {})
        self._device = device

    def pack(self, texts: Sequence[Sentences]) -> tuple[Tensor, Tensor]:
        """Embeddings [B, n, width] and gates [B, n] of texts; gates of padding are 0."""
        self.ahead(texts)
        stripped = [[sentence.strip() for sentence in text] for text in texts]
        longest = max(1, *(len(text) for text in stripped))
        vectors = np.zeros((len(texts), longest, self.width), np.float32)
        gates = np.zeros((len(texts), longest), np.float32)
        for row, text in enumerate(stripped):
            for place, sentence in enumerate(text):
                vectors[row, place] = self.known[sentence]
            gates[row, : len(text)] = 1
        return torch.from_numpy(vectors).to(self._device), torch.from_numpy(gates).to(self._device)

    def ahead(self, texts: Iterable[Sentences]) -> None:
        """Embed what is not known yet, all together, which is faster than a little at a time."""
        wanted = dict.fromkeys(sentence.strip() for text in texts for sentence in text)
        missing = [sentence for sentence in wanted if sentence not in self.known]
        if missing:
            rows = self._encode(missing)
            self._check(rows)
            self.known.update(zip(missing, rows, strict=True))

    def _check(self, rows: NDArray[np.float32]) -> None:
        if rows.shape[1] != self.width:
            msg = Worded(
                f"the sentence encoder gives {rows.shape[1]} numbers a sentence, and "
                f"{self.width} are needed; give ",
                Option("embeddings", "FOLDER"),
                " of the encoder that fits, or another configuration",
            )
            raise XaiError(msg)
        if not np.isfinite(rows).all():
            msg = "the sentence encoder returned NaN; give another one, or repair its weights"
            raise XaiError(msg)


def dropped(embeddings: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Embeddings without a share of their numbers, the others larger by as much.

    Parameters
    ----------
    embeddings : float [B, n, width]
    share : float
        From 0, which changes nothing, to below 1.
    generator : torch.Generator
        On the CPU.
    """
    kept = torch.rand(embeddings.shape, generator=generator).to(embeddings.device) >= share
    return embeddings * kept / (1 - share)
