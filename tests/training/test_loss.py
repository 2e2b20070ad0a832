"""InfoNCE against a plain reference."""

from __future__ import annotations

import math

import pytest
import torch

from jupyter_xai.training.loss import info_nce


def plain(positive, negatives, valid, temperature):
    losses = []
    for own, row, keep in zip(positive, negatives, valid, strict=True):
        if any(keep):
            top = math.exp(-own / temperature)
            rest = sum(math.exp(-e / temperature) for e, k in zip(row, keep, strict=True) if k)
            losses.append(-math.log(top / (top + rest)))
    return sum(losses) / len(losses)


@pytest.mark.parametrize("temperature", [0.1, 1.0, 3.0])
def test_equals_the_equation(temperature):
    generator = torch.Generator().manual_seed(0)
    positive = torch.randn(4, generator=generator)
    negatives = torch.randn(4, 5, generator=generator)
    valid = torch.rand(4, 5, generator=generator) < 0.6
    valid[2] = False
    found = info_nce(positive, negatives, valid, temperature=temperature)
    expected = plain(positive.tolist(), negatives.tolist(), valid.tolist(), temperature)
    assert found.item() == pytest.approx(expected, rel=1e-5)


def test_false_negatives_take_no_part():
    positive = torch.tensor([1.0])
    duplicate = torch.tensor([[1.0, 2.0]])
    masked = torch.tensor([[False, True]])
    without = info_nce(positive, duplicate[:, 1:], masked[:, 1:], temperature=0.5)
    torch.testing.assert_close(info_nce(positive, duplicate, masked, temperature=0.5), without)
    counted = info_nce(positive, duplicate, torch.ones(1, 2).bool(), temperature=0.5)
    assert counted > without + 0.1
    energies = duplicate.clone().requires_grad_()
    info_nce(positive, energies, masked, temperature=0.5).backward()
    assert energies.grad[0, 0] == 0
    assert energies.grad[0, 1] < 0


def test_no_negatives_no_loss():
    positive = torch.zeros(2, requires_grad=True)
    loss = info_nce(positive, torch.zeros(2, 3), torch.zeros(2, 3).bool(), temperature=1.0)
    loss.backward()
    assert loss.item() == 0
    assert torch.isfinite(positive.grad).all()
