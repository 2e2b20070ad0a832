"""What a method learns from the texts behind masks, each learnt once for a game."""

from __future__ import annotations

from collections import Counter
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.masking import Masks, Values
from jupyter_xai.methods.base import Texts
from jupyter_xai.methods.gsmile.permutation_test import Stopping, Tested, Variant, permutation_test
from jupyter_xai.text.distance import combined, distance_parts, sentence_costs, word_costs, words


class MaskedTexts:
    """Distances of masked prompts from the whole one, and tests of their answers.

    Parameters
    ----------
    texts : Texts
        The game.
    """

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._parts: dict[tuple[str, bytes], NDArray[np.float64]] = {}
        self._tests: dict[tuple[object, ...], Tested] = {}

    def prompt_distances(self, masks: Masks, kind: str) -> Values:
        """Distances of masked prompts from the whole prompt.

        Parameters
        ----------
        masks : bool [R, n]
        kind : str
            See `jupyter_xai.text.distance.text_distance`; ``wmd+cosine`` takes its medians over
            these masks.

        Returns
        -------
        float64 [R]
            0 for the mask that keeps everything.
        """
        names = [(kind, row.tobytes()) for row in masks]
        missing = [index for index, name in enumerate(names) if name not in self._parts]
        if missing:
            whole = self._texts.prompt_texts(np.ones((1, masks.shape[1]), np.bool_))[0]
            found = distance_parts(kind, whole, self._texts.prompt_texts(masks[missing]))
            for index, parts in zip(missing, found.T, strict=True):
                self._parts[names[index]] = parts
        parts = np.stack([self._parts[name] for name in names], axis=1)
        return combined(parts, parts)

    @property
    def draws(self) -> int:
        """How many answers are drawn for each mask; 0 where none is drawn by chance."""
        return self._texts.draws

    def value_errors(self, masks: Masks) -> Values | None:
        """See `Texts.value_errors`."""
        return self._texts.value_errors(masks)

    def answer_tests(
        self,
        masks: Masks,
        *,
        alpha: float,
        draws: int,
        variant: Variant,
        stopping: Stopping,
        seed: int,
    ) -> list[Tested]:
        """Test whether the answers to each mask differ from what the whole prompt gives.

        A single answer is compared with the response, word by word. Where several are drawn, they
        are compared, by their sentence embeddings, with as many answers to the whole prompt.
        Equal answers share one test. See `permutation_test` for the settings.
        """
        samples = self._texts.answer_samples(masks)
        several = self.draws > 1
        whole = np.ones((1, masks.shape[1]), np.bool_)
        compared = self._texts.answer_samples(whole)[0] if several else ()
        reference = Counter(compared or words(self._texts.response_text) or [""])
        settings = (alpha, draws, variant, stopping, seed)
        for sample in dict.fromkeys(samples):
            if (sample, *settings) in self._tests:
                continue
            other = Counter(sample if several else words(sample[0]) or [""])
            names = [*reference, *(name for name in other if name not in reference)]
            self._tests[sample, *settings] = permutation_test(
                np.array([reference[name] for name in names]),
                np.array([other[name] for name in names]),
                sentence_costs(names) if several else word_costs(names, names),
                # Of the texts, so that no test depends on which others are made.
                seed=[seed, crc32("\n".join(sample).encode("utf-8", "surrogatepass"))],
                draws=draws,
                variant=variant,
                stopping=stopping,
                alpha=alpha,
            )
        return [self._tests[sample, *settings] for sample in samples]
