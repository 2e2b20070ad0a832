"""The result of an evaluation: what was measured of every method on every prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_xai.errors import one_of
from jupyter_xai.evaluation.benchmark.measures import measure_named
from jupyter_xai.evaluation.benchmark.summaries import COLUMNS, GROUPS, Failure, means, paired
from jupyter_xai.files import write

if TYPE_CHECKING:
    import altair
    import pandas


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """Many explanations of many prompts, measured.

    Attributes
    ----------
    rows : sequence of mapping
        One a prompt, model, method, budget, seed and metric; see `frame`.
    failures : sequence of Failure
    partial : bool
        True when it was interrupted; the same call with the same folder goes on.
    computed, reused : int
        Cells that were computed now, and that were there already.
    """

    rows: Sequence[Mapping[str, Any]]
    failures: Sequence[Failure] = ()
    partial: bool = False
    computed: int = 0
    reused: int = 0

    def frame(self) -> pandas.DataFrame:
        """All that was measured, one number a row.

        Returns
        -------
        DataFrame
            ``case`` (position in the data), ``family``, ``prompt``; ``n``, ``m`` (units of prompt
            and response); ``model``, ``method``, ``budget`` (perturbations that were allowed,
            ``all``, or empty for a fixed cost), ``used`` (perturbations, the whole prompt not
            counted), ``seed``; ``metric``, ``value``.
        """
        from jupyter_xai.text.frames import ReadableFrame

        return ReadableFrame([dict(row) for row in self.rows], columns=list(COLUMNS))

    def errors(self) -> pandas.DataFrame:
        """What failed: ``case``, ``model``, ``method``, ``message``."""
        from jupyter_xai.text.frames import ReadableFrame

        names = ["case", "model", "method", "message"]
        return ReadableFrame([vars(each) for each in self.failures], columns=names)

    def summary(self, by: Sequence[str] = GROUPS) -> pandas.DataFrame:
        """Means over prompts, with 95 % bootstrap intervals.

        Parameters
        ----------
        by : sequence of str
            Columns of `frame` by which to tell results apart; ``metric`` always does.

        Returns
        -------
        DataFrame
            ``by``, ``metric``, ``mean``, ``low``, ``high``, ``prompts`` (how many have the
            number) and ``used`` (mean number of perturbations).

        Raises
        ------
        XaiError
            For an unknown column.
        """
        from jupyter_xai.text.frames import ReadableFrame

        names = [*(one_of(each, COLUMNS[:-2], "column") for each in by), "metric"]
        columns = [*names, "mean", "low", "high", "prompts", "used"]
        return ReadableFrame(means(self.rows, names), columns=columns)

    def differences(self, method: str, baseline: str, metric: str) -> pandas.DataFrame:
        """By how much one method is ahead of another on the same prompts.

        Parameters
        ----------
        method, baseline : str
            Labels of methods.
        metric : str

        Returns
        -------
        DataFrame
            ``budget`` (every one that both have; a method of a fixed cost has all of them),
            ``mean`` of the paired differences (method minus baseline), ``low`` and ``high``
            (95 % bootstrap over prompts), ``prompts``, ``wins`` (share of prompts with a
            difference above 0).

        Raises
        ------
        XaiError
            For an unknown method or metric.
        """
        from jupyter_xai.text.frames import ReadableFrame

        one_of(metric, self._known("metric"), "metric")
        for each in (method, baseline):
            one_of(each, self._known("method"), "method")
        columns = ["budget", "mean", "low", "high", "prompts", "wins"]
        return ReadableFrame(paired(self.rows, method, baseline, metric), columns=columns)

    def chart(self, metric: str) -> altair.FacetChart:
        """A metric against the number of perturbations, a panel for each family.

        Raises
        ------
        XaiError
            When the metric was not measured.
        """
        from jupyter_xai.evaluation.benchmark.charts import against_calls

        one_of(metric, self._known("metric"), "metric")
        better = measure_named(metric).kind.better
        return against_calls(means(self.rows, [*GROUPS, "metric"]), metric, better=better)

    def save(self, path: str | Path) -> Path:
        """Write `frame` to a CSV file.

        Raises
        ------
        XaiError
            When the file cannot be written.
        """
        return write(path, self.frame().to_csv(index=False))

    def _known(self, name: str) -> list[Any]:
        """The different entries of a column."""
        return list(dict.fromkeys(row[name] for row in self.rows))

    def __repr__(self) -> str:
        partial = ", partial" if self.partial else ""
        failed = f", {len(self.failures)} failed" if self.failures else ""
        return (
            f"<Evaluation of {len(self._known('method'))} methods on {len(self._known('case'))} "
            f"prompts: {len(self.rows)} numbers{failed}{partial}>"
        )

    def __str__(self) -> str:
        from jupyter_xai.evaluation.benchmark.report import as_text

        return as_text(repr(self).strip("<>"), self.rows, self.failures, partial=self.partial)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from jupyter_xai.evaluation.benchmark.report import bundle

        return bundle(repr(self).strip("<>"), self.rows, self.failures, partial=self.partial)
