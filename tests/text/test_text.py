"""Documents: the units joined are the text, whatever the text is."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_xai.text.document import LEVELS, Document, Segment

LEVELS_OF_TEXT = ("word", "sentence", "paragraph", "message")

PIECES = st.sampled_from(
    [
        " ", "  ", "\t", "\n", "\n\n", "\r\n", "\r\n\r\n", "\u00a0", "\u3000", "\u2028", "\x85",
        "\u200b", "\ufeff", ".", "!", "?", "...", "。", "!?", ":", ";", ",", "-", "* ", "1. ",
        "(a) ", "Dr. ", "e.g. ", "U.S. ", "3.14", "No", "cities", "naïve", "e\u0301", "漢字",
        "です。", "안녕", "שלום", "مرحبا", "👩‍👩‍👧", "🇩🇪", "😀", "```", "def f():", "<p>", "{x}",
        "$y$", "\x00", "a" * 30,
    ]
)  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=25).map("".join))
ROLES = st.sampled_from(["user", "system", "template"])
SEGMENTS = st.lists(st.builds(Segment, TEXTS, ROLES, st.booleans()), max_size=5)


def token_spans(text: str) -> list[tuple[int, int]]:
    """Pieces of up to three characters; every fifth is said twice, as byte tokens are."""
    spans = [(start, min(start + 3, len(text))) for start in range(0, len(text), 3)]
    return [span for i, span in enumerate(spans) for _ in range(2 if i % 5 == 0 else 1)]


def cut(text: str, level: str) -> Document:
    return Document.cut(text, level, token_spans=token_spans)


def pieces(text: str, level: str = "sentence", language: str = "en") -> list[str]:
    return [unit.text for unit in Document.cut(text, level, language=language).units]


def check_units(document: Document, text: str) -> None:
    assert document.text == text
    assert "".join(unit.text for unit in document.units) == text
    position = 0
    for index, unit in enumerate(document.units):
        assert unit.index == index
        assert unit.start == position < unit.end
        assert text[unit.start : unit.end] == unit.text
        position = unit.end
    assert position == len(text)


@settings(max_examples=150)
@given(TEXTS)
def test_units_joined_are_the_text(text: str) -> None:
    for level in LEVELS:
        check_units(cut(text, level), text)


@settings(max_examples=150)
@given(TEXTS)
def test_white_space_belongs_to_the_unit_before_it(text: str) -> None:
    for level in LEVELS_OF_TEXT:
        units = cut(text, level).units
        for unit in units[1:]:
            assert not unit.text[0].isspace(), (level, unit)
        if text.strip():
            assert all(unit.text.strip() for unit in units), level


@settings(max_examples=100)
@given(SEGMENTS)
def test_no_unit_has_two_authors(segments: list[Segment]) -> None:
    text = "".join(segment.text for segment in segments)
    for level in LEVELS:
        document = Document.from_segments(segments, level, token_spans=token_spans)
        check_units(document, text)
        edges = {0}
        for segment in segments:
            edges.add(max(edges) + len(segment.text))
        for unit in document.units:
            assert not any(unit.start < edge < unit.end for edge in edges)
        shown = "".join(s.text for s in segments if s.protected)
        assert document.keep([False] * len(document.sources)) == shown


@settings(max_examples=100)
@given(TEXTS, st.data())
def test_masks_remove_their_units_and_nothing_else(text: str, data: st.DataObject) -> None:
    document = cut(text, "word")
    n = len(document.sources)
    mask = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
    kept = [unit.text for unit, keep in zip(document.sources, mask, strict=True) if keep]
    assert document.keep(mask) == "".join(kept)
    assert document.keep([True] * n) == text
    assert document.keep([False] * n) == ""
    with pytest.raises(ValueError, match="entries"):
        document.keep([*mask, True])


@settings(max_examples=100)
@given(TEXTS, st.data())
def test_spans_of_the_user_are_the_sources(text: str, data: st.DataObject) -> None:
    ends = data.draw(st.sets(st.integers(0, len(text)), max_size=6).map(sorted))
    spans = [pair for i, pair in enumerate(pairwise(ends)) if i % 2 == 0]
    document = Document.from_spans(text, spans)
    check_units(document, text)
    assert [(unit.start, unit.end) for unit in document.sources] == spans
    assert document.level == "span"


@pytest.mark.parametrize(
    "spans", [[(0, 0)], [(2, 1)], [(0, 3), (2, 4)], [(3, 4), (0, 1)], [(0, 9)]]
)
def test_impossible_spans_are_refused(spans: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="not allowed"):
        Document.from_spans("abcdef", spans)
    with pytest.raises(ValueError, match="not allowed"):
        Document.from_spans("abcdef", [(-1, 2)])


def test_unknown_levels_and_missing_tokenizers_are_refused() -> None:
    with pytest.raises(ValueError, match="word, sentence"):
        Document.cut("a", "letter")
    with pytest.raises(ValueError, match="tokenizer"):
        Document.cut("a", "token")


@pytest.mark.parametrize("level", ["word", "sentence"])
def test_equal_units_stay_apart(level: str) -> None:
    text = {"word": "a a a", "sentence": "No. No. No."}[level]
    document = Document.cut(text, level)
    assert [unit.index for unit in document.units] == [0, 1, 2]
    assert document.keep([True, False, True]) == {"word": "a a", "sentence": "No. No."}[level]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Smith came at 3.14 p.m. today. He left.", 2),
        ("See e.g. the U.S. embassy. It is near.", 2),
        ("Is it so? Yes! It is.", 3),
        ("One line\nwrapped here. Two.", 2),
        ("First.\n\nSecond without full stop\n\nThird", 3),
        ('He said "No." Then he left.', 2),
        ("Version 2.0.1 is out. Get it.", 2),
    ],
)
def test_sentences(text: str, expected: int) -> None:
    assert len(pieces(text)) == expected, pieces(text)


def test_list_items_are_units_and_keep_their_marks() -> None:
    text = "Please note:\n1. No cities.\n2. No flights.\n- cheap\n- quiet\n"
    assert pieces(text) == [
        "Please note:\n",
        "1. No cities.\n",
        "2. No flights.\n",
        "- cheap\n",
        "- quiet\n",
    ]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("zh", "我想休息。不要城市!预算不限。", 3),
        ("ja", "海が好きです。都市は嫌いです。", 2),
        ("ar", "أريد الراحة. لا مدن؟ نعم.", 3),
        ("hi", "मुझे आराम चाहिए। शहर नहीं।", 2),
    ],
)
def test_sentences_of_other_scripts(language: str, text: str, expected: int) -> None:
    assert len(pieces(text, language=language)) == expected


def test_ideographs_are_words() -> None:
    assert pieces("我想休息。", "word") == ["我", "想", "休", "息。"]
    assert pieces("No cities,  though.\n", "word") == ["No ", "cities,  ", "though.\n"]


def test_code_is_rebuilt_and_not_broken_inside_a_line() -> None:
    text = "Fix this:\n```python\ndef f(x):\n    return x.y\n```\nThank you."
    found = pieces(text)
    assert "".join(found) == text
    assert all(re.fullmatch(r"(?s).*\n|.*", piece) for piece in found)
    assert found[0] == "Fix this:\n"
    assert any(piece.startswith("```python") for piece in found)


def test_paragraphs() -> None:
    assert pieces("One.\nTwo.\n\nThree.\r\n\r\nFour.", "paragraph") == [
        "One.\nTwo.\n\n",
        "Three.\r\n\r\n",
        "Four.",
    ]


def test_tokens_that_share_a_character_are_one_unit() -> None:
    spans = [(0, 1), (1, 2), (1, 2), (1, 2), (2, 4)]
    document = Document.cut("a😀bc", "token", token_spans=lambda _: spans)
    assert [unit.text for unit in document.units] == ["a", "😀", "bc"]
