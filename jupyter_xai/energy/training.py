"""Training: the energy network first, then the interpreter and the energy network in turn.

Every draw of a step comes from a generator of that step alone, so that training that goes on from
a checkpoint does what unbroken training would have done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from torch import Tensor

from jupyter_xai.embeddings import embed
from jupyter_xai.energy import checkpoint
from jupyter_xai.energy.answers import Answers
from jupyter_xai.energy.configs import EnergyConfig
from jupyter_xai.energy.contrast import contrast
from jupyter_xai.energy.negatives import Item, Tally, item
from jupyter_xai.energy.networks import EnergyNetwork, Interpreter
from jupyter_xai.energy.origin import Origin, identity
from jupyter_xai.energy.packing import Embedded, Encode
from jupyter_xai.energy.pairs import Pair, cut
from jupyter_xai.energy.selection import Draws, draw
from jupyter_xai.errors import XaiError
from jupyter_xai.methods.base import above_zero
from jupyter_xai.models.base import Model, Sampling


@dataclass(frozen=True)
class TrainingSettings:
    """How to train.

    Attributes
    ----------
    energy_steps, interpreter_steps : int
        Steps of the two phases, of ``batch`` pairs each.
    batch : int
    rate : float
        Learning rate of AdamW, for both networks.
    temperature : float
        Of InfoNCE.
    k : int
        Sentences that the interpreter chooses; fewer where a prompt has not more than k.
    draws : str
        See `jupyter_xai.energy.selection.draw`.
    draw_temperature : float
        Of the relaxed choice.
    negatives : int
        How often each kind of negative is drawn for a pair.
    ask_every, asked : int
        Every so many steps of the interpreter, the model answers so many masked prompts.
    max_queries : int, optional
        Most answers to ask the model for, those to negatives included.
    seed : int
    """

    energy_steps: int = 600
    interpreter_steps: int = 600
    batch: int = 16
    rate: float = 3e-4
    temperature: float = 1.0
    k: int = 3
    draws: Draws = "without-replacement"
    draw_temperature: float = 0.5
    negatives: int = 2
    ask_every: int = 5
    asked: int = 4
    max_queries: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("batch", "k", "negatives", "ask_every", "asked"):
            if getattr(self, name) < 1:
                msg = f"{name}={getattr(self, name)!r} is not allowed; give at least 1"
                raise XaiError(msg)
        for name in ("rate", "temperature", "draw_temperature"):
            above_zero(getattr(self, name), name, example=0.5)
        if self.draws not in get_args(Draws):
            msg = f"draws={self.draws!r} is not allowed; choose one of {', '.join(get_args(Draws))}"
            raise XaiError(msg)


@dataclass(frozen=True)
class Step:
    """What one step did.

    Attributes
    ----------
    number : int
        From 1, through both phases.
    energy_loss : float or None
        InfoNCE, equation 1 or 7; None in steps that leave the energy network as it is.
    gap : float or None
        The difference of energies that the interpreter ascends (equation 3); None before.
    queries : int
        Answers that the model gave so far.
    """

    number: int
    energy_loss: float | None
    gap: float | None
    queries: int


class Trainer:
    """Trains an interpreter of a model on pairs, in a folder where it can go on.

    Parameters
    ----------
    model : Model
        Asked for answers to masked prompts only.
    pairs : sequence of Pair
        At least two; their responses are the model's own.
    config : EnergyConfig
    settings : TrainingSettings
    folder : Path
        If it holds a checkpoint of the same configuration, settings and pairs, training goes on.
    encode : callable
        The frozen sentence encoder; the bundled one unless given.
    embeddings : str, optional
        What that encoder is called, to be kept with the interpreter.
    answers : Answers, optional
        Asks the model, within ``settings.max_queries``.
    device : str
        Where the networks are; on a GPU they compute in bfloat16 where that is enough.

    Raises
    ------
    XaiError
        When there are too few pairs, or the folder's checkpoint is of another training.
    """

    def __init__(
        self,
        model: Model,
        pairs: Sequence[Pair],
        config: EnergyConfig,
        settings: TrainingSettings,
        folder: Path,
        *,
        encode: Encode = embed,
        embeddings: str | None = None,
        answers: Answers | None = None,
        device: str = "cpu",
    ) -> None:
        self.pairs = [pair for pair in pairs if pair.prompt and pair.response]
        self._choosable = [i for i, pair in enumerate(self.pairs) if len(pair.prompt) > 1]
        if len(self.pairs) < 2 or not self._choosable:
            msg = "training needs at least two prompts with responses, one of several sentences"
            raise XaiError(msg)
        self.settings = settings
        self.folder = folder
        self._name = model.name
        self._embeddings = embeddings
        self.tally = Tally()
        self.steps: list[Step] = []
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            self.energy, self.interpreter = EnergyNetwork(config), Interpreter(config)
        self.energy.to(device)
        self.interpreter.to(device)
        kind = torch.device(device).type
        self._mixed = partial(torch.autocast, kind, torch.bfloat16, enabled=kind == "cuda")
        self._energy_optimizer = torch.optim.AdamW(self.energy.parameters(), lr=settings.rate)
        self._optimizer = torch.optim.AdamW(self.interpreter.parameters(), lr=settings.rate)
        self.answers = answers or Answers(model, Sampling(), max_queries=settings.max_queries)
        self.embedded = Embedded(config.embedding_width, encode, device=device)
        self._identity = {
            "model": identity(model),
            "settings": asdict(settings),
            "pairs": [[*map("".join, vars(pair).values())] for pair in self.pairs],
        }
        if (folder / checkpoint.TRAINING).exists():
            self._go_on()

    @property
    def total(self) -> int:
        """Steps of both phases."""
        return self.settings.energy_steps + self.settings.interpreter_steps

    def train(self, on_step: Callable[[Step], None] | None = None) -> Interpreter:
        """Train to the end, or on to it.

        Whatever ends training before, an exception of ``on_step`` or the kernel's interrupt, the
        folder then holds the interpreter as it is and a checkpoint to go on from. What stops
        between two steps, as ``on_step`` does, changes no later number; a step that is cut in two
        is taken again.
        """
        try:
            items = self._items()
            while len(self.steps) < self.total:
                self.steps.append(self._step(items))
                if on_step:
                    on_step(self.steps[-1])
        finally:
            self.save()
        return self.interpreter.eval()

    def save(self) -> None:
        """Write the interpreter, and the checkpoint to go on from."""
        self.interpreter.origin = Origin(
            self._identity["model"],
            self._name,
            steps=len(self.steps),
            of=self.total,
            k=self.settings.k,
            objective=asdict(self.settings).get("objective", "difference"),
            embeddings=self._embeddings,
        )
        sentences = list(self.embedded.known)
        tensors = {
            **checkpoint.prefixed(self.energy, "energy"),
            **checkpoint.prefixed(self.interpreter, "interpreter"),
            **checkpoint.optimizer_tensors(self._energy_optimizer, "energy_optimizer"),
            **checkpoint.optimizer_tensors(self._optimizer, "interpreter_optimizer"),
        }
        if sentences:
            rows = np.stack([self.embedded.known[sentence] for sentence in sentences])
            tensors["sentences"] = torch.from_numpy(rows)
        facts = {
            "identity": self._identity,
            "steps": [asdict(step) for step in self.steps],
            "answers": self.answers.known,
            "sentences": sentences,
        }
        checkpoint.save(self.folder / checkpoint.TRAINING, tensors, facts)
        checkpoint.save_interpreter(self.interpreter, self.folder)

    def _go_on(self) -> None:
        path = self.folder / checkpoint.TRAINING
        tensors, facts = checkpoint.load(path)
        checkpoint.restore(self.energy, tensors, "energy", path)
        checkpoint.restore(self.interpreter, tensors, "interpreter", path)
        for name, value in self._identity.items():
            if facts["identity"][name] != value:
                msg = (
                    f"the checkpoint {str(path)!r} was trained with other {name}; "
                    "go on with the same, or choose another folder"
                )
                raise XaiError(msg)
        checkpoint.restore_optimizer(self._energy_optimizer, tensors, "energy_optimizer")
        checkpoint.restore_optimizer(self._optimizer, tensors, "interpreter_optimizer")
        self.steps = [Step(**step) for step in facts["steps"]]
        self.answers.known.update(facts["answers"])
        if facts["sentences"]:
            rows = tensors["sentences"].numpy()
            self.embedded.known = dict(zip(facts["sentences"], rows, strict=True))

    def _items(self) -> list[Item]:
        """Whole responses and parts of them with their negatives, the same for one seed."""
        self.tally = Tally()
        found = []
        for index in range(len(self.pairs)):
            rng = self._rng(0, index)
            found.append(self._item(index, self.answers, rng))
            found.append(self._item(index, self.answers, rng, self._targets(index, rng)))
        return [each for each in found if each.negatives]

    def _item(
        self,
        index: int,
        own: Callable[[str], str | None],
        rng: np.random.Generator,
        targets: Sequence[int] | None = None,
    ) -> Item:
        others = [pair for i, pair in enumerate(self.pairs) if i != index]
        drawn = self.settings.negatives
        return item(
            self.pairs[index], others, own, rng, targets=targets, each=drawn, tally=self.tally
        )

    def _step(self, items: Sequence[Item]) -> Step:
        number = len(self.steps) + 1
        rng = self._rng(1, number)
        if number <= self.settings.energy_steps:
            chosen = rng.choice(len(items), min(self.settings.batch, len(items)), replace=False)
            loss = self._learn_energy([items[i] for i in chosen])
            return Step(number, loss, None, self.answers.queries)
        into = number - self.settings.energy_steps
        if into == 1:
            self.interpreter.start_from(self.energy)
        count = min(self.settings.batch, len(self._choosable))
        chosen = rng.choice(self._choosable, count, replace=False).tolist()
        gap, gates = self._learn_interpreter(chosen, rng)
        loss = None
        if into % self.settings.ask_every == 0:
            fresh = self._asked(chosen[: self.settings.asked], gates, rng)
            loss = self._learn_energy(fresh) if fresh else None
        return Step(number, loss, gap, self.answers.queries)

    def _learn_energy(self, items: Sequence[Item]) -> float:
        """One step on equation 1 or 7."""
        temperature = self.settings.temperature
        with self._mixed():
            loss = contrast(self.energy, items, self.embedded, temperature=temperature)
        self._energy_optimizer.zero_grad()
        loss.backward()
        self._energy_optimizer.step()
        return loss.item()

    def _learn_interpreter(
        self, chosen: Sequence[int], rng: np.random.Generator
    ) -> tuple[float, Tensor]:
        """One step up equation 3, with the energy network as it is; the choice it leads to."""
        pairs = [self.pairs[i] for i in chosen]
        prompts, here = self.embedded.pack([pair.prompt for pair in pairs])
        responses, there = self.embedded.pack([pair.response for pair in pairs])
        targets = torch.zeros_like(there)
        for row, index in enumerate(chosen):
            targets[row, list(self._targets(index, rng))] = 1
        counts = (here.sum(dim=1).long() - 1).clamp_max(self.settings.k)
        generator = torch.Generator().manual_seed(int(rng.integers(2**31)))

        def choose() -> Tensor:
            with self._mixed():
                logits = self.interpreter(prompts, here, responses, there, targets)
            return draw(
                logits.float(),
                counts,
                temperature=self.settings.draw_temperature,
                generator=generator,
                draws=self.settings.draws,
            )

        gates = choose()
        self.energy.requires_grad_(False)
        try:
            with self._mixed():
                without = self.energy(prompts, here - gates, responses, targets)
                gap = (without - self.energy(prompts, here * gates, responses, targets)).mean()
            self._optimizer.zero_grad()
            (-gap).backward()
            self._optimizer.step()
        finally:
            self.energy.requires_grad_(True)
        with torch.no_grad():
            return gap.item(), choose()

    def _asked(self, chosen: Sequence[int], gates: Tensor, rng: np.random.Generator) -> list[Item]:
        """Masked prompts with the model's answers to them (equations 5 and 6), and negatives."""
        items = []
        for row, index in enumerate(chosen):
            pair = self.pairs[index]
            kept = gates[row, : len(pair.prompt)] > 0.5
            prompt = tuple(s for s, keep in zip(pair.prompt, kept, strict=True) if keep)
            text = self.answers("".join(prompt).strip()) if prompt else None
            if text and text.strip():
                # The whole prompt is among the others: its answer is a negative where it differs.
                masked = Pair(prompt, cut(text), pair.human, pair.other)
                drawn = item(masked, self.pairs, self.answers.known.get, rng)
                if drawn.negatives:
                    items.append(drawn)
        return items

    def _targets(self, index: int, rng: np.random.Generator) -> Sequence[int]:
        """Some sentences of a response, at least one."""
        count = len(self.pairs[index].response)
        size = int(rng.integers(1, count + 1))
        return np.sort(rng.choice(count, size, replace=False)).tolist()

    def _rng(self, *of: Any) -> np.random.Generator:
        return np.random.default_rng([self.settings.seed, *of])
