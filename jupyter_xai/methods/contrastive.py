"""Why this response and not that one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jupyter_xai.methods.linear import Linear


@dataclass(frozen=True)
class Contrastive(Linear):
    """`Linear` for a contrast: what speaks for the response, and not for the foil.

    The value of a masked prompt is log p(response) - log p(foil), see
    `jupyter_xai.game.token_values.TokenValues`; for models that only answer, how much nearer the
    answer is to the response than to the foil. The foil is a text that the user gives, or the
    model's next-best response. Contrastive explanations of language models are those of Yin and
    Neubig (2022, arXiv:2202.10419); theirs compare two tokens by gradients, these two responses by
    masks.

    Swapping response and foil changes the sign of every score.

    Parameters
    ----------
    alpha : float
        Weight of the LASSO penalty, per token of the longer side and standardised mask.

    Examples
    --------
    >>> import jupyter_xai as xai
    >>> prompt = "I am tired. I want to rest somewhere warm. No busy cities, though."
    >>> e = xai.explain(prompt, method="contrastive", perturbations=6)
    >>> e.record["response"]["foil"]["text"] != e.response
    True
    """

    name: ClassVar[str] = "contrastive"
    title: ClassVar[str] = "Contrastive"
    summary: ClassVar[str] = (
        "Why this answer and not that one: the linear surrogate of log p(answer) - log p(foil). "
        "The foil is yours (--foil), or the model's next-best answer."
    )
    formula: ClassVar[str] = "2(p + 1) prompts, or p + 1 answers"
    default_value: ClassVar[str] = "logprob"
    needs_foil: ClassVar[bool] = True
