"""What is drawn from pairs to learn from, and how often."""

from __future__ import annotations

import pytest
import torch

from jupyter_xai.methods.energy.embedded import dropped
from jupyter_xai.training.items import even_shares
from jupyter_xai.training.negatives import Item, Negative


def made(prompt, *response):
    return Item((prompt,), response, (Negative("human", (prompt,), ("No. ",)),))


def test_prompts_come_equally_often_and_whole_responses_half_the_time():
    long = [made("A", "1", "2", "3"), *(made("A", each) for each in "123"), made("A", "1", "2")]
    short = [made("B", "1"), made("C", "1", "2"), made("C", "1"), made("C", "2")]
    shares = even_shares([*long, *short])
    assert shares.sum() == pytest.approx(1)
    assert shares[0] == pytest.approx(shares[1:5].sum())
    assert shares[6] == pytest.approx(shares[7:].sum()) == pytest.approx(shares[0])
    # A response of one sentence is whole and its own only part.
    assert shares[5] == pytest.approx(shares[0])


def test_dropped_numbers_are_a_share_and_the_mean_stays():
    embeddings = torch.ones(40, 30, 20)
    generator = torch.Generator().manual_seed(0)
    seen = dropped(embeddings, 0.25, generator)
    assert seen.unique().tolist() == pytest.approx([0.0, 4 / 3])
    assert (seen == 0).float().mean().item() == pytest.approx(0.25, abs=0.01)
    assert seen.mean().item() == pytest.approx(1, abs=0.02)
    again = dropped(embeddings, 0.25, torch.Generator().manual_seed(0))
    assert torch.equal(seen, again)
    assert torch.equal(dropped(embeddings, 0.0, generator), embeddings)
