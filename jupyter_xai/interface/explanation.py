"""The result: which parts of a prompt caused a response."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jupyter_xai import files
from jupyter_xai.errors import XaiError
from jupyter_xai.explainer.session import LiveResult
from jupyter_xai.explanation import storage

if TYPE_CHECKING:
    import altair
    import pandas

    from jupyter_xai.evaluation.checks.evidence import Evidence
    from jupyter_xai.explainer.what_if import WhatIf


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(LiveResult):
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
    live : Session, optional
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

    @classmethod
    def of(cls, result: LiveResult) -> Explanation:
        """What a run gave."""
        return cls(result.record, result.attribution, result.full, live=result.live)

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: as in a saved file, without the model."""
        return {**self.__dict__, "live": None}

    def __copy__(self) -> Explanation:
        return replace(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Explanation:
        """A copy of all numbers, of the same model."""
        copied = deepcopy({**self.__dict__, "live": None}, memo)
        return replace(self, **{name: copied[name] for name in ("record", "attribution", "full")})

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
        with: the same operator, and where it cannot be, an error says so. Answers to masked
        prompts (``text``) are answers to texts, unless another operator was chosen.

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
    ) -> Evidence[Explanation]:
        """The figures of `metrics` with a plain verdict, to be shown.

        Raises
        ------
        XaiError
            As `metrics`.

        Examples
        --------
        >>> from jupyter_xai import explain
        >>> e = explain("Be brief. Be kind.", str.upper, method="leave-one-out", k=1)
        >>> e.evidence(which="removal").frame["metric"].tolist()[0]
        'drop, top 1'
        """
        from jupyter_xai.evaluation.checks.evidence import Evidence
        from jupyter_xai.evaluation.checks.groups import members

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

        Examples
        --------
        >>> from jupyter_xai import explain
        >>> e = explain("Be brief. Be kind.", str.upper, method="leave-one-out", k=1)
        >>> [check["k"] for check in e.measured(k=2).checks]
        [2]
        """
        from jupyter_xai.progress import Line, watcher_of

        session = self._live()
        wanted = self.k if k is None else k
        watcher = watcher_of(None)
        try:
            return session.measure(self, wanted, which, truth=truth, watcher=watcher)
        finally:
            if isinstance(watcher, Line):
                watcher.close()

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
        >>> e.record["curves"]["order"]
        [0, 1]
        """
        return self._live().trace(self)

    def what_if(self, *, removed: Sequence[int] | None = None, text: str | None = None) -> WhatIf:
        """The model's answer to a changed prompt, beside the one that is explained.

        Parameters
        ----------
        removed : sequence of int, optional
            Sources to remove: as somebody would who types what is left, unless the explanation's
            operator puts something in their place. A note says where deleting token ids, by
            which the scores are, gives another likelihood.
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
        return self._live().change(self, removed=removed, text=text)

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

        Examples
        --------
        >>> from jupyter_xai import explain
        >>> e = explain("Be brief. Be kind.", str.upper, method="leave-one-out", k=1)
        >>> e.chart(0).to_dict()["layer"][0]["mark"]["type"]
        'bar'
        """
        from jupyter_xai.explanation.render import charts

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
        from jupyter_xai.explanation.render.page import page

        text = page(self)
        return text if path is None else files.write(path, text)

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

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from jupyter_xai import explain
        >>> e = explain("Be brief. Be kind.", str.upper, method="leave-one-out", k=1)
        >>> e.save(Path(mkdtemp()) / "why.json").name
        'why.json'
        """
        from jupyter_xai.explanation.render.svg import svg

        ending = files.named(path).suffix.lower()
        if ending == ".png":
            msg = f"{path}: images are drawn by the view (Save, PNG); here, take .svg or .html"
            raise XaiError(msg)
        if ending == ".html":
            return Path(self.html(path))
        text = svg(self) if ending == ".svg" else files.dumps(self.to_dict())
        return files.write(path, text)

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

    def __repr__(self) -> str:
        from jupyter_xai.explanation.render.text import one_line

        return one_line(self)

    def __str__(self) -> str:
        from jupyter_xai.explanation.render.text import as_text

        return as_text(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        # No _repr_html_ beside this: some hosts would prefer it and lose the live view.
        from jupyter_xai.interface.widget.display import bundle

        return bundle(self)


def open_explanation(path: str | Path) -> Explanation:
    """Read an explanation that `Explanation.save` wrote; neither model nor network is needed.

    Raises
    ------
    XaiError
        When the file cannot be read, is damaged, is no explanation, or is of a later version.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> import jupyter_xai as xai
    >>> e = xai.explain("Be brief. Be kind.", str.upper, method="leave-one-out")
    >>> xai.open(e.save(Path(mkdtemp()) / "why.json")).response
    'BE BRIEF. BE KIND.'
    """
    return Explanation.from_dict(files.read(path))
