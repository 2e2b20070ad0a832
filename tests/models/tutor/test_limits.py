"""The remark on prompts that the tutor cannot know."""

import pytest

import jupyter_xai as xai
from jupyter_xai.models.tutor import FAMILIES, samples
from jupyter_xai.models.tutor.limits import remark, unknown_share
from jupyter_xai.models.tutor.published import MEANING_OF_LIFE, PERSPECTIVES, STORY, TRAVEL

STRANGE = (
    "What is the capital of France?",
    "How do I install Python on Windows?",
    "Translate 'good morning' into Spanish.",
    "The stock market fell sharply on Monday after the central bank raised interest rates.",
    "Die Katze sitzt auf dem Tisch.",
    "Why is the sky blue?",
    "今日は雨です。",
)


@pytest.mark.parametrize("prompt", STRANGE)
def test_a_prompt_of_another_kind_gets_a_remark(prompt):
    assert "ask a real model" in str(remark(prompt))


@pytest.mark.parametrize("prompt", [TRAVEL, STORY, *MEANING_OF_LIFE, *PERSPECTIVES])
def test_published_prompts_get_none(prompt):
    assert remark(prompt) is None


@pytest.mark.parametrize("family", FAMILIES)
def test_held_out_prompts_get_none(family):
    assert not [s.prompt for s in samples(family, 300, 21) if remark(s.prompt)]


def test_the_share_of_unknown_words_counts_words():
    assert unknown_share("I want to rest in Qzxv.") == pytest.approx(1 / 6)
    assert unknown_share("") == 0


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [("How do I install Python? I have Windows.", True), (TRAVEL, False)],
)
def test_explanations_carry_the_remark(prompt, expected):
    found = xai.explain(prompt, "tutor", method="leave-one-out", checks=False)
    assert any("ask a real model" in note for note in found.notes) is expected
