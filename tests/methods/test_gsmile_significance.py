"""The permutation test of gSMILE, against enumeration and against Algorithm 1 done plainly."""

from itertools import combinations

import numpy as np
import ot
import pytest

from jupyter_xai.methods.gsmile.permutation_test import is_decided, permutation_test
from jupyter_xai.text.distance import transport, word_costs, words


def samples(seed, first, second, places=5, shift=0.0, dimensions=1):
    """Counts of two samples over places, and the distances between the places."""
    rng = np.random.default_rng(seed)
    spots = rng.normal(size=(places, dimensions))
    spots = spots[np.argsort(spots[:, 0])]
    tilt = np.exp(shift * np.arange(places))
    one = rng.multinomial(first, np.full(places, 1 / places))
    two = rng.multinomial(second, tilt / tilt.sum())
    return one, two, np.linalg.norm(spots[:, None] - spots, axis=2)


def tokens(counts):
    return np.repeat(np.arange(len(counts)), counts)


def plain_distance(first, second, cost):
    """Over single tokens, all of them: nothing cancelled, nothing merged."""
    shares = (np.full(len(each), 1 / len(each)) for each in (first, second))
    return ot.emd2(*shares, cost[np.ix_(first, second)])


def enumerated(one, two, cost):
    """The exact permutation p-value, over all splits of the pool."""
    pool = np.concatenate([tokens(one), tokens(two)])
    observed = plain_distance(tokens(one), tokens(two), cost)
    hits = []
    for chosen in combinations(range(len(pool)), int(one.sum())):
        rest = np.delete(pool, chosen)
        hits.append(plain_distance(pool[list(chosen)], rest, cost) >= observed - 1e-9)
    return np.mean(hits)


def plain_algorithm_1(one, two, cost, draws, rng):
    """gSMILE's Algorithm 1 as printed, line by line."""
    x, y = tokens(one), tokens(two)
    owmd = plain_distance(x, y, cost)
    xy = np.concatenate([x, y])
    bigger = 0
    for _ in range(draws):
        e = rng.choice(xy, len(x), replace=False)
        f = rng.choice(xy, len(y), replace=False)
        bigger += plain_distance(e, f, cost) > owmd + 1e-9
    return bigger / draws


@pytest.mark.parametrize("second", [4, 5])
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("shift", [0.0, 0.8])
def test_p_values_equal_enumeration(seed, shift, second):
    one, two, cost = samples(seed, 4, second, shift=shift)
    exact = enumerated(one, two, cost)
    found = permutation_test(one, two, cost, seed=seed, draws=1500, stopping="never")
    assert found.draws == 1500
    assert found.p == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 1500) + 1e-3)
    assert found.distance == pytest.approx(plain_distance(tokens(one), tokens(two), cost))


@pytest.mark.parametrize("order", [1.0, 2.0, 3.5])
def test_samples_of_one_size_are_matched_as_transport_moves_them(order):
    for seed in range(4):
        one, two, cost = samples(seed, 9, 9, places=7, shift=0.3)
        found = permutation_test(one, two, cost, seed=0, draws=1, order=order)
        plain = ot.emd2(one / 9, two / 9, cost**order) ** (1 / order)
        assert found.distance == pytest.approx(plain, abs=1e-9)


@pytest.mark.parametrize("second", [5, 6])
@pytest.mark.parametrize("seed", range(2))
def test_the_paper_variant_is_algorithm_1(seed, second):
    one, two, cost = samples(seed, 5, second, shift=0.5)
    plain = plain_algorithm_1(one, two, cost, 1500, np.random.default_rng(seed))
    found = permutation_test(one, two, cost, seed=seed, draws=1500, variant="paper")
    assert found.draws == 1500
    error = np.sqrt(2 * max(plain * (1 - plain), 0.01) / 1500)
    assert found.p == pytest.approx(plain, abs=4 * error)


def rate(variant, nulls, alpha):
    rejected = 0
    for seed in range(nulls):
        # Words are places that are all far from each other.
        one, two, cost = samples(seed, 12, 12, places=60, dimensions=30)
        found = permutation_test(
            one, two, cost, seed=seed, draws=300, variant=variant, stopping="decision", alpha=alpha
        )
        rejected += found.p <= alpha
    return rejected / nulls


