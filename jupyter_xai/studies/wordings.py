"""Word scores of several wordings side by side: what three of gSMILE's figures show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from jupyter_xai.explanation.result import Result
from jupyter_xai.models.base import Model
from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.results import Table


@dataclass(frozen=True)
class Words:
    """Explanations of wordings, with the rows of their table and chart."""

    explanations: Mapping[str, Result]
    table: Table
    plotted: list[dict[str, object]]

    def top(self, label: str, count: int = 2) -> list[str]:
        """The strongest words of a wording, without punctuation."""
        found = self.explanations[label]
        return [found.sources[i].strip(" .?!,") for i in found.ranking()[:count]]


def explained(
    lab: Lab, prompts: Mapping[str, str], perturbations: int, model: Model | None = None
) -> Words:
    """gSMILE over the words of each wording."""
    explanations = {
        label: lab.explain(text, "gsmile", model, perturbations=perturbations)
        for label, text in prompts.items()
    }
    rows, plotted = [], []
    for label, found in explanations.items():
        scaled = shares(found)
        for i, word in enumerate(found.sources):
            rows.append([label, word.strip(), float(found.total[i]), float(scaled[i])])
            place = f"{i + 1}  {word.strip()}"
            plotted.append({"wording": label, "word": place, "share": float(scaled[i])})
    table = Table("Scores of words", ["wording", "word", "score", "over the largest"], rows)
    return Words(explanations, table, plotted)


def shares(found: Result) -> np.ndarray:
    """Scores over the largest of them in size."""
    limit = float(np.nanmax(np.abs(found.total), initial=0.0))
    return found.total / limit if limit else found.total


def share_of(found: Result, word: str) -> float:
    """The share of the first unit that holds a word; NaN where none does."""
    places = [i for i, text in enumerate(found.sources) if word.lower() in text.lower()]
    return float(shares(found)[places[0]]) if places else float("nan")
