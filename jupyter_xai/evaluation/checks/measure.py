"""What is measured, how to read it, and a measured figure with its baselines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from jupyter_xai import metrics

Better = Literal["higher", "lower"]


@dataclass(frozen=True)
class Kind:
    """How to read a measure: its group, which way is better, and one line on what it says."""

    group: str
    better: Better
    meaning: str


KINDS: Mapping[str, Kind] = {
    "PR": Kind(
        "removal",
        "lower",
        "how likely each token of the response still is without the top {k}, as a share",
    ),
    "PR, sequence": Kind(
        "removal",
        "lower",
        "how likely the whole response still is without the top {k}, as a share",
    ),
    "KL, positions": Kind(
        "removal",
        "higher",
        "how unevenly the tokens lose probability without the top {k} (the form of XPrompt's code)",
    ),
    "KL, vocabulary": Kind(
        "divergence",
        "higher",
        "how far the next-token distributions move without the top {k}, in nats a token",
    ),
    "BLEU": Kind(
        "text", "lower", "word sequences that the answer without the top {k} still shares"
    ),
    "ROUGE-L precision": Kind(
        "text",
        "lower",
        "share of the words without the top {k} that stand in the response in order",
    ),
    "ROUGE-L recall": Kind(
        "text", "lower", "share of the response's words that are still said, in order"
    ),
    "ROUGE-L F1": Kind("text", "lower", "harmonic mean of the two"),
    "similarity": Kind(
        "text", "lower", "cosine of sentence embeddings: whether the answer still means the same"
    ),
    "AOPC, deletion": Kind(
        "curves", "higher", "mean fall of the value while units are removed, best first"
    ),
    "AOPC, insertion": Kind(
        "curves", "higher", "mean rise of the value while units are put back, best first"
    ),
    "insertion - deletion": Kind(
        "curves", "higher", "area between the two curves; 0 is what a random ranking can expect"
    ),
    "comprehensiveness": Kind(
        "curves", "higher", "mean fall without the top 1, 5, 10, 20 and 50 % of the units"
    ),
    "sufficiency": Kind(
        "curves", "lower", "mean fall with only the top 1, 5, 10, 20 and 50 % of the units"
    ),
    "accuracy": Kind(
        "truth", "higher", "share of units rightly found or left, from half the largest score up"
    ),
    "F1": Kind("truth", "higher", "F1 of the units from half the largest score up"),
    "best F1": Kind("truth", "higher", "F1 at the best threshold: what the ranking could reach"),
    "AUROC": Kind(
        "truth", "higher", "chance that a unit that matters is scored above one that does not"
    ),
    "recall": Kind("truth", "higher", "share of the units that matter among the top {k}"),
    "deviation over seeds": Kind(
        "consistency", "lower", "standard deviation of a score over seeds, over the largest score"
    ),
    "Kendall over seeds": Kind(
        "consistency", "higher", "rank correlation of the scores of two seeds"
    ),
    "stability": Kind(
        "stability", "higher", "Jaccard index of the top {k} before and after an edit of the prompt"
    ),
}
"""Kinds by name. Of ``stability`` there is a measure for each edit, of all others one for a k."""


def kind_of(metric: Mapping[str, Any]) -> Kind | None:
    """How to read a saved metric; None for one that only a later version knows.

    Examples
    --------
    >>> kind_of({"name": "stability, thanks", "kind": "stability", "on": "thanks"}).group
    'stability'
    """
    if "kind" in metric:
        return KINDS.get(metric["kind"])
    # Files of before there was a kind have the name alone.
    name = metric["name"]
    return KINDS.get("stability" if name.startswith("stability, ") else name)


@dataclass(frozen=True)
class Measure:
    """A measured figure.

    Attributes
    ----------
    kind : str
        A name of `KINDS`.
    k : int or None
        Number of units that it is about, where it is about a number of them.
    value : float or None
        None where it is not defined.
    low, high : float or None
        Ends of its 90 % interval, or the range over runs where it is a mean.
    random : (mean, low, high) or None
        The same for random choices: mean, and percentiles 5 and 95.
    leave_one_out : float or None
        The same for leave-one-out's choice.
    on : str, optional
        What it was measured on, where there are several of a kind: an edit of the prompt.
    """

    kind: str
    k: int | None
    value: float | None
    low: float | None = None
    high: float | None = None
    random: tuple[float, float, float] | None = None
    leave_one_out: float | None = None
    on: str | None = None

    @property
    def name(self) -> str:
        """What tables call it, such as ``stability, thanks``."""
        return self.kind if self.on is None else f"{self.kind}, {self.on}"

    def record(self) -> dict[str, Any]:
        """A ``metric`` of the explanation's schema."""
        kind, random = KINDS[self.kind], self.random
        return {
            "name": self.name,
            "kind": self.kind,
            "on": self.on,
            "k": self.k,
            "value": _finite(self.value),
            "low": _finite(self.low),
            "high": _finite(self.high),
            "random": None
            if random is None
            else dict(zip(("mean", "low", "high"), map(_finite, random), strict=True)),
            "leave_one_out": _finite(self.leave_one_out),
            "better": kind.better,
            "meaning": kind.meaning.format(k=self.k),
        }


def against(kind: str, numbers: ArrayLike, *, draws: int, k: int | None = None) -> Measure:
    """A measure from the figures of the method, of random draws, and of leave-one-out.

    Parameters
    ----------
    kind : str
        A name of `KINDS`.
    numbers : float [1 + draws] or [1 + draws + 1]
        In this order; the last only where leave-one-out was compared.
    draws : int
    k : int, optional
    """
    found = np.asarray(numbers, dtype=np.float64)
    rival = float(found[-1]) if len(found) > 1 + draws else None
    return Measure(
        kind,
        k,
        float(found[0]),
        random=metrics.spread(found[1 : 1 + draws]),
        leave_one_out=rival,
    )


def _finite(number: float | None) -> float | None:
    return None if number is None or not isfinite(number) else float(number)
