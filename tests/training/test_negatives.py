"""Negatives count only if the model would not say them."""

from __future__ import annotations

import numpy as np

from jupyter_xai.training.negatives import KINDS, Tally, item, masked_prompts
from jupyter_xai.training.pairs import Pair, cut, is_authentic, words

RULES = {"cold": "Take a coat. ", "hungry": "Eat some bread. ", "tired": "Go to bed. "}
PROMPT = "It is a day. I am cold today. I am so tired now. The sky is blue."


def model(prompt):
    return "".join(answer for word, answer in RULES.items() if word in prompt) or "Fine. "


def pair(prompt=PROMPT, **others):
    return Pair.of(prompt, model(prompt), **others)


OTHERS = [pair("I am hungry. It rains."), pair("I am tired. It snows."), pair("A cold day. Go.")]


def drawn(targets=None, own=model, each=30, others=OTHERS):
    tally = Tally()
    given = pair(human="Dress warmly, mate.", other="coat bed coat.")
    rng = np.random.default_rng(0)
    return given, item(given, others, own, rng, targets=targets, each=each, tally=tally), tally


def test_every_kind_is_drawn_and_none_is_authentic():
    given, found, _ = drawn()
    assert {negative.kind for negative in found.negatives} == set(KINDS)
    for negative in found.negatives:
        assert words(cut(model("".join(negative.prompt)))) != words(negative.response)
    for kind in ("sentence-masked", "token-masked"):
        of_kind = [n for n in found.negatives if n.kind == kind]
        assert any(n.prompt != given.prompt for n in of_kind)
        assert any(n.response != given.response for n in of_kind)


def test_dropped_negatives_are_counted():
    _, found, tally = drawn()
    assert tally.authentic["sentence-masked"] > 0
    for kind in KINDS:
        kept = sum(negative.kind == kind for negative in found.negatives)
        distinct = tally.drawn[kind] - tally.repeated[kind]
        assert kept == round(distinct * (1 - tally.dropped(kind)))
    assert Tally().dropped("human") is None


def test_parts_are_negatives_only_where_the_model_does_not_say_them():
    _, found, tally = drawn(targets=[0])
    assert found.response == ("Take a coat. ",)
    for negative in found.negatives:
        said = cut(model("".join(negative.prompt)))
        assert not is_authentic(said, negative.response, part=True)
    masked = [n for n in found.negatives if n.kind == "sentence-masked"]
    assert masked
    assert all("cold" not in "".join(n.prompt) for n in masked)
    assert all(n.response == found.response for n in masked)
    assert tally.authentic["off-topic"] > 0


def test_a_duplicate_in_the_batch_is_no_negative():
    given = pair()
    twin = pair("I was cold. I got tired.")
    assert twin.response == given.response
    tally = Tally()
    found = item(given, [twin], model, np.random.default_rng(0), each=5, tally=tally)
    assert not [n for n in found.negatives if n.kind == "off-topic"]
    assert tally.authentic["off-topic"] == 2
    assert tally.repeated["off-topic"] == 8


def test_what_may_not_be_checked_does_not_count():
    given, found, tally = drawn(own=lambda prompt: None)
    masked = [n for n in found.negatives if n.kind.endswith("masked")]
    assert masked
    assert all(n.prompt == given.prompt for n in masked)
    assert tally.unchecked["sentence-masked"] > 0


def test_the_model_is_asked_about_masked_prompts_only():
    asked = []
    drawn(own=lambda prompt: asked.append(prompt) or model(prompt))
    full = {words(each.prompt) for each in OTHERS} | {words(cut(PROMPT))}
    assert asked
    assert not full & {words((each,)) for each in asked}


def test_a_seed_gives_the_same_negatives():
    assert drawn()[1] == drawn()[1]


def test_a_single_sentence_has_no_sentence_to_mask():
    given = Pair.of("Cold.", "Take a coat.")
    found = item(given, [], model, np.random.default_rng(0), each=3)
    assert not [n for n in found.negatives if n.kind == "sentence-masked"]
    assert all(n.prompt and n.response for n in found.negatives)


def test_masked_prompts_with_the_same_answer_are_authentic_too():
    given = pair()
    masked = masked_prompts(given.prompt, 8, np.random.default_rng(0))
    found = item(given, [], model, np.random.default_rng(1), targets=[0], masked=masked)
    # The first sentence of the response is about the cold.
    assert found.also == tuple(left for left in masked if "cold" in "".join(left))
    held = {n.prompt for n in found.negatives if n.kind == "sentence-masked"}
    assert held == set(masked) - set(found.also)
    assert found.also
    assert held


def test_masked_prompts_are_distinct_parts():
    prompt = pair().prompt
    drawn = masked_prompts(prompt, 12, np.random.default_rng(0))
    assert len(set(drawn)) == len(drawn) > 4
    assert all(0 < len(left) < len(prompt) for left in drawn)
    assert sum(len(left) == len(prompt) - 1 for left in drawn) >= 4
    assert masked_prompts(("Only one.",), 4, np.random.default_rng(0)) == ()
