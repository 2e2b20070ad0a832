"""Which tokens of a response are explained: all, those of some spans, those the prompt made.

Most tokens of a response follow from the tokens before them, whatever the prompt says. Two-step
attribution first looks for those that do depend on the prompt, and then attributes only these
(Zhao et al., *Usable XAI*, section 2; Sarti et al. 2024, arXiv:2310.01188, and Qi et al. 2024,
arXiv:2406.13663, who compare next-token distributions with and without context).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from operator import index
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.models.base import Response
from jupyter_xai.text.document import Span

CONTEXT_DEPENDENT = "context-dependent"
Targets = Literal["context-dependent"] | tuple[Span, ...]

_ALIKE = 1e-4
"""Divergences (nats) that differ by less differ by rounding only."""


def checked_targets(targets: object) -> Targets | None:
    """Return targets that make sense without knowing the response, or None.

    Raises
    ------
    XaiError
        For an unknown word, or spans that are empty or overlap.

    Examples
    --------
    >>> checked_targets([(5, 9), (0, 3)])
    ((0, 3), (5, 9))
    """
    if targets is None:
        return None
    if targets == CONTEXT_DEPENDENT:
        return CONTEXT_DEPENDENT
    msg = Worded(
        Option("targets", targets),
        f" is not understood; give {CONTEXT_DEPENDENT!r}, or pieces of the response "
        "as [(start, end), ...] in characters",
    )
    if isinstance(targets, str) or not isinstance(targets, Sequence) or not targets:
        raise XaiError(msg)
    try:
        spans = tuple(sorted((index(start), index(end)) for start, end in targets))
    except (TypeError, ValueError):
        raise XaiError(msg) from None
    if any(start < 0 or end <= start for start, end in spans) or any(
        after[0] < before[1] for before, after in pairwise(spans)
    ):
        msg = Worded(
            Option("targets", targets), ": pieces must not be empty, negative or overlap each other"
        )
        raise XaiError(msg)
    return spans


def aimed(game: MaskingGame, targets: Targets | None) -> tuple[MaskingGame, tuple[str, ...]]:
    """The same game about these targets only, and notes for the reader.

    Parameters
    ----------
    game : MaskingGame
        Of the value ``logprob`` or ``logit``, without a foil.
    targets : Targets or None

    Raises
    ------
    XaiError
        When the game has no tokens, or a span lies outside of the response or holds no token.
    """
    if targets is None:
        return game, ()
    if "logprob" not in game.model.capabilities:
        msg = (
            f"targets are tokens of the response, and {game.model.name} gives text only; leave "
            "them out, or use a model that gives log-probabilities"
        )
        raise XaiError(msg)
    if game.value == "text":
        msg = Worded(
            "targets are tokens of the response; they need ",
            Option("value", "logprob"),
            " or ",
            Option("value", "logit"),
        )
        raise XaiError(msg)
    if targets != CONTEXT_DEPENDENT:
        return game.retarget(targets=in_spans(game.response, targets)), ()
    divergence = game.divergences(np.zeros((1, game.n), dtype=bool), of="original")[0]
    chosen, threshold = standing_out(divergence)
    total = len(divergence)
    if not chosen.any():
        note = (
            f"no token of the response depends on the prompt more than the others "
            f"(divergence of each at most {divergence.max():.2g} nats), so all of it is explained"
        )
        return game, (note,)
    count = int(chosen.sum())
    note = (
        f"only {count} of the {total} tokens of the response are explained: those that depend most "
        f"on the prompt (their divergence without it is above {threshold:.2g} nats)"
    )
    return game.retarget(targets=chosen), (note,)


def standing_out(divergence: NDArray[np.float64]) -> tuple[NDArray[np.bool_], float]:
    """Which divergences exceed their mean by more than one standard deviation, and that bound.

    A single one stands for itself. Where all are alike, none stands out.

    Parameters
    ----------
    divergence : float64 [T]

    Examples
    --------
    >>> chosen, bound = standing_out(np.array([0.1, 0.1, 0.1, 2.0]))
    >>> chosen.tolist(), round(bound, 2)
    ([False, False, False, True], 1.4)
    """
    if len(divergence) == 1:
        return np.array([bool(divergence[0] > _ALIKE)]), 0.0
    # What the masked prompt rules out is infinitely far, but no mean can be taken of that.
    finite = np.minimum(divergence, 1e4)
    bound = float(finite.mean() + finite.std())
    return (finite > bound) & (finite.std() > _ALIKE), bound


def in_spans(response: Response, spans: Sequence[Span]) -> NDArray[np.bool_]:
    """Which tokens of a response lie in some spans, at least in part: bool [T].

    White space before a word belongs to the word's token, and does not count as a part of it. A
    token of white space alone has to lie within.

    Raises
    ------
    XaiError
        When a span leaves the response or holds no token.
    """
    text, size = response.text, len(response.text)
    chosen = np.zeros(len(response.spans or ()), dtype=bool)
    for start, end in spans:
        if end > size:
            msg = f"the target {(start, end)} leaves the response, which has {size} characters"
            raise XaiError(msg)
        inside = np.array(
            [_overlap(text, token, (start, end)) for token in response.spans or ()], dtype=bool
        )
        if not text[start:end].strip():
            msg = f"the target {(start, end)} holds only white space: {text[start:end]!r}"
            raise XaiError(msg)
        chosen |= inside
    return chosen


def _overlap(text: str, token: Span, span: Span) -> bool:
    start, end = token
    if not text[start:end].strip():
        return span[0] <= start and end <= span[1]
    start += len(text[start:end]) - len(text[start:end].lstrip())
    return max(start, span[0]) < min(end, span[1])


def described(game: MaskingGame, targets: Targets | None) -> dict[str, Any]:
    """The ``response`` block of an explanation: its units, its foil, its targets."""
    response, document = game.response, game.response_document
    units: list[dict[str, Any]] = [{"text": unit.text} for unit in document.units]
    block: dict[str, Any] = {
        "level": document.level,
        "units": units,
        "supplied": response.supplied,
    }
    if game.foil is not None:
        block["foil"] = {
            "text": game.foil.text,
            "supplied": game.foil.supplied,
            "unit": game.decisive,
        }
    if game.targets is not None and targets is not None:
        spans = _pieces(response, np.flatnonzero(game.targets))
        kind = CONTEXT_DEPENDENT if targets == CONTEXT_DEPENDENT else "spans"
        block["targets"] = {"kind": kind, "spans": [list(span) for span in spans]}
        for unit, tokens in zip(units, game.columns, strict=False):
            pieces = _pieces(response, tokens)
            unit["targets"] = [response.text[start:end].strip() for start, end in pieces]
    return block


def _pieces(response: Response, tokens: NDArray[np.int64]) -> list[Span]:
    """Spans of tokens; those of neighbours are joined."""
    spans = response.spans or ()
    pieces: list[Span] = []
    for token in tokens:
        start, end = spans[int(token)]
        if pieces and start <= pieces[-1][1]:
            pieces[-1] = (pieces[-1][0], max(end, pieces[-1][1]))
        else:
            pieces.append((start, end))
    return pieces
