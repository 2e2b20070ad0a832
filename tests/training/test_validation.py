"""Energies by kind against hand-made numbers."""

from __future__ import annotations

import numpy as np
import pytest

from jupyter_xai.methods.energy.embedded import Embedded
from jupyter_xai.training.negatives import Item, Negative
from jupyter_xai.training.validation import energies_by_kind

ENERGIES = {"a": 0.0, "b": 4.0, "a human": 1.0, "b human": 3.0, "a off": 2.0, "b off": 4.0}


def encode(texts):
    return np.array([[ENERGIES.get(text, 0.0)] for text in texts], np.float32)


def network(prompts, prompt_gates, responses, response_gates):
    """The energy is written into the only embedding of the response."""
    return responses[:, 0, 0]


def test_by_hand():
    items = [
        Item(
            ("x",),
            (name,),
            (
                Negative("human", ("x",), (f"{name} human",)),
                Negative("off-topic", ("x",), (f"{name} off",)),
            ),
        )
        for name in ("a", "b")
    ]
    human, off = energies_by_kind(network, items, Embedded(1, encode))
    assert (human.kind, human.count, human.authentic, human.negative) == ("human", 2, 2.0, 2.0)
    # a: 1 > 0 wins; b: 3 < 4 loses. Differences 1 and -1: mean 0, deviation 1.
    assert (human.win_rate, human.gap) == (0.5, 0.0)
    # Negatives 1 and 3 against authentic 0 and 4: each beats one of two.
    assert human.auroc == 0.5
    # a: 2 > 0 wins, b: 4 = 4 is a tie; 2 beats 0, 4 beats 0 and ties with 4.
    assert off.win_rate == 0.75
    assert off.auroc == pytest.approx((1 + 0 + 1 + 0.5) / 4)
    assert off.gap == pytest.approx(1.0)


def test_kinds_without_negatives_are_not_told():
    items = [Item(("x",), ("a",), (Negative("human", ("x",), ("a human",)),))]
    (only,) = energies_by_kind(network, items, Embedded(1, encode))
    assert only.kind == "human"
    assert only.gap is None
