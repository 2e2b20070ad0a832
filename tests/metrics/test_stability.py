import numpy as np
import pytest

from jupyter_xai import metrics
from jupyter_xai.metrics.stability import APPENDED
from jupyter_xai.text.document import Document

PROMPT = "I am tired. I do not like cities. Where should I go?"


def units(text, level):
    return [unit.text for unit in Document.cut(text, level).units]


def test_edits_by_hand():
    assert metrics.edits(PROMPT) == {
        "appended token": PROMPT + APPENDED,
        "spacing": "I am tired.  I do not like cities.  Where should I go?",
        "short forms": "I'm tired. I don't like cities. Where should I go?",
        "thanks": PROMPT + " Thank you.",
    }
    assert set(metrics.edits("Rest")) == {"appended token", "thanks"}


def test_long_forms_stand_in_where_nothing_can_be_shortened():
    assert metrics.edits("I'm tired.")["short forms"] == "I am tired."


@pytest.mark.parametrize("level", ["sentence", "word"])
def test_edited_units_are_found_again(level):
    before = units(PROMPT, level)
    for name, text in metrics.edits(PROMPT).items():
        after = units(text, level)
        same = metrics.matching_units(before, after)
        if name == "short forms" and level == "word":
            # "I am" became one word: two units for one cannot be matched one by one.
            assert len(same) >= len(before) - 5
        else:
            assert set(same.values()) == set(range(len(before))), name
        assert list(same) == sorted(same)


def test_stability_by_hand():
    before, after = units("a b c", "word"), units("a b c ##", "word")
    found = metrics.stability([3, 2, 1], [3, 1, 2, 0], 2, units_before=before, units_after=after)
    assert found == pytest.approx(1 / 3)
    # The new unit is nobody's, so it counts against the method that points at it.
    found = metrics.stability([3, 2, 1], [3, 2, 1, 9], 2, units_before=before, units_after=after)
    assert found == pytest.approx(1 / 3)


def test_what_stays_the_same_is_stable():
    words = units(PROMPT, "word")
    scores = np.random.default_rng(0).random(len(words))
    for k in (1, 3, len(words)):
        assert metrics.stability(scores, scores, k, units_before=words, units_after=words) == 1


def test_repeated_words_are_told_apart():
    same = metrics.matching_units(["no ", "no ", "no"], ["no ", "no ", "no ", "##"])
    assert same == {0: 0, 1: 1, 2: 2}


def test_random_scores_are_as_stable_as_chance():
    rng = np.random.default_rng(0)
    names = [f"w{i}" for i in range(6)]
    found = [
        metrics.stability(rng.random(6), rng.random(6), 1, units_before=names, units_after=names)
        for _ in range(3000)
    ]
    assert np.mean(found) == pytest.approx(1 / 6, abs=0.03)
