"""An explanation as a picture (SVG) of the shaded prompt beside the response."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from math import isnan
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from jupyter_xai.explanation.labels import score_noise
from jupyter_xai.explanation.render.html import OPPOSE, SUPPORT
from jupyter_xai.explanation.render.text import heading
from jupyter_xai.explanation.result import Result
from jupyter_xai.text.formatting import shortened, signed

_WIDTH, _EDGE, _GAP, _LINE, _SIZE = 1040, 24, 32, 20, 13
# Letters of one width, so that lines can be broken without a font at hand.
_LETTER = 0.6 * _SIZE
_NUMBER = 8
"""Characters that a number beside a sentence takes."""
_FULL = 0.56
_IN_LINES = ("sentence", "paragraph", "message")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Piece(NamedTuple):
    """A unit's text and how it is drawn."""

    text: str
    share: float
    """Score over the largest one, from -1 to 1; 0 is not shaded."""
    number: str


def svg(explanation: Result) -> str:
    """The prompt, shaded by its scores for the whole response, beside the response.

    Returns
    -------
    str
        An SVG document that needs nothing else; every text in it is escaped.
    """
    level = explanation.record["prompt"]["level"]
    total = _prompt(explanation)
    room = int((_WIDTH - 2 * _EDGE - _GAP) / _LETTER)
    wide = room * 11 // 20
    in_lines = level in _IN_LINES
    left, low = _column(total, _EDGE, wide, in_lines=in_lines)
    answer = [Piece(explanation.response, 0.0, "")]
    x = _EDGE + wide * _LETTER + _GAP
    right, lower = _column(answer, x, room - wide, in_lines=False)
    height = max(low, lower) + 40
    limit = np.nanmax(np.abs(explanation.total), initial=0.0)
    scale = f"blue supports, orange opposes; the strongest shade is {signed(float(limit))}"
    parts = [
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        _text(_EDGE, 30, shortened(heading(explanation), 125), 'font-weight="600"'),
        _text(_EDGE, 60, "PROMPT", 'fill="#5d6570"'),
        _text(x, 60, "RESPONSE", 'fill="#5d6570"'),
        *left,
        *right,
        _text(_EDGE, height - 16, scale, 'fill="#5d6570"'),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" font-size="{_SIZE}" fill="#1d2127" '
        f'font-family="ui-monospace, Menlo, Consolas, monospace">{"".join(parts)}</svg>\n'
    )


def _prompt(explanation: Result) -> list[Piece]:
    total, noise = explanation.total, score_noise(explanation.record)
    limit = np.nanmax(np.abs(total), initial=0.0)
    scores = iter(total.tolist())
    pieces = []
    for unit in explanation.record["prompt"]["units"]:
        if unit["protected"]:
            if unit["role"] != "template":
                pieces.append(Piece(unit["text"], 0.0, ""))
            continue
        score = next(scores)
        quiet = isnan(score) or abs(score) < noise or limit == 0
        pieces.append(Piece(unit["text"], 0.0 if quiet else score / limit, signed(score)))
    return pieces


def _column(
    pieces: Sequence[Piece], x: float, letters: int, *, in_lines: bool
) -> tuple[list[str], float]:
    """Units drawn in a column, and where it ends."""
    parts: list[str] = []
    y = 84.0
    blocks = [[piece] for piece in pieces] if in_lines else [list(pieces)]
    for block in blocks:
        texts = [piece.text.strip() if in_lines else piece.text for piece in block]
        lines = list(_broken(texts, letters - _NUMBER if in_lines else letters))
        for line in lines:
            at = x
            for of, text in line:
                width = _columns(text) * _LETTER
                parts += _shaded(block[of].share, at, y, width)
                if text.strip():
                    parts.append(_text(at, y, text, f'textLength="{width:.1f}"'))
                at += width
            y += _LINE
        if in_lines and block[0].number:
            end = x + letters * _LETTER
            parts.append(_text(end, y - _LINE, block[0].number, 'text-anchor="end"'))
        y += 6
    return parts, y


def _shaded(share: float, x: float, y: float, width: float) -> Iterator[str]:
    if share:
        # Faint tints are hard to tell apart, so that small scores are lifted a little.
        opacity = abs(share) ** 0.75 * _FULL
        colour = SUPPORT if share > 0 else OPPOSE
        yield (
            f'<rect x="{x:.1f}" y="{y - 14:.1f}" width="{width:.1f}" height="18" '
            f'fill="rgb({colour})" fill-opacity="{opacity:.2f}"/>'
        )


def _broken(texts: Iterable[str], most: int) -> Iterator[list[tuple[int, str]]]:
    """Lines of (index of the text, its part): broken at white space, else where they are full."""
    line: list[tuple[int, str]] = []
    used = 0
    for of, whole in enumerate(texts):
        for word in re.findall(r"\r?\n|[^\S\n]+|\S+", whole):
            if word.endswith("\n"):
                yield line
                line, used = [], 0
                continue
            if used and used + _columns(word) > most:
                yield line
                line, used = [], 0
            if not used and word.isspace():
                continue
            for part in _chunks(word, most):
                if used and used + _columns(part) > most:
                    yield line
                    line, used = [], 0
                before = line.pop()[1] if line and line[-1][0] == of else ""
                line.append((of, before + part))
                used += _columns(part)
    yield line


def _chunks(word: str, most: int) -> Iterator[str]:
    part, used = "", 0
    for character in word:
        wide = _columns(character)
        if used + wide > most:
            yield part
            part, used = "", 0
        part += character
        used += wide
    yield part


def _columns(text: str) -> int:
    """How many letters wide a text is: most of East Asia's are two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(each) else 1 + (unicodedata.east_asian_width(each) in "WF")
        for each in text
    )


def _text(x: float, y: float, text: str, attributes: str = "") -> str:
    inert = escape(_NOT_XML.sub("\ufffd", text))
    return f"<text x={quoteattr(f'{x:.1f}')} y={quoteattr(f'{y:.1f}')} {attributes}>{inert}</text>"
