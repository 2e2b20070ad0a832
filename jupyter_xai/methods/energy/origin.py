"""What an interpreter was trained on: kept with its weights, told to readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_xai.methods.energy.configs import ADD_UP, TELL_EFFECTS
from jupyter_xai.models.capabilities import LastingModel

if TYPE_CHECKING:
    from jupyter_xai.models.base import Model


@dataclass(frozen=True)
class Origin:
    """Where an interpreter comes from.

    Attributes
    ----------
    model : str
        Identity of the model whose answers it was trained on, see `identity`.
    name : str
        What readers call that model.
    steps, of : int
        Steps of training that were made, and that were planned.
    k : int or None
        Sentences that it learned to choose; None for any number.
    objective : str
        What it ascended, see `jupyter_xai.training.trainer.TrainingSettings`.
    embeddings : str or None
        The sentence encoder; None for the bundled one.
    """

    model: str
    name: str
    steps: int
    of: int
    k: int | None
    objective: str = "difference"
    embeddings: str | None = None

    @classmethod
    def of_facts(cls, facts: object) -> Origin:
        """What a file tells of an origin.

        Raises
        ------
        TypeError
            When it is not as `asdict` made it; the message names what is wrong.
        """
        if not isinstance(facts, dict):
            msg = f"origin is {facts!r:.60}"
            raise TypeError(msg)
        origin = cls(**facts)
        for name, kind in _KINDS.items():
            value = getattr(origin, name)
            if isinstance(value, bool) or not isinstance(value, kind):
                msg = f"origin.{name} is {value!r:.60}"
                raise TypeError(msg)
        return origin

    @property
    def tells_effects(self) -> bool:
        """Whether its logits are effects of sentences, rather than logits of a choice."""
        return self.objective in TELL_EFFECTS

    @property
    def adds_up(self) -> bool:
        """Whether effects on several targets are the sum of those on each."""
        return self.objective in ADD_UP


_KINDS: dict[str, Any] = {
    "model": str,
    "name": str,
    "steps": int,
    "of": int,
    "k": int | None,
    "objective": str,
    "embeddings": str | None,
}


def identity(model: Model) -> str:
    """Names a model in this and in later processes; functions are told apart by name only."""
    if model.describe()["kind"] == "function":
        return f"function:{model.name}"
    return model.checkpoint() if isinstance(model, LastingModel) else model.fingerprint()
