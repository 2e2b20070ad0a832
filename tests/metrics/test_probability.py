import numpy as np
import pytest
import torch
from torch.distributions import Categorical, kl_divergence

from jupyter_xai import metrics
from jupyter_xai.errors import XaiError

FULL = np.log([0.5, 0.8, 0.1])
MASKED = np.log([[0.25, 0.4, 0.05], [0.5, 0.8, 0.1], [0.9, 0.9, 0.9]])


def test_ratios_by_hand():
    mean = metrics.probability_ratio(FULL, MASKED)
    np.testing.assert_allclose(mean, [0.5, 1.0, (0.729 / 0.04) ** (1 / 3)])
    printed = metrics.probability_ratio(FULL, MASKED, "sequence")
    np.testing.assert_allclose(printed, [0.125, 1.0, 0.729 / 0.04])


def test_the_forms_differ_by_the_length_of_the_response():
    rng = np.random.default_rng(0)
    full, masked = -rng.random(7), -rng.random((5, 7))
    mean, printed = (
        metrics.probability_ratio(full, masked, form) for form in ("geometric-mean", "sequence")
    )
    np.testing.assert_allclose(mean**7, printed)


def test_long_responses_do_not_underflow():
    full, masked = np.full(2000, -2.0), np.full(2000, -2.5)
    assert float(metrics.probability_ratio(full, masked)) == pytest.approx(np.exp(-0.5))
    assert float(metrics.position_kl(full, masked)) == pytest.approx(0, abs=1e-9)


def test_the_empty_removal_changes_nothing():
    for form in ("geometric-mean", "sequence"):
        assert metrics.probability_ratio(FULL, FULL, form) == 1
    assert metrics.position_kl(FULL, FULL) == 0
    logits = np.random.default_rng(0).normal(size=(4, 9))
    assert metrics.vocabulary_kl(logits, logits) == 0


def test_position_kl_equals_torch_over_positions():
    rng = np.random.default_rng(1)
    full, masked = -3 * rng.random(6), -3 * rng.random((4, 6))
    expected = [
        kl_divergence(
            Categorical(probs=torch.tensor(np.exp(row))),
            Categorical(probs=torch.tensor(np.exp(full))),
        )
        for row in masked
    ]
    np.testing.assert_allclose(metrics.position_kl(full, masked), expected, atol=1e-7)


def test_position_kl_overlooks_what_makes_all_tokens_less_likely():
    assert float(metrics.position_kl(FULL, FULL - 5.0)) == pytest.approx(0, abs=1e-12)
    assert float(metrics.probability_ratio(FULL, FULL - 5.0)) == pytest.approx(np.exp(-5))


def test_vocabulary_kl_equals_torch_and_has_a_direction():
    rng = np.random.default_rng(2)
    full, masked = rng.normal(size=(5, 11)), rng.normal(size=(3, 5, 11))
    found = metrics.vocabulary_kl(full, masked)
    original = Categorical(logits=torch.tensor(full))
    changed = Categorical(logits=torch.tensor(masked))
    np.testing.assert_allclose(found, kl_divergence(changed, original).mean(dim=1), atol=1e-9)
    backwards = kl_divergence(original, changed).mean(dim=1).numpy()
    assert np.abs(found - backwards).max() > 0.01
    assert (found >= 0).all()


def test_vocabulary_kl_of_what_cannot_be():
    sure, even = np.log([[1.0, 1e-300]]), np.log([[0.5, 0.5]])
    impossible = np.array([[0.0, -np.inf]])
    assert float(metrics.vocabulary_kl(even, impossible)) == pytest.approx(np.log(2))
    assert metrics.vocabulary_kl(impossible, even) == np.inf
    assert float(metrics.vocabulary_kl(even, sure)) == pytest.approx(np.log(2))


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(XaiError, match="geometric-mean or sequence"):
        metrics.probability_ratio(FULL, MASKED, "mean")  # type: ignore[arg-type]
    for full, masked in ((FULL, MASKED[:, :2]), ([], [[]]), (MASKED, MASKED)):
        with pytest.raises(ValueError, match="shapes"):
            metrics.probability_ratio(full, masked)
        with pytest.raises(ValueError, match="shapes"):
            metrics.position_kl(full, masked)
    with pytest.raises(ValueError, match="shapes"):
        metrics.vocabulary_kl(np.zeros((2, 3)), np.zeros((4, 3)))
