"""Energy networks and interpreters of two sizes as they are trained, for the paper's figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from jupyter_xai.models import tutor
from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.results import shown

if TYPE_CHECKING:
    from jupyter_xai.methods.energy.embedded import Embedded
    from jupyter_xai.training.negatives import Item
    from jupyter_xai.training.pairs import Pair
    from jupyter_xai.training.settings import TrainingSettings
    from jupyter_xai.training.trainer import Step, Trainer
    from jupyter_xai.training.validation import KindEnergies

SIZES = ("tiny", "compact")
"""Configurations, the smaller one first."""

AUTHENTIC = "authentic"

EXPECTATION = (
    "The paper's networks have 167 and 181 million parameters, sentence encoder included, and "
    "learn from 12,000 and 20,000 questions to GPT-4o mini. Ours are a hundredth of that beside "
    "the encoder, learn from another model, and both from the same prompts; the paper's larger one "
    "also had more to learn from."
)

_MEASUREMENTS = 10
_AT_ONCE = 64


@dataclass(frozen=True)
class Measured:
    """An energy network after so many steps.

    Attributes
    ----------
    steps : int
    kinds : tuple of KindEnergies
        On held-out pairs.
    trained_on, held_out : float
        InfoNCE in nats, of pairs that it learns from and of others, with negatives drawn alike.
    """

    steps: int
    kinds: tuple[KindEnergies, ...]
    trained_on: float
    held_out: float

    @property
    def energies(self) -> dict[str, float]:
        """Mean energies of authentic pairs and of each kind of negative."""
        count = sum(each.count for each in self.kinds)
        own = sum(each.authentic * each.count for each in self.kinds) / count
        return {AUTHENTIC: own, **{each.kind: each.negative for each in self.kinds}}


@dataclass
class Course:
    """What was seen of one size.

    Attributes
    ----------
    size : str
    parameters : tuple of int
        Of the energy network and of the interpreter, the encoder not counted.
    measured : list of Measured
        As the energy network is trained, from before the first step to after the last.
    losses : list of (int, float)
        Steps of the interpreter, and equation 3 with its sign turned, which they minimise.
    """

    size: str
    parameters: tuple[int, int]
    measured: list[Measured] = field(default_factory=list)
    losses: list[tuple[int, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Courses:
    """Both sizes, trained on the same pairs and measured on the same held-out ones.

    Attributes
    ----------
    by_size : dict of str to Course
    dropped : dict of str to float or None
        Share of the negatives of each kind that do not count: the model says this itself.
    setup : str
        How they were trained.
    """

    by_size: dict[str, Course]
    dropped: dict[str, float | None]
    setup: str


def courses(lab: Lab) -> Courses:
    """Both sizes, trained once for all studies of a lab."""
    return lab.once("energy courses", lambda: _courses(lab))


def _courses(lab: Lab) -> Courses:
    from jupyter_xai.methods.energy.configs import config
    from jupyter_xai.training.answer_store import KeptAnswers
    from jupyter_xai.training.items import held_out_items
    from jupyter_xai.training.negatives import KINDS, Tally
    from jupyter_xai.training.ship import pairs_of
    from jupyter_xai.training.trainer import Trainer

    each, held, settings = _sizes(lab)
    families = tutor.FAMILIES[: lab.pick(2, len(tutor.FAMILIES))]

    def drawn(n: int, seed: int) -> list[Pair]:
        samples = [s for family in families for s in tutor.samples(family, n, seed)]
        return [pair for pair in pairs_of(samples, answers) if pair.response]

    tally, found = Tally(), {}
    with TemporaryDirectory() as work:
        answers = KeptAnswers(lab.model, Path(work), at_once=_AT_ONCE)
        learnt, others = drawn(each, lab.seed + 3), drawn(held, lab.seed + 4)
        known = {pair.prompt for pair in learnt}
        tested = [pair for pair in others if pair.prompt not in known]
        again = held_out_items(learnt[:: max(1, each // held)], answers)
        items = held_out_items(tested, answers, tally)
        embedded: Embedded | None = None
        for size in SIZES:
            folder = Path(work) / size
            folder.mkdir()
            trainer = Trainer(lab.model, learnt, config(size), settings, folder, answers=answers)
            if embedded is not None:
                trainer.embedded.known.update(embedded.known)
            embedded = trainer.embedded
            found[size] = _trained(size, trainer, items, again)
    return Courses(
        found,
        {kind: tally.dropped(kind) for kind in KINDS},
        f"Energy networks of {_parameters(found)} parameters (configurations "
        f"{' and '.join(SIZES)}), trained in {settings.energy_steps} steps of {settings.batch} on "
        f"{len(learnt)} prompts of {len(families)} of the tutor's families and measured on "
        f"{len(tested)} others.",
    )


def _sizes(lab: Lab) -> tuple[int, int, TrainingSettings]:
    """Prompts a family to learn from and to measure on, and how to train."""
    from jupyter_xai.training.settings import TrainingSettings

    each, held, steps = lab.pick((2, 1, (6, 4)), (60, 20, (400, 200)))
    return (
        each,
        held,
        TrainingSettings(
            energy_steps=steps[0],
            interpreter_steps=steps[1],
            objective="difference",
            masked=lab.pick(2, 6),
            negatives=1,
            ask_every=lab.pick(2, 10),
            seed=lab.seed,
        ),
    )


def _trained(size: str, trainer: Trainer, items: Sequence[Item], again: Sequence[Item]) -> Course:
    """Train to the end, measuring on the way."""
    import torch

    from jupyter_xai.training.contrast import contrast
    from jupyter_xai.training.counts import energy_parameters, interpreter_parameters
    from jupyter_xai.training.validation import energies_by_kind

    network, how = trainer.energy, trainer.settings
    config = network.config
    course = Course(size, (energy_parameters(config), interpreter_parameters(config)))

    @torch.no_grad()
    def measure(at: int) -> None:
        trained_on, held_out = (
            contrast(network, some, trainer.embedded, temperature=how.temperature).item()
            for some in (again, items)
        )
        kinds = energies_by_kind(network, items, trainer.embedded)
        course.measured.append(Measured(at, kinds, trained_on, held_out))

    every = max(1, how.energy_steps // _MEASUREMENTS)

    def told(step: Step) -> None:
        if step.gap is not None:
            course.losses.append((step.number - how.energy_steps, -step.gap))
        elif step.number % every == 0:
            measure(step.number)

    measure(0)
    trainer.train(told)
    return course


def _parameters(found: dict[str, Course]) -> str:
    counts = [f"{shown(course.parameters[0] / 1e6)} million" for course in found.values()]
    return " and ".join(counts)
