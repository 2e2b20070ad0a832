import numpy as np
import pytest

from jupyter_xai import metrics
from jupyter_xai.errors import XaiError


def test_top_k_is_signed_and_stable():
    total = [1.0, -9.0, 3.0, 1.0, 0.0]
    assert metrics.top_k(total, 1).tolist() == [2]
    assert metrics.top_k(total, 3).tolist() == [2, 0, 3]
    assert metrics.top_k(total, 5).tolist() == [2, 0, 3, 4, 1]


def test_units_without_a_score_are_never_on_top():
    assert metrics.top_k([np.nan, -1.0, np.nan, 2.0], 3).tolist() == [3, 1]
    assert metrics.top_k([np.nan], 1).tolist() == []


@pytest.mark.parametrize("k", [0, -1, 4])
def test_k_must_be_within_the_units(k):
    with pytest.raises(XaiError, match="give 1 to 3"):
        metrics.top_k([1.0, 2.0, 3.0], k)
    with pytest.raises(XaiError, match="give 1 to 3"):
        metrics.random_sets(3, k, 5, 0)


@pytest.mark.parametrize(("n", "k", "draws", "sets"), [(5, 2, 8, 8), (5, 2, 50, 10), (4, 4, 9, 1)])
def test_random_sets_are_distinct(n, k, draws, sets):
    found = metrics.random_sets(n, k, draws, 0)
    assert found.shape == (sets, k)
    assert len({tuple(row) for row in found.tolist()}) == sets
    assert all(sorted(set(row)) == row for row in found.tolist())
    assert found.min() >= 0
    assert found.max() < n


def test_random_sets_of_long_prompts():
    found = metrics.random_sets(500, 30, 40, 0)
    assert found.shape == (40, 30)
    assert (np.diff(found, axis=1) > 0).all()
    assert (found == metrics.random_sets(500, 30, 40, 0)).all()
    assert (found != metrics.random_sets(500, 30, 40, 1)).any()


def test_every_unit_is_drawn_equally_often():
    counts = np.zeros(6)
    for seed in range(2000):
        counts[metrics.random_sets(6, 2, 1, seed)] += 1
    assert np.abs(counts / counts.sum() - 1 / 6).max() < 0.02


def test_drop_is_positive_when_the_response_fits_less_well():
    found = metrics.drop([-1.0, -4.0], [[-3.0, -4.0], [-0.5, -5.0]])
    assert found.tolist() == [[2.0, 0.0], [-0.5, 1.0]]


def test_spread_by_hand():
    mean, low, high = metrics.spread(np.arange(101.0))
    assert (mean, low, high) == (50.0, pytest.approx(5.0), pytest.approx(95.0))
    assert metrics.spread([1.0, np.nan]) == (1.0, 1.0, 1.0)
    assert np.isnan(metrics.spread([])).all()
