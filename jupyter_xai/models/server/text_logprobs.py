"""Log-probabilities of a given text, as servers tell them beside an answer.

Two ways are in use: ``echo`` of plain completions (OpenAI's older models, vLLM, llama.cpp) and
``prompt_logprobs`` of vLLM's chat. Both list every token of the prompt with the response behind it,
so that the response is found again from its end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.models.base import Message
from jupyter_xai.text.document import Span

_IN_PIECES = re.compile(r"(?:bytes:)?(?:\\x[0-9a-fA-F]{2})+|[^\x00-\x7f]+")
"""Bytes as OpenAI's servers write them, and what is no ASCII."""

Told = list[tuple[str, float | None]]
"""Tokens with their log-probabilities; the first of a text has none."""


@dataclass(frozen=True)
class TokenScores:
    """Tokens of one response as one request had them.

    Attributes
    ----------
    spans : tuple of (int, int), length T
        In characters of the response. A token that begins before the response, because the
        tokenizer joined the two, is cut to where the response begins.
    logprobs : float64 [T]
        Natural logarithm.
    """

    spans: tuple[Span, ...]
    logprobs: NDArray[np.float64]

    def on(self, spans: Sequence[Span]) -> NDArray[np.float32]:
        """The same log-probabilities over the tokens of another request: float32 [len(spans)].

        What stands before the response may change how its beginning is cut into tokens. Each token
        counts where its first character lies, so that sums over the response stay what they are.

        Examples
        --------
        >>> scores = TokenScores(((0, 2), (2, 4)), np.array([-1.0, -2.0]))
        >>> scores.on([(0, 1), (1, 2), (2, 4)]).tolist()
        [-1.0, 0.0, -2.0]
        """
        starts = np.array([start for start, _ in spans])
        own = np.array([start for start, _ in self.spans])
        place = np.maximum(np.searchsorted(starts, own, side="right") - 1, 0)
        return np.bincount(place, self.logprobs, len(starts)).astype(np.float32)


def echo_body(prompt: str, response: str) -> dict[str, Any]:
    """A plain completion that scores a response; one token is written, as some servers demand."""
    # Nothing may be dropped or added at the seam, so both are sent as one text.
    return {"prompt": prompt + response, "max_tokens": 1, "echo": True, "logprobs": 1}


def chat_body(messages: Sequence[Message], response: str) -> dict[str, Any]:
    """A chat of vLLM's that scores a response as the beginning of the assistant's message."""
    return {
        "messages": [*messages, {"role": "assistant", "content": response}],
        "max_tokens": 1,
        "extra_body": {
            "prompt_logprobs": 0,
            "add_generation_prompt": False,
            "continue_final_message": True,
        },
    }


def echoed(reply: dict[str, Any]) -> Told | None:
    """The tokens that a plain completion tells; None when it tells none."""
    told = reply["choices"][0].get("logprobs") or {}
    tokens, logprobs = told.get("tokens"), told.get("token_logprobs")
    if not tokens or not logprobs or len(tokens) != len(logprobs):
        return None
    return list(zip(tokens, logprobs, strict=True))


def prompt_logprobs(reply: dict[str, Any]) -> Told | None:
    """The tokens that vLLM's chat tells; None when it tells none."""
    rows = reply.get("prompt_logprobs") or reply["choices"][0].get("prompt_logprobs")
    if not isinstance(rows, list):
        return None
    told: Told = []
    for row in rows:
        # The prompt's own token comes first, before more probable ones.
        token = next(iter(row.values()), None) if isinstance(row, dict) else None
        told.append((token.get("decoded_token") or "", token["logprob"]) if token else ("", None))
    return told


def found(told: Told, before: str, response: str, *, host: str) -> TokenScores:
    """The response's tokens among all.

    Parameters
    ----------
    told : list
        Tokens of the prompt, then of the response, then perhaps written ones.
    before : str
        What stands before the response, as far as it is known.
    response : str
    host : str
        For messages to the reader.

    Raises
    ------
    XaiError
        When the tokens do not spell the response, or have no log-probabilities.

    Examples
    --------
    >>> told = [("<s>", None), ("Say", -3.0), (" yes", -0.5), (".", -0.25), ("!", -1.0)]
    >>> scores = found(told, "Say", " yes.", host="h")
    >>> scores.spans, scores.logprobs.tolist()
    (((0, 4), (4, 5)), [-0.5, -0.25])
    """
    end = _end(told, before, response)
    if end is not None:
        start, spans, logprobs = len(response), [], []
        for token, logprob in reversed(told[:end]):
            if start <= 0:
                break
            spans.append((max(0, start - len(token)), start))
            logprobs.append(logprob)
            start -= len(token)
        if all(isinstance(logprob, int | float) for logprob in logprobs):
            return TokenScores(tuple(spans[::-1]), np.array(logprobs[::-1], dtype=float))
    msg = Worded(
        f"{host} gives log-probabilities of other tokens than those of the response; use ",
        Option("value", "text"),
    )
    raise XaiError(msg)


def _end(told: Told, before: str, response: str) -> int | None:
    """How many tokens there are up to the response's last.

    Characters that take several tokens are told in pieces, each server in its own way. Where what
    stands before the response cannot be read for that reason, the response is looked for from the
    end, and only the ASCII before it is compared.
    """
    texts = list(accumulate((token for token, _ in told), initial=""))
    ends = [end for end, text in enumerate(texts) if text.endswith(response)]
    if not before:
        # All that is told stands before the response or in it.
        return ends[-1] if ends else None
    exact = [end for end in ends if texts[end].endswith(before + response)]
    if exact:
        return exact[0]
    wanted = _ascii(before + response)
    loose = [end for end in ends if _ascii(texts[end]).endswith(wanted)]
    # One token is asked for beside the given text.
    usual = len(told) - 1
    return usual if usual in loose else loose[-1] if loose else None


def _ascii(text: str) -> str:
    """What is left without characters that may be told in pieces."""
    return _IN_PIECES.sub("", text)
