"""The generator: same bytes for a seed, causes that hold, and a split that holds."""

import os
import random
import subprocess
import sys
from itertools import islice

import pytest

from jupyter_xai.models.tutor import FAMILIES, human_answer, samples, with_thoughts
from jupyter_xai.models.tutor.generator import (
    FAMILY,
    held_out,
    keep_sentences,
    mask,
    pieces,
    random_keep,
    stream,
)
from jupyter_xai.models.tutor.generator.facts import DISAGREE, HEADINGS, IDLE
from jupyter_xai.models.tutor.generator.idle import idle_sentence
from jupyter_xai.models.tutor.generator.names import is_held_out_value, names
from jupyter_xai.models.tutor.generator.sample import core, response_text
from jupyter_xai.text.document import Document

_DIGEST = """
import hashlib
from jupyter_xai.models.tutor import FAMILIES, human_answer, samples, with_thoughts
text = "".join(s.prompt + s.response for name in FAMILIES for s in samples(name, 40, 5))
print(hashlib.sha256(text.encode()).hexdigest())
"""


def test_a_seed_gives_the_same_bytes_in_every_process():
    digests = set()
    for hash_seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, "-c", _DIGEST], env=environment, capture_output=True, check=True
        )
        digests.add(done.stdout)
    assert len(digests) == 1


def test_another_seed_gives_other_samples():
    assert samples("travel", 5, 1) != samples("travel", 5, 2)


def test_an_unknown_family_is_named_in_the_error():
    with pytest.raises(ValueError, match=r"'poems'.*travel"):
        samples("poems")


@pytest.mark.parametrize("family", FAMILIES)
def test_sentences_are_those_that_the_product_cuts(family):
    for sample in samples(family, 50, 3):
        for text, sentences in (
            (sample.prompt, sample.prompt_sentences),
            (sample.response, sample.response_sentences),
        ):
            units = Document.cut(text, "sentence").units
            assert [unit.text.rstrip() for unit in units] == list(sentences)


@pytest.mark.parametrize("family", FAMILIES)
def test_links_point_at_what_they_name(family):
    for sample in samples(family, 50, 3):
        for link in sample.links:
            assert set(link.sentences) <= set(range(len(sample.pieces)))
            assert all(
                word in sample.response_sentences[link.response] for word in link.response_words
            )
            for index, word in link.words:
                words = [core(w) for w in sample.prompt_sentences[index].split(" ")]
                assert words.count(word) == 1
        assert set(sample.distractors).isdisjoint(
            i for link in sample.links for i in link.sentences
        )


@pytest.mark.parametrize("family", FAMILIES)
def test_removing_a_distractor_changes_nothing(family):
    for sample in samples(family, 100, 4):
        for lost in sample.distractors:
            if len(sample.pieces) > 1:
                kept = [i != lost for i in range(len(sample.pieces))]
                left = mask(FAMILY[family], sample.pieces, keep_sentences(sample.pieces, kept))
                assert response_text(left.replies) == sample.response


@pytest.mark.parametrize("family", ["travel", "questions", "facts", "hops", "choice"])
def test_removing_the_causes_changes_the_sentence(family):
    for sample in samples(family, 100, 4):
        for link in sample.links:
            kept = [i not in link.sentences for i in range(len(sample.pieces))]
            left = mask(FAMILY[family], sample.pieces, keep_sentences(sample.pieces, kept))
            now = [reply.text for reply in left.replies]
            if "not" not in link.response_words:
                assert sample.response_sentences[link.response] not in now


def test_either_of_two_related_words_carries_a_story():
    family = FAMILY["stories"]
    texts = []
    for words in ("doctor patient", "doctor", "patient", ""):
        named = [c for p in _doctor_story() for c in p.cues if c.value in words.split(" ")]
        texts.append(response_text(family.answer(named)))
    assert texts[0] == texts[1] == texts[2] != texts[3]


def _doctor_story():
    rng = random.Random(0)
    while True:
        drafted = pieces(FAMILY["stories"], rng, False)
        if {c.value for p in drafted for c in p.cues} == {"doctor", "patient"}:
            return drafted


@pytest.mark.parametrize("family", ["travel", "reviews", "questions", "stories"])
def test_held_out_combinations_never_occur_in_training(family):
    rng = random.Random(1)
    for rare in (False, True):
        for _ in range(100):
            key = FAMILY[family].key(pieces(FAMILY[family], rng, rare))
            assert (key is not None and held_out(key)) is rare
    prompts = {s.prompt for s in islice(stream(family, 1, rare=True), 500)}
    assert prompts.isdisjoint(s.prompt for s in islice(stream(family, 1, rare=False), 2000))


