"""`train_interpreter`: from a model and prompts to an interpreter in a folder."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from jupyter_xai.errors import Interrupted, XaiError, at_least_one
from jupyter_xai.methods.energy import configs
from jupyter_xai.methods.energy.configs import EnergyConfig
from jupyter_xai.methods.energy.origin import identity
from jupyter_xai.models.base import Model
from jupyter_xai.models.load import load
from jupyter_xai.progress import Line, Progress, Watcher, watcher_of
from jupyter_xai.text.embeddings import embed
from jupyter_xai.training.answer_store import KeptAnswers
from jupyter_xai.training.data import Draft, read_drafts
from jupyter_xai.training.history import FILE, History
from jupyter_xai.training.negatives import Item, item
from jupyter_xai.training.pairs import Pair
from jupyter_xai.training.progress_chart import Live
from jupyter_xai.training.trained import TrainedInterpreter
from jupyter_xai.training.trainer import Step, Trainer, TrainingSettings
from jupyter_xai.training.validation import energies_by_kind

FOLDER = Path("xai-interpreters")
"""Where interpreters go unless a folder is named, in the working directory."""

_MEASUREMENTS = 20
_STEPS_BETWEEN_SAVES = 100
_MOST_HELD_OUT = 32
_FEW = 8


def train_interpreter(
    model: Any,
    prompts: Any,
    *,
    config: str | EnergyConfig = "tiny",
    k: int | None = None,
    steps: int | None = None,
    max_queries: int | None = None,
    n: int = 50,
    seed: int = 0,
    folder: str | Path | None = None,
    device: str | None = None,
    embeddings: str | None = None,
    on_step: Callable[[Step], None] | None = None,
    progress: bool | Progress | Watcher | None = None,
    **settings: Any,
) -> TrainedInterpreter:
    """Train an interpreter, which then explains a model's answers without asking it.

    "A concept level energy-based framework for interpreting black-box large language model
    responses": an energy network learns which pairs of prompt and response are the model's, and
    guides the training of the interpreter (equations 1 to 7).

    Called again with the same arguments it goes on where it was stopped or killed, and does what
    unbroken training would have done; what the model said is not asked again. Functions are told
    apart by their names only: give a changed function another folder.

    Parameters
    ----------
    model
        Anything that `jupyter_xai.load` takes, or None for the embedded tutor. It is asked for
        answers, and how likely they are after masked prompts where it gives log-probabilities.
    prompts : str, Path, DataFrame or list
        A ``.jsonl`` or ``.csv`` file, a DataFrame or a list, with ``prompt`` and, if known, the
        model's own ``response``, a person's answer (``human``) and another model's (``other``); or
        ``"tutor:travel"``, ``"tutor"`` and the like; or a list of `Pair`. Missing responses are
        asked for.
    config : str or EnergyConfig
        One of `jupyter_xai.methods.energy.configs.CONFIGS`.
    k : int, optional
        How many sentences the interpreter learns to choose; as `TrainingSettings` has it unless
        given.
    steps : int, optional
        The first half teaches the energy network, the second half the interpreter; as many as
        `TrainingSettings` has unless given.
    max_queries : int, optional
        Most queries, each for an answer or for the log-probabilities of one. At most half of them
        are for responses to the prompts, the rest are about masked prompts. No limit unless given.
    n : int
        How many prompts of each of the tutor's families.
    seed : int
        Which of these prompts, and the seed of all draws.
    folder : str or Path, optional
        Where interpreter, checkpoints and answers are kept; a folder in ``xai-interpreters``, named
        after all these choices, unless given.
    device : str, optional
        Such as ``cuda``, where it is chosen if there is one; else ``cpu``. On a GPU the networks
        compute in bfloat16 where that is enough.
    embeddings : str, optional
        Folder or id of a sentence-transformers model as wide as the configuration wants;
        all-MiniLM-L6-v2, which comes with the package, unless given.
    on_step : callable, optional
        Told every `Step`.
    progress : bool, callable or Watcher, optional
        As in `jupyter_xai.explain`. In a notebook losses and energies are drawn as they change.
    **settings
        Other fields of `jupyter_xai.training.trainer.TrainingSettings`, such as ``batch=32``.

    Returns
    -------
    TrainedInterpreter
        Also after an interrupt, if training had begun; it says so and can be used.

    Raises
    ------
    XaiError
        When something does not fit, or cannot be kept; the message says what to do.
    Interrupted, KeyboardInterrupt
        When it was stopped before there was anything to train; answers are kept.

    Examples
    --------
    >>> from jupyter_xai import train_interpreter
    >>> from tempfile import mkdtemp
    >>> prompts = [f"It rains. I am {x}. Help." for x in ("cold", "ill", "lost")]
    >>> found = train_interpreter(str.upper, prompts, steps=4, folder=mkdtemp())
    >>> found.partial
    False
    >>> (found.folder / "config.json").exists()
    True
    """
    chosen = config if isinstance(config, EnergyConfig) else configs.config(config)
    wanted = _settings(steps, {"k": k, "max_queries": max_queries}, seed, settings)
    drafts = read_drafts(prompts, n=at_least_one(n, "n"), seed=seed)
    loaded = load("tutor" if model is None else model)
    named = config if isinstance(config, str) else "own"
    place = Path(folder) if folder is not None else _folder(loaded, named, chosen, wanted, drafts)
    place = place.resolve()
    seen = Line.is_seen() if progress is None else progress
    watcher = Live() if seen is True else watcher_of(progress)
    try:
        place.mkdir(parents=True, exist_ok=True)
        teaching = _Teaching(loaded, drafts, chosen, wanted, place, watcher, on_step)
        return teaching.run(device=device or _device(), embeddings=embeddings)
    except OSError as error:
        msg = f"cannot write to {str(place)!r}: {error.strerror or error}; choose another folder"
        raise XaiError(msg) from error
    finally:
        if isinstance(watcher, Line):
            watcher.close()


class _Teaching:
    """One training on its way."""

    def __init__(
        self,
        model: Model,
        drafts: Sequence[Draft],
        config: EnergyConfig,
        settings: TrainingSettings,
        folder: Path,
        watcher: Watcher,
        on_step: Callable[[Step], None] | None,
    ) -> None:
        self._model = model
        self._drafts = drafts
        self._config = config
        self._settings = settings
        self._folder = folder
        self._watcher = watcher
        self._on_step = on_step
        self._answers = KeptAnswers(
            model, folder, max_queries=settings.max_queries, told=self._asked
        )
        self._asking: tuple[str, int] | None = None

    def run(self, *, device: str, embeddings: str | None) -> TrainedInterpreter:
        """Collect, hold some out, train on the rest."""
        pairs, notes = self._pairs()
        held_out, rest = _parted(pairs, self._settings.seed)
        trainer = Trainer(
            self._model,
            rest,
            self._config,
            self._settings,
            self._folder,
            encode=partial(embed, model=embeddings),
            embeddings=embeddings,
            answers=self._answers,
            device=device,
        )
        history = History(trainer.total)
        if trainer.steps and (self._folder / FILE).exists():
            history = History.read(self._folder)
        history.cut(trainer.steps)
        try:
            self._train(trainer, history, held_out)
        except (Interrupted, KeyboardInterrupt):
            trainer.save()
        finally:
            history.cut(trainer.steps)
            history.write(self._folder)
        if isinstance(self._watcher, Live):
            self._watcher.draw(history, last=True)
        queries = self._answers.queries
        return TrainedInterpreter(self._folder, self._model, queries, history, notes)

    def _train(self, trainer: Trainer, history: History, held_out: Sequence[Pair]) -> None:
        self._asking = ("asking about masked prompts", self._settings.max_queries or 0)
        items = self._items(held_out)
        every = max(1, trainer.total // _MEASUREMENTS)

        def measure(at: int) -> None:
            if items:
                history.measured.append(
                    (at, energies_by_kind(trainer.energy, items, trainer.embedded))
                )

        def told(step: Step) -> None:
            # From here on steps are counted, not questions.
            self._asking = None
            history.steps.append(step)
            if step.number % every == 0 or step.number == trainer.total:
                measure(step.number)
            if step.number % _STEPS_BETWEEN_SAVES == 0:
                # In this order: a history that runs ahead of the checkpoint is cut.
                history.write(self._folder)
                trainer.save()
            self._tell(history)
            if self._on_step is not None:
                self._on_step(step)

        if not trainer.steps:
            measure(0)
        trainer.train(told)

    def _pairs(self) -> tuple[list[Pair], tuple[str, ...]]:
        """All pairs that the budget allows for, and what had to be left out."""
        missing = [draft.prompt for draft in self._drafts if draft.response is None]
        most = self._settings.max_queries
        allowed = dict.fromkeys(missing if most is None else missing[: most // 2])
        self._asking = ("asking for responses", len(allowed))
        for prompt in allowed:
            self._answers(prompt)
        asked = [draft for draft in self._drafts if draft.of_tutor and draft.prompt in allowed]
        others = self._other_answers([draft.prompt for draft in asked if not draft.other])
        pairs = []
        for draft in self._drafts:
            response = draft.response or self._answers.known.get(draft.prompt) or ""
            other = draft.other or others.get(draft.prompt) or ""
            if response.strip():
                pairs.append(Pair.of(draft.prompt, response, human=draft.human, other=other))
        left_out = len(self._drafts) - len(pairs)
        if not left_out:
            return pairs, ()
        return pairs, (
            f"{left_out} prompts were left out: the budget was spent, or no answer came",
        )

    def _other_answers(self, prompts: Sequence[str]) -> dict[str, str | None]:
        """What a weaker model of the tutor's kind says; it is no query to the model."""
        if not prompts:
            return {}
        other = load("tutor:novice")
        if identity(other) == identity(self._model):
            other = load("tutor")
        answers = KeptAnswers(other, self._folder)
        for done, prompt in enumerate(prompts):
            self._watcher.tell(done, len(prompts), "asking another model")
            answers(prompt)
        return answers.known

    def _items(self, pairs: Sequence[Pair]) -> list[Item]:
        """Held-out pairs with a negative of each kind."""
        found = []
        for index, pair in enumerate(pairs):
            rng = np.random.default_rng([self._settings.seed, 2, index])
            others = [each for each in pairs if each is not pair]
            found.append(item(pair, others, self._answers, rng))
        return [each for each in found if each.negatives]

    def _asked(self) -> None:
        if self._asking is not None:
            what, total = self._asking
            self._watcher.tell(self._answers.queries, total, what)

    def _tell(self, history: History) -> None:
        step = history.steps[-1]
        known = {"energy loss": step.energy_loss, "interpreter loss": step.interpreter_loss}
        facts = [f"{name} {value:.3g}" for name, value in known.items() if value is not None]
        self._watcher.aside = ", ".join([*facts, f"{step.queries} queries"])
        self._watcher.tell(step.number, history.total, "training")
        if isinstance(self._watcher, Live):
            self._watcher.draw(history)


