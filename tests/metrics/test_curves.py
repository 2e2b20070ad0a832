from itertools import permutations

import numpy as np
import pytest

from games import additive, interacting
from jupyter_xai import metrics

WEIGHTS = np.array([3.0, -1.0, 0.0, 2.0, 0.5])


def curves(ranking, game, n):
    sizes = metrics.curve_sizes(n)
    return (
        game(metrics.deletion_masks(ranking, sizes)),
        game(metrics.insertion_masks(ranking, sizes)),
    )


def test_masks_by_hand():
    masks = metrics.deletion_masks([2, 0, 1], [0, 1, 2, 3])
    assert masks.astype(int).tolist() == [[1, 1, 1], [1, 1, 0], [0, 1, 0], [0, 0, 0]]
    np.testing.assert_array_equal(metrics.insertion_masks([2, 0, 1], [0, 1, 2, 3]), ~masks)


@pytest.mark.parametrize(("n", "steps"), [(1, 10), (7, 10), (10, 10), (11, 10), (256, 10), (5, 2)])
def test_sizes_go_from_none_to_all(n, steps):
    sizes = metrics.curve_sizes(n, steps)
    assert sizes[0] == 0
    assert sizes[-1] == n
    assert (np.diff(sizes) > 0).all()
    assert len(sizes) == min(n, steps) + 1


def test_areas_by_hand():
    found = metrics.areas([6.0, 3.0, 1.0, 0.0], [0.0, 3.0, 5.0, 6.0])
    assert found.deletion == (0 + 3 + 5 + 6) / 4
    assert found.insertion == (0 + 3 + 5 + 6) / 4
    assert found.difference == (0 + 3 + 5 + 6 - 6 - 3 - 1 - 0) / 4


@pytest.mark.parametrize("make", [additive, interacting])
def test_the_difference_is_both_areas_less_the_whole_effect(make):
    # An identity of the definitions, for any game and ranking.
    game = make(6, 0)
    down, up = curves(np.random.default_rng(0).permutation(6), game, 6)
    found = metrics.areas(down, up)
    assert found.difference == pytest.approx(found.deletion + found.insertion - (down[0] - up[0]))


def test_the_true_ranking_dominates_every_other_in_an_additive_game():
    best = curves(metrics.ranked(WEIGHTS), lambda masks: masks @ WEIGHTS, 5)
    for order in permutations(range(5)):
        down, up = curves(order, lambda masks: masks @ WEIGHTS, 5)
        assert (best[0] <= down + 1e-12).all()
        assert (best[1] >= up - 1e-12).all()


def test_a_random_ranking_scores_its_expectation():
    found = [
        metrics.areas(*curves(order, lambda masks: masks @ WEIGHTS, 5))
        for order in permutations(range(5))
    ]
    half = WEIGHTS.sum() / 2
    assert np.mean([each.deletion for each in found]) == pytest.approx(half)
    assert np.mean([each.insertion for each in found]) == pytest.approx(half)
    assert np.mean([each.difference for each in found]) == pytest.approx(0, abs=1e-12)


def test_a_reversed_ranking_turns_the_difference_round_in_an_additive_game():
    order = metrics.ranked(WEIGHTS)
    first, second = (
        metrics.areas(*curves(each, lambda masks: masks @ WEIGHTS, 5))
        for each in (order, order[::-1])
    )
    assert first.difference == pytest.approx(-second.difference)


def test_only_curves_over_the_same_sizes_are_compared():
    with pytest.raises(ValueError, match="equal length"):
        metrics.areas([1.0, 0.0], [0.0, 0.5, 1.0])


def test_comprehensiveness_and_sufficiency_by_hand():
    order = metrics.ranked(WEIGHTS)
    sizes = metrics.comprehensiveness_sizes(5)
    assert sizes.tolist() == [1, 2]
    full = WEIGHTS.sum()
    without = metrics.deletion_masks(order, sizes) @ WEIGHTS
    only = metrics.insertion_masks(order, sizes) @ WEIGHTS
    assert metrics.comprehensiveness(full, without) == pytest.approx((3 + 5) / 2)
    assert metrics.sufficiency(full, only) == pytest.approx((1.5 - 0.5) / 2)


def test_removing_nothing_loses_nothing():
    assert metrics.comprehensiveness(-2.0, [-2.0]) == metrics.sufficiency(-2.0, [-2.0]) == 0


def test_unscored_units_come_last():
    assert metrics.ranked([np.nan, 1.0, np.nan, 2.0]).tolist() == [3, 1, 0, 2]
