"""Who takes part: methods with their settings and budgets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from jupyter_xai import methods
from jupyter_xai.errors import XaiError, at_least_one
from jupyter_xai.masking import possible
from jupyter_xai.methods import Method

MOST_LISTED = 12
"""All masks are evaluated for prompts of up to so many units, when that is asked for."""

Budget = int | Literal["all"] | None
"""Masked prompts that a method may use; None leaves it to the method."""


@dataclass(frozen=True)
class Contestant:
    """A method by the name under which its results are shown.

    Attributes
    ----------
    label : str
    method : Method
    value : str, optional
        What it explains: ``logprob``, ``logit`` or ``text``; the method's own choice unless given.
    """

    label: str
    method: Method
    value: str | None = None

    def settings(self) -> dict[str, Any]:
        """What tells it apart from others."""
        return {"method": self.method.name, "value": self.value, "own": self.method.settings()}


def read_contestants(given: Any) -> list[Contestant]:
    """Methods from names, `Method` or `Contestant` objects, or a mapping of labels to methods.

    Raises
    ------
    XaiError
        For an unknown method, or when none is given.

    Examples
    --------
    >>> [each.label for each in read_contestants(["linear", "random"])]
    ['linear', 'random']
    """
    if isinstance(given, str | Method | Contestant):
        given = [given]
    if isinstance(given, Mapping):
        found = [Contestant(str(label), _method(each)) for label, each in given.items()]
    elif isinstance(given, Iterable):
        found = [each if isinstance(each, Contestant) else _contestant(each) for each in given]
    else:
        msg = f"methods must be names of methods, not {type(given).__name__}"
        raise XaiError(msg)
    labels = [each.label for each in found]
    twice = [label for label in labels if labels.count(label) > 1]
    if twice:
        msg = f"{twice[0]} is given twice; give methods={{label: method, ...}} to tell them apart"
        raise XaiError(msg)
    for each in found:
        if each.method.needs_foil:
            msg = f"{each.label} explains a contrast, which data sets do not name; leave it out"
            raise XaiError(msg)
    if not found:
        msg = "there is no method to evaluate; give methods=['linear', ...]"
        raise XaiError(msg)
    return found


def read_budgets(given: Any) -> list[Budget]:
    """Numbers of perturbations, ``"all"``, or None for each method's own choice.

    Raises
    ------
    XaiError
        When one is less than 1.

    Examples
    --------
    >>> read_budgets([8, "all"])
    [8, 'all']
    """
    if given is None or isinstance(given, str | int):
        given = [given]
    if not isinstance(given, Sequence) or not given:
        msg = f"perturbations must be a list such as [8, 16, 32], not {given!r:.80}"
        raise XaiError(msg)
    found: list[Budget] = []
    for each in given:
        budget: Budget = (
            each if each is None or each == "all" else at_least_one(each, "perturbations")
        )
        if budget not in found:
            found.append(budget)
    return found


def effective(method: Method, n: int, budget: Budget) -> tuple[bool, int | None]:
    """Whether a budget applies to a method on n units, and how many perturbations that means.

    Returns
    -------
    applies : bool
        False for ``"all"`` where there are too many, or where the method's perturbations are not
        masks, so that there is no end of them.
    perturbations : int or None
        None for methods of a fixed cost.
    """
    most = method.most(n)
    if most is None:
        return True, None
    if budget == "all":
        return n <= MOST_LISTED and most < possible(n), most
    if budget is None:
        return True, method.default_perturbations(n)
    return True, min(budget, most)


def _contestant(given: Any) -> Contestant:
    method = _method(given)
    return Contestant(method.name, method)


def _method(given: Any) -> Method:
    if isinstance(given, Method):
        return given
    if isinstance(given, str):
        return methods.get(given)
    msg = f"a method must be one of {', '.join(methods.names())} or a Method, not {given!r:.80}"
    raise XaiError(msg)