def _settings(
    steps: int | None, counts: Mapping[str, int | None], seed: int, others: dict[str, Any]
) -> TrainingSettings:
    known = [each.name for each in fields(TrainingSettings)]
    unknown = [name for name in others if name not in known]
    if unknown:
        msg = f"unknown setting {unknown[0]!r}; there are {', '.join(known)}"
        raise XaiError(msg)
    chosen: dict[str, Any] = {
        name: at_least_one(count, name) for name, count in counts.items() if count is not None
    }
    if steps is not None:
        half = at_least_one(steps, "steps") // 2
        chosen |= {"energy_steps": steps - half, "interpreter_steps": half}
    return TrainingSettings(**{**chosen, "seed": seed, **others})


def _parted(pairs: Sequence[Pair], seed: int) -> tuple[list[Pair], list[Pair]]:
    """Pairs to measure by, and pairs to train on; of few pairs none is held out."""
    if len(pairs) < _FEW:
        return [], list(pairs)
    count = min(_MOST_HELD_OUT, max(2, len(pairs) // 8))
    held = set(np.random.default_rng([seed, 3]).permutation(len(pairs))[:count].tolist())
    return [pairs[i] for i in sorted(held)], [p for i, p in enumerate(pairs) if i not in held]


def _folder(
    model: Model,
    name: str,
    config: EnergyConfig,
    settings: TrainingSettings,
    drafts: Sequence[Draft],
) -> Path:
    about = [identity(model), asdict(config), asdict(settings), [asdict(each) for each in drafts]]
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:8]
    plain = re.sub(r"[^A-Za-z0-9.-]+", "-", model.name).strip("-.") or "model"
    return FOLDER / f"{plain}-{name}-{digest}"


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
