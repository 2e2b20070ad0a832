"""Several explanations side by side on one scale: methods, models, or wordings of a prompt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_xai import methods as registry
from jupyter_xai.errors import Option, Worded, XaiError, at_least_one
from jupyter_xai.explainer.settings import DEFAULT_K
from jupyter_xai.explanation.comparison import COMPARISON_MIME, ComparedResults
from jupyter_xai.files import dumps, write
from jupyter_xai.interface.explain import explain
from jupyter_xai.interface.explanation import Explanation
from jupyter_xai.models.base import Message, Model
from jupyter_xai.models.load import load
from jupyter_xai.progress import Line, watcher_of

if TYPE_CHECKING:
    import altair


class Comparison(ComparedResults[Explanation]):
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

    def chart(self) -> altair.LayerChart:
        """A heat map: units by label, coloured by the scaled scores, drawn offline."""
        from jupyter_xai.explanation.render.comparison import heat_map

        return heat_map(self)

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
        msg = Worded(
            "compare takes one of ",
            Option("methods", ...),
            ", ",
            Option("models", ...),
            " and ",
            Option("prompts", ...),
            f", two or more of them; {said}",
        )
        raise XaiError(msg)
    what = named[0]
    if (prompt is None) is not (what == "prompts"):
        msg = "give the wordings in prompts={label: prompt}, or else one prompt"
        raise XaiError(msg)
    if models is not None and model is not None:
        msg = Worded(
            "give either ", Option("model", ...), " or ", Option("models", ...), ", not both"
        )
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
