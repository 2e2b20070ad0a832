import numpy as np
import pytest
from scipy.stats import kendalltau

from jupyter_xai import metrics


def test_kendall_by_hand():
    # Of three pairs, two agree and one does not.
    assert metrics.kendall_tau([3, 2, 1], [30, 10, 20]) == pytest.approx(1 / 3)
    assert metrics.kendall_tau([3, 2, 1], [1, 2, 3]) == pytest.approx(-1)


def test_kendall_equals_scipy_with_ties():
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 4, 30), rng.integers(0, 4, 30)
    assert metrics.kendall_tau(first, second) == pytest.approx(kendalltau(first, second).statistic)


def test_units_without_score_are_left_out_of_kendall():
    assert metrics.kendall_tau([3, np.nan, 1], [2, 9, 1]) == pytest.approx(1)
    assert metrics.kendall_tau([3, np.nan], [2, 9]) is None
    assert metrics.kendall_tau([1, 1, 1], [1, 2, 3]) is None


def test_overlap_by_hand_and_by_chance():
    assert metrics.top_k_overlap([4, 3, 2, 1], [4, 1, 3, 2], 2) == 0.5
    rng = np.random.default_rng(0)
    found = [metrics.top_k_overlap(rng.random(10), rng.random(10), 3) for _ in range(3000)]
    assert np.mean(found) == pytest.approx(0.3, abs=0.02)


def test_jaccard_by_hand():
    assert metrics.jaccard({1, 2, 3}, {2, 3, 4}) == 0.5
    assert metrics.jaccard([], []) == 1
    assert metrics.jaccard([1], []) == 0


def test_jaccard_equals_scikit_learn():
    from sklearn.metrics import jaccard_score

    rng = np.random.default_rng(0)
    first, second = rng.random((2, 20)) < 0.5
    expected = jaccard_score(first, second)
    assert metrics.jaccard(np.flatnonzero(first), np.flatnonzero(second)) == pytest.approx(expected)


def test_scores_of_other_units_are_refused():
    with pytest.raises(ValueError, match="equal length"):
        metrics.kendall_tau([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="equal length"):
        metrics.top_k_overlap([1, 2], [1, 2, 3], 1)
