"""What training gives: a folder with an interpreter, and how it came about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_xai.models.base import Model
from jupyter_xai.training.history import History

if TYPE_CHECKING:
    import altair
    import pandas


@dataclass(frozen=True, eq=False, repr=False)
class TrainedInterpreter:
    """An interpreter of a model, in its folder.

    Attributes
    ----------
    folder : Path
        What ``method="energy"`` takes as ``interpreter=``, in this and in later sessions.
    model : Model
        Whose answers it was trained on.
    queries : int
        Answers that training took, and masked prompts that were scored.
    log : History
    notes : tuple of str
        What is worth knowing of how it was trained.
    """

    folder: Path
    model: Model
    queries: int
    log: History
    notes: tuple[str, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether training was stopped before its end."""
        return len(self.log.steps) < self.log.total

    @property
    def history(self) -> pandas.DataFrame:
        """Losses and measurements, see `History.frame`."""
        return self.log.frame()

    def chart(self) -> altair.HConcatChart:
        """Both losses, and the energies of each kind of negative, over training; drawn offline."""
        from jupyter_xai.training.charts import training_chart

        return training_chart(self.log)

    def __repr__(self) -> str:
        done, total = len(self.log.steps), self.log.total
        lines = [
            f"<interpreter of {self.model.name}: {done} of {total} steps, "
            f"{self.queries} queries, in {str(self.folder)!r}>",
            *(f"note: {note}" for note in self.notes),
        ]
        if self.partial:
            lines.append("stopped before its end; the same call again goes on from here")
        return "\n".join(lines)
