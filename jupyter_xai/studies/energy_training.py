"""Energy networks of two sizes as they are trained, for the figures of the energy paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from jupyter_xai.models import tutor
from jupyter_xai.models.base import Sampling
from jupyter_xai.models.load import load
from jupyter_xai.studies.lab import Lab

SIZES = ("tiny", "compact")
"""Configurations, the smaller one first."""

PAPER = (
    "The paper's networks have 167 and 181 million parameters, encoder included, and learn from "
    "12,000 and 20,000 questions to GPT-4o mini."
)


@dataclass
class Course:
    """What was seen of one network.

    Attributes
    ----------
    size : str
    losses : list of (int, float)
        InfoNCE of each step.
    held_out : list of (int, float)
        InfoNCE of held-out pairs after so many steps.
    energies : list of (int, tuple of KindEnergies)
        Of held-out pairs.
    """

    size: str
    losses: list[tuple[int, float]] = field(default_factory=list)
    held_out: list[tuple[int, float]] = field(default_factory=list)
    energies: list = field(default_factory=list)


def courses(lab: Lab) -> Sequence[Course]:
    """Both sizes, trained on the same pairs and measured on the same held-out ones."""
    return lab.once("energy courses", lambda: _train(lab))


def said(lab: Lab) -> str:
    """How they were trained."""
    steps, trained, held = _sizes(lab)
    return (
        f"Energy networks of the configurations {' and '.join(SIZES)}, {steps} steps on "
        f"{trained} of the tutor's prompts a family, measured on {held} others a family."
    )


def _sizes(lab: Lab) -> tuple[int, int, int]:
    return lab.pick((8, 2, 1), (400, 50, 15))


def _train(lab: Lab) -> list[Course]:
    import torch

    from jupyter_xai.energy.answers import Answers
    from jupyter_xai.energy.configs import config
    from jupyter_xai.energy.contrast import contrast
    from jupyter_xai.energy.items import held_out_items
    from jupyter_xai.energy.pairs import Pair
    from jupyter_xai.energy.settings import TrainingSettings
    from jupyter_xai.energy.training import Step, Trainer
    from jupyter_xai.energy.validation import energies_by_kind

    steps, trained, held = _sizes(lab)
    every = max(1, steps // 10)
    answers = Answers(lab.model, Sampling(), at_once=64)
    others = Answers(load("tutor:novice"), Sampling(), at_once=64)

    def pairs(n: int, seed: int) -> list[Pair]:
        samples = [s for family in tutor.FAMILIES for s in tutor.samples(family, n, seed)]
        for each in (answers, others):
            each.ahead(sample.prompt for sample in samples)
        return [
            Pair.of(
                sample.prompt,
                answers(sample.prompt) or "",
                human=tutor.human_answer(sample),
                other=others(sample.prompt) or "",
            )
            for sample in samples
        ]

    learnt, tested = pairs(trained, lab.seed + 3), pairs(held, lab.seed + 4)
    items = held_out_items(tested, answers)
    settings = TrainingSettings(
        energy_steps=steps, interpreter_steps=0, masked=lab.pick(2, 6), seed=lab.seed
    )
    found = []
    for size in SIZES:
        course = Course(size)
        with TemporaryDirectory() as folder:
            trainer = Trainer(
                lab.model, learnt, config(size), settings, Path(folder), answers=answers
            )

            def measure(at: int, trainer: Trainer = trainer, course: Course = course) -> None:
                course.energies.append(
                    (at, energies_by_kind(trainer.energy, items, trainer.embedded))
                )
                with torch.no_grad():
                    loss = contrast(trainer.energy, items, trainer.embedded, temperature=1.0)
                course.held_out.append((at, loss.item()))

            def told(step: Step, course: Course = course) -> None:
                if step.energy_loss is not None:
                    course.losses.append((step.number, step.energy_loss))
                if step.number % every == 0:
                    measure(step.number)

            measure(0)
            trainer.train(told)
        found.append(course)
    return found
