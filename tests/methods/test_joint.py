"""Joint attribution on games that can be enumerated: sets, budgets, certificates, scores."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, pairwise
from math import comb
from typing import Any

import numpy as np
import pytest

import jupyter_xai as xai
from conftest import TRAVEL, ToyModel
from games import GAMES, Game, additive, interacting, largest
from jupyter_xai import methods
from jupyter_xai.errors import XaiError
from jupyter_xai.explanation.render.html import static_html
from jupyter_xai.methods.joint.board import Board
from jupyter_xai.methods.joint.search import Plan, SizeSearch
from tables import Table, pairs, played


def share_found(made: Callable[[int, int], Game], n: int, k: int, turns: int) -> float:
    """How often the search finds the lowest value with the evaluations that it is to need."""
    budget = max(200, comb(n, k) // 10)
    hits = 0
    for seed in range(turns):
        table = Table(made(n, seed), n)
        found = played(table, k, budget, seed, certify=False)
        assert found.sets is not None
        hits += table.value_without(tuple(found.sets[k])) <= table.best(k) + 1e-9
        assert len(table.asked) <= budget
    return hits / turns


@pytest.mark.parametrize(
    ("made", "n", "k"),
    [
        *((made, n, k) for made in (additive, largest) for n, k in ((16, 2), (16, 3), (14, 4))),
        *((interacting, 16, k) for k in (2, 3)),
        (pairs, 16, 2),
    ],
)
def test_sets_equal_brute_force(made: Callable[[int, int], Game], n: int, k: int) -> None:
    assert share_found(made, n, k, turns=20) >= 0.95


def test_a_pair_that_leave_one_out_does_not_see_is_found() -> None:
    def formula(masks: np.ndarray) -> np.ndarray:
        return 5.0 * (masks[:, 3] | masks[:, 8]) + masks[:, 1]

    found = played(Table(formula, 12), 2)
    assert found.sets is not None
    assert tuple(found.sets[2]) == (3, 8)
    assert tuple(found.sets[1]) == (1,)
    # Each adds all of it, once the other is gone; alone they would add nothing.
    np.testing.assert_allclose(found.scores[[3, 8], -1], 5.0)
    np.testing.assert_allclose(found.scores[1, -1], 1.0)


@pytest.mark.parametrize("made", GAMES)
def test_every_size_has_a_set_of_distinct_members_and_none_is_asked_twice(
    made: Callable[[int, int], Game],
) -> None:
    table = Table(made(9, 0), 9)
    calls: list[tuple[int, ...]] = []
    plain = table.values

    def values(masks: np.ndarray, **options: Any) -> np.ndarray:
        calls.extend(tuple(np.flatnonzero(~mask).tolist()) for mask in masks)
        return plain(masks, **options)

    table.values = values  # type: ignore[method-assign]
    found = played(table, 7, 300)
    assert found.sets is not None
    assert list(found.sets) == list(range(1, 8))
    for k, chosen in found.sets.items():
        assert len(set(chosen)) == len(chosen) == k
    # After the search the evaluated masks of the scores are read again, and nothing else.
    searched = [each for each in calls[: 1 + (found.used or 0)] if each]
    assert len(searched) == len(set(searched)) == found.used == len(table.asked)


def test_more_sizes_than_asked_are_there_for_the_slider() -> None:
    assert list(played(Table(additive(9, 0), 9), 2).sets or ()) == [1, 2, 3, 4, 5]
    assert list(played(Table(additive(3, 0), 3), 2).sets or ()) == [1, 2, 3]


@pytest.mark.parametrize("made", [interacting, pairs])
@pytest.mark.parametrize("seed", range(5))
def test_never_worse_than_greedy(made: Callable[[int, int], Game], seed: int) -> None:
    n, k = 14, 4
    table = Table(made(n, seed), n)
    found = played(table, k, 200, seed, certify=False)
    assert found.sets is not None
    single = sorted(range(n), key=lambda i: table.value_without((i,)))
    path: tuple[int, ...] = ()
    for size in range(1, k + 1):
        others = [i for i in range(n) if i not in path]
        path = min(((*path, i) for i in others), key=table.value_without)
        value = table.value_without(tuple(found.sets[size]))
        assert value <= table.value_without(tuple(single[:size])) + 1e-12
        if size == 2:  # the greedy step from the best single, which is always tried in full
            assert value <= table.value_without(path) + 1e-12
    assert table.value_without(tuple(found.sets[k])) <= table.value_without(path) + 1e-12


def test_the_trace_only_gets_better_and_ends_at_the_set() -> None:
    table = Table(interacting(14, 3), 14)
    found = played(table, 3, 200, certify=False)
    assert found.sets is not None
    for k, chosen in found.sets.items():
        steps = found.details["trace"][str(k)]
        assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(steps))
        full = table.value_without(())
        assert steps[-1][1] == pytest.approx(full - table.value_without(tuple(chosen)))


@pytest.mark.parametrize("budget", [1, 2, 5, 13, 40, 100, 333])
def test_the_budget_is_kept_and_told(budget: int) -> None:
    table = Table(interacting(13, 1), 13)
    found = played(table, 3, budget)
    assert len(table.asked) == found.used
    # What is kept for scores may be known by then.
    assert budget - 13 <= len(table.asked) <= budget
    assert np.isfinite(found.scores).any()


def test_more_perturbations_never_make_it_worse_and_cost_little_again() -> None:
    n, k = 15, 4
    formula = interacting(n, 2)
    before, asked = np.inf, set[tuple[int, ...]]()
    for budget in (120, 200, 320, 500):
        table = Table(formula, n)
        found = played(table, k, budget, certify=False)
        assert found.sets is not None
        value = table.value_without(tuple(found.sets[k]))
        assert value <= before
        # All but what the scores of the set found earlier needed comes up again.
        assert len(asked - set(table.asked)) <= n
        before, asked = value, set(table.asked)


def test_all_sets_are_a_proof_and_tell_how_far_off_the_search_was() -> None:
    table = Table(interacting(9, 4), 9)
    found = played(table, 3)
    certificate = found.details["certificate"]
    for k in range(1, 6):
        told = certificate[str(k)]
        assert told["proven"] == (told["evaluated"] == told["sets"] == comb(9, k))
        if told["proven"]:
            assert found.sets is not None
            assert table.value_without(tuple(found.sets[k])) == pytest.approx(table.best(k))
            assert told["gap"] >= 0
    assert certificate["3"]["proven"]
    assert found.exact


def test_the_gap_is_what_the_search_missed() -> None:
    # A pit that nothing points at: only trying all sets finds it.
    def formula(masks: np.ndarray) -> np.ndarray:
        gone = ~masks
        smooth = masks @ np.linspace(1, 2, 12)
        pit = gone[:, 0] & gone[:, 1] & gone[:, 2] & (gone.sum(axis=1) == 3)
        return smooth - 50.0 * pit

    sure = played(Table(formula, 12), 3, 600, chains=1)
    assert sure.sets is not None
    assert tuple(sure.sets[3]) == (0, 1, 2)
    gap = sure.details["certificate"]["3"]["gap"]
    best_elsewhere = np.linspace(1, 2, 12)[-3:].sum()
    assert gap == pytest.approx(50.0 + np.linspace(1, 2, 12)[:3].sum() - best_elsewhere)


def test_without_certificate_nothing_is_called_exact_unless_all_was_seen() -> None:
    found = played(Table(additive(14, 0), 14), 3, 150, certify=False)
    assert not found.exact
    assert found.details["certificate"]["3"]["gap"] is None
    assert found.low is None


def test_scores_are_what_each_source_adds_when_the_set_is_gone() -> None:
    table = Table(interacting(8, 5), 8)
    found = played(table, 3)
    assert found.sets is not None
    chosen = set(found.sets[3])
    for i in range(8):
        kept = table.value_without(tuple(sorted(chosen - {i})))
        gone = table.value_without(tuple(sorted(chosen | {i})))
        np.testing.assert_allclose(found.scores[i], [(kept - gone) / 2, kept - gone])


def test_few_perturbations_score_by_leaving_one_out_and_say_so() -> None:
    table = Table(additive(12, 0), 12)
    found = played(table, 4, 5)
    assert any("leaving one unit out" in note for note in found.notes)
    full = table.value_without(())
    for i in np.flatnonzero(np.isfinite(found.scores[:, -1])):
        assert found.scores[i, -1] == pytest.approx(full - table.value_without((int(i),)))


@pytest.mark.parametrize("stop_after", [0, 3, 20, 60])
def test_an_interrupt_keeps_the_best_so_far(stop_after: int) -> None:
    undisturbed = Table(pairs(12, 0), 12)
    played(undisturbed, 3, 200)
    table = Table(pairs(12, 0), 12, stop_after)
    found = played(table, 3, 200)
    assert found.stopped
    assert found.used == len(table.asked) == stop_after
    for k, chosen in (found.sets or {}).items():
        seen = [each for each in table.asked if len(each) == k]
        best = min(table.value_without(each) for each in seen)
        assert table.value_without(tuple(chosen)) == best
    # Played on, nothing that is known is asked again.
    again = played(table, 3, 200)
    assert not again.stopped
    assert table.asked == undisturbed.asked


def test_one_source_and_all_sources() -> None:
    one = played(Table(additive(1, 0), 1), 1)
    assert one.sets == {1: (0,)}
    assert one.exact
    every = played(Table(additive(4, 0), 4), 4)
    assert every.sets is not None
    assert tuple(every.sets[4]) == (0, 1, 2, 3)
    assert np.isfinite(every.scores).all()


def test_equal_seeds_give_equal_results() -> None:
    runs = [played(Table(interacting(15, 6), 15), 4, 150, seed=3) for _ in range(2)]
    assert runs[0].sets == runs[1].sets
    np.testing.assert_array_equal(runs[0].scores, runs[1].scores)


def test_ablated_searches_do_without_guidance() -> None:
    n = 12
    table = Table(additive(n, 0), n)
    board = Board(table, 200)  # type: ignore[arg-type]

    def first(worth: np.ndarray, start: bool, swaps: bool) -> list[tuple[int, ...]]:
        plan = Plan(3, worth, start, swaps, temperature=1.0, chains=2, seed=0)
        return SizeSearch(board, 3, plan).propose(4)

    one, other = np.linspace(-2, 2, n), np.linspace(2, -2, n)
    assert first(one, False, False) == first(other, False, False)
    assert first(one, True, False)[0] == (9, 10, 11)
    assert first(other, True, False)[0] == (0, 1, 2)


def test_candidates_are_evaluated_many_at_a_time() -> None:
    table = Table(interacting(16, 0), 16)
    played(table, 3, 256, certify=False)
    asked = [size for size in table.calls if size]
    assert sum(asked) / len(asked) >= 20


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"variant": "best"}, "variant"),
        ({"start": "cold"}, "start"),
        ({"swaps": "none"}, "swaps"),
        ({"guidance_temperature": 0}, "guidance_temperature"),
        ({"chains": 0}, "chains"),
        ({"certify": "no"}, "certify"),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(XaiError, match=said):
        methods.get("joint", **settings)


def test_explained_and_saved(toy: ToyModel) -> None:
    e = xai.explain(TRAVEL, toy, method="joint", k=2)
    assert e.sets == {1: (1,), 2: (1, 2), 3: (1, 2, 3), 4: (0, 1, 2, 3)}
    assert e.strongest(2) == (1, 2)
    assert e.strongest(3) == (1, 2, 3)
    top = e.top(2)
    assert set(top["source"]) == {1, 2}
    assert len(top) == 2 * 4
    (check,) = e.checks
    # The check removes the set by the operator that it was searched with.
    assert check["removed"] == [1, 2]
    assert check["drop"] == pytest.approx(e.record["method"]["details"]["certificate"]["2"]["drop"])
    assert e.live is not None
    (_, later) = e.live.check(e, 3).checks
    assert later["removed"] == [1, 2, 3]
    again = xai.Explanation.from_dict(e.to_dict())
    assert again.sets == e.sets
    assert again.top(3)["source"].tolist() == e.top(3)["source"].tolist()


def test_sets_and_how_sure_they_are_stand_in_text_and_html(toy: ToyModel) -> None:
    e = xai.explain(TRAVEL, toy, method="joint", k=2)
    some = e.record["method"]["details"]["certificate"]["2"] | {"evaluated": 4, "proven": False}
    details = e.record["method"]["details"]
    details = details | {"certificate": details["certificate"] | {"2": some}}
    unsure = e.changed(method=e.record["method"] | {"details": details})
    for told in (str(e), static_html(e)):
        assert "k = 2: 2 and 3, −5, the best of all 6 sets" in told
        assert "k = 4: 1, 2, 3 and 4, −6.5, the only set" in told
    assert "k = 2: 2 and 3, −5, the best of 4 tried, of 6 sets" in str(unsure)
    assert "k = " not in str(xai.explain(TRAVEL, toy, method="linear"))


def test_a_larger_k_is_searched_from_what_is_known(toy: ToyModel) -> None:
    xai.explain(TRAVEL, toy, method="joint", k=1)
    scored = toy.scored
    e = xai.explain(TRAVEL, toy, method="joint", k=3)
    assert toy.scored == scored
    assert e.record["cost"]["forwards"] == 0


def test_k_beyond_the_units_is_refused(toy: ToyModel) -> None:
    with pytest.raises(XaiError, match="k is 9, but the prompt has only 4 sentences"):
        xai.explain(TRAVEL, toy, method="joint", k=9)


def test_answers_alone_are_enough_and_relative_distances_are_on_one_scale() -> None:
    def answer(prompt: str) -> str:
        warm = "Go to the sea. " if "warm" in prompt or "hot" in prompt else "Go to the city. "
        return warm + ("Take a train." if "fly" in prompt else "Take a plane.")

    text = "I like it warm. It shall be hot. I do not fly. I am old. My dog is old."
    for distance in ("cosine", "wmd+cosine"):
        e = xai.explain(text, answer, method="joint", k=2, distance=distance)
        assert e.sets is not None
        assert e.record["value"] == "text"
        n = len(e.sources)
        for k in (1, 2):
            drops = e.record["method"]["details"]["certificate"][str(k)]
            assert drops["proven"]
            assert drops["sets"] == len(list(combinations(range(n), k)))
        # A check that comes later measures by the same scale.
        assert e.live is not None
        certificate = e.record["method"]["details"]["certificate"]
        for check in e.live.check(e, 3, watcher=None).checks:
            if check["k"] == 3:
                assert check["drop"] == pytest.approx(certificate["3"]["drop"])
    assert e.sets[3] == (0, 1, 2)
