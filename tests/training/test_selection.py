"""Choosing k sentences: against exact inclusion probabilities, and exactly k."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
import torch

from jupyter_xai.training.selection import draw, top_k

DRAWS = 20_000


def inclusion(logits, k):
    """Exact probability of each item to be among k successive draws (Plackett and Luce)."""
    weights = np.exp(logits)
    found = np.zeros(len(logits))
    for order in permutations(range(len(logits)), k):
        probability, left = 1.0, weights.sum()
        for item in order:
            probability *= weights[item] / left
            left -= weights[item]
        found[list(order)] += probability
    return found


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("logits", [[0.0] * 5, [1.0, 0.5, 0.0, -1.0, 2.0]])
def test_drawn_as_often_as_is_exact(logits, k):
    generator = torch.Generator().manual_seed(3)
    rows = torch.tensor(logits).expand(DRAWS, -1)
    gates = draw(rows, k, temperature=0.5, generator=generator)
    expected = inclusion(np.array(logits), k)
    deviation = np.sqrt(expected * (1 - expected) / DRAWS)
    assert (np.abs(gates.mean(0).numpy() - expected) < 4.5 * deviation).all()


def test_exactly_k_gates_are_open():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(200, 7, generator=generator)
    gates = draw(logits, 3, temperature=0.5, generator=generator)
    assert torch.equal(gates, (gates > 0.5).float())
    assert ((gates > 0.5).sum(dim=1) == 3).all()


def test_k_of_each_row_and_padding():
    generator = torch.Generator().manual_seed(0)
    logits = torch.tensor([[0.0, 1.0, 2.0, 3.0], [0.0, 1.0, -torch.inf, -torch.inf]])
    counts = torch.tensor([1, 3])
    for _ in range(50):
        gates = draw(logits, counts, temperature=0.5, generator=generator)
        assert (gates > 0.5).sum(dim=1).tolist() == [1, 2]
        assert (gates[1, 2:] == 0).all()
        relaxed = draw(logits, counts, temperature=0.5, generator=generator, draws="independent")
        assert (relaxed[1, 2:] == 0).all()
        assert float(relaxed[0].detach().sum()) == pytest.approx(1)
    assert top_k(logits, counts).sum(dim=1).tolist() == [1, 2]


def test_independent_draws_collide():
    # Eight equal sentences, three draws: 8 (1 - (7/8)^3) distinct ones are expected.
    generator = torch.Generator().manual_seed(1)
    gates = draw(
        torch.zeros(DRAWS, 8), 3, temperature=0.02, generator=generator, draws="independent"
    )
    distinct = (gates > 0.5).sum(dim=1).float()
    expected = 8 * (1 - (7 / 8) ** 3)
    assert round(expected, 1) == 2.6
    assert float(distinct.mean()) == pytest.approx(
        expected, abs=4.5 * float(distinct.std()) / DRAWS**0.5
    )


def test_the_paper_variant_is_the_largest_of_relaxed_draws():
    logits = torch.tensor([[0.3, -0.2, 0.9]])
    generator = torch.Generator().manual_seed(5)
    gates = draw(logits, 2, temperature=0.7, generator=generator, draws="independent")
    noise = -torch.log(-torch.log(torch.rand(2, 1, 3, generator=torch.Generator().manual_seed(5))))
    expected = torch.softmax((logits + noise) / 0.7, dim=-1).amax(dim=0)
    torch.testing.assert_close(gates, expected)


@pytest.mark.parametrize("draws", ["without-replacement", "independent"])
@pytest.mark.parametrize("temperature", [0.01, 1.0])
def test_gradients_are_finite_and_not_nothing(draws, temperature):
    logits = torch.zeros(4, 6, requires_grad=True)
    padded = logits.masked_fill(torch.arange(6) == 5, -torch.inf)
    generator = torch.Generator().manual_seed(0)
    gates = draw(padded, 3, temperature=temperature, generator=generator, draws=draws)
    (gates * torch.arange(6.0)).sum().backward()
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()
    assert logits.grad[:, 5].abs().sum() == 0
    if temperature == 1.0:
        assert (logits.grad[:, :5].abs().sum(dim=1) > 0).all()


def test_learning_finds_the_sentences_that_pay():
    # Expected reward of a choice of 2 among 5; the best two are 1 and 4.
    reward = torch.tensor([0.0, 2.0, 0.5, 0.0, 1.5])
    logits = torch.zeros(1, 5, requires_grad=True)
    generator = torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam([logits], lr=0.1)
    for _ in range(100):
        gates = draw(logits.expand(16, -1), 2, temperature=0.7, generator=generator)
        optimizer.zero_grad()
        (-(gates * reward).sum(dim=1).mean()).backward()
        optimizer.step()
    assert top_k(logits, 2)[0].nonzero().flatten().tolist() == [1, 4]


def test_without_noise_the_same_choice_every_time():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(10, 6, generator=generator)
    first = top_k(logits, 3)
    assert (first.sum(dim=1) == 3).all()
    assert torch.equal(first, top_k(logits.clone(), 3))
    for row, chosen in zip(logits, first, strict=True):
        assert row[chosen].min() > row[~chosen].max()


def test_k_must_be_positive():
    with pytest.raises(ValueError, match="k=0"):
        top_k(torch.zeros(1, 3), 0)
