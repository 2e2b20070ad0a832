"""What an interpreter was trained on: kept with its weights, told to readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    k : int
        Sentences that it learned to choose.
    embeddings : str or None
        The sentence encoder; None for the bundled one.
    """

    model: str
    name: str
    steps: int
    of: int
    k: int
    embeddings: str | None = None


def identity(model: Model) -> str:
    """Names a model in this and in later processes; functions are told apart by name only."""
    if model.describe()["kind"] == "function":
        return f"function:{model.name}"
    return model.fingerprint()
