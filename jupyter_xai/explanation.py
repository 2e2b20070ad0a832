"""The result: which parts of a prompt caused a response."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from jupyter_xai import storage
from jupyter_xai.errors import XaiError
from jupyter_xai.methods.base import Attribution

if TYPE_CHECKING:
    import altair
    import pandas

    from jupyter_xai.explainer import Explainer
    from jupyter_xai.measuring.evidence import Evidence
    from jupyter_xai.settings import Settings
    from jupyter_xai.what_if import WhatIf

MIME = "application/vnd.jupyter-xai.explanation.v1+json"
"""What JupyterLab draws, with the kernel and without."""


@dataclass(frozen=True)
class Live:
    """What an explanation needs to compute more."""

    explainer: Explainer
    settings: Settings


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """Which parts of a prompt caused a response, and how sure that is.

    n is the number of sources (removable prompt units), m the number of response units. Sources
    are counted from 0, without the protected units between them.

    Attributes
    ----------
    record : mapping
        All of ``schema/explanation.schema.json`` but the numbers per unit.
    attribution : Attribution
        Scores and intervals, [n, m + 1]; the last column is the whole response.
    full : float64 [m + 1]
        Values of the game with nothing removed.
    live : Live, optional
        The model's side; None when the explanation was opened from a file.

    Examples
    --------
    >>> from jupyter_xai import explain
    >>> e = explain("Be brief. Be kind.", str.upper, method="leave-one-out")
    >>> e.targets
    ('BE BRIEF. ', 'BE KIND.')
    >>> e.ranking(0)
    (0, 1)
    """

    record: Mapping[str, Any]
    attribution: Attribution
    full: NDArray[np.float64]
    live: Live | None = None

    @property
    def scores(self) -> NDArray[np.float64]:
        """Signed scores, [n, m]; positive supports the response, NaN was not evaluated."""
        return self.attribution.scores[:, :-1]

    @property
    def total(self) -> NDArray[np.float64]:
        """Scores for the whole response, [n]."""
        return self.attribution.scores[:, -1]

    @property
    def low(self) -> NDArray[np.float64] | None:
        """Lower ends of the intervals, [n, m + 1], or None."""
        return self.attribution.low

    @property
    def high(self) -> NDArray[np.float64] | None:
        """Upper ends of the intervals, [n, m + 1], or None."""
        return self.attribution.high

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Texts of the n removable prompt units."""
        return tuple(u["text"] for u in self.record["prompt"]["units"] if not u["protected"])

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """Texts of the m response units."""
        return tuple(unit["text"] for unit in self.record["response"]["units"])

    @property
    def prompt(self) -> str:
        """The prompt as the model saw it."""
        return "".join(unit["text"] for unit in self.record["prompt"]["units"])

    @property
    def response(self) -> str:
        """The text that is explained."""
        return "".join(self.targets)

    @property
    def k(self) -> int:
        """How many top units were asked for."""
        return self.record["k"]

    @property
    def partial(self) -> bool:
        """Whether the run was stopped before its end."""
        return self.record["partial"]

    @property
    def stopped_at(self) -> str:
        """What ended a run before it was complete, where a budget did; else empty."""
        stops = (note for note in self.notes if note.startswith("stopped at "))
        return next(stops, "") if self.partial else ""

    @property
    def noise(self) -> float | None:
        """Scores smaller than this cannot be told from numerical noise."""
        return self.record["noise"]

    @property
    def checks(self) -> Sequence[Mapping[str, Any]]:
        """What removing the top k did, beside random units and leave-one-out's choice."""
        return self.record["checks"]

    @property
    def notes(self) -> Sequence[str]:
        """Short remarks for the reader."""
        return self.record["notes"]

    @property
    def sets(self) -> Mapping[int, tuple[int, ...]] | None:
        """For joint methods, by k: the k sources that matter most when all of them are removed."""
        found = self.record["sets"]
        return None if found is None else {int(k): tuple(chosen) for k, chosen in found.items()}

    def ranking(self, target: int | None = None) -> tuple[int, ...]:
        """Sources from the strongest support to the strongest opposition.

        Parameters
        ----------
        target : int, optional
            A response unit; None stands for the whole response.

        Raises
        ------
        XaiError
            When there is no such response unit.
        """
        column = self.attribution.scores[:, self._column(target)]
        return tuple(int(i) for i in np.argsort(-column, kind="stable"))

    def strongest(self, k: int | None = None, target: int | None = None) -> tuple[int, ...]:
        """The k sources that count most, the strongest first.

        Parameters
        ----------
        k : int, optional
            The explanation's own k unless given.
        target : int, optional
            A response unit; None stands for the whole response.

        Returns
        -------
        tuple of int
            The set that a joint method found for this k, for whatever response unit; otherwise the
            first k of `ranking`.

        Raises
        ------
        XaiError
            When k is less than 1 or there is no such response unit.
        """
        from jupyter_xai.settings import at_least_one

        k = self.k if k is None else at_least_one(k, "k")
        order = self.ranking(target)
        chosen = (self.sets or {}).get(k)
        return order[:k] if chosen is None else tuple(i for i in order if i in chosen)

    def top(self, k: int | None = None, target: int | None = None) -> pandas.DataFrame:
        """The k strongest sources of every response unit and of the whole response.

        Those are of each `strongest`: for joint methods the members of the set for this k.

        Parameters
        ----------
        k : int, optional
            The explanation's own k unless given.
        target : int, optional
            Only for this response unit (m stands for the whole response).

        Returns
        -------
        DataFrame
            The columns of `frame`, with ``rank`` from 1.

        Raises
        ------
        XaiError
            When k is less than 1 or there is no such response unit.
        """
        columns = range(len(self.targets) + 1)
        wanted = columns if target is None else [self._column(target)]
        places = [
            (column, source, rank)
            for column in wanted
            for rank, source in enumerate(self.strongest(k, column), start=1)
        ]
        rows = [column * len(self.sources) + source for column, source, _ in places]
        chosen = self.frame().iloc[rows].reset_index(drop=True)
        chosen.insert(0, "rank", [rank for *_, rank in places])
        return chosen

    def frame(self) -> pandas.DataFrame:
        """All scores, one a row.

        Returns
        -------
        DataFrame
            ``source``, ``text``, ``role``; ``target`` (m is the whole response),
            ``target_text``; ``score``, and ``low`` and ``high``, the ends of its 90 % interval
            (NaN for methods that do not sample).
        """
        import pandas as pd

        n, columns = self.attribution.scores.shape
        nothing = np.full((n, columns), np.nan)
        low = nothing if self.low is None else self.low
        high = nothing if self.high is None else self.high
        roles = [u["role"] for u in self.record["prompt"]["units"] if not u["protected"]]
        targets = [*self.targets, "(the whole response)"]
        return pd.DataFrame(
            {
                "source": np.tile(np.arange(n), columns),
                "text": np.tile(np.array(self.sources, dtype=object), columns),
                "role": np.tile(np.array(roles, dtype=object), columns),
                "target": np.repeat(np.arange(columns), n),
                "target_text": np.repeat(np.array(targets, dtype=object), n),
                "score": self.attribution.scores.T.ravel(),
                "low": low.T.ravel(),
                "high": high.T.ravel(),
            }
        )

    def metrics(
        self,
        k: int | None = None,
        which: str | Iterable[str] | None = None,
        *,
        truth: Sequence[int] | None = None,
    ) -> pandas.DataFrame:
        """How far the scores can be trusted: figures beside those of chance and leave-one-out.

        With the model at hand, measures what was not measured yet; the table counts the calls.
        Without it, tells what was saved. What the scores were found with is what they are tested
        with: the same operator, and where it cannot be, an error says so.

        Parameters
        ----------
        k : int, optional
            How many units are removed together; the explanation's own k unless given.
        which : str or iterable of str, optional
            Groups: ``removal`` (drop, PR, KL over positions) and ``lds``, which are measured
            unless others are named; ``divergence`` (KL over the vocabulary), ``curves`` (AOPC,
            comprehensiveness, sufficiency), ``text`` (BLEU, ROUGE-L and similarity of the answers
            to masked prompts), ``consistency`` (other seeds), ``stability`` (edited prompts);
            ``faithfulness`` for the first four, ``all`` for all. See docs/metrics.md.
        truth : sequence of int, optional
            Sources that are known to matter, to compare the scores with.

        Returns
        -------
        DataFrame
            ``metric``, ``value``, its 90 % interval ``low`` and ``high`` where there is one; the
            same for random choices: ``random`` (mean), ``random_low``, ``random_high``
            (percentiles 5 and 95); ``leave_one_out``; which way is ``better``; ``meaning``.

        Raises
        ------
        XaiError
            When k is larger than the number of sources, or a group is unknown or cannot be
            measured here.

        Examples
        --------
        >>> from jupyter_xai import explain
        >>> e = explain("Be brief. Be kind.", str.upper, method="leave-one-out", k=1)
        >>> e.metrics(truth=[0]).set_index("metric").loc["recall, top 1", "value"].item()
        1.0
        """
        return self.evidence(k, which, truth=truth).frame

    def evidence(
        self,
        k: int | None = None,
        which: str | Iterable[str] | None = None,
        *,
        truth: Sequence[int] | None = None,
    ) -> Evidence:
        """The figures of `metrics` with a plain verdict, to be shown.

        Raises
        ------
        XaiError
            As `metrics`.
        """
        from jupyter_xai.measuring.evidence import Evidence
        from jupyter_xai.measuring.groups import members

        if self.live is None and which is None and truth is None:
            return Evidence(self, k)
        groups = None if which is None else [*members(which), *(["truth"] if truth else [])]
        measured = self.measured(k, which, truth=truth)
        return Evidence(measured, self.k if k is None else k, groups)

    def measured(
        self,
        k: int | None = None,
        which: str | Iterable[str] | None = None,
        *,
        truth: Sequence[int] | None = None,
    ) -> Explanation:
        """The same explanation with what `metrics` measures in it, to be shown or saved.

        Raises
        ------
        XaiError
            As `metrics`; and when the explanation was opened without its model.
        """
        if self.live is None:
            msg = (
                "this explanation was opened without its model, so nothing more can be measured; "
                "metrics() tells what was saved"
            )
            raise XaiError(msg)
        wanted = self.k if k is None else k
        return self.live.explainer.measure(self, wanted, which, truth=truth)

    def traced(self) -> Explanation:
        """The same explanation with its deletion and insertion curves, to be shown or saved.

        The value of the whole response while units are removed, the most important first; put into
        an empty prompt in the same order; and removed in ten random orders. Up to ten steps each.

        Raises
        ------
        XaiError
            When nothing was scored yet, or the explanation was opened without its model.

        Examples
        --------
        >>> from jupyter_xai import explain
        >>> e = explain("Be brief. Be kind.", str.upper, method="leave-one-out").traced()
        >>> e.record["curves"]["order"].tolist()
        [0, 1]
        """
        if self.live is None:
            msg = (
                "this explanation was opened without its model, so its curve cannot be computed; "
                "chart('curve') draws it where it was saved"
            )
            raise XaiError(msg)
        return self.live.explainer.trace(self)

    def what_if(self, *, removed: Sequence[int] | None = None, text: str | None = None) -> WhatIf:
        """The model's answer to a changed prompt, beside the one that is explained.

        Parameters
        ----------
        removed : sequence of int, optional
            Sources to remove, by this explanation's operator.
        text : str, optional
            What to ask instead of the prompt; of a chat, instead of its last message.

        Returns
        -------
        WhatIf
            The new answer, which words of it are others, how likely (log-probability, nats) the
            old one still is, and what it cost. Masks that were evaluated before cost nothing.

        Raises
        ------
        XaiError
            When nothing is changed or nothing is left of the prompt; when the explanation was
            opened without its model; or when the model fails.

        Examples
        --------
        >>> from jupyter_xai import explain
        >>> e = explain("Be brief. Be kind.", str.upper, method="leave-one-out")
        >>> e.what_if(removed=[1]).changes
        (('same', 'BE BRIEF.'), ('removed', ' BE KIND.'))
        >>> e.what_if(text="Be kind.").response
        'BE KIND.'
        """
        if self.live is None:
            msg = "this explanation was opened without its model, so nothing can be asked of it"
            raise XaiError(msg)
        return self.live.explainer.what_if(self, removed=removed, text=text)

    def chart(self, target: int | Literal["curve"] | None = None) -> altair.LayerChart:
        """An Altair chart that JupyterLab draws offline: bars with intervals, or the curve.

        Parameters
        ----------
        target : int or 'curve', optional
            A response unit; None stands for the whole response. ``curve``: its value while units
            are removed, which is computed where it was not (see `traced`).

        Raises
        ------
        XaiError
            When there is no such response unit, or no curve and no model to compute it.
        """
        from jupyter_xai import charts

        if target == "curve":
            return charts.curve(self if "curves" in self.record else self.traced())
        return charts.bars(self, target)

    def html(self, path: str | Path | None = None) -> str | Path:
        """The interactive view as one page that needs neither kernel nor network.

        Parameters
        ----------
        path : str or Path, optional
            Where to write it.

        Returns
        -------
        str or Path
            The page, or the path when one was given.

        Raises
        ------
        XaiError
            When the file cannot be written, or the front end was not built.
        """
        from jupyter_xai.page import page

        text = page(self)
        return text if path is None else storage.write(path, text)

    def save(self, path: str | Path) -> Path:
        """Write it to a file; what is written goes by the name's ending.

        An existing file is replaced only once the new one is complete.

        Parameters
        ----------
        path : str or Path
            ``.html``: the page of `html`. ``.svg``: a picture of the shaded prompt beside the
            response. Otherwise JSON with everything, which `jupyter_xai.open` reads again.

        Raises
        ------
        XaiError
            When the file cannot be written; for ``.png``, which the view alone can draw.
        """
        from jupyter_xai.picture import svg

        ending = Path(path).suffix.lower()
        if ending == ".png":
            msg = f"{path}: images are drawn by the view (Save, PNG); here, take .svg or .html"
            raise XaiError(msg)
        if ending == ".html":
            return Path(self.html(path))
        text = svg(self) if ending == ".svg" else storage.dumps(self.to_dict())
        return storage.write(path, text)

    def to_dict(self) -> dict[str, Any]:
        """The explanation by its schema: plain JSON, 6 significant digits, null for NaN."""
        return storage.to_dict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Explanation:
        """The explanation of a dict that `to_dict` made.

        Raises
        ------
        XaiError
            When the dict is not an explanation, or of a later version.
        """
        return storage.from_dict(cls, data)

    def changed(self, **fields: Any) -> Explanation:
        """The same explanation with other entries in its record."""
        return replace(self, record={**self.record, **fields})

    def noted(self, *notes: str) -> Explanation:
        """The same explanation with more notes; none is said twice."""
        return self.changed(notes=list(dict.fromkeys([*self.notes, *notes])))

    def __repr__(self) -> str:
        from jupyter_xai.reporting import one_line

        return one_line(self)

    def __str__(self) -> str:
        from jupyter_xai.reporting import as_text

        return as_text(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        # No _repr_html_ beside this: some hosts would prefer it and lose the live view.
        from jupyter_xai.display import bundle

        return bundle(self)

    def _column(self, target: int | None) -> int:
        columns = len(self.targets) + 1
        if target is None:
            return columns - 1
        if not 0 <= target < columns:
            msg = f"there is no response unit {target}; they are counted from 0 to {columns - 2}"
            raise XaiError(msg)
        return target


def open_explanation(path: str | Path) -> Explanation:
    """Read an explanation that `Explanation.save` wrote; neither model nor network is needed.

    Raises
    ------
    XaiError
        When the file cannot be read, is damaged, is no explanation, or is of a later version.
    """
    return Explanation.from_dict(storage.read(path))
