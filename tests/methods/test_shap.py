import numpy as np
import pytest

from games import GAMES, additive, random_game, shapley_by_permutations, shapley_by_subsets
from jupyter_xai import methods
from jupyter_xai.methods.shap import Shap


def exact_scores(game, n):
    masks = Shap().plan(n, 2**n, 0)
    result = Shap().solve(masks, game(masks)[:, None], lengths=[1], seed=0)
    assert result.exact
    return result.scores[:, 0]


def sampled(game, n, perturbations, seed=0):
    masks = Shap().plan(n, perturbations, seed)
    return Shap().solve(masks, game(masks)[:, None], lengths=[1], seed=seed)


@pytest.mark.parametrize("n", range(1, 8))
def test_exact_equals_all_orders(n):
    game = random_game(n, n)
    np.testing.assert_allclose(exact_scores(game, n), shapley_by_permutations(game, n), rtol=1e-6)


@pytest.mark.parametrize("n", [8, 9, 10])
@pytest.mark.parametrize("kind", [random_game, *GAMES])
def test_exact_equals_the_sum_over_subsets(kind, n):
    game = kind(n, n)
    expected = shapley_by_subsets(game, n)
    np.testing.assert_allclose(exact_scores(game, n), expected, rtol=1e-6, atol=1e-12)


def test_exact_equals_captum():
    import torch
    from captum.attr import ShapleyValues

    weights = torch.linspace(-1, 2, 5, dtype=torch.float64)

    def forward(kept):
        return (kept @ weights) * kept[:, 0] + torch.exp(kept[:, 1] * kept[:, 2])

    reference = ShapleyValues(forward).attribute(
        torch.ones(1, 5, dtype=torch.float64), baselines=0.0
    )
    found = exact_scores(lambda masks: forward(torch.from_numpy(masks * 1.0)).numpy(), 5)
    np.testing.assert_allclose(found, reference[0].numpy(), rtol=1e-6)


@pytest.mark.parametrize("kind", [random_game, *GAMES])
@pytest.mark.parametrize("perturbations", [3, 9, 40, 200, 4095])
def test_scores_sum_to_everything_minus_nothing(kind, perturbations):  # T33
    n = 12
    game = kind(n, 7)
    ends = game(np.array([[True] * n, [False] * n]))
    scores = sampled(game, n, perturbations).scores
    assert scores.sum() == pytest.approx(ends[0] - ends[1], abs=1e-9)


def test_equal_units_score_equally():
    def game(masks):
        return np.exp(masks[:, 0] + masks[:, 3]) * (1 + masks[:, 1])

    scores = exact_scores(game, 5)
    assert scores[0] == pytest.approx(scores[3], abs=1e-12)
    assert np.abs(scores[[2, 4]]).max() < 1e-12


def test_scores_of_a_sum_of_games_add_up():
    first, second = random_game(6, 1), random_game(6, 2)
    both = exact_scores(lambda masks: first(masks) + 2 * second(masks), 6)
    np.testing.assert_allclose(both, exact_scores(first, 6) + 2 * exact_scores(second, 6))


def test_sampling_is_exact_for_units_and_pairs_of_units():
    rng = np.random.default_rng(0)
    weights, pairs = rng.normal(size=10), np.triu(rng.normal(size=(10, 10)), 1)

    def game(masks):
        return masks @ weights + np.einsum("ri,ij,rj->r", masks * 1.0, pairs, masks * 1.0)

    result = sampled(game, 10, 40)
    truth = shapley_by_subsets(game, 10)
    np.testing.assert_allclose(result.scores[:, 0], truth, atol=1e-9)
    assert (result.low[:, 0] <= truth).all()
    assert (truth <= result.high[:, 0]).all()
    assert np.abs(result.high - result.low).max() < 1e-6


