"""What studies share: the model, the size, checkpoints of the model, prompts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_xai import methods
from jupyter_xai.errors import XaiError
from jupyter_xai.evaluation.benchmark.cases import Case, Truth, tutor_case
from jupyter_xai.explainer.prepare import prepare
from jupyter_xai.explanation.result import Result
from jupyter_xai.methods import requirements
from jupyter_xai.models import tutor
from jupyter_xai.models.base import Model, Sampling

if TYPE_CHECKING:
    from jupyter_xai.models.tutor.generator import Sample

T = TypeVar("T")

MEANING = "What is the meaning of life?"
"""The prompt of most of gSMILE's tables: six words, so 63 non-empty masks."""

LONGER = "Please tell me in plain words what is the meaning of life for men?"
"""Fourteen words about the same, where the numbers of perturbations differ."""

NOISE = (0.0, 0.3, 0.35, 0.4, 0.45, 0.5)
"""Sizes of the noise of the checkpoints, as shares of each matrix's standard deviation."""


@dataclass(frozen=True)
class Lab:
    """Where a study is run.

    Attributes
    ----------
    model : Model
    size : str
        ``small`` for a look and for tests, ``full`` for the numbers.
    seed : int
    max_new_tokens : int
        Length limit of the answers that are explained.
    """

    model: Model
    size: str = "small"
    seed: int = 0
    max_new_tokens: int = 256
    _made: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def pick(self, small: T, full: T) -> T:
        """One of two by the size."""
        return full if self.size == "full" else small

    def once(self, name: Any, make: Callable[[], T]) -> T:
        """What several studies need, made by the first of them."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def explain(self, prompt: str, method: str, model: Model | None = None, **how: Any) -> Result:
        """An explanation without checks."""
        chosen = {"seed": self.seed, "max_new_tokens": self.max_new_tokens, **how}
        return prepare(prompt, model or self.model, method=method, **chosen).run(checks=False)

    def available(self, *names: str) -> list[str]:
        """Those of these methods that the model can serve."""
        known = [name for name in names if name in methods.names()]
        return [name for name in known if requirements.met(methods.get(name), self.model)]

    def checkpoints(self, count: int) -> dict[str, Model]:
        """The model, and the same with seeded noise on its weights, from little to much.

        Training keeps no checkpoints that could be shipped, so noise stands for how well a model
        was learnt: the weights of each matrix get normal noise of a share of their own standard
        deviation. It spoils what a model knows step by step, which real checkpoints do otherwise.

        Raises
        ------
        XaiError
            When the model's weights are not at hand.
        """
        sizes = NOISE[:count]
        made = {0.0: self.model}
        for size in sizes[1:]:
            made[size] = self.once(
                ("noisy", size), lambda size=size: noisy(self.model, size, self.seed)
            )
        return {_label(self.model, size): model for size, model in made.items()}

    def questions(self, count: int) -> list[Case]:
        """Held-out questions with the words that decide the answer as a whole."""
        found = []
        for sample in tutor.samples("questions", count, seed=self.seed + 1):
            case = tutor_case(sample, "word")
            causes = dict.fromkeys(cause for truth in case.truth for cause in truth.causes)
            found.append(Case(case.prompt, None, (Truth(tuple(causes)),), case.family))
        return found

    def samples(self, families: Sequence[str], count: int) -> list[Sample]:
        """Held-out samples of families, in turn."""
        return [s for name in families for s in tutor.samples(name, count, seed=self.seed + 2)]

    def accuracy(self, model: Model, count: int) -> float:
        """Share of held-out prompts that a model answers exactly: its published accuracy here."""
        samples = self.samples(("travel", "reviews", "questions", "stories"), count)
        answers = [
            model.respond(model.prompt(sample.prompt), Sampling(96)).text for sample in samples
        ]
        right = [a == s.response for a, s in zip(answers, samples, strict=True)]
        return sum(right) / len(right)


def noisy(model: Model, size: float, seed: int) -> Model:
    """The same model with noise on the weights of its matrices; the model is left as it is."""
    import copy

    import torch

    from jupyter_xai.models.local.transformers import TransformersModel

    if not isinstance(model, TransformersModel):
        msg = (
            f"this study compares checkpoints of a model, and the weights of {model.name} are not "
            "at hand; give a transformers model"
        )
        raise XaiError(msg)
    changed = copy.deepcopy(model.model)
    draws = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in changed.parameters():
            if parameter.ndim == 2:
                drawn = torch.randn(parameter.shape, generator=draws).to(parameter)
                parameter.add_(drawn * (size * parameter.std()))
    return TransformersModel(changed, model.tokenizer, name=_label(model, size))


def _label(model: Model, size: float) -> str:
    return f"{model.name}, {size:.0%} noise" if size else model.name
