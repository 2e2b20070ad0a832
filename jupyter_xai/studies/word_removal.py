"""What removing the words that a method chose does to the model: XPrompt's measures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jupyter_xai import masking
from jupyter_xai import methods as known
from jupyter_xai.evaluation.benchmark.board import Board, Played
from jupyter_xai.evaluation.benchmark.cases import Case
from jupyter_xai.evaluation.checks import removal
from jupyter_xai.game.ledger import SESSION, Ledger
from jupyter_xai.models.base import Sampling
from jupyter_xai.studies.lab import Lab

FAMILIES = ("stories", "travel", "reviews")
"""Stand for the paper's three data sets: in stories either of two words implies the other."""

METHODS = {
    "Random": "random",
    "Captum (leave-one-out)": "leave-one-out",
    "Integrated-Gradient": "integrated-gradients",
    "XPrompt (joint)": "joint",
}
"""The paper's names, and ours."""

_ANSWERED = {
    "BLEU": "BLEU",
    "ROUGE-L P": "ROUGE-L precision",
    "ROUGE-L R": "ROUGE-L recall",
    "ROUGE-L F1": "ROUGE-L F1",
    "cosine": "similarity",
}
"""The paper's names of what is measured on answers, and ours."""

FIGURES = (*_ANSWERED, "PR", "KL")


@dataclass(frozen=True)
class Removed:
    """One method on one prompt at one k."""

    family: str
    method: str
    k: int
    figures: dict[str, float]


def families(lab: Lab) -> tuple[str, ...]:
    """Which families are taken: the shortest alone, for a small study."""
    return FAMILIES[: lab.pick(1, len(FAMILIES))]


def boards(lab: Lab, count: int) -> list[tuple[str, Board]]:
    """Prompts of each family, cut into words, with the model's own answers."""

    def make() -> list[tuple[str, Board]]:
        return [(s.family, board(lab, s.prompt)) for s in lab.samples(families(lab), count)]

    return lab.once(("boards", count), make)


def board(lab: Lab, prompt: str, ledger: Ledger = SESSION, units: str = "word") -> Board:
    """One prompt, cut into words or other units, with the model's own answer."""
    return Board(
        lab.model,
        Case(prompt),
        units=units,
        # Only the whole answer is measured, and gradient methods pay for every unit of it.
        response_units="paragraph",
        operator=None,
        sampling=Sampling(96),
        ledger=ledger,
        listed=False,
    )


def served(lab: Lab) -> dict[str, str]:
    """The methods that the model can serve, by the paper's names."""
    names = lab.available(*METHODS.values())
    return {label: name for label, name in METHODS.items() if name in names}


def attributed(lab: Lab, prompt: Board, label: str, largest: int, evaluations: int) -> Played:
    """The words of a prompt scored by a method, for sets of up to ``largest``."""
    name = METHODS[label]
    few = {"steps": 8, "most_steps": 8} if name == "integrated-gradients" else {}
    method = known.get(name, **lab.pick(few, {}))
    fixed = method.most(prompt.n) is None
    return prompt.attribute(
        method, k=largest, perturbations=None if fixed else evaluations, seed=lab.seed
    )


def removed(
    lab: Lab,
    family: str,
    prompt: Board,
    label: str,
    k: int,
    evaluations: int,
    *,
    largest: int | None = None,
    answer: bool = False,
) -> Removed:
    """Remove the top k words together and measure; answers only where they are wanted.

    Sets of all sizes up to ``largest`` are looked for at once, so that k can grow for free.
    """
    sets = METHODS[label] == "joint"
    key = (label, id(prompt), evaluations, (largest or k) if sets else None)
    played = lab.once(key, lambda: attributed(lab, prompt, label, largest or k, evaluations))
    mask = masking.without(prompt.n, played.top(k))
    values = prompt.values(np.concatenate([np.ones_like(mask), mask]))[:, -1]
    found = {
        "PR": removal.ratio(values[0], values[1:], prompt.game.lengths[-1]),
        "KL": removal.moved(prompt.game, mask),
    }
    if answer:
        said = removal.answered(prompt.game, mask)
        found |= {ours: said[name] for ours, name in _ANSWERED.items()}
    figures = {name: float(figure[0]) for name, figure in found.items()}
    return Removed(family, label, k, figures)
