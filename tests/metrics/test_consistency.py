import numpy as np
import pytest
from scipy.stats import spearmanr

from games import additive, random_game
from jupyter_xai import methods, metrics
from jupyter_xai.masking import random_pairs


def test_consistency_by_hand():
    found = metrics.consistency([[1.0, 0.0], [3.0, 0.0], [5.0, 3.0]])
    assert found.variance.tolist() == [4.0, 3.0]
    assert found.deviation.tolist() == [2.0, pytest.approx(3**0.5)]
    assert found.mean_variance == 3.5
    assert found.mean_deviation == pytest.approx((2 + 3**0.5) / 2)


def test_consistency_equals_numpy():
    runs = np.random.default_rng(0).normal(size=(10, 4))
    assert metrics.consistency(runs).variance == pytest.approx(np.var(runs, axis=0, ddof=1))


def test_equal_runs_do_not_vary_and_one_run_says_nothing():
    assert metrics.consistency(np.ones((3, 2))).mean_variance == 0
    for runs in (np.ones((1, 2)), np.ones((3, 0)), np.ones(3)):
        with pytest.raises(ValueError, match="at least"):
            metrics.consistency(runs)


def test_lds_by_calls_solves_beginnings_of_the_plan():
    method = methods.get("linear")
    game = additive(10, 0)
    masks = method.plan(10, 64, 0)
    fresh = random_pairs(10, 40, 1)
    calls = [9, 17, 33, 65]
    found = metrics.lds_by_calls(method, masks, game(masks), calls, fresh, game(fresh))
    for count, score in zip(calls, found, strict=True):
        solved = method.solve(
            masks[:count], game(masks[:count])[:, None], lengths=[1], seed=0, intervals=False
        )
        expected = spearmanr(fresh @ solved.scores[:, 0], game(fresh)).statistic
        assert score == pytest.approx(expected)
    assert found[-1] > 0.95


def test_calls_to_reach_by_hand():
    assert metrics.calls_to_reach([1, 2, 4], [0.1, 0.9, 0.95], 0.8) == 2
    # Reached once by luck does not count.
    assert metrics.calls_to_reach([1, 2, 4], [0.9, 0.1, 0.95], 0.8) == 4
    assert metrics.calls_to_reach([1, 2, 4], [None, 0.9, 0.7], 0.8) is None
    assert metrics.calls_to_reach([1, 2], [None, None], 0.0) is None


def test_noise_is_never_predicted():
    method = methods.get("linear")
    masks, fresh = method.plan(10, 64, 0), random_pairs(10, 40, 1)
    noise = random_game(10, 0)
    calls = [17, 33, 65]
    found = metrics.lds_by_calls(method, masks, noise(masks), calls, fresh, noise(fresh))
    assert metrics.calls_to_reach(calls, found, 0.8) is None
