"""What the interpreter learns, against plain loops and solutions that are known."""

from __future__ import annotations

import math

import pytest
import torch

from jupyter_xai.training.objective import MARGIN, answered, ascended, fitted, random_subsets

HERE = torch.tensor([[1.0, 1.0, 1.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
WEIGHTS = torch.tensor([[3.0, 0.0, -1.0, 9.0], [0.0, 2.0, 2.0, 0.0]])


def energy(gates):
    """Low when the weighty sentences are there; what is padding has a weight, and no say."""
    rows = WEIGHTS.repeat(len(gates) // len(WEIGHTS), 1)
    return -(gates * rows).sum(dim=-1)


def subsets(count=5, seed=0):
    return random_subsets(HERE, count, torch.Generator().manual_seed(seed))


def logits(values=((0.5, -0.2, 0.1, -math.inf), (0.0, 0.3, 0.2, 0.1))):
    return torch.tensor(values)


def test_fitted_equals_plain_loops():
    drawn, tau = subsets(), 0.7
    total = 0.0
    for subset in drawn:
        for row in range(2):
            kept = [i for i in range(4) if subset[row, i]]
            gone = [i for i in range(4) if HERE[row, i] and i not in kept]
            own = -sum(WEIGHTS[row, i].item() for i in (*kept, *gone))
            said = [
                1 / (1 + math.exp(-MARGIN + (-sum(WEIGHTS[row, i].item() for i in s) - own) / tau))
                for s in (kept, gone)
            ]
            told = sum(logits()[row, i].item() for i in kept)
            told -= sum(logits()[row, i].item() for i in gone)
            total += (told - (said[0] - said[1])) ** 2
    found = fitted(logits(), HERE, drawn, energy, temperature=tau)
    assert found.item() == pytest.approx(total / 10, rel=1e-5)


def test_fitted_finds_the_sentence_that_counts():
    """One sentence decides: its logit becomes the difference, the others none."""

    def deciding(gates):
        return 40.0 * (1 - gates[:, 1])

    learnt = torch.zeros(2, 4, requires_grad=True)
    optimizer = torch.optim.Adam([learnt], lr=0.1)
    for _ in range(300):
        masked = learnt.masked_fill(HERE == 0, -torch.inf)
        loss = fitted(masked, HERE, subsets(30), deciding, temperature=1.0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    said = 1 / (1 + math.exp(-MARGIN))
    wanted = HERE * torch.tensor([0.0, said, 0.0, 0.0])
    assert torch.allclose(learnt.detach(), wanted, atol=0.02)


def test_large_energies_have_a_bounded_say():
    for scale in (1e3, 1e6):
        found = fitted(
            torch.zeros(2, 4), HERE, subsets(), lambda g, s=scale: s * energy(g), temperature=1.0
        )
        assert found.item() <= 1


def test_subsets_are_of_all_sizes_and_hold_no_padding():
    drawn = subsets(3000)
    assert not drawn[:, 0, 3].any()
    sizes = drawn.sum(dim=-1)
    for row, most in enumerate((2, 3)):
        shares = torch.bincount(sizes[:, row].long(), minlength=most + 1)[1:] / len(drawn)
        assert shares.tolist() == pytest.approx([1 / most] * most, abs=0.04)
    chances = drawn[:, 1].mean(dim=0)
    assert chances.tolist() == pytest.approx([0.5] * 4, abs=0.04)


def test_the_papers_objective_has_no_bound_and_the_other_has():
    without, kept = torch.tensor([100.0, 0.0]), torch.tensor([0.0, 0.0])
    assert ascended(without, kept, "difference").item() == -50
    assert ascended(without, kept, "bounded").item() == pytest.approx(math.log(2) / 2)


def test_answered_equals_plain_loops():
    kept, offset = subsets().transpose(0, 1) + (1 - HERE)[:, None], 1.5
    said = (kept[..., 1] * kept[..., 0]).round()
    asked = torch.ones(2, 5)
    asked[0, 3:] = 0
    total = 0.0
    for row in range(2):
        for mask in range(5):
            gone = sum(logits()[row, i].item() for i in range(4) if not kept[row, mask, i])
            chance = 1 / (1 + math.exp(gone - offset))
            if asked[row, mask]:
                total -= math.log(chance if said[row, mask] else 1 - chance)
    found = answered(logits(), torch.tensor(offset), kept, said, asked)
    assert found.item() == pytest.approx(total / 8, rel=1e-5)


def test_answers_are_most_likely_by_the_effects_that_made_them():
    """Answers drawn by known effects: maximum likelihood finds these again."""
    true = torch.tensor([[3.0, -1.0, 0.0, 1.5]])
    kept = random_subsets(torch.ones(1, 4), 20000, torch.Generator().manual_seed(1)).transpose(0, 1)
    chances = torch.sigmoid(2.0 - ((1 - kept) @ true[..., None]).squeeze(-1))
    said = torch.bernoulli(chances, generator=torch.Generator().manual_seed(2))
    learnt, offset = torch.zeros(1, 4, requires_grad=True), torch.tensor(0.0, requires_grad=True)
    optimizer = torch.optim.LBFGS([learnt, offset], max_iter=100)

    def closure():
        optimizer.zero_grad()
        loss = answered(learnt, offset, kept, said, torch.ones_like(said))
        loss.backward()
        return loss

    optimizer.step(closure)
    assert torch.allclose(learnt.detach(), true, atol=0.15)
    assert offset.item() == pytest.approx(2.0, abs=0.2)
