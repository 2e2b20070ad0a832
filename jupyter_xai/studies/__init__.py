"""The papers' tables and figures, made again on the tutor or on any model.

>>> from jupyter_xai import studies
>>> studies.names()[0]
'gsmile-accuracy'
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_xai.studies.results import Study

SIZES = ("small", "full")


@dataclass(frozen=True)
class Entry:
    """A study that can be run: its module, the paper's table or figure, and what it asks."""

    module: str
    source: str
    title: str


_GSMILE, _XPROMPT = "gSMILE (Dehghani et al. 2025)", "XPrompt (Chang et al. 2024)"
_ENERGY = "Concept-level energy interpreter (under review, 2026)"

STUDIES = {
    name: Entry(name.replace("-", "_"), source, title)
    for name, source, title in (
        ("gsmile-accuracy", f"{_GSMILE}, Table 1", "Do word scores find the words that matter?"),
        ("gsmile-faithfulness", f"{_GSMILE}, Table 2", "Do better models have better scores?"),
        ("gsmile-stability", f"{_GSMILE}, Table 3", "Do the top words survive a small edit?"),
        ("gsmile-consistency", f"{_GSMILE}, Table 4", "Do repeated runs give the same scores?"),
        ("gsmile-fidelity", f"{_GSMILE}, Table 5", "How well does the surrogate fit each model?"),
        (
            "gsmile-perturbations",
            f"{_GSMILE}, Tables 6 to 8",
            "Does fidelity grow with the number of perturbations?",
        ),
        (
            "gsmile-distances",
            f"{_GSMILE}, Table 9",
            "Which distances and which surrogate fit best?",
        ),
        ("gsmile-time", f"{_GSMILE}, Table 10", "What does gSMILE take beside LIME and BayLIME?"),
        ("gsmile-wordings", f"{_GSMILE}, Figure 8", "How do wordings shift the scores?"),
        ("gsmile-gender", f"{_GSMILE}, Figure 9", "What weight do gender terms have?"),
        ("gsmile-flow", f"{_GSMILE}, Figure 10", "Which words lead to which sentence?"),
        ("gsmile-choice", f"{_GSMILE}, Figure 11", "Which words decide a multiple choice?"),
        (
            "gsmile-instructions",
            f"{_GSMILE}, Figures 12 and 13",
            "Which words of optimised instructions count?",
        ),
        (
            "gsmile-attention",
            f"{_GSMILE}, Figure 14",
            "How does attention to two words vary with the sentence?",
        ),
        ("xprompt-faithfulness", f"{_XPROMPT}, Table 1", "Which method finds the words to remove?"),
        ("xprompt-time", f"{_XPROMPT}, Table 2", "What does the search take?"),
        ("xprompt-sizes", f"{_XPROMPT}, Figure 3", "How does PR fall with the number of words?"),
        ("xprompt-convergence", f"{_XPROMPT}, Figure 4", "How fast does the search converge?"),
        ("xprompt-ablations", f"{_XPROMPT}, Table 4", "What is the gradient's guidance worth?"),
        ("xprompt-highlights", f"{_XPROMPT}, Figure 2", "What does each method highlight?"),
        ("energy-energies", f"{_ENERGY}, Figure 4", "Which pairs have a low energy?"),
        ("energy-losses", f"{_ENERGY}, Figure 6", "How do the losses fall?"),
        ("energy-reviews", f"{_ENERGY}, Table 1", "Which sentences led to a review's verdict?"),
    )
}


def names() -> list[str]:
    """Names of all studies."""
    return list(STUDIES)


def study(name: str, model: Any = None, *, size: str = "small", seed: int = 0) -> Study:
    """Make a table or figure of a paper again.

    Parameters
    ----------
    name : str
        See `names`.
    model : optional
        Anything that `jupyter_xai.load` takes; the embedded tutor unless given.
    size : str
        ``small`` takes seconds, ``full`` up to minutes.
    seed : int

    Returns
    -------
    Study
        With our tables, the paper's beside them, a chart, and what the numbers say.

    Raises
    ------
    XaiError
        For an unknown study, or a model that cannot serve it.

    Examples
    --------
    >>> study("gsmile-choice").name  # doctest: +SKIP
    'gsmile-choice'
    """
    from jupyter_xai.errors import one_of, unknown
    from jupyter_xai.models.load import load
    from jupyter_xai.studies.lab import Lab

    if name not in STUDIES:
        raise unknown(name, STUDIES, "study", all_by="%xai study")
    one_of(size, SIZES, "size")
    lab = Lab(load("tutor" if model is None else model), size, seed)
    return run(name, lab)


def run(name: str, lab: Any) -> Study:
    """A study in a lab that others use too, so that checkpoints are made once."""
    entry = STUDIES[name]
    started = perf_counter()
    found: Study = import_module(f"jupyter_xai.studies.{entry.module}").run(lab)
    return replace(
        found,
        name=name,
        title=entry.title,
        source=entry.source,
        size=lab.size,
        seconds=perf_counter() - started,
    )


def listed() -> str:
    """Names and questions, as the magic and the terminal print them."""
    from jupyter_xai.text.formatting import listed as in_columns

    return in_columns([(name, f"{each.title} ({each.source})") for name, each in STUDIES.items()])
