import json
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_xai import masking
from jupyter_xai.errors import XaiError

DRAWS = [masking.random_pairs, masking.shapley_pairs]


@pytest.mark.parametrize("draw", DRAWS)
@given(n=st.integers(1, 40), count=st.integers(0, 80), more=st.integers(0, 40), seed=st.integers(0))
def test_draws_are_nested_distinct_and_paired(draw, n, count, more, seed):
    short, long = draw(n, count, seed), draw(n, count + more, seed)
    assert len(short) == min(count, 2**n - 2)
    assert (long[: len(short)] == short).all()
    assert len(np.unique(long, axis=0)) == len(long)
    halves = long[: len(long) // 2 * 2]
    assert (halves[0::2] == ~halves[1::2]).all()
    assert not (long.all(axis=1) | ~long.any(axis=1)).any()


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("n", [1, 2, 3, 6, 11])
def test_all_masks_are_drawn_in_the_end(draw, n):
    assert len(np.unique(draw(n, 10**6, 3), axis=0)) == 2**n - 2


def test_full_and_empty_mask_come_last_and_only_when_asked_for():
    masks = masking.random_pairs(3, 100, 0, trivial=True)
    assert len(masks) == 8
    assert masks[-2].all()
    assert not masks[-1].any()
    assert len(masking.random_pairs(3, 6, 0, trivial=True)) == 6


def test_keep_half_masks_keep_half_and_are_uniform():
    masks = masking.random_pairs(20, 4000, 1)
    # Four standard deviations of a mean of 4,000 fair coins.
    assert np.abs(masks[0::2].mean(axis=0) - 0.5).max() < 4 * 0.5 / np.sqrt(2000)
    counts = np.zeros(8)
    for seed in range(4000):
        counts[masking.random_pairs(3, 1, seed)[0] @ [1, 2, 4]] += 1
    assert counts[0] == counts[7] == 0
    assert np.abs(counts[1:7] / 4000 - 1 / 6).max() < 0.03


@pytest.mark.parametrize("n", [12, 13, 200])
def test_shapley_sizes_are_equally_frequent_in_every_stretch(n):
    size = masking.shapley_pairs(n, 4 * (n - 1), 5)[:, :].sum(axis=1)
    for stretch in (size[: 2 * (n - 1)], size[2 * (n - 1) :]):
        low, high = (stretch <= n // 3).mean(), (stretch >= n - n // 3).mean()
        assert low == high == pytest.approx((n // 3) / (n - 1), abs=0.06)


def test_masks_of_one_size_are_uniform():
    seen = np.zeros(6)
    for seed in range(3000):
        masks = masking.shapley_pairs(6, 2, seed)
        seen += masks[masks.sum(axis=1).argmin()] / masks.sum(axis=1).min()
    assert np.abs(seen / 3000 - 1 / 6).max() < 0.03


def test_possible_counts_masks_up_to_a_million():
    assert [masking.possible(n) for n in (1, 2, 10, 20, 21, 5000)] == [
        2, 4, 1024, 2**20, 2**20, 2**20,
    ]  # fmt: skip


def test_every_lists_all_masks_or_says_that_there_are_too_many():
    assert masking.every(2).tolist() == [[False] * 2, [True, False], [False, True], [True] * 2]
    with pytest.raises(XaiError, match="larger units"):
        masking.every(21)


def test_without_removes_sets():
    assert masking.without(3, [[0, 2], [1, 2]]).astype(int).tolist() == [[0, 1, 0], [1, 0, 0]]
    assert masking.without(2, [1]).astype(int).tolist() == [[1, 0]]


def test_pair_ids_tell_complements():
    masks = masking.random_pairs(9, 41, 0)
    assert masking.pair_ids(masks).tolist() == [row // 2 for row in range(41)]


@pytest.mark.parametrize("draw", [masking.possible, masking.leave_one_out, masking.every])
def test_a_prompt_without_units_is_an_error(draw):
    with pytest.raises(XaiError, match="at least one"):
        draw(0)


@given(n=st.integers(1, 40), count=st.integers(0, 80), more=st.integers(0, 40), seed=st.integers(0))
def test_orthogonal_halves_are_nested_and_distinct(n, count, more, seed):
    short, long = (masking.orthogonal_halves(n, each, seed) for each in (count, count + more))
    assert len(short) == min(count, 2**n - 2)
    assert (long[: len(short)] == short).all()
    assert len(np.unique(long, axis=0)) == len(long)
    assert not (long.all(axis=1) | ~long.any(axis=1)).any()


@given(n=st.integers(16, 63), seed=st.integers(0))
def test_orthogonal_halves_confound_no_effect_with_another_nor_with_a_pair(n, seed):
    size = 32 if n < 32 else 64
    signs = masking.orthogonal_halves(n, 2 * size, seed) * 2 - 1
    block = signs[:size]
    assert (block.T @ block == size * np.eye(n)).all()
    # With its foldover no effect is mixed up with that of two units together.
    together = (signs[:, :, None] * signs[:, None, :]).reshape(len(signs), -1)
    assert (signs.T @ together == 0).all()


def test_the_schema_knows_every_operator():
    schema = json.loads(files("jupyter_xai").joinpath("schema/explanation.schema.json").read_text())
    assert set(schema["properties"]["operator"]["enum"]) == set(masking.OPERATORS)