@pytest.mark.parametrize("kind", GAMES)
def test_more_masks_come_closer(kind):
    game = kind(12, 3)
    truth = shapley_by_subsets(game, 12)
    errors = [
        np.mean([np.abs(sampled(game, 12, r, s).scores[:, 0] - truth).mean() for s in range(6)])
        for r in (31, 127, 511, 1023)
    ]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < errors[0] / 5


def test_sampling_is_unbiased_even_with_fewer_pairs_than_units():
    n, draws = 12, 600
    game = GAMES[1](n, 5)
    truth = shapley_by_subsets(game, n)
    found = np.stack([sampled(game, n, 15, seed).scores[:, 0] for seed in range(draws)])
    deviation = found.std(axis=0) / np.sqrt(draws)
    assert np.abs((found.mean(axis=0) - truth) / deviation).max() < 4.5


@pytest.mark.parametrize("perturbations", [33, 128, 512])
def test_intervals_cover_nine_in_ten(perturbations):
    """Nominal 90 % intervals against enumerated values, of games of four kinds."""
    n, covered = 12, {kind: [] for kind in GAMES}
    for seed in range(40):
        games = [kind(n, 1000 + seed) for kind in GAMES]
        masks = Shap().plan(n, perturbations, seed)
        values = np.stack([game(masks) for game in games], axis=1)
        result = Shap().solve(masks, values, lengths=[1] * len(games), seed=seed)
        for column, (kind, game) in enumerate(zip(GAMES, games, strict=True)):
            truth = shapley_by_subsets(game, n)
            low, high = result.low[:, column], result.high[:, column]
            covered[kind].append((low <= truth) & (truth <= high))
    assert 0.85 <= np.mean(list(covered.values())) <= 0.97
    # Each kind for itself, with the room that 40 games ask for.
    for kind, hits in covered.items():
        assert np.mean(hits) >= 0.8, kind.__name__


def test_intervals_cover_where_units_outnumber_pairs():
    n, hits = 40, []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        weights = rng.normal(size=n)
        groups = [rng.choice(n, 3, replace=False) for _ in range(20)]
        truth = weights.copy()
        for group in groups:
            truth[group] += 2 / 3
        masks = Shap().plan(n, 64, seed)
        values = masks @ weights + sum(2.0 * masks[:, group].all(axis=1) for group in groups)
        result = Shap().solve(masks, values[:, None], lengths=[1], seed=seed)
        hits.append((result.low[:, 0] <= truth) & (truth <= result.high[:, 0]))
    assert 0.8 <= np.mean(hits) <= 0.97


def test_intervals_shrink_with_more_masks():
    game = GAMES[1](14, 0)
    widths = [
        np.mean(result.high - result.low)
        for result in (sampled(game, 14, r) for r in (64, 256, 1024))
    ]
    assert widths == sorted(widths, reverse=True)


def test_half_a_pair_changes_nothing():
    masks = Shap().plan(8, 41, 0)
    values = random_game(8, 0)(masks)[:, None]
    whole = Shap().solve(masks, values, lengths=[1], seed=0)
    more = Shap().plan(8, 43, 0)[: len(masks) + 1]
    cut = Shap().solve(more, random_game(8, 0)(more)[:, None], lengths=[1], seed=0)
    np.testing.assert_array_equal(whole.scores, cut.scores)


@pytest.mark.parametrize(("asked", "rows"), [(1, 4), (2, 4), (3, 4), (4, 4), (64, 64), (63, 64)])
def test_plans_hold_whole_pairs(asked, rows):
    assert len(Shap().plan(20, asked, 0)) == rows


def test_all_masks_are_wanted_where_they_are_few():
    for n in range(1, 8):
        assert len(Shap().plan(n, None, 0)) == 2**n
    assert methods.get("shap").most(3) == 7


def test_a_noisy_sum_is_recovered():
    game = additive(12, 0, noise=1e-3)
    result = sampled(game, 12, 100)
    np.testing.assert_allclose(result.scores[:, 0], shapley_by_subsets(game, 12), atol=2e-3)
