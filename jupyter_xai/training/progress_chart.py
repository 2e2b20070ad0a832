"""Training as it goes: a line that counts, and in a notebook a chart that grows."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from jupyter_xai.environment import in_kernel
from jupyter_xai.progress import Line
from jupyter_xai.training.history import History

_BETWEEN = 2.0
"""Seconds from one drawing to the next."""


class Live(Line):
    """Counts on one line, and draws losses and energies in the cell where there is one."""

    def __init__(self) -> None:
        super().__init__()
        self._handle: Any = None
        self._drawn = perf_counter()

    def draw(self, history: History, *, last: bool = False) -> None:
        """Bring the chart up to date, if that was not done just now."""
        if not in_kernel() or not (last or perf_counter() - self._drawn > _BETWEEN):
            return
        from IPython.display import display

        from jupyter_xai.training.charts import training_chart

        bundle = training_chart(history)._repr_mimebundle_()
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)
        self._drawn = perf_counter()
