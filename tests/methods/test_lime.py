import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import Ridge
from sklearn.metrics import pairwise_distances

from games import GAMES
from jupyter_xai import methods
from jupyter_xai.errors import XaiError
from jupyter_xai.masking import every
from jupyter_xai.methods.lime import Lime, mask_weights
from jupyter_xai.methods.weighted_ridge import weighted_ridge

MASKS = np.array(
    [
        *([1, 1, 1, 1], [1, 0, 1, 1], [0, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1]),
        *([1, 1, 1, 0], [0, 0, 0, 1], [0, 1, 1, 1], [1, 0, 0, 0], [0, 0, 0, 0]),
    ],
    dtype=bool,
)
VALUES = np.array([3.0, -1.5, 0.25, 2.0, 0.5, 2.5, -0.75, 1.0, 0.125, -2.0])


def published(masks, values, width, alpha=1.0):
    """The estimator of lime 0.2.0.1, stated anew: distances in hundredths, a root over all."""
    rows = csr_matrix(masks.astype(float))
    distance = pairwise_distances(rows, rows[0], metric="cosine").ravel() * 100
    weights = np.sqrt(np.exp(-(distance**2) / (100 * width) ** 2))
    return Ridge(alpha=alpha).fit(masks, values, sample_weight=weights).coef_


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (0.25, [0.2977985316005998, 1.3881979798718407, 0.18586645379446878, -0.3280006495378033]),
        (0.1, [0.26632371101194424, 0.9902541892249611, 0.0011394050095526, -0.1687750758103676]),
    ],
)
def test_scores_equal_the_reference_package(width, expected):
    # What lime 0.2.0.1's explain_instance_with_data gives for these masks, values and distances.
    found = Lime(kernel_width=width).solve(MASKS, VALUES[:, None], lengths=[1], seed=0)
    np.testing.assert_allclose(found.scores[:, 0], expected, rtol=1e-9)
    np.testing.assert_allclose(published(MASKS, VALUES, width), expected, rtol=1e-9)


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize(("n", "width", "alpha"), [(5, 0.25, 1.0), (12, 0.25, 1.0), (12, 0.1, 9.0)])
def test_scores_equal_scikit_learn(game, n, width, alpha):
    method = methods.get("lime", kernel_width=width, alpha=alpha)
    masks = method.plan(n, 40, 0)
    values = np.stack([game(n, seed)(masks) for seed in range(3)], axis=1)
    scores = method.solve(masks, values, lengths=[1, 7, 40], seed=0).scores
    for column in range(3):
        expected = published(masks, values[:, column], width, alpha)
        np.testing.assert_allclose(scores[:, column], expected, rtol=1e-7, atol=1e-9)


def test_what_removes_less_weighs_more():
    weights = mask_weights(np.tri(6, dtype=bool)[::-1], 0.25)
    assert weights[0] == 1
    assert (np.diff(weights) < 0).all()
    assert (mask_weights(MASKS, 0.1) <= mask_weights(MASKS, 0.5)).all()
    assert mask_weights(np.zeros((1, 3), bool), 1.0)[0] == pytest.approx(np.exp(-0.5))


def test_the_number_of_kept_units_is_uniform():
    kept = Lime().plan(20, 190, 0)[1:].sum(axis=1)
    assert np.bincount(kept).tolist() == pytest.approx([0] + [10] * 19, abs=2)


def test_without_a_penalty_additive_games_are_solved():
    masks = Lime().plan(9, 60, 0)
    result = Lime(alpha=1e-9).solve(masks, masks @ np.arange(9.0)[:, None], lengths=[1], seed=0)
    np.testing.assert_allclose(result.scores[:, 0], np.arange(9), atol=1e-6)


def test_a_narrow_kernel_sees_the_neighbourhood_only():
    # Either of two units is enough: near the whole prompt neither matters, far from it both do.
    masks = every(8)
    either = masks[:, :2].any(axis=1)[:, None].astype(float)
    narrow, wide = (
        Lime(kernel_width=w, alpha=1e-9).solve(masks, either, lengths=[1], seed=0).scores[0, 0]
        for w in (0.02, 10)
    )
    assert narrow < 0.05 < 0.2 < wide


def test_intervals_cover_the_surrogate_of_all_masks():
    n, covered = 12, []
    everything = every(n)[::-1]
    for seed in range(20):
        masks = Lime(alpha=1e-6).plan(n, 128, seed)
        games = [game(n, 100 * seed) for game in GAMES]
        values = np.stack([game(masks) for game in games], axis=1)
        result = Lime(alpha=1e-6).solve(masks, values, lengths=[1] * 4, seed=seed)
        # The masks drawn are not uniform over all masks, but over sizes and within each.
        size = everything.sum(axis=1)
        share = 1 / np.bincount(size)[size]
        weights = mask_weights(everything, 0.25) * share
        for column, game in enumerate(games):
            truth = weighted_ridge(everything * 1.0, game(everything)[:, None], weights, 0)[:, 0]
            covered.append((result.low[:, column] <= truth) & (truth <= result.high[:, column]))
    assert 0.82 <= np.mean(covered) <= 0.98


def test_too_many_units_to_refit_have_no_intervals_and_a_note():
    masks = Lime().plan(400, 1000, 0)
    result = Lime().solve(masks, masks[:, :1] * 3.0, lengths=[1], seed=0)
    assert np.isfinite(result.scores).all()
    assert np.isnan(result.low).all()
    assert "takes too long" in result.notes[0]


def test_refits_equal_scikit_learn():
    rng = np.random.default_rng(0)
    masks, targets = rng.random((30, 6)) < 0.5, rng.normal(size=(30, 2))
    weights = rng.integers(0, 3, size=30) * rng.random(30)
    for penalty in (1e-6, 1.0, 50.0):
        expected = Ridge(alpha=penalty).fit(masks, targets, sample_weight=weights).coef_.T
        found = weighted_ridge(masks * 1.0, targets, weights, penalty)
        np.testing.assert_allclose(found, expected, atol=1e-7)


@pytest.mark.parametrize("setting", ["kernel_width", "alpha"])
@pytest.mark.parametrize("number", [0, -1, float("nan"), float("inf"), "0.01", True])
def test_settings_must_be_numbers_above_zero(setting, number):
    with pytest.raises(XaiError, match=f"{setting}=.* above 0"):
        methods.get("lime", **{setting: number})


@pytest.mark.parametrize("others", [-1000.0, 0.5, 1000.0])
def test_a_unit_without_effect_scores_nothing_where_units_add_up(others):  # T35
    masks = Lime().plan(6, 64, 0)
    values = others * (1 + masks[:, :1] + 2 * masks[:, 1:2])
    scores = Lime(alpha=1e-9).solve(masks, values, lengths=[1], seed=0).scores[:, 0]
    assert np.abs(scores[2:]).max() <= 1e-6 * abs(others)
