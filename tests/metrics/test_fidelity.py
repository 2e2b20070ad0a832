import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

from jupyter_xai.errors import XaiError
from jupyter_xai.metrics.fidelity import fidelity


@pytest.fixture
def numbers():
    rng = np.random.default_rng(0)
    actual = rng.normal(size=30)
    return actual, actual + 0.3 * rng.normal(size=30), rng.random(30)


def test_figures_equal_scikit_learn(numbers):
    actual, predicted, weights = numbers
    found = fidelity(actual, predicted, weights, features=4)
    weighted = r2_score(actual, predicted, sample_weight=weights)
    assert found.weighted_r2 == pytest.approx(weighted)
    assert found.r2 == pytest.approx(r2_score(actual, predicted))
    squared = mean_squared_error(actual, predicted, sample_weight=weights)
    assert found.weighted_mse == pytest.approx(squared)
    absolute = mean_absolute_error(actual, predicted, sample_weight=weights)
    assert found.weighted_mae == pytest.approx(absolute)
    assert found.mean_l1 == pytest.approx(mean_absolute_error(actual, predicted))
    assert found.mean_l2 == pytest.approx(mean_squared_error(actual, predicted))
    assert found.adjusted_weighted_r2 == pytest.approx(1 - (1 - weighted) * 29 / 25)


def test_a_case_by_hand():
    found = fidelity([0, 1, 2], [0, 1, 1], [1, 1, 2], features=1)
    # The weighted mean is 5/4; sums of squares 2 and 11/4 with weights, 1 and 35/16 without.
    assert found.weighted_mse == found.weighted_mae == pytest.approx(1 / 2)
    assert found.mean_l1 == found.mean_l2 == pytest.approx(1 / 3)
    assert found.r2 == pytest.approx(1 / 2)
    assert found.weighted_r2 == pytest.approx(1 - 2 / (11 / 4))
    printed = fidelity([0, 1, 2], [0, 1, 1], [1, 1, 2], features=1, variant="paper")
    assert printed.weighted_r2 == pytest.approx(1 - 1 / (35 / 16))
    assert printed.adjusted_weighted_r2 == pytest.approx(1 - 16 / 35 * 2)
    assert printed.weighted_mse == found.weighted_mse


def test_with_equal_weights_the_printed_form_and_the_corrected_one_agree(numbers):
    actual, predicted, _ = numbers
    assert fidelity(actual, predicted, features=2) == fidelity(
        actual, predicted, features=2, variant="paper"
    )


def test_weighted_figures_are_gamed_by_a_tiny_width_and_unweighted_ones_are_not():
    # Why the width is chosen by the unweighted figure: few rows that count are fitted well.
    rng = np.random.default_rng(1)
    features, actual = rng.random((40, 3)), rng.normal(size=40)
    tiny = np.where(np.arange(40) < 5, 1.0, 1e-6)
    fitted = LinearRegression().fit(features, actual, sample_weight=tiny).predict(features)
    found = fidelity(actual, fitted, tiny, features=3)
    assert found.weighted_r2 > 0.8
    assert found.r2 < 0


def test_a_perfect_surrogate_and_the_mean():
    actual = np.array([1.0, 2.0, 4.0, 8.0])
    perfect = fidelity(actual, actual, [1, 2, 3, 4], features=1)
    assert (perfect.r2, perfect.weighted_r2, perfect.adjusted_weighted_r2) == (1, 1, 1)
    assert perfect.weighted_mse == perfect.mean_l1 == 0
    assert fidelity(actual, np.full(4, actual.mean()), features=1).r2 == pytest.approx(0)


@pytest.mark.parametrize(("rows", "defined"), [(5, False), (6, True)])
def test_the_adjusted_figure_needs_more_rows_than_features(rows, defined):
    actual = np.arange(float(rows))
    found = fidelity(actual, actual[::-1], features=4)
    assert (found.adjusted_weighted_r2 is not None) == defined


def test_where_nothing_varies_no_share_is_explained():
    found = fidelity([0.1 + 0.2] * 8, [0.3] * 8, features=1)
    assert found.r2 is found.weighted_r2 is found.adjusted_weighted_r2 is None


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(XaiError, match="corrected or paper"):
        fidelity([1.0], [1.0], features=1, variant="printed")
    for actual, predicted, weights in (
        ([1.0], [1.0, 2.0], None),
        ([], [], None),
        ([1.0, 2.0], [1.0, 2.0], [0, 0]),
        ([1.0, 2.0], [1.0, 2.0], [-1, 2]),
    ):
        with pytest.raises(ValueError, match=r"shapes|weights"):
            fidelity(actual, predicted, weights, features=1)
