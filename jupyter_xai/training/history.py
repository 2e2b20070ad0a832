"""What happened in training: kept beside the interpreter, and told as a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_xai.errors import XaiError
from jupyter_xai.files import replacing
from jupyter_xai.methods.energy.checkpoint import written
from jupyter_xai.training.trainer import Step
from jupyter_xai.training.validation import KindEnergies

if TYPE_CHECKING:
    import pandas

FILE = "history.json"


@dataclass
class History:
    """Steps of training, and what was measured on held-out pairs between them.

    Attributes
    ----------
    total : int
        Steps that are planned.
    steps : list of Step
    measured : list of (int, tuple of KindEnergies)
        After how many steps, and what.
    """

    total: int
    steps: list[Step] = field(default_factory=list)
    measured: list[tuple[int, tuple[KindEnergies, ...]]] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path) -> History:
        """What `write` wrote.

        Raises
        ------
        XaiError
            When it is not there or damaged.
        """
        path = folder / FILE
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(found["total"], int):
                msg = f"total is {found['total']!r:.60}"
                raise TypeError(msg)
            return cls(
                found["total"],
                [Step(**step) for step in found["steps"]],
                [
                    (at, tuple(KindEnergies(**each) for each in kinds))
                    for at, kinds in found["measured"]
                ],
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            msg = f"{str(path)!r} holds no history of a training ({error})"
            raise XaiError(msg) from error

    def write(self, folder: Path) -> None:
        """Keep it, as a whole or not at all.

        Raises
        ------
        XaiError
            When the folder cannot be written.
        """
        measured = [(at, [asdict(each) for each in kinds]) for at, kinds in self.measured]
        content = {
            "total": self.total,
            "steps": [asdict(step) for step in self.steps],
            "measured": measured,
        }
        with written(folder / FILE), replacing(folder / FILE) as beside:
            beside.write_text(json.dumps(content), encoding="utf-8")

    def cut(self, steps: Sequence[Step]) -> None:
        """Go back to where a checkpoint is."""
        self.steps = list(steps)
        self.measured = [(at, kinds) for at, kinds in self.measured if at <= len(steps)]

    def rows(self) -> Iterator[dict[str, Any]]:
        """One measurement a row: see `frame`."""
        for step in self.steps:
            for measure, value in (
                ("energy loss", step.energy_loss),
                ("interpreter loss", step.interpreter_loss),
                ("gap", step.gap),
            ):
                if value is not None:
                    yield _row(step.number, measure, "", value)
        for at, kinds in self.measured:
            for each in kinds:
                for measure, value in (
                    ("energy", each.negative),
                    ("authentic energy", each.authentic),
                    ("win rate", each.win_rate),
                    ("gap over deviation", each.gap),
                    ("auroc", each.auroc),
                ):
                    if value is not None:
                        yield _row(at, measure, each.kind, value)

    def frame(self) -> pandas.DataFrame:
        """One measurement a row.

        Returns
        -------
        DataFrame
            ``step`` (how many were made), ``measure``, ``kind`` (of negatives; empty for losses)
            and ``value``. ``energy loss`` is InfoNCE in nats, ``interpreter loss`` what its
            objective minimises, ``gap`` the difference of energies (equation 3) of its choices; the
            others are those of `KindEnergies`.
        """
        from jupyter_xai.text.frames import ReadableFrame

        return ReadableFrame(list(self.rows()), columns=["step", "measure", "kind", "value"])


def _row(step: int, measure: str, kind: str, value: float) -> dict[str, Any]:
    return {"step": step, "measure": measure, "kind": kind, "value": value}
