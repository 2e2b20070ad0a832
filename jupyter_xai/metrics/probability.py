"""How much less likely the response becomes: probability ratio and Kullback-Leibler divergence.

The measures of XPrompt (section 4.2, "Probability Measurement"), in the forms that its text prints,
in those that its published code computes, and as they should be.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jupyter_xai.errors import XaiError

RatioForm = Literal["geometric-mean", "sequence"]


def probability_ratio(
    full: ArrayLike, masked: ArrayLike, form: RatioForm = "geometric-mean"
) -> NDArray[np.float64]:
    """PR: how likely the response still is, compared with the whole prompt.

    ``sequence`` is the ratio as XPrompt prints it, p(y | masked x) / p(y | x). It shrinks with the
    length of the response, so their code, and with it their tables, compare geometric means over
    tokens: exp(mean log p(y | masked x) - mean log p(y | x)).

    Parameters
    ----------
    full : float [T]
        Log-probabilities of the response's tokens after the whole prompt, natural logarithm.
    masked : float [..., T]
        The same after masked prompts.
    form : str
        ``geometric-mean`` or ``sequence``.

    Returns
    -------
    float64 [...]
        0 or more; 1 when nothing is removed, lower when what was removed mattered, above 1 when it
        stood in the way.

    Raises
    ------
    XaiError
        For an unknown form.

    Examples
    --------
    >>> half = np.log([[0.25, 0.4]])
    >>> probability_ratio(np.log([0.5, 0.8]), half).round(6).tolist()
    [0.5]
    >>> probability_ratio(np.log([0.5, 0.8]), half, "sequence").round(6).tolist()
    [0.25]
    """
    change = _same_tokens(full, masked)
    if form == "geometric-mean":
        return np.exp(change.mean(axis=-1))
    if form == "sequence":
        return np.exp(change.sum(axis=-1))
    msg = f"unknown form {form!r}; choose geometric-mean or sequence"
    raise XaiError(msg)


def position_kl(full: ArrayLike, masked: ArrayLike) -> NDArray[np.float64]:
    """KL(masked || original) in the form of XPrompt's code: over the positions of the response.

    The probabilities of the response's own tokens are divided by their sum, as if the positions
    were the outcomes. That is no divergence between the model's distributions: it is 0 whenever
    all tokens become less likely by the same factor. `vocabulary_kl` is the corrected form.

    Parameters
    ----------
    full : float [T]
        Log-probabilities of the response's tokens after the whole prompt.
    masked : float [..., T]
        The same after masked prompts.

    Returns
    -------
    float64 [...]
        Nats, 0 or more.

    Examples
    --------
    >>> float(position_kl(np.log([0.2, 0.4]), np.log([0.1, 0.2])).round(6))
    0.0
    >>> float(position_kl(np.log([0.2, 0.2]), np.log([0.1, 0.3])).round(3))
    0.131
    """
    _same_tokens(full, masked)
    return _divergence(_normalised(masked), _normalised(full))


def vocabulary_kl(full: ArrayLike, masked: ArrayLike) -> NDArray[np.float64]:
    """KL(masked || original) between the next-token distributions, averaged over positions.

    XPrompt's measure over what the two distributions really are about, the vocabulary. For models,
    `MaskingGame.divergences` computes it without keeping the distributions.

    Parameters
    ----------
    full : float [T, V]
        Logits or log-probabilities of all tokens at the positions of the response.
    masked : float [..., T, V]
        The same after masked prompts.

    Returns
    -------
    float64 [...]
        Nats per token, 0 or more; infinite where the masked prompt allows what the whole prompt
        rules out.

    Examples
    --------
    >>> even, skewed = np.log([[0.5, 0.5]]), np.log([[0.9, 0.1]])
    >>> float(vocabulary_kl(even, skewed).round(3)), float(vocabulary_kl(even, even))
    (0.368, 0.0)
    """
    shape = np.shape(full)
    if len(shape) != 2 or np.shape(masked)[-2:] != shape:
        msg = f"shapes {shape} and {np.shape(masked)} must be [T, V] and [..., T, V]"
        raise ValueError(msg)
    return _divergence(_normalised(masked), _normalised(full)).mean(axis=-1)


def _same_tokens(full: ArrayLike, masked: ArrayLike) -> NDArray[np.float64]:
    """Change of each token's log-probability."""
    before, after = np.asarray(full, dtype=np.float64), np.asarray(masked, dtype=np.float64)
    if before.ndim != 1 or not len(before) or after.shape[-1:] != before.shape:
        msg = f"shapes {before.shape} and {after.shape} must be [T] and [..., T], with T above 0"
        raise ValueError(msg)
    return after - before


def _normalised(numbers: ArrayLike) -> NDArray[np.float64]:
    """Log-probabilities along the last axis."""
    from scipy.special import log_softmax

    return log_softmax(np.asarray(numbers, dtype=np.float64), axis=-1)


def _divergence(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        parts = np.where(p > -np.inf, np.exp(p) * (p - q), 0.0)
    # Of a sum that is 0, rounding may leave a little less.
    return np.maximum(parts.sum(axis=-1), 0.0)
