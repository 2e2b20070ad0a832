"""The paper's search and its authors' code follow their own rules, which the default corrects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest

from games import Game, additive, interacting
from jupyter_xai.methods.joint.board import Board, Set
from jupyter_xai.methods.joint.printed import Walk, printed, programmed
from tables import Table, pairs, played

N = 6
K = 3
GRADIENT = np.array([-2.0, 1.5, 0.1, -0.4, 0.9, 0.0])
FRESH = 4000


def board_of(formula: Game, budget: int = 10**6, n: int = N) -> Board:
    return Board(Table(formula, n), budget)  # type: ignore[arg-type]


def falling(masks: np.ndarray) -> np.ndarray:
    """Every set differs, and the paper's start, removed, is worth least: it is never left."""
    start = ~masks[:, np.argsort(-np.abs(GRADIENT))[:K]]
    return -100.0 * start.all(axis=1) - masks @ np.arange(N)


def first_steps(
    walk_from: Callable[[Board, int, int, Walk], Set], formula: Game, gradient: np.ndarray
) -> Counter[Set]:
    """Which sets the first step tries, over many seeds; the start itself stands for lost steps."""
    tried: Counter[Set] = Counter()
    board = board_of(formula)
    seen: list[Set] = []
    evaluate = board.evaluate

    def noting(sets: list[Set], **options: int | None) -> None:
        seen.extend(sets)
        evaluate(sets, **options)

    board.evaluate = noting  # type: ignore[method-assign, assignment]
    for seed in range(FRESH):
        seen.clear()
        walk_from(board, K, 1, Walk(gradient, True, True, seed))
        tried[seen[-1]] += 1
    return tried


def softmax(weights: np.ndarray) -> np.ndarray:
    return np.exp(weights) / np.exp(weights).sum()


def expect(tried: Counter[Set], chances: dict[Set, float]) -> None:
    assert sum(chances.values()) == pytest.approx(1)
    assert set(tried) <= set(chances)
    for chosen, chance in chances.items():
        deviation = np.sqrt(chance * (1 - chance) / FRESH)
        assert tried[chosen] / FRESH == pytest.approx(chance, abs=4.5 * deviation + 1e-9)


def test_the_paper_starts_from_the_largest_magnitudes() -> None:
    walk = Walk(GRADIENT, True, True, 0)
    assert printed(board_of(falling), K, 0, walk) == (0, 1, 4)


def test_the_code_starts_from_the_most_negative_derivatives() -> None:
    walk = Walk(GRADIENT, True, True, 0)
    assert programmed(board_of(falling), K, 0, walk) == (0, 3, 5)


def test_the_paper_draws_ineligible_sources_too() -> None:
    start = (0, 1, 4)
    kept = np.array([0, 0, 1, 1, 0, 1])
    g = np.abs(GRADIENT)
    into, out = softmax(kept * g), softmax((1 - kept) * g)
    chances: dict[Set, float] = {}
    for one, other in product(range(N), repeat=2):
        mask = kept.copy()
        mask[[one, other]] = mask[[other, one]]
        chosen = tuple(np.flatnonzero(mask == 0).tolist())
        chances[chosen] = chances.get(chosen, 0) + into[one] * out[other]
    tried = first_steps(printed, falling, GRADIENT)
    expect(tried, chances)
    # Steps are lost where both masks are equal: half of them and more.
    assert chances[start] > 0.4
    assert all(len(chosen) == K for chosen in tried)


def test_the_code_draws_by_magnitude_among_those_that_are_eligible() -> None:
    members, others = [0, 3, 5], [1, 2, 4]
    g = np.abs(GRADIENT)
    out, into = softmax(g[members]), softmax(g[others])
    chances = {
        tuple(sorted({*members} - {a} | {b})): float(out[i] * into[j])
        for i, a in enumerate(members)
        for j, b in enumerate(others)
    }

    def never_better(masks: np.ndarray) -> np.ndarray:
        return -1.0 * (~masks[:, members]).all(axis=1)

    expect(first_steps(programmed, never_better, GRADIENT), chances)


def shorter(formula: Game, seed: int) -> Set:
    walk = Walk(np.zeros(N), True, True, seed)
    return programmed(board_of(formula), K, 200, walk)


