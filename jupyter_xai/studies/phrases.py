"""Sentences whose words are chosen by numbers."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from math import isnan

from jupyter_xai.studies.results import shown

_SAME = 1e-9


def ordering(figures: Mapping[str, float], what: str) -> str:
    """Names from the highest figure to the lowest.

    Examples
    --------
    >>> ordering({"a": 0.5, "b": 0.75}, "AUROC")
    'AUROC from high to low: b (0.75), a (0.5).'
    """
    known = {name: value for name, value in figures.items() if not isnan(value)}
    best = sorted(known, key=lambda name: -known[name])
    listed = ", ".join(f"{name} ({shown(known[name])})" for name in best)
    return f"{what} from high to low: {listed}."


def trend(values: Sequence[float], what: str, along: str) -> str:
    """Whether values rise, fall or do neither along something.

    Examples
    --------
    >>> trend([1.0, 2.0, 3.0], "R2", "the number of perturbations")
    'R2 rises throughout with the number of perturbations, from 1 to 3.'
    """
    steps = [b - a for a, b in itertools.pairwise(values)]
    if all(abs(step) <= _SAME for step in steps):
        return f"{what} does not change with {along}: {shown(values[0])}."
    ends = f"from {shown(values[0])} to {shown(values[-1])}"
    if all(step >= -_SAME for step in steps):
        return f"{what} rises throughout with {along}, {ends}."
    if all(step <= _SAME for step in steps):
        return f"{what} falls throughout with {along}, {ends}."
    return f"{what} neither rises nor falls throughout with {along}, {ends}."


def interval_of(name: str, value: float, low: float, high: float, zero: str) -> str:
    """A figure with its interval, and whether the interval leaves ``zero`` open.

    Examples
    --------
    >>> interval_of("r", 0.9, 0.2, 0.99, "no correlation")
    'r is 0.9 (95 % interval 0.2 to 0.99), which excludes no correlation.'
    """
    if isnan(value):
        return f"{name} is not defined: one side does not vary."
    verdict = "excludes" if low > 0 or high < 0 else "does not exclude"
    ends = f"{shown(low)} to {shown(high)}"
    return f"{name} is {shown(value)} (95 % interval {ends}), which {verdict} {zero}."


def agrees(ours: Sequence[str], theirs: Sequence[str]) -> str:
    """Whether two orders of the same names are equal.

    Examples
    --------
    >>> agrees(["a", "b"], ["b", "a"])
    'The order is a, b here and b, a in the paper: not the same.'
    """
    same = "the same" if list(ours) == list(theirs) else "not the same"
    return f"The order is {', '.join(ours)} here and {', '.join(theirs)} in the paper: {same}."
