import numpy as np
import pytest
from sklearn.linear_model import Lasso
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from games import GAMES, additive
from jupyter_xai import methods
from jupyter_xai.errors import XaiError
from jupyter_xai.masking import every, random_pairs
from jupyter_xai.methods.lasso import batch_lasso
from jupyter_xai.methods.linear import Linear


def published(masks, values, tokens, alpha):
    """ContextCite's estimator, stated anew from its paper and package."""
    pipeline = make_pipeline(StandardScaler(), Lasso(alpha=alpha, random_state=0))
    pipeline.fit(masks.astype(np.float32), values / tokens)
    return pipeline[1].coef_ / pipeline[0].scale_ * tokens


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize(("n", "alpha"), [(5, 0.01), (12, 0.01), (12, 0.1)])
def test_scores_equal_contextcites_estimator(game, n, alpha):
    method = methods.get("linear", alpha=alpha)
    masks = method.plan(n, 30, 0)
    lengths = [1, 7, 40]
    values = np.stack([game(n, seed)(masks) * 5 for seed in range(3)], axis=1)
    scores = method.solve(masks, values, lengths=lengths, seed=0).scores
    for column, tokens in enumerate(lengths):
        # The full prompt is no keep-half mask, and no part of the published fit.
        expected = published(masks[1:], values[1:, column], tokens, alpha)
        np.testing.assert_allclose(scores[:, column], expected, rtol=1e-6, atol=1e-9)


def test_with_all_masks_the_full_and_the_empty_one_take_part():
    masks = methods.get("linear").plan(4, 15, 0)
    assert len(masks) == 16
    values = additive(4, 0)(masks)
    scores = Linear().solve(masks, values[:, None], lengths=[3], seed=0).scores[:, 0]
    np.testing.assert_allclose(scores, published(masks, values, 3, 0.01), rtol=1e-6)


def test_scores_are_in_the_units_of_the_value():
    masks = methods.get("linear").plan(6, 62, 0)
    values = masks @ np.array([4.0, 0, 0, -2.0, 0, 0])
    scores = Linear(alpha=1e-4).solve(masks, values[:, None], lengths=[10], seed=0).scores[:, 0]
    np.testing.assert_allclose(scores, [4, 0, 0, -2, 0, 0], atol=0.01)


def test_the_usual_plan_is_contextcites_64():
    assert len(Linear().plan(50, None, 0)) == 65
    assert len(Linear().plan(4, None, 0)) == 16


@pytest.mark.parametrize("alpha", [0, -1, float("nan"), float("inf"), "0.01", True])
def test_alpha_must_be_a_number_above_zero(alpha):
    with pytest.raises(XaiError, match="above 0"):
        methods.get("linear", alpha=alpha)


def published_objective(masks, targets, coefficients, alpha):
    standard, deviation = masks - masks.mean(axis=0), masks.std(axis=0)
    residual = targets - targets.mean(axis=0) - standard @ coefficients
    penalty = alpha * (np.abs(coefficients) * deviation[:, None]).sum(axis=0)
    return (residual**2).mean(axis=0) / 2 + penalty


@pytest.mark.parametrize(("n", "rows"), [(6, 40), (12, 64), (30, 20)])
def test_refits_equal_scikit_learn(n, rows):
    rng = np.random.default_rng(n)
    masks = random_pairs(n, rows, 0).astype(np.float64)
    targets = masks @ rng.normal(size=(n, 3)) + rng.normal(size=(rows, 3))
    counts = rng.multinomial(rows, np.full(rows, 1 / rows), size=4)
    found = batch_lasso(masks, targets, counts / rows, 0.05, tolerance=1e-12, iterations=20_000)
    for weighting, count in enumerate(counts):
        repeated, answers = np.repeat(masks, count, axis=0), np.repeat(targets, count, axis=0)
        scaler = StandardScaler().fit(repeated)
        lasso = Lasso(alpha=0.05, tol=1e-13, max_iter=10**6)
        lasso.fit(scaler.transform(repeated), answers)
        expected = (lasso.coef_ / scaler.scale_).T
        if n < rows:
            np.testing.assert_allclose(found[weighting], expected, atol=1e-6)
        # With more units than masks the best coefficients are not unique, but how good they are is.
        np.testing.assert_allclose(
            published_objective(repeated, answers, found[weighting], 0.05),
            published_objective(repeated, answers, expected, 0.05),
            atol=1e-9,
        )


def test_refits_are_close_enough_at_the_speed_that_is_used():
    masks = random_pairs(12, 64, 0)
    values = np.stack([game(12, 0)(masks) for game in GAMES], axis=1)
    weights = np.random.default_rng(0).multinomial(64, np.full(64, 1 / 64), size=20) / 64
    exact = batch_lasso(
        masks.astype(float), values, weights, 0.01, tolerance=1e-12, iterations=20_000
    )
    quick = batch_lasso(masks.astype(np.float32), values, weights, 0.01)
    assert np.abs(quick - exact).max() < 0.01 * np.abs(exact).max()


def test_intervals_cover_the_surrogate_of_all_masks():
    n, covered = 12, []
    everything = every(n)
    for seed in range(25):
        masks = Linear().plan(n, 64, seed)
        games = [game(n, 100 * seed) for game in GAMES]
        result = Linear().solve(
            masks, np.stack([game(masks) for game in games], axis=1), lengths=[1] * 4, seed=seed
        )
        for column, game in enumerate(games):
            truth = published(everything, game(everything), 1, 0.01)
            low, high = result.low[:, column], result.high[:, column]
            covered.append((low - 1e-4 <= truth) & (truth <= high + 1e-4))
    assert 0.82 <= np.mean(covered) <= 0.97


def test_more_scores_than_can_be_refitted_leave_the_total_with_intervals():
    masks = Linear().plan(120, 64, 0)
    values = masks[:, :90] * 3.0
    result = Linear().solve(masks, values, lengths=[1] * 90, seed=0)
    assert np.isfinite(result.low[:, -1]).all()
    assert np.isnan(result.low[:, :-1]).all()
    assert "only the total has an interval" in " ".join(result.notes)
