"""Training: the energy network first, then the interpreter and the energy network in turn.

Every draw of a step comes from a generator of that step alone, so that training that goes on from
a checkpoint does what unbroken training would have done.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from jupyter_xai.errors import XaiError
from jupyter_xai.methods.energy import checkpoint
from jupyter_xai.methods.energy.configs import ADD_UP, EnergyConfig, Objective
from jupyter_xai.methods.energy.embedded import Embedded, Encode, dropped
from jupyter_xai.methods.energy.networks import EnergyNetwork, Interpreter
from jupyter_xai.methods.energy.origin import Origin, identity
from jupyter_xai.models.base import Model, Sampling
from jupyter_xai.text.embeddings import embed
from jupyter_xai.training.answers import Answers
from jupyter_xai.training.contrast import contrast
from jupyter_xai.training.items import Items, even_shares
from jupyter_xai.training.negatives import Item, Tally
from jupyter_xai.training.objective import answered, ascended, fitted, objective_for, random_subsets
from jupyter_xai.training.outcomes import by_answers, by_likelihood
from jupyter_xai.training.pairs import Pair
from jupyter_xai.training.selection import draw
from jupyter_xai.training.settings import TrainingSettings

_WARM_UP = 50
"""Steps in which the learning rate rises."""


@dataclass(frozen=True)
class Step:
    """What one step did.

    Attributes
    ----------
    number : int
        From 1, through both phases.
    energy_loss : float or None
        InfoNCE, equation 1 or 7; None in steps that leave the energy network as it is.
    interpreter_loss : float or None
        What the interpreter minimises, see `jupyter_xai.methods.energy.configs.OBJECTIVES`; None
        before.
    gap : float or None
        The difference of energies that the interpreter ascends (equation 3); None before, and in
        steps that learn effects and make no choice.
    queries : int
        What the model was asked so far, see `jupyter_xai.training.answers.Answers`.
    """

    number: int
    energy_loss: float | None
    interpreter_loss: float | None
    gap: float | None
    queries: int


class Trainer:
    """Trains an interpreter of a model on pairs, in a folder where it can go on.

    Parameters
    ----------
    model : Model
        Asked about masked prompts only.
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
        self._objective: Objective = objective_for(model, settings.objective)
        self.settings = replace(settings, objective=self._objective)
        self.folder = folder
        self._name = model.name
        self._embeddings = embeddings
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
        self._maker = Items(self.pairs, self.answers, self.embedded, settings)
        self._identity = {
            "model": identity(model),
            "settings": asdict(self.settings),
            "pairs": [[*map("".join, vars(pair).values())] for pair in self.pairs],
        }
        if (folder / checkpoint.TRAINING).exists():
            self._go_on()

    @property
    def _adds_up(self) -> bool:
        return self._objective in ADD_UP

    @property
    def tally(self) -> Tally:
        """How many negatives were drawn, and why some do not count."""
        return self._maker.tally

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
            items = self._maker.all()
            self._shares = even_shares(items)
            if self._adds_up:
                ask = by_likelihood if self._objective == "likelihood" else by_answers
                self._outcomes = ask(
                    self.pairs,
                    self.answers,
                    count=self.settings.outcomes,
                    seed=self.settings.seed,
                )
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
            objective=self._objective,
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
            "valued": self.answers.valued,
            "sentences": sentences,
        }
        checkpoint.save(self.folder / checkpoint.TRAINING, tensors, facts)
        checkpoint.save_interpreter(self.interpreter, self.folder)

    def _go_on(self) -> None:
        path = self.folder / checkpoint.TRAINING
        tensors, facts = checkpoint.load(path)
        try:
            self._put_back(path, tensors, facts)
        except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
            if isinstance(error, XaiError):
                raise
            msg = f"{str(path)!r} is damaged ({error!r:.200}); choose another folder"
            raise XaiError(msg) from error

    def _put_back(self, path: Path, tensors: Mapping[str, Tensor], facts: dict[str, Any]) -> None:
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
        self.answers.valued.update(facts["valued"])
        if facts["sentences"]:
            rows = tensors["sentences"].numpy()
            self.embedded.known = dict(zip(facts["sentences"], rows, strict=True))

    def _step(self, items: Sequence[Item]) -> Step:
        number = len(self.steps) + 1
        rng = self._rng(1, number)
        if number <= self.settings.energy_steps:
            loss = self._learn_energy(self._some(items, rng), rng)
            return Step(number, loss, None, None, self.answers.queries)
        into = number - self.settings.energy_steps
        if into == 1:
            self.interpreter.start_from(self.energy)
        count = min(self.settings.batch, len(self._choosable))
        chosen = rng.choice(self._choosable, count, replace=False).tolist()
        asks = into % self.settings.ask_every == 0
        own, gap, gates = self._learn_interpreter(chosen, rng, asks=asks)
        loss = None
        if asks and gates is not None:
            fresh = self._asked(chosen[: self.settings.asked], gates, rng)
            # With what was learnt before, or the new pairs alone would bend the energies.
            loss = self._learn_energy([*fresh, *self._some(items, rng)], rng)
        return Step(number, loss, own, gap, self.answers.queries)

    def _some(self, items: Sequence[Item], rng: np.random.Generator) -> list[Item]:
        count = min(self.settings.batch, len(items))
        chosen = rng.choice(len(items), count, replace=False, p=self._shares)
        return [items[i] for i in chosen]

    def _learn_energy(self, items: Sequence[Item], rng: np.random.Generator) -> float:
        """One step on equation 1 or 7."""
        with self._mixed():
            loss = contrast(
                self.energy,
                items,
                self.embedded,
                temperature=self.settings.temperature,
                dropout=self.settings.dropout,
                generator=torch.Generator().manual_seed(int(rng.integers(2**31))),
            )
        self._set_rates()
        self._energy_optimizer.zero_grad()
        loss.backward()
        self._energy_optimizer.step()
        return loss.item()

    def _learn_interpreter(
        self, chosen: Sequence[int], rng: np.random.Generator, *, asks: bool
    ) -> tuple[float, float | None, Tensor | None]:
        """One step of the interpreter, the energy network as it is: loss, gap and its choice."""
        pairs = [self.pairs[i] for i in chosen]
        prompts, here = self.embedded.pack([pair.prompt for pair in pairs])
        responses, there = self.embedded.pack([pair.response for pair in pairs])
        targets = torch.zeros_like(there)
        singles = [int(rng.integers(len(pair.response))) for pair in pairs]
        for row, index in enumerate(chosen):
            some = [singles[row]] if self._adds_up else list(self._maker.targets(index, rng))
            targets[row, some] = 1
        counts = self._counts(here, rng)
        generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
        how = self.settings

        def energy(gates: Tensor) -> Tensor:
            """Of gates [rows, n], the prompts again and again."""
            times = len(gates) // len(prompts)
            with self._mixed():
                return self.energy(
                    prompts.repeat(times, 1, 1),
                    gates,
                    responses.repeat(times, 1, 1),
                    targets.repeat(times, 1),
                )

        def logits(dropout: float = 0.0) -> Tensor:
            seen = [dropped(each, dropout, generator) for each in (prompts, responses)]
            with self._mixed():
                return self.interpreter(seen[0], here, seen[1], there, targets).float()

        def choose() -> tuple[Tensor, Tensor, Tensor]:
            """A choice, and the energies without it and of it alone."""
            gates = draw(
                logits(),
                counts,
                temperature=how.draw_temperature,
                generator=generator,
                draws=how.draws,
            )
            return gates, energy(here - gates), energy(here * gates)

        self.energy.requires_grad_(False)
        try:
            if self._adds_up:
                known = self._outcomes.pack(chosen, singles, prompts.shape[1])
                kept, said, asked = (each.to(prompts.device) for each in known)
                loss = answered(logits(how.dropout), self.interpreter.offset, kept, said, asked)
            elif self._objective == "fitted":
                subsets = random_subsets(here, how.subsets, generator)
                some = logits(how.dropout)
                loss = fitted(some, here, subsets, energy, temperature=how.temperature)
            else:
                _, without, kept = choose()
                loss = ascended(without, kept, self._objective)
            self._set_rates()
            self._optimizer.zero_grad()
            loss.backward()
            self._optimizer.step()
        finally:
            self.energy.requires_grad_(True)
        if self._adds_up and not asks:
            # Nothing was chosen to learn from, and energies are dear.
            return loss.item(), None, None
        with torch.no_grad():
            gates, without, kept = choose()
            return loss.item(), (without - kept).mean().item(), gates

    def _asked(self, chosen: Sequence[int], gates: Tensor, rng: np.random.Generator) -> list[Item]:
        """Masked prompts with the model's answers to them (equations 5 and 6), and negatives."""
        found = []
        for row, index in enumerate(chosen):
            prompt = self.pairs[index].prompt
            kept = gates[row, : len(prompt)] > 0.5
            left = tuple(s for s, keep in zip(prompt, kept, strict=True) if keep)
            found.append(self._maker.asked(index, left, rng))
        return [each for each in found if each is not None]

    def _counts(self, here: Tensor, rng: np.random.Generator) -> Tensor:
        """How many sentences are chosen of each prompt, at least one fewer than there are."""
        most = here.sum(dim=1).long() - 1
        if self.settings.k is not None:
            return most.clamp_max(self.settings.k)
        return torch.from_numpy(rng.integers(1, most.cpu().numpy() + 1)).to(most.device)

    def _set_rates(self) -> None:
        """The learning rate of the step that is being made."""
        done, first = len(self.steps), self.settings.energy_steps
        into, of = (
            (done, first) if done < first else (done - first, self.settings.interpreter_steps)
        )
        rising = min(1.0, (into + 1) / _WARM_UP)
        rate = self.settings.rate * rising * (1 + math.cos(math.pi * into / of)) / 2
        for optimizer in (self._energy_optimizer, self._optimizer):
            for group in optimizer.param_groups:
                group["lr"] = rate

    def _rng(self, *of: Any) -> np.random.Generator:
        return np.random.default_rng([self.settings.seed, *of])
