"""`train_interpreter`, and what it gives: an interpreter that explains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec

from jupyter_xai.interface.explain import explain
from jupyter_xai.interface.explanation import Explanation
from jupyter_xai.models.base import Message
from jupyter_xai.training import train
from jupyter_xai.training.trained import TrainedInterpreter

P = ParamSpec("P")


class Interpreter(TrainedInterpreter):
    """A trained interpreter of a model, which explains that model's answers."""

    def explain(self, prompt: str | Sequence[Message], **options: Any) -> Explanation:
        """Explain an answer of the model by this interpreter: `jupyter_xai.explain`, shorter."""
        return explain(prompt, self.model, method="energy", interpreter=self.folder, **options)


def _explaining(training: Callable[P, TrainedInterpreter]) -> Callable[P, Interpreter]:
    @wraps(training)
    def trained(*args: P.args, **kwargs: P.kwargs) -> Interpreter:
        return Interpreter(**vars(training(*args, **kwargs)))

    return trained


train_interpreter = _explaining(train.train_interpreter)
