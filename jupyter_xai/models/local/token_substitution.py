"""The tokens of other words, for prompts whose removed units are substituted."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from jupyter_xai.models.base import Operator, Prompt
from jupyter_xai.models.local.rendering import encode, encode_continued
from jupyter_xai.models.substitution import substitutes

Ids = tuple[int, ...]


def substitute_tokens(tokenizer: Any, prompt: Prompt, operator: Operator) -> list[Ids]:
    """Token ids that take the place of each source's own, white space as before.

    Tokenizers differ in whether the space between two words belongs to the first or the second.
    It is looked for where the source's own tokens have it.

    Parameters
    ----------
    tokenizer : transformers.PreTrainedTokenizerBase
    prompt : Prompt
        With ``ids`` and ``token_source``.
    operator : Operator
        ``substitute``.
    """
    units, sources = prompt.document.units, prompt.document.sources
    ids, source = np.array(prompt.ids or ()), prompt.token_source

    def continued(text: str) -> Ids:
        return encode_continued(tokenizer, text).ids

    def begun(text: str) -> Ids:
        return encode(tokenizer, text, special=False).ids

    found = []
    for index, (unit, other) in enumerate(
        zip(sources, substitutes([unit.text for unit in sources], operator), strict=True)
    ):
        own = tuple(ids[source == index].tolist())
        before = units[unit.index - 1].text if unit.index else ""
        encoders = (continued, begun) if not unit.index else (continued,)
        way = _way_of(own, unit.text, _space_behind(before), encoders)
        found.append(way(other) if own else ())
    return found


def _way_of(
    own: Ids, text: str, space: str, encoders: tuple[Callable[[str], Ids], ...]
) -> Callable[[str], Ids]:
    """How a text must be tokenised for it to become just these tokens."""
    behind = _space_behind(text)
    ways = [
        # The defaults hold the loop's values.
        lambda said, encoder=encoder, lead=lead, trail=trail: encoder(lead + said.rstrip() + trail)
        for encoder, lead, trail in product(
            encoders, dict.fromkeys((space, "")), dict.fromkeys(("", behind))
        )
    ]
    return next((way for way in ways if way(text) == own), ways[0])


def _space_behind(text: str) -> str:
    return text[len(text.rstrip()) :]