def test_the_code_may_take_a_source_twice_and_the_default_never_does() -> None:
    # One source that hurts most alone: with its stale list the code adds it again and again.
    def alone(masks: np.ndarray) -> np.ndarray:
        return -10.0 * ~masks[:, 4] * masks.sum(axis=1) + masks @ np.ones(N)

    ends = [shorter(alone, seed) for seed in range(20)]
    assert any(len(end) < K for end in ends)
    for seed in range(5):
        sets = played(Table(alone, N), K, 200, seed).sets
        assert sets is not None
        assert all(len(set(chosen)) == k for k, chosen in sets.items())


def test_the_code_cannot_take_back_what_its_last_swap_put_back() -> None:
    # Its list is the complement of the members before the swap.
    offered: list[Set] = []

    class Noting(Board):
        def evaluate(self, sets: list[Set], *, most: int | None = None) -> None:  # type: ignore[override]
            offered.extend(sets)
            super().evaluate(sets, most=most)

    board = Noting(Table(additive(N, 1), N), 10**6)  # type: ignore[arg-type]
    programmed(board, K, 400, Walk(np.zeros(N), True, True, 3))
    current = offered[0]
    stale = set(range(N)) - set(current)
    for candidate in offered[1:]:
        entered = set(candidate) - set(current)
        assert entered <= stale
        if board.values[candidate] < board.values[current]:
            stale = set(range(N)) - set(current)
            current = candidate


@pytest.mark.parametrize("variant", ["paper", "code"])
def test_a_walk_never_gets_worse_and_keeps_to_its_steps(variant: str) -> None:
    table = Table(interacting(10, 0), 10)
    found = played(table, 3, 120, variant=variant)
    assert found.sets is not None
    assert found.used == len(table.asked) <= 120
    for k, chosen in found.sets.items():
        steps = found.details["trace"][str(k)]
        assert steps[-1][1] >= table.value_without(()) - table.value_without(tuple(chosen)) - 1e-12


def test_a_long_response_takes_the_paper_its_guidance_but_not_the_default() -> None:
    n, gradient = 8, np.linspace(5, -5, 8)

    def formula(masks: np.ndarray) -> np.ndarray:
        return masks @ gradient - 2000.0

    of_p = np.exp(formula(np.ones((1, n), dtype=bool))[0]) * gradient
    assert not of_p.any()
    paper = Walk(of_p, True, True, 0)
    assert printed(board_of(formula, n=n), 2, 0, paper) == (0, 1)  # the order of the sources
    flipped = Walk(of_p[::-1], True, True, 0)
    assert printed(board_of(lambda masks: formula(masks[:, ::-1]), n=n), 2, 0, flipped) == (0, 1)
    sets = played(Table(lambda masks: formula(masks[:, ::-1]), n), 2, 60, certify=False).sets
    assert sets is not None
    assert tuple(sets[2]) == (6, 7)


@pytest.mark.parametrize("variant", ["paper", "code"])
def test_ablations_start_and_draw_evenly(variant: str) -> None:
    walk = printed if variant == "paper" else programmed
    starts = {walk(board_of(falling), K, 0, Walk(GRADIENT, False, True, s)) for s in range(60)}
    assert len(starts) > 10
    seen = Counter(
        chosen
        for seed in range(300)
        for chosen in [walk(board_of(pairs(N, 0)), K, 1, Walk(GRADIENT, True, False, seed))]
    )
    assert len(seen) > 1


def test_the_default_needs_fewer_evaluations_than_either() -> None:
    def needed(variant: str, seed: int) -> int:
        table = Table(interacting(14, seed), 14)
        found = played(table, 3, 400, seed, variant=variant, certify=False)
        full, best = table.value_without(()), table.best(3)
        steps = found.details["trace"]["3"]
        return next((spent for spent, drop in steps if full - drop <= best + 1e-9), 400)

    medians = {
        variant: np.median([needed(variant, seed) for seed in range(10)])
        for variant in ("default", "paper", "code")
    }
    assert medians["default"] < medians["paper"]
    assert medians["default"] < medians["code"]
