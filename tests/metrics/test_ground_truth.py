import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_recall_curve, roc_auc_score

from jupyter_xai import metrics
from jupyter_xai.errors import XaiError


def test_a_case_by_hand():
    # Divided by 4: 1, .25, .75, -.5; found are the first and the third.
    found = metrics.agreement([4.0, 1.0, 3.0, -2.0], [1, 1, 0, 0])
    assert found.accuracy == 0.5
    assert found.f1 == 0.5
    assert found.best_f1 == pytest.approx(0.8)
    assert found.auroc == 0.75


def test_figures_equal_scikit_learn():
    rng = np.random.default_rng(0)
    for _ in range(20):
        scores, truth = rng.normal(size=12).round(1), rng.random(12) < 0.4
        truth[:2] = True, False
        found = metrics.agreement(scores, truth)
        called = scores / scores.max() >= 0.5
        assert found.accuracy == pytest.approx(accuracy_score(truth, called))
        assert found.f1 == pytest.approx(f1_score(truth, called, zero_division=0))
        assert found.auroc == pytest.approx(roc_auc_score(truth, scores))
        precision, recall, _ = precision_recall_curve(truth, scores)
        best = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
        assert found.best_f1 == pytest.approx(best.max())


def test_auroc_is_the_share_of_pairs_in_order():
    scores, truth = np.array([2.0, 1.0, 1.0, 0.0]), np.array([1, 1, 0, 0], dtype=bool)
    pairs = scores[truth][:, None] - scores[~truth][None, :]
    expected = ((pairs > 0) + 0.5 * (pairs == 0)).mean()
    assert metrics.agreement(scores, truth).auroc == pytest.approx(expected)


def test_perfect_reversed_and_constant_scores():
    truth = [1, 1, 0, 0]
    assert metrics.agreement([2, 2, 0, 0], truth) == metrics.Agreement(1, 1, 1, 1)
    assert metrics.agreement([0, 0, 2, 2], truth).auroc == 0
    constant = metrics.agreement([1, 1, 1, 1], truth)
    assert constant.auroc == 0.5
    assert constant.accuracy == 0.5


def test_without_a_positive_score_nothing_is_found():
    found = metrics.agreement([-1.0, -2.0, 0.0], [1, 0, 0])
    assert (found.accuracy, found.f1) == (pytest.approx(2 / 3), 0)
    assert found.auroc == 0.5


def test_unscored_units_rank_last_and_are_never_found():
    found = metrics.agreement([np.nan, 1.0, -5.0], [0, 1, 0])
    assert found == metrics.Agreement(1, 1, 1, 1)
    assert metrics.agreement([np.nan, np.nan], [1, 0]).auroc == 0.5


def test_the_scale_of_the_scores_does_not_matter():
    scores, truth = np.array([4.0, 1.0, 3.0, -2.0]), [1, 1, 0, 0]
    assert metrics.agreement(scores, truth) == metrics.agreement(1e-6 * scores, truth)


@pytest.mark.parametrize("truth", [[0, 0], [1, 1]])
def test_auroc_needs_both_kinds(truth):
    assert metrics.agreement([1.0, 2.0], truth).auroc is None


def test_recall_by_hand():
    scores, truth = [5.0, 4.0, 3.0, 2.0, 1.0], [1, 0, 1, 0, 1]
    assert [metrics.recall_at_k(scores, truth, k) for k in (1, 3, 5)] == [1 / 3, 2 / 3, 1]
    assert metrics.recall_at_k(scores, [0] * 5, 2) is None
    with pytest.raises(XaiError, match="give 1 to 5"):
        metrics.recall_at_k(scores, truth, 6)


def test_random_scores_have_the_recall_of_chance():
    rng = np.random.default_rng(0)
    truth = np.arange(10) < 3
    found = [metrics.recall_at_k(rng.random(10), truth, 4) for _ in range(3000)]
    # Standard error .004.
    assert np.mean(found) == pytest.approx(0.4, abs=0.02)


def test_what_cannot_be_compared_is_refused():
    for scores, truth in (([1.0], [1, 0]), ([], []), ([[1.0]], [[1]])):
        with pytest.raises(ValueError, match="shapes"):
            metrics.agreement(scores, truth)
