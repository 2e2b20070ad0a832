"""``python -m jupyter_xai.training.ship``: train the interpreter of the tutor that comes with us.

It is trained on prompts from training's side of the tutor's split and measured on the other side.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.methods.energy import checkpoint
from jupyter_xai.methods.energy.configs import config
from jupyter_xai.methods.energy.importance import SHIPPED
from jupyter_xai.methods.energy.origin import identity
from jupyter_xai.models import tutor
from jupyter_xai.models.base import Model
from jupyter_xai.models.load import load
from jupyter_xai.text.embeddings import embed
from jupyter_xai.training.answer_store import KeptAnswers
from jupyter_xai.training.auroc import auroc_by_family
from jupyter_xai.training.items import held_out_items
from jupyter_xai.training.negatives import KINDS, Tally
from jupyter_xai.training.pairs import Pair
from jupyter_xai.training.settings import TrainingSettings
from jupyter_xai.training.trainer import Step, Trainer
from jupyter_xai.training.validation import energies_by_kind

if TYPE_CHECKING:
    from jupyter_xai.models.tutor.generator import Sample

RECORD = "record.json"
PROMPTS = {family: 80 if family == "questions" else 300 for family in tutor.FAMILIES}
"""How many of each family it is trained on."""
CONFIG = "compact"
SETTINGS = TrainingSettings(
    energy_steps=2000, interpreter_steps=700, batch=48, masked=6, negatives=1, ask_every=40
)
HELD_OUT = 50
"""Prompts of each family that the record's figures are measured on."""
SEED = 47
_AT_ONCE = 128

_log = logging.getLogger(__name__)


def main() -> int:
    """Train, measure, and write weights, configuration and record."""
    parser = argparse.ArgumentParser(
        prog="python -m jupyter_xai.training.ship", description=__doc__
    )
    parser.add_argument("--work", type=Path, default=Path("artifacts/energy"), help="goes on here")
    parser.add_argument("--folder", type=Path, default=SHIPPED)
    said = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    said.work.mkdir(parents=True, exist_ok=True)
    clock, encoder = _Clock(), _TimedEncoder()
    model = load("tutor")
    answers = KeptAnswers(model, said.work, at_once=_AT_ONCE)
    samples = [each for family, n in PROMPTS.items() for each in _trained_on(family, n)]
    pairs = pairs_of(samples, answers)
    trainer = Trainer(
        model, pairs, config(CONFIG), SETTINGS, said.work, answers=answers, encode=encoder
    )

    def told(step: Step) -> None:
        if step.number == 1:
            clock.lap("asking and embedding")
        if step.number == SETTINGS.energy_steps:
            clock.lap("energy network")
        if step.number % 50 == 0:
            _log.info("%s", step)

    trainer.train(told)
    clock.lap("interpreter")
    checkpoint.save_interpreter(trainer.interpreter.half(), said.folder)
    measured = tutor_pairs(HELD_OUT, SEED, answers)
    tally = Tally()
    items = held_out_items(measured, answers, tally)
    record: dict[str, Any] = {
        "model": identity(model),
        "config": CONFIG,
        "settings": asdict(SETTINGS),
        "prompts": PROMPTS,
        "answers": answers.queries,
        "seconds": clock.laps,
        "embedded": {"sentences": encoder.sentences, "seconds": round(encoder.seconds, 1)},
        "dropped": {kind: trainer.tally.dropped(kind) for kind in KINDS},
        "held_out": {"prompts": HELD_OUT, "seed": SEED},
        "energies": [asdict(e) for e in energies_by_kind(trainer.energy, items, trainer.embedded)],
        "dropped_held_out": {kind: tally.dropped(kind) for kind in KINDS},
        "auroc": auroc_by_family(checkpoint.load_interpreter(said.folder), HELD_OUT, SEED),
    }
    (said.folder / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    _log.info("%s", json.dumps(record, indent=2))
    return 0


def tutor_pairs(n: int, seed: int, answers: KeptAnswers) -> list[Pair]:
    """Held-out prompts of all families with the tutor's own answers, and with others'."""
    return pairs_of([s for f in tutor.FAMILIES for s in tutor.samples(f, n, seed)], answers)


def pairs_of(samples: Sequence[Sample], answers: KeptAnswers) -> list[Pair]:
    """Samples with the tutor's own answers, a person's and the novice's."""
    prompts = [sample.prompt for sample in samples]
    answers.ahead(prompts)
    novice: Model = load("tutor:novice")
    others = KeptAnswers(novice, answers.folder, at_once=_AT_ONCE)
    others.ahead(prompts)
    return [
        Pair.of(
            sample.prompt,
            answers(sample.prompt) or "",
            human=tutor.human_answer(sample),
            other=others(sample.prompt) or "",
        )
        for sample in samples
    ]


def _trained_on(family: str, n: int) -> list[Sample]:
    from jupyter_xai.models.tutor.generator import stream

    return list(islice(stream(family, 1, rare=False), n))


class _TimedEncoder:
    """The bundled encoder, with how many sentences it embedded, and in how many seconds."""

    def __init__(self) -> None:
        self.sentences, self.seconds = 0, 0.0

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        start = perf_counter()
        rows = embed(texts)
        self.seconds += perf_counter() - start
        self.sentences += len(texts)
        return rows


class _Clock:
    """Seconds of the clock and of the processor since the last lap."""

    def __init__(self) -> None:
        self.laps: dict[str, list[float]] = {}
        self._at = np.array([perf_counter(), process_time()])

    def lap(self, name: str) -> None:
        now = np.array([perf_counter(), process_time()])
        self.laps[name] = [round(float(each), 1) for each in now - self._at]
        self._at = now


if __name__ == "__main__":
    sys.exit(main())
