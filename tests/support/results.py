"""Results of any size, without a run."""

from __future__ import annotations

import numpy as np

import jupyter_xai as xai
from conftest import ToyModel
from jupyter_xai.interface.explanation import Explanation
from jupyter_xai.methods.base import Attribution


def huge(n: int, m: int, words: int = 1) -> Explanation:
    """An explanation of n x m units, without any model."""
    made = xai.explain("Warm.", ToyModel(answer="So."), method="leave-one-out")
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(n, m + 1))
    unit = {"role": "user", "protected": False}
    return Explanation(
        made.changed(
            prompt={
                "level": "word",
                "units": [{"text": f"word{i} " * words, **unit} for i in range(n)],
            },
            response={
                "level": "word",
                "units": [{"text": f"answer{j} "} for j in range(m)],
                "supplied": False,
            },
        ).record,
        Attribution(scores, low=scores - 1, high=scores + 1),
        np.zeros(m + 1),
    )
