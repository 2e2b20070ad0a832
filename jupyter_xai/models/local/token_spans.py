"""Where tokens stand in a text, for tokenizers that do not tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from jupyter_xai.text.document import Span

Ids = tuple[int, ...]
Encode = Callable[[str], Ids]

_WORD_END = re.compile(r"(?<=\S)(?=\s)|(?=<)|(?<=>)|(?<=[\u3040-\u30ff\u3400-\u9fff])")
"""Where a text may perhaps be cut without changing its tokens: behind words, around marks of a
chat, and behind characters of scripts that put no space between words."""

_MOST_PIECES = 12
"""So many words are tried together before an alignment by tokenising is given up."""


def aligned(encode: Encode, ids: Ids, text: str) -> list[Span] | None:
    """Spans of a text's tokens, found by tokenising its beginnings again.

    Where the tokens of a text's first words are the first tokens of the text, they stand for these
    words, whatever the tokenizer made of them: white space joined or dropped, letters changed,
    unknown characters. Each word is tried behind the one before it, so that what a tokenizer does
    at a beginning does no harm; then the pieces of each word in the same way.

    Parameters
    ----------
    encode : callable
        Tokenises a text without adding special tokens.
    ids : tuple of int
        The tokens of the whole text.
    text : str

    Returns
    -------
    list of (int, int) or None
        One span a token, in order; tokens that share a character share its span. None where the
        tokens of beginnings are no beginnings of the tokens.

    Examples
    --------
    >>> aligned(lambda text: tuple(map(len, text.split())), (2, 4), "No   dogs")
    [(0, 2), (2, 9)]
    """
    ends = [match.start() for match in _WORD_END.finditer(text)]
    ends = [end for end in dict.fromkeys([*ends, len(text)]) if end > 0]
    spans: list[Span] = []
    before = start = 0  # where the last word began, and where it ended
    first, tried = 0, 0
    while first < len(ends):
        if tried > _MOST_PIECES:
            return None
        # More words at once where one alone has other tokens than within the text.
        end = ends[min(first + tried, len(ends) - 1)]
        found = _behind(encode, text, before, start, end, ids[len(spans) :])
        if found is None:
            if end == len(text):
                return None
            tried += 1
            continue
        spans += _within(encode, text, before, start, end, found)
        first += tried + 1
        before, start, tried = start, end, 0
    return spans if len(spans) == len(ids) else None


def _behind(encode: Encode, text: str, before: int, start: int, end: int, ids: Ids) -> Ids | None:
    """The tokens of text[start:end] behind text[before:start], if they are the next ones."""
    known, whole = encode(text[before:start]), encode(text[before:end])
    own = whole[len(known) :]
    if whole[: len(known)] != known or own != ids[: len(own)]:
        return None
    # Where the text ends, no token may be left over.
    return own if end < len(text) or len(own) == len(ids) else None


def _within(encode: Encode, text: str, before: int, start: int, end: int, ids: Ids) -> list[Span]:
    """Spans of the tokens of one word, by its characters; as wide as need be."""
    if len(ids) < 2:
        return [(start, end)] * len(ids)
    known = encode(text[before:start])
    # How many of the tokens stand for the characters up to where. Characters that make no token of
    # their own (accents, the rest of an unknown word) stay with the token before them.
    reach = {0: start}
    for at in range(start + 1, end):
        whole = encode(text[before:at])
        own = whole[len(known) :]
        if own and whole == known + ids[: len(own)]:
            reach[len(own)] = at
    reach[len(ids)] = end
    spans: list[Span] = []
    for count in sorted(reach):
        at, so_far = reach[count], spans[-1][1] if spans else start
        if count and at > so_far:
            spans += [(so_far, at)] * (count - len(spans))
    return spans


def writes_ids(tokenizer: Any) -> bool:
    """Whether a tokenizer is mistral-common's: its chats are token ids, never a text."""
    return any(each.__name__ == "MistralCommonBackend" for each in type(tokenizer).__mro__)


def spelled(tokenizer: Any, ids: Sequence[int]) -> str:
    """The text of token ids, control tokens included."""
    if writes_ids(tokenizer):
        return "".join(text for text, _ in _runs(tokenizer, ids))
    return tokenizer.decode(
        list(ids), skip_special_tokens=False, clean_up_tokenization_spaces=False
    )


def spelled_spans(tokenizer: Any, ids: Sequence[int]) -> list[Span]:
    """Where the tokens of a chat by mistral-common stand in its text; see `spelled`."""

    def encode(piece: str) -> Ids:
        return tuple(tokenizer(piece, add_special_tokens=False)["input_ids"])

    spans: list[Span] = []
    offset = 0
    for text, run in _runs(tokenizer, ids):
        own = [(0, len(text))] * len(run)
        if len(run) > 1:
            own = aligned(encode, run, text) or spans_by_decoding(tokenizer, run, text)
        spans += [(offset + start, offset + end) for start, end in own]
        offset += len(text)
    return spans


def _runs(tokenizer: Any, ids: Sequence[int]) -> Iterator[tuple[str, Ids]]:
    """Control tokens one by one, and what stands between them, each with its text.

    Read together, mistral-common writes a text with the marks of its pieces.
    """
    control = set(tokenizer.all_special_ids)
    for is_control, run in groupby(ids, control.__contains__):
        if is_control:
            for each in run:
                yield tokenizer.decode([each], skip_special_tokens=False), (each,)
        else:
            own = tuple(run)
            yield tokenizer.decode(list(own), skip_special_tokens=True), own


def spans_by_decoding(tokenizer: Any, ids: Sequence[int], text: str) -> list[Span]:
    """Where each token stands in the text that the tokens decode to.

    A character that several tokens spell together belongs to all of them.
    """
    ends: list[int] = []
    for count in range(1, len(ids) + 1):
        piece = tokenizer.decode(list(ids[:count]), clean_up_tokenization_spaces=False)
        # A character whose bytes are not complete yet decodes to replacement characters.
        piece = piece.rstrip("\ufffd")
        reached = _common(piece, text)
        ends.append(max(reached, ends[-1] if ends else 0))
    if ends:
        ends[-1] = len(text)
    spans: list[Span] = []
    start = 0
    for index, end in enumerate(ends):
        if end > start:
            spans.append((start, end))
            if index + 1 < len(ids):
                start = end
        else:
            # Incomplete: the character is complete where the text next grows.
            grown = next((later for later in ends[index:] if later > start), len(text))
            spans.append((start, min(grown, start + 1)))
    return spans


def _common(a: str, b: str) -> int:
    """How many characters two texts begin with together."""
    size = min(len(a), len(b))
    low = 0
    while low < size and a[low] == b[low]:
        low += 1
    return low