@pytest.mark.parametrize("family", ["facts", "hops", "choice"])
def test_held_out_names_and_values_never_occur_in_training(family):
    rare_words = set()
    for rare in (False, True):
        for sample in islice(stream(family, 1, rare), 200):
            words = {
                word
                for piece in sample.pieces
                for cue in piece.cues
                for word in (cue.value, *cue.slot.split(":"))
            }
            found = {word for word in words if is_held_out_value(word)}
            assert bool(found) is rare
            rare_words |= found
    assert not rare_words & set(names(rare=False))


def test_a_fifth_of_the_names_and_values_is_held_out():
    count, rest = len(names(rare=True)), len(names(rare=False))
    assert count / (count + rest) >= 0.2


def test_idle_sentences_hold_no_held_out_value():
    rng = random.Random(5)
    texts = [*IDLE, *(t for pair in HEADINGS for t in pair)]
    texts += [idle_sentence(rng) for _ in range(2000)]
    words = set(names(rare=True))
    assert not [value for value in words for text in texts if value in text]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_missing_modifier_leaves_the_rest_of_the_value(family):
    for sample in samples(family, 30, 6):
        for index, piece in enumerate(sample.pieces):
            for cue in piece.cues:
                for lost in cue.optional:
                    keep = tuple(
                        tuple(i != index or core(w) != lost for w in p.words())
                        for i, p in enumerate(sample.pieces)
                    )
                    left = mask(FAMILY[family], sample.pieces, keep)
                    values = {c.value for c in left.cues if c.slot == cue.slot}
                    assert cue.value.removeprefix(lost + " ") in values


def test_passages_that_disagree_are_both_causes():
    family = FAMILY["facts"]
    drawn = [s for s in samples("facts", 400, 3) if s.response == DISAGREE]
    assert drawn
    for sample in drawn:
        *told, question = sample.causes(0)
        assert len(told) == 2
        assert question == len(sample.pieces) - 1
        for lost in told:
            kept = [i != lost for i in range(len(sample.pieces))]
            left = mask(family, sample.pieces, keep_sentences(sample.pieces, kept))
            (other,) = set(told) - {lost}
            (value,) = (cue.value for cue in sample.pieces[other].cues)
            assert value in response_text(left.replies)


@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize("misleading", [False, True])
def test_the_answer_follows_the_thoughts_of_the_prompt(steps, misleading):
    plain = [s for s in samples("hops", 60, 8) if len(s.replies) == 3]
    assert plain
    for sample in plain:
        thinking = with_thoughts(sample, steps=steps, misleading=misleading, seed=1)
        assert thinking.prompt.startswith(sample.prompt)
        assert len(thinking.pieces) == len(sample.pieces) + steps
        agrees = thinking.response_sentences == sample.response_sentences[steps:]
        assert agrees is not misleading
        assert len(sample.pieces) + steps - 1 in thinking.causes(0)


def test_thoughts_belong_to_multi_hop_questions():
    with pytest.raises(ValueError, match="multi-hop"):
        with_thoughts(samples("facts", 1)[0])
    sample = next(s for s in samples("hops", 60, 8) if len(s.replies) == 3)
    with pytest.raises(ValueError, match="1 or 2"):
        with_thoughts(sample, steps=3)
    with pytest.raises(ValueError, match="already"):
        with_thoughts(with_thoughts(sample))


def test_what_is_said_already_needs_no_cause_but_the_response():
    for family in FAMILIES:
        for sample in samples(family, 40, 9):
            for index in range(len(sample.replies)):
                assert set(sample.causes(index, fixed=True)) <= set(sample.causes(index))
    sample = next(s for s in samples("hops", 60, 8) if len(s.replies) == 3)
    assert sample.causes(2)
    assert not sample.causes(2, fixed=True)


def test_reviews_are_clear_before_and_after_an_opinion_is_exchanged():
    family, rng = FAMILY["reviews"], random.Random(3)
    for sample in samples("reviews", 200, 5):
        assert family.clear([cue for piece in sample.pieces for cue in piece.cues])
        index = rng.randrange(len(sample.pieces))
        changed = family.changed(sample.pieces, index, rng)
        assert family.clear([cue for piece in changed for cue in piece.cues])


@pytest.mark.parametrize("family", FAMILIES)
def test_people_say_it_in_other_sentences(family):
    drawn = samples(family, 200, 4)
    trained = {text for sample in drawn for text in sample.response_sentences}
    for sample in drawn:
        answer = human_answer(sample)
        assert answer
        assert not [text for text in trained if text in answer]


@pytest.mark.parametrize("family", FAMILIES)
def test_masked_prompts_are_answered_from_what_is_left(family):
    rng = random.Random(2)
    for _ in range(100):
        drafted = pieces(FAMILY[family], rng, False)
        masked = mask(FAMILY[family], drafted, random_keep(drafted, rng))
        assert masked.replies
        known = {
            (cue.slot, value)
            for piece in drafted
            for cue in piece.cues
            for value in (cue.value, cue.value.split(" ")[-1])
        }
        assert {(c.slot, c.value) for c in masked.cues} <= known
        assert "  " not in masked.text
