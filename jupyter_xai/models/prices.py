"""Money for tokens: what was paid to a server, and what a call may take at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.models.base import Model, Operator, Prompt, Response, Sampling
from jupyter_xai.models.capabilities import ServedModel

Prices = tuple[float, float]
"""Money for a million tokens that are read, and that are written; in any currency."""

_MILLION = 1e6


@dataclass(frozen=True)
class Bill:
    """Tokens, read and written, and what is paid for them.

    Attributes
    ----------
    tokens : int
    money : float
        0 for models without prices.
    """

    tokens: int = 0
    money: float = 0.0


def money(prices: Prices | None, tokens: int, written: int) -> float:
    """What so many tokens cost, some of which were written.

    Examples
    --------
    >>> money((0.15, 0.6), tokens=3_000_000, written=1_000_000)
    0.9
    """
    if prices is None:
        return 0.0
    read, wrote = prices
    return ((tokens - written) * read + written * wrote) / _MILLION


def prices_of(model: Model) -> Prices | None:
    """A model's prices, where it has some."""
    return model.prices if isinstance(model, ServedModel) else None


def checked_prices(prices: Any) -> Prices | None:
    """Return two prices, or None.

    Raises
    ------
    XaiError
        When they are no two numbers of at least 0.
    """
    if prices is None:
        return None
    try:
        read, wrote = (float(price) for price in prices)
    except (TypeError, ValueError):
        read = wrote = -1.0
    if not (0 <= read < float("inf") and 0 <= wrote < float("inf")):
        msg = (
            f"prices={prices!r} are not allowed; give two numbers of at least 0: money for a "
            "million tokens read, and written, such as prices=(0.15, 0.6)"
        )
        raise XaiError(msg)
    return read, wrote


def a_call(
    model: Model,
    prompt: Prompt,
    operator: Operator,
    sampling: Sampling,
    scored: Response | None,
) -> Bill:
    """The most that a call about any mask may take.

    Parameters
    ----------
    scored : Response, optional
        What is scored; unless given an answer is written.
    """
    if isinstance(model, ServedModel):
        read, written = model.most_tokens(prompt, operator, sampling, scored)
        return Bill(read + written, money(model.prices, read + written, written))
    if prompt.ids is None:
        return Bill()
    behind = sampling.max_new_tokens if scored is None else len(scored.ids or ())
    # What is left may be other tokens where it is joined: two for each of at most n / 2 gaps.
    joined = len(prompt.document.sources) if operator.name == "text" else 0
    return Bill(len(prompt.ids) + joined + behind)


def check_limits(
    model: Model, prompt: Prompt, max_tokens: int | None, max_cost: float | None
) -> None:
    """Refuse limits that cannot be kept.

    Raises
    ------
    XaiError
        When the model counts no tokens, or has no prices.
    """
    if max_tokens is not None and prompt.ids is None and not isinstance(model, ServedModel):
        msg = Worded(
            f"{model.name} counts no tokens, so ",
            Option("max_tokens"),
            " cannot be kept; use ",
            Option("max_forwards"),
        )
        raise XaiError(msg)
    if max_cost is not None and prices_of(model) is None:
        msg = Worded(
            Option("max_cost"),
            f" needs the prices of {model.name}: money for a million tokens read, and "
            "written, as in xai.load('openai:NAME', prices=(0.15, 0.6))",
        )
        raise XaiError(msg)
