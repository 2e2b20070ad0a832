import pytest

from jupyter_xai.evaluation.checks.verdict import verdict

CHANCE = [0.5, 0.6, 0.7, 0.6]


def said(drop, chance=CHANCE, rival=None, **options):
    settings = {"k": 3, "level": "sentence", "value": "logprob", **options}
    return verdict(drop, chance, rival, **settings)


def test_the_verdict_compares_with_chance():
    assert said(7.8) == (
        "Removing these three sentences lowers the answer’s log-probability by 7.8, "
        "13 times as much as removing three at random."
    )
    assert said(1.2) == (
        "Removing these three sentences lowers the answer’s log-probability by 1.2, "
        "2.0 times as much as removing three at random."
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"k": 1, "level": "word"}, "Removing this word lowers"),
        ({"k": 12, "level": "token"}, "Removing these 12 tokens lowers"),
        ({"value": "logit"}, "lowers the answer’s log-odds by 7.8"),
        ({"value": "text"}, "moves the answer away by 7.8"),
        ({"value": "contrast"}, "lowers the answer’s lead over the foil by 7.8"),
    ],
)
def test_units_and_values_have_their_names(options, words):
    assert words in said(7.8, **options)


def test_no_ratio_to_what_is_less_than_the_noise():
    assert said(4.1, [0.001, -0.002, 0.003], noise=0.01) == (
        "Removing these three sentences lowers the answer’s log-probability by 4.1; "
        "removing three at random changes it by less than the noise."
    )


def test_no_ratio_to_what_is_below_zero():
    assert "; removing three at random does not lower it." in said(4.1, [-0.5, -0.6, -0.2])


def test_no_ratio_to_a_mean_that_may_be_zero():
    assert "; removing three at random lowers it by 0.1 (−0.86 to 1.1)." in said(
        4.1, [-1.0, 1.2, 0.3, -0.1]
    )


def test_chance_and_a_rival_may_do_as_well():
    assert said(0.55).endswith(
        "by 0.55, but three of four random choices of three do more: do not rely on these scores."
    )
    assert "do not rely" in said(0.65)
    assert said(7.8, rival=9.0).endswith(" Leave-one-out’s choice does even more (9).")
    assert "Leave-one-out" not in said(7.8, rival=7.8)
    assert "Leave-one-out" not in said(7.8, rival=7.0)


def test_where_one_unit_is_the_cause_choices_that_have_it_do_as_much():
    # The top three are right: none does more. A percentile would call them chance.
    assert said(18.0, [18, 0, 0.1, 18, -0.2, 0, 17.9, 0, 0.3, 18]) == (
        "Removing these three sentences lowers the answer’s log-probability by 18. Of 10 random "
        "choices of three, four do as much, none more. A smaller k would tell more."
    )
    assert said(18.0, [18, *[0.1] * 10]).endswith(
        "Of 11 random choices of three, one does as much, none more."
    )
    assert said(18.0, [19, *[0.1] * 10]).endswith(
        "Of 11 random choices of three, none do as much; one more."
    )
    assert said(18.0, [18, 18, 0], k=2, every=True).endswith(
        "by 18. Of all four choices of two, two do as much, none more. A smaller k would tell more."
    )


def test_what_does_no_harm_is_no_cause():
    for drop in (0.0, -3.0, 0.005):
        assert "does not hurt the answer" in said(drop, noise=0.01)


def test_where_every_choice_was_tried_the_rank_is_said():
    # A percentile of few sets would hold the best of them: 22 is above the top three's 20.8.
    others = [22.0, *range(1, 19)]
    assert said(20.8, others, every=True) == (
        "Removing these three sentences lowers the answer’s log-probability by 21: "
        "number 2 of all 20 choices of three."
    )
    best = said(22.0, [20.8, *range(1, 19)], every=True)
    assert best.endswith("by 22: the most of all 20 choices of three.")
    assert said(4.0, [3], k=1, every=True).endswith("by 4: the most of all two choices.")
    assert "do not rely" not in said(15.5, others, every=True)
    assert said(9.5, others, every=True).endswith(
        "but 10 of all 20 choices of three do more: do not rely on these scores."
    )


def test_the_verdict_names_the_part_of_the_answer():
    assert "lowers this sentence’s log-probability by 8" in said(8.0, part="sentence")
    assert "lowers this token’s log-odds by 8" in said(8.0, part="token", value="logit")
    assert "lowers this sentence’s log-probability" in said(8.0, part="sentence", value="parts")
    assert "lowers this sentence’s lead over the foil" in said(
        8.0, part="sentence", value="contrast"
    )
    assert "does not hurt this sentence of the answer" in said(-1.0, part="sentence")


def test_the_only_set_there_is_has_no_rival():
    assert said(4.0, [], k=4, every=True) == (
        "Removing these four sentences lowers the answer’s log-probability by 4. "
        "No other choice of four exists to compare with."
    )


def test_the_verdict_names_what_was_explained():
    assert "lowers the log-probability of the explained parts by 8" in said(8.0, value="parts")
    assert "lowers the answer’s lead over the foil by 8" in said(8.0, value="contrast")