def test_the_corrected_test_keeps_its_level_and_the_printed_one_does_not():
    assert rate("corrected", 120, 0.1) <= 0.1 + 3 * np.sqrt(0.1 * 0.9 / 120)
    # Its draws overlap, so they lie nearer to each other than two samples do.
    assert rate("paper", 40, 0.1) > 0.9


@pytest.mark.parametrize("stopping", ["p-value", "decision"])
def test_stopping_early_decides_as_all_draws_do_and_is_far_cheaper(stopping):
    spent = 0
    for seed in range(12):
        one, two, cost = samples(seed, 15, 15, places=12, shift=0.1 * (seed % 4))
        full = permutation_test(one, two, cost, seed=[seed, 1], draws=1500, stopping="never")
        quick = permutation_test(one, two, cost, seed=[seed, 2], stopping=stopping, alpha=0.2)
        spent += quick.draws
        if abs(full.p - 0.2) > 0.1:
            assert (quick.p <= 0.2) == (full.p <= 0.2)
    assert spent < 0.05 * 12 * 100_000


def test_besag_and_cliffords_p_values_are_right():
    one, two, cost = samples(2, 4, 5)
    exact = enumerated(one, two, cost)
    found = [permutation_test(one, two, cost, seed=seed).p for seed in range(100)]
    assert np.mean(found) == pytest.approx(exact, rel=0.15)


def test_a_decision_on_widely_different_samples_needs_a_few_hundred_draws():
    cost = 1 - np.eye(2)
    found = permutation_test(
        np.array([20, 0]), np.array([0, 20]), cost, seed=0, stopping="decision", alpha=0.05
    )
    assert found.p < 0.05
    assert found.draws < 400


def test_the_sequence_covers_the_p_value_all_along():
    rng = np.random.default_rng(0)
    wrong = 0
    for _ in range(300):
        hits = np.cumsum(rng.random(600) < 0.05)
        # With p equal to the level itself every decision is one too many.
        wrong += any(is_decided(int(h), i + 1, 0.05, risk=0.05) for i, h in enumerate(hits))
    assert wrong / 300 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_two_single_texts_are_hardly_ever_told_apart_however_different_they_are():
    """The finding for which `alpha` is off unless given."""
    pairs = [
        ("Go to a warm island with quiet beaches", "Stocks fell sharply on Monday after bad news"),
        ("The train leaves at noon from platform two", "My cat sleeps under an old apple tree"),
    ]
    for pair in pairs:
        one, two = (words(text) for text in pair)
        names = [*one, *two]
        counts = [np.array([each.count(name) for name in names]) for each in (one, two)]
        found = permutation_test(*counts, word_costs(names, names), seed=0, draws=400)
        assert found.p > 0.05


def test_equal_texts_are_not_different():
    one = np.array([3, 2])
    for stopping in ("p-value", "decision"):
        found = permutation_test(one, one, 1 - np.eye(2), seed=0, stopping=stopping)
        assert found.distance == 0
        assert found.p == 1


@pytest.mark.parametrize("order", [1.0, 2.0, 3.5])
def test_transport_equals_pot_and_a_linear_program(order):
    from scipy.optimize import linprog

    rng = np.random.default_rng(int(order))
    for size in (2, 4, 6):
        spots = rng.normal(size=(size, 3))
        cost = np.linalg.norm(spots[:, None] - spots, axis=2)
        first, second = rng.multinomial(9, np.full(size, 1 / size), size=2) / 9
        found = transport(first, second, cost, order)
        assert found == pytest.approx(ot.emd2(first, second, cost**order) ** (1 / order), abs=1e-9)
        sums = [np.kron(np.eye(size), np.ones(size)), np.kron(np.ones(size), np.eye(size))]
        program = linprog(
            (cost**order).ravel(), A_eq=np.vstack(sums), b_eq=np.concatenate([first, second])
        )
        assert found == pytest.approx(program.fun ** (1 / order), abs=1e-7)
