"""Spans that the user gives are the units; everything else stays."""

from __future__ import annotations

import numpy as np
import pytest

import jupyter_xai as xai
from jupyter_xai import metrics
from jupyter_xai.errors import XaiError

PROMPT = "  Rest is what I need. No cities, though.  "
SPANS = [(2, 6), (23, 36)]


def words(prompt: str) -> str:
    return " ".join(word for word in prompt.split() if len(word) > 3)


def test_given_spans_are_the_only_units_that_are_removed() -> None:
    sent: list[str] = []

    def model(prompt: str) -> str:
        sent.append(prompt)
        return words(prompt)

    e = xai.explain(PROMPT, model, units=SPANS, method="leave-one-out")
    units = [u for u in e.record["prompt"]["units"] if not u["protected"]]
    assert [unit["text"] for unit in units] == ["Rest", "No cities, th"]
    assert "".join(unit["text"] for unit in e.record["prompt"]["units"]) == PROMPT
    assert e.record["prompt"]["level"] == "span"
    assert "   is what I need. No cities, though." in sent
    assert np.isfinite(e.scores).all()


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        ([], "need spans"),
        ([(0, 0)], r"span \(0, 0\) is not allowed"),
        ([(0, 5), (3, 8)], "must not be empty or overlap"),
        ([(0, 5000)], "must lie within 0 and 43"),
        ([(0, "x")], "are no spans of the prompt"),
        ([3], "are no spans of the prompt"),
    ],
)
def test_bad_spans_say_what_is_wrong(spans: object, said: str) -> None:
    with pytest.raises(XaiError, match=said):
        xai.explain(PROMPT, words, units=spans)  # type: ignore[arg-type]


def test_spans_need_one_text() -> None:
    with pytest.raises(XaiError, match="not as a chat"):
        xai.explain([{"role": "user", "content": PROMPT}], words, units=SPANS)


def test_the_word_span_alone_is_not_enough() -> None:
    with pytest.raises(XaiError, match=r"units=\[\(start, end\), \.\.\.\]"):
        xai.explain(PROMPT, words, units="span")


def test_spans_stay_on_their_text_when_the_prompt_is_edited() -> None:
    def explained(prompt: str, spans: list[tuple[int, int]]) -> xai.Explanation:
        return xai.explain(prompt, words, units=spans, method="leave-one-out", k=1)

    e = explained(PROMPT, SPANS)
    measured = e.metrics(which="stability").set_index("metric")["value"]
    edits = metrics.edits(PROMPT)
    assert {"appended token", "thanks"} <= set(edits)
    for name, edited in edits.items():
        # Where the same words stand now, found without the code that moves spans.
        pieces = [PROMPT[start:end] for start, end in SPANS]
        spans = [(edited.index(piece), edited.index(piece) + len(piece)) for piece in pieces]
        after = explained(edited, spans)
        assert [unit.strip() for unit in after.sources] == [piece.strip() for piece in pieces]
        stays = np.argmax(after.total) == np.argmax(e.total)
        assert measured[f"stability, {name}, top 1"] == float(stays)
        # The model copies words, so that an edit beside the spans changes no ranking.
        assert stays
