"""Several explanations side by side on one scale: methods, models, or wordings of a prompt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai import methods as registry
from jupyter_xai import metrics
from jupyter_xai.errors import XaiError
from jupyter_xai.explainer.settings import DEFAULT_K, at_least_one
from jupyter_xai.explanation.storage import SAVED_BYTES, compact, dumps, rounded, write
from jupyter_xai.interface.explain import explain
from jupyter_xai.interface.explanation import Explanation
from jupyter_xai.models.base import Message, Model
from jupyter_xai.models.load import load
from jupyter_xai.progress import Line, watcher_of

if TYPE_CHECKING:
    import altair
    import pandas


COMPARISON_MIME = "application/vnd.jupyter-xai.comparison.v1+json"
"""What JupyterLab draws, with the kernel and without."""


@dataclass(frozen=True)
class Agreement:
    """How far two explanations agree on the units that they share.

    Attributes
    ----------
    first, second : str
        Labels.
    common : int
        Units that both have; those of two wordings are matched by their words and order.
    kendall : float or None
        Kendall's tau of their scores, -1 to 1; None where it is not defined.
    k : int
    overlap : float or None
        Share of the top k that both have in common; None without common units.
    """

    first: str
    second: str
    common: int
    kendall: float | None
    k: int
    overlap: float | None


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Explanations side by side.

    Attributes
    ----------
    explanations : mapping of str to Explanation
        By label, in the order in which they are shown.
    what : str
        What differs: ``methods``, ``models`` or ``prompts``.
    k : int
        How many top units the agreement is told for.
    """

    explanations: Mapping[str, Explanation]
    what: str
    k: int

    def __getitem__(self, label: str) -> Explanation:
        if label not in self.explanations:
            msg = f"nothing is called {label!r} here; there are {', '.join(self.explanations)}"
            raise XaiError(msg)
        return self.explanations[label]

    @property
    def aligned(self) -> bool:
        """Whether all explanations have the same prompt units."""
        return len({each.sources for each in self.explanations.values()}) == 1

    def scaled(self, label: str) -> NDArray[np.float64]:
        """Scores for the whole response over the largest of them in size, [n], from -1 to 1.

        Methods measure in different units; divided by their own largest score they share a scale.
        """
        total = self[label].total
        limit = np.nanmax(np.abs(total), initial=0.0)
        return total / limit if limit > 0 else total

    def agreement(self) -> list[Agreement]:
        """Rank correlation and common top units of every pair."""
        found = []
        for (first, one), (second, two) in combinations(self.explanations.items(), 2):
            left, right = _shared(one, two)
            k = min(self.k, len(left))
            common = bool(len(left))
            tau = metrics.kendall_tau(left, right) if common else None
            overlap = metrics.top_k_overlap(left, right, k) if common else None
            found.append(Agreement(first, second, len(left), tau, k, overlap))
        return found

    def agreement_frame(self) -> pandas.DataFrame:
        """`agreement`, one pair a row."""
        from jupyter_xai.text.frames import ReadableFrame

        names = list(Agreement.__dataclass_fields__)
        return ReadableFrame([vars(each) for each in self.agreement()], columns=names)

    def frame(self) -> pandas.DataFrame:
        """All scores for the whole response, one a row.

        Returns
        -------
        DataFrame
            ``label``, ``source`` (position among the prompt's units), ``text``, ``score`` (as the
            method gave it), ``scaled`` (over the label's largest), ``rank`` (from 1).
        """
        from jupyter_xai.text.frames import ReadableFrame

        rows = []
        for label, each in self.explanations.items():
            rank = np.argsort(each.ranking()) + 1
            for source, scaled in enumerate(self.scaled(label).tolist()):
                score = float(each.total[source])
                place = {"label": label, "source": source, "text": each.sources[source]}
                rows.append({**place, "score": score, "scaled": scaled, "rank": int(rank[source])})
        return ReadableFrame(rows)

    def chart(self) -> altair.LayerChart:
        """A heat map: units by label, coloured by the scaled scores, drawn offline."""
        from jupyter_xai.explanation.render.comparison import heat_map

        return heat_map(self)

    def to_dict(self, most: int = SAVED_BYTES) -> dict[str, Any]:
        """What the interactive view draws, in about so many bytes.

        Returns
        -------
        dict
            ``what``, ``k``; ``entries``: ``label``, ``explanation`` by its schema, and ``units``,
            which unit of the first entry each source is, or None; ``agreement``.
        """
        (_, first), *_ = self.explanations.items()
        entries = []
        for label, each in self.explanations.items():
            aligned = each.sources == first.sources
            pairs = {} if aligned else metrics.matching_units(first.sources, each.sources)
            entries.append(
                {
                    "label": label,
                    "explanation": compact(each, most // len(self.explanations)),
                    "units": [i if aligned else pairs.get(i) for i in range(len(each.sources))],
                }
            )
        agreement = [
            {"first": a.first, "second": a.second, "common": a.common, "kendall": _known(a.kendall)}
            for a in self.agreement()
        ]
        return {"what": self.what, "k": self.k, "entries": entries, "agreement": agreement}

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
        from jupyter_xai.explanation.render.comparison import as_html
        from jupyter_xai.explanation.render.page import page_of

        title = f"{self.what} compared"
        data = dumps(self.to_dict())
        text = page_of(title.capitalize(), as_html(self), "jxai-comparison", data)
        return text if path is None else write(path, text)

    def __repr__(self) -> str:
        return (
            f"<Comparison of {len(self.explanations)} {self.what}: {', '.join(self.explanations)}>"
        )

    def __str__(self) -> str:
        from jupyter_xai.explanation.render.comparison import as_text

        return as_text(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from jupyter_xai.explanation.render.comparison import as_html, as_text

        return {
            COMPARISON_MIME: self.to_dict(),
            "text/html": as_html(self),
            "text/plain": as_text(self),
        }


def compare(
    prompt: str | Sequence[Message] | None = None,
    model: Any = None,
    *,
    methods: Sequence[str] | None = None,
    models: Any = None,
    prompts: Mapping[str, str] | Sequence[str] | None = None,
    k: int = DEFAULT_K,
    **settings: Any,
) -> Comparison:
    """Explain side by side by several methods, on several models, or for several wordings.

    Parameters
    ----------
    prompt : str or list of messages, optional
        What is explained, unless ``prompts`` are given.
    model : optional
        As in `jupyter_xai.explain`, unless ``models`` are given.
    methods : list of str, optional
        Names of methods.
    models : list or mapping, optional
        What `jupyter_xai.load` takes, or a mapping of labels to these.
    prompts : list or mapping, optional
        Wordings, or a mapping of labels to wordings.
    k : int
        How many top units the agreement is told for.
    **settings
        As in `jupyter_xai.explain`. Units are words for wordings, else sentences, unless given.
        Settings of methods go to those that have them.

    Returns
    -------
    Comparison

    Raises
    ------
    XaiError
        Unless exactly one of ``methods``, ``models`` and ``prompts`` is given, with two or more
        entries; and whatever `jupyter_xai.explain` raises.

    Examples
    --------
    >>> found = compare("Be brief. Be kind.", str.upper, methods=["leave-one-out", "shap"])
    >>> found.agreement()[0].common
    2
    """
    at_least_one(k, "k")
    given = {"methods": methods, "models": models, "prompts": prompts}
    named = [name for name, value in given.items() if value is not None]
    if len(named) != 1:
        said = f"{' and '.join(named)} were given" if named else "none was given"
        msg = f"compare takes one of methods=, models= and prompts=, two or more of them; {said}"
        raise XaiError(msg)
    what = named[0]
    if (prompt is None) is not (what == "prompts"):
        msg = "give the wordings in prompts={label: prompt}, or else one prompt"
        raise XaiError(msg)
    if models is not None and model is not None:
        msg = "give either model= or models=, not both"
        raise XaiError(msg)
    if settings.get("units") is None:
        settings["units"] = "word" if what == "prompts" else "sentence"
    entries = _labelled(given[what], what)
    watcher = watcher_of(settings.pop("progress", None))
    found = {}
    try:
        for label, entry in entries.items():
            text: Any = entry if what == "prompts" else prompt
            chosen = load(entry) if what == "models" else model
            by = _by(entry, entries.values(), settings) if what == "methods" else settings
            found[label] = explain(text, chosen, progress=watcher, **by)
            if found[label].partial and not found[label].stopped_at:
                break  # who stopped one run wants no other to begin
        if len(found) < 2:
            raise KeyboardInterrupt
    finally:
        if isinstance(watcher, Line):
            watcher.clear()
    return Comparison(found, what, k)


def _by(method: str, methods: Iterable[str], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings for one of several methods: without what only others of them have."""
    own = registry.setting_names(method)
    others = {
        name for other in methods for name in registry.setting_names(other) if name not in own
    }
    return {"method": method, **{k: v for k, v in settings.items() if k not in others}}


def _labelled(given: Any, what: str) -> dict[str, Any]:
    if isinstance(given, str) or not isinstance(given, Mapping | Sequence):
        msg = f"{what} must be a list or a mapping of labels, not {type(given).__name__}"
        raise XaiError(msg)
    if isinstance(given, Mapping):
        entries = {str(label): entry for label, entry in given.items()}
    else:
        names = [_name(entry, what) for entry in given]
        if len(set(names)) < len(names):
            msg = f"two {what} have the same name; give a mapping of labels to tell them apart"
            raise XaiError(msg)
        entries = dict(zip(names, given, strict=True))
    if len(entries) < 2:
        msg = f"comparing takes two or more {what}"
        raise XaiError(msg)
    return entries


def _name(entry: Any, what: str) -> str:
    if what == "models":
        model = load(entry)
        assert isinstance(model, Model)
        return model.name
    return str(entry)


def _known(number: float | None) -> float | None:
    return None if number is None else rounded(number)


def _shared(one: Explanation, two: Explanation) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores of the units that both have, in one order."""
    if one.sources == two.sources:
        return one.total, two.total
    pairs = metrics.matching_units(one.sources, two.sources)
    left = np.array([one.total[source] for source in pairs.values()])
    return left, np.array([two.total[source] for source in pairs])
