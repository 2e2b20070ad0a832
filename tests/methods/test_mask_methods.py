"""What holds for every method that plays the masking game."""

import numpy as np
import pytest

from games import additive, interacting, made, random_game
from jupyter_xai import methods
from jupyter_xai.errors import XaiError
from jupyter_xai.methods.base import MaskMethod

NAMES = [name for name in methods.names() if isinstance(methods.get(name), MaskMethod)]
SAMPLED = ["linear", "shap", "lime", "gsmile"]
LOCAL = ["lime", "gsmile"]
"""Surrogates whose design is not balanced, and that share out interactions unevenly."""


def solve(name, masks, values, **settings):
    method = made(name, masks.shape[1], **settings)
    return method.solve(masks, values, lengths=[2] * values.shape[1], seed=0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n", [1, 2, 3, 7, 30])
def test_plans_are_nested_distinct_and_begin_with_everything(name, n):
    method = methods.get(name)
    long = method.plan(n, 200, 4)
    assert long[0].all()
    assert len(np.unique(long, axis=0)) == len(long) <= 201
    for count in (1, 2, 3, 10, 63, 64):
        short = method.plan(n, count, 4)
        assert (long[: len(short)] == short).all()
    assert (method.plan(n, 200, 4) == long).all()


@pytest.mark.parametrize("name", SAMPLED)
def test_another_seed_draws_other_masks(name):
    method = methods.get(name)
    assert (method.plan(12, 40, 1) != method.plan(12, 40, 2)).any()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n", [1, 2, 3, 5, 12])
def test_any_beginning_of_a_plan_is_solved(name, n):
    masks = methods.get(name).plan(n, 40, 0)
    values = np.random.default_rng(0).normal(size=(len(masks), 3))
    for rows in range(1, len(masks) + 1):
        result = solve(name, masks[:rows], values[:rows])
        assert result.scores.shape == (n, 3)
        assert not np.isinf(result.scores).any()
        if result.low is not None:
            known = ~np.isnan(result.low)
            assert (result.low <= result.high)[known].all()
            assert (known == ~np.isnan(result.high)).all()
            assert not (known & np.isnan(result.scores)).any()
    assert np.isfinite(result.scores).all()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_known_from_the_full_prompt_alone(name):
    masks = methods.get(name).plan(4, None, 0)[:1]
    assert np.isnan(solve(name, masks, np.ones((1, 2))).scores).all()


@pytest.mark.parametrize("name", NAMES)
def test_columns_that_are_not_finite_have_no_scores_and_spoil_no_others(name):
    masks = methods.get(name).plan(5, 20, 0)
    values = np.random.default_rng(1).normal(size=(len(masks), 3))
    clean = solve(name, masks, values[:, [0, 2]])
    values[:, 1] = np.nan
    spoilt = solve(name, masks, values)
    assert np.isnan(spoilt.scores[:, 1]).all()
    np.testing.assert_allclose(spoilt.scores[:, [0, 2]], clean.scores, rtol=1e-9)
    assert np.isnan(solve(name, masks, values[:, [1]]).scores).all()


@pytest.mark.parametrize("name", NAMES)
def test_global_random_state_is_left_alone(name):
    torch = pytest.importorskip("torch")
    numpy_before, torch_before = np.random.get_state(), torch.get_rng_state()
    masks = methods.get(name).plan(12, 40, 0)
    solve(name, masks, additive(12, 0)(masks)[:, None])
    assert (np.random.get_state()[1] == numpy_before[1]).all()
    assert np.random.get_state()[2] == numpy_before[2]
    assert (torch.get_rng_state() == torch_before).all()


@pytest.mark.parametrize("name", NAMES)
def test_equal_seeds_give_equal_results(name):
    masks = methods.get(name).plan(12, 40, 0)
    values = interacting(12, 0)(masks)[:, None]
    first, second = solve(name, masks, values), solve(name, masks, values)
    assert (first.scores == second.scores).all()
    if first.low is not None:
        assert (first.low == second.low).all()
        assert (first.high == second.high).all()


@pytest.mark.parametrize("name", NAMES)
def test_intervals_can_be_left_out_and_change_no_score(name):
    method = made(name, 12)
    masks = method.plan(12, 40, 0)
    values = interacting(12, 0)(masks)[:, None]
    quick = method.solve(masks, values, lengths=[1], seed=0, intervals=False)
    assert quick.low is None
    assert quick.high is None
    full = method.solve(masks, values, lengths=[1], seed=0)
    assert (quick.scores == full.scores).all()


@pytest.mark.parametrize("name", NAMES)
def test_sign_is_kept(name):  # T32
    masks = methods.get(name).plan(6, 64, 0)
    values = masks @ np.array([3.0, -3.0, 0, 0, 1.0, -1.0])
    scores = solve(name, masks, values[:, None]).scores[:, 0]
    assert np.sign(np.round(scores, 6)).tolist() == [1, -1, 0, 0, 1, -1]
    np.testing.assert_allclose(solve(name, masks, -values[:, None]).scores[:, 0], -scores)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LOCAL])
@pytest.mark.parametrize("others", [-1000.0, 0.5, 1000.0])
def test_a_unit_without_effect_scores_nothing_whatever_the_others_are(name, others):  # T35
    masks = methods.get(name).plan(6, 64, 0)
    values = others * (1 + masks[:, 0] + 2 * masks[:, 1]) + masks[:, 2] * masks[:, 3]
    scores = solve(name, masks, values[:, None]).scores[:, 0]
    # ContextCite's fit works in float32; relative to the others that is nothing.
    assert np.abs(scores[4:]).max() <= 1e-5 * abs(others)


@pytest.mark.parametrize("name", NAMES)
def test_a_constant_added_to_the_value_changes_no_score(name):
    masks = methods.get(name).plan(6, 64, 0)
    values = random_game(6, 0)(masks)[:, None]
    shifted = solve(name, masks, values + 100).scores
    np.testing.assert_allclose(shifted, solve(name, masks, values).scores, atol=2e-4)


@pytest.mark.parametrize("name", SAMPLED)
def test_perturbations_below_one_are_an_error(name):
    with pytest.raises(XaiError, match="at least 1"):
        methods.get(name).plan(5, 0, 0)


@pytest.mark.parametrize("name", NAMES)
def test_default_plan_is_within_what_exists(name):
    method = methods.get(name)
    for n in (1, 2, 5, 8, 40):
        plan = method.plan(n, None, 0)
        most, default = method.most(n), method.default_perturbations(n)
        if most is None or default is None:
            assert len(plan) == n + 1
        else:
            assert default <= most
            assert default - 1 <= len(plan) - 1 <= default


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n", [1, 2, 4])
def test_all_masks_make_a_result_exact(name, n):
    masks = methods.get(name).plan(n, 10**6, 0)
    result = solve(name, masks, random_game(n, 1)(masks)[:, None])
    assert result.exact
    assert result.low is None


@pytest.mark.parametrize("name", SAMPLED)
def test_some_masks_do_not(name):
    masks = methods.get(name).plan(8, 64, 0)
    result = solve(name, masks, random_game(8, 1)(masks)[:, None])
    assert not result.exact
    assert np.isfinite(result.low).all()
    assert np.isfinite(result.high).all()
