import numpy as np
import pytest
from scipy.stats import spearmanr

from jupyter_xai import methods, metrics
from jupyter_xai.masking import every, random_pairs


def test_lds_by_hand():
    masks = every(2)
    # Predicted 0, 2, 1, 3 against 0, 1, 2, 3: 1 - 6 (0 + 1 + 1 + 0) / (4 (16 - 1)) = 0.8.
    assert metrics.lds([2.0, 1.0], masks, [0, 1, 2, 3]) == pytest.approx(0.8)
    assert metrics.lds([-2.0, -1.0], masks, [0, 2, 1, 3]) == pytest.approx(-1)


def test_lds_equals_scipy_with_ties():
    rng = np.random.default_rng(0)
    masks = random_pairs(8, 60, 0)
    scores, values = rng.integers(0, 3, 8).astype(float), rng.integers(0, 9, 60).astype(float)
    expected = spearmanr(masks @ scores, values).statistic
    assert metrics.lds(scores, masks, values) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("scores", "values"),
    [
        ([0.0, 0.0], [0, 1, 2, 3]),
        ([2.0, 1.0], [5, 5, 5, 5]),
        ([np.nan, 1.0], [0, 1, 2, 3]),
        ([2.0, 1.0], [np.nan, np.nan, np.nan, 3]),
    ],
)
def test_lds_is_none_where_it_is_not_defined(scores, values):
    assert metrics.lds(scores, every(2), values) is None


def test_values_that_are_not_finite_are_left_out():
    assert metrics.lds([2.0, 1.0], every(2), [0, 9, np.nan, 99]) == pytest.approx(1)


@pytest.mark.parametrize("name", ["linear", "shap"])
def test_cross_fitting_tells_signal_from_noise(name):
    method = methods.get(name)
    weights = np.linspace(-2, 2, 10)
    noise = []
    for seed in range(20):
        masks = method.plan(10, 64, seed)
        rng = np.random.default_rng(seed)
        values = np.stack([rng.normal(size=len(masks)), masks @ weights], axis=1)
        score, count = metrics.cross_fitted_lds(method, masks, values, [1, 1], seed)
        assert score > 0.95
        assert 60 <= count <= 64
        values = rng.normal(size=(len(masks), 1))
        score, _ = metrics.cross_fitted_lds(method, masks, values, [1], seed)
        if score is not None:
            noise.append(score)
    # Of 20 correlations over 62 masks of pure noise: no leak from the fit into its own test.
    assert abs(np.mean(noise)) < 0.12


def test_cross_fitting_keeps_complements_together():
    class Watch(type(methods.get("linear"))):
        def solve(self, masks, values, **kwargs):
            inner = masks[~masks.all(axis=1)]
            rows = {row.tobytes() for row in inner}
            assert all((~row).tobytes() in rows for row in inner)
            assert masks[0].all()
            seen.append(len(inner))
            return super().solve(masks, values, **kwargs)

    seen = []
    masks = Watch().plan(9, 40, 0)
    metrics.cross_fitted_lds(Watch(), masks, masks[:, :1] * 1.0, [1], 0)
    assert seen == [32] * 5


def test_fewer_than_sixteen_masks_give_none():
    method = methods.get("linear")
    masks = method.plan(9, 15, 0)
    assert metrics.cross_fitted_lds(method, masks, masks[:, :1] * 1.0, [1], 0) == (None, 15)
    masks = method.plan(9, 16, 0)
    score, count = metrics.cross_fitted_lds(method, masks, masks[:, :1] * 1.0, [1], 0)
    assert count == 16
    assert score > 0.8


def test_leave_one_out_cannot_be_cross_fitted():
    method = methods.get("leave-one-out")
    masks = method.plan(20, None, 0)
    values = np.random.default_rng(0).normal(size=(21, 1))
    assert metrics.cross_fitted_lds(method, masks, values, [1], 0)[0] is None


def test_without_effect_there_is_no_lds():
    method = methods.get("linear")
    masks = method.plan(9, 40, 0)
    assert metrics.cross_fitted_lds(method, masks, np.ones((41, 1)), [1], 0)[0] is None


def test_the_interval_of_the_lds_holds_it_and_shrinks_with_more_masks():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=10)
    widths = []
    for count in (32, 512):
        masks = random_pairs(10, count, 0)
        values = masks @ scores + rng.normal(size=count)
        low, high = metrics.lds_interval(scores, masks, values, 0)
        assert low < metrics.lds(scores, masks, values) < high
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


def test_the_interval_of_the_lds_covers_the_truth():
    rng = np.random.default_rng(1)
    scores = rng.normal(size=12)
    everything = every(12)
    truth = metrics.lds(scores, everything, everything @ scores + 2 * rng.normal(size=4096))
    covered = 0
    for seed in range(60):
        masks = random_pairs(12, 64, seed)
        values = masks @ scores + 2 * rng.normal(size=64)
        low, high = metrics.lds_interval(scores, masks, values, seed)
        covered += low <= truth <= high
    # Nominal .90; the percentile bootstrap of a rank correlation covers a little less.
    assert 0.78 <= covered / 60 <= 0.98


def test_an_undefined_lds_has_no_interval():
    assert metrics.lds_interval([0.0, 0.0], every(2), [0, 1, 2, 3], 0) is None
