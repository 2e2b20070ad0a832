"""Groups of measures: what each needs, what it costs, and which are meant by a word."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from jupyter_xai import masking, metrics
from jupyter_xai.errors import Option, Worded, XaiError, one_of
from jupyter_xai.evaluation.checks import curves, removal
from jupyter_xai.evaluation.checks.ground_truth import truth
from jupyter_xai.evaluation.checks.measure import Measure
from jupyter_xai.game.asker import Counting
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.models.base import Model
from jupyter_xai.models.capabilities import DivergenceModel

TEXT_DRAWS = 5
"""Random sets whose answers are asked for: an answer costs many times a score."""


@dataclass(frozen=True)
class Group:
    """Measures that are asked for together.

    Attributes
    ----------
    what : str
        What they tell.
    cost : str
        What they ask of the model.
    title : str
        What a view calls the group; empty where it does not offer it, since the check has measured
        it anyway, or because it needs more than a click.
    """

    what: str
    cost: str
    title: str = ""


GROUPS: Mapping[str, Group] = {
    "removal": Group(
        "drop, PR and KL over positions when the top k are removed", "the masks of the check"
    ),
    "lds": Group("rank correlation with fresh masks", "32 forwards", "Fresh LDS"),
    "divergence": Group(
        "KL over the vocabulary", "a forward for each set of the check", "KL over the vocabulary"
    ),
    "curves": Group(
        "deletion and insertion curves, comprehensiveness, sufficiency",
        "up to 200 forwards",
        "Deletion and insertion curves",
    ),
    "text": Group(
        "BLEU, ROUGE-L and similarity of the answers to masked prompts",
        "7 answers",
        "Answers to masked prompts",
    ),
    "truth": Group("accuracy, F1, AUROC and recall against the units given as truth", "no call"),
    "consistency": Group(
        "spread of the scores over four more seeds", "four more runs", "Other seeds"
    ),
    "stability": Group(
        "Jaccard of the top k under edits of the prompt", "a run for each edit", "Edited prompts"
    ),
}
"""Groups by name, in the order in which they are measured."""

ALIASES = {
    "faithfulness": ("removal", "lds", "divergence", "curves"),
    "all": ("removal", "lds", "divergence", "curves", "text", "consistency", "stability"),
}

_DEFAULT = ("removal", "lds")


@dataclass(frozen=True)
class Test:
    """What is tested of an explanation.

    Attributes
    ----------
    total : float64 [n]
        Scores for the whole response.
    top, single : sequence of int
        The method's k and leave-one-out's; the latter empty where it was not compared.
    seed : int
    causes : sequence of int, optional
        Units that are known to matter.
    """

    total: NDArray[np.float64]
    top: Sequence[int]
    single: Sequence[int]
    draws: int
    seed: int
    causes: Sequence[int] | None = None


def chosen_groups(
    which: str | Iterable[str] | None, model: Model, operator: str, *, answers: bool, truth: bool
) -> list[str]:
    """Which groups are meant, in the order of `GROUPS`.

    Parameters
    ----------
    which : str or iterable of str, optional
        Names of `GROUPS` or `ALIASES`; by default what costs few calls.
    model : Model
    operator : str
    answers : bool
        Whether the explanation's own values rest on answers, so that those to the sets of the
        check are there already.
    truth : bool
        Whether the units that matter were given.

    Raises
    ------
    XaiError
        For an unknown name, and for a group that was named but cannot be measured here. Of an
        alias, what can be measured is.
    """
    found = set()
    for name in _named(which):
        if name in ALIASES:
            found.update(each for each in ALIASES[name] if not _missing(each, model, operator))
            continue
        missing = _missing(name, model, operator)
        if name == "truth" and not truth:
            missing = Worded("give the units that matter, such as ", Option("truth", [0, 3]))
        if missing:
            msg = Worded(f"the metrics {name!r} cannot be computed: ", missing)
            raise XaiError(msg)
        found.add(name)
    if which is None:
        found.update(_DEFAULT)
        found.update(["text"] if answers else [])
    found.update(["truth"] if truth else [])
    return [name for name in GROUPS if name in found]


def offered(model: Model, operator: str) -> list[dict[str, str]]:
    """What can be measured on demand: name, title, what it tells, its cost, and why it cannot be.

    Examples
    --------
    >>> from jupyter_xai import load
    >>> [each["name"] for each in offered(load(str.upper), "text") if not each["why"]]
    ['lds', 'curves', 'text', 'consistency', 'stability']
    """
    return [
        {"name": name, **asdict(group), "why": _missing(name, model, operator)}
        for name, group in GROUPS.items()
        if group.title
    ]


def members(which: str | Iterable[str]) -> list[str]:
    """The groups behind names of groups and aliases.

    Examples
    --------
    >>> members(["faithfulness", "text"])
    ['removal', 'lds', 'divergence', 'curves', 'text']
    """
    return [each for name in _named(which) for each in ALIASES.get(name, (name,))]


def measure_groups(
    game: MaskingGame,
    test: Test,
    groups: Iterable[str],
    *,
    on_progress: Callable[[str], Counting] | None = None,
) -> list[Measure]:
    """The measures of groups that need one game only, by the operator of that game.

    Parameters
    ----------
    game : MaskingGame
    test : Test
    groups : iterable of str
        Others than these are left to whoever can run explanations.
    on_progress : callable, optional
        Asked for a progress function for each group, by its name.
    """
    told = on_progress or (lambda _group: lambda _done, _total: None)
    n, k = game.n, len(test.top)
    random = metrics.random_sets(n, k, test.draws, test.seed)
    sets = removal.Sets(n, test.top, random, test.single)
    found: list[Measure] = []
    for group in groups:
        progress = told(group)
        if group == "removal" and "logprob" in game.model.capabilities:
            found += removal.probabilities(game, sets, on_progress=progress)
        elif group == "divergence":
            found += removal.divergence(game, sets, on_progress=progress)
        elif group == "text":
            few = removal.Sets(n, test.top, random[:TEXT_DRAWS], test.single)
            found += removal.answers(game, few, on_progress=progress)
        elif group == "curves":
            single = leave_one_out(game) if test.single else None
            found += curves.curves(game, test.total, single, test.seed, on_progress=progress)
        elif group == "truth" and test.causes is not None:
            single = leave_one_out(game) if test.single else None
            found += truth(test.total, single, test.causes, k, test.seed)
    return found


def leave_one_out(game: MaskingGame) -> NDArray[np.float64]:
    """Leave-one-out's scores for the whole response, [n]; the check has asked for its masks."""
    masks = np.concatenate([np.ones((1, game.n), dtype=bool), masking.leave_one_out(game.n)])
    values = game.values(masks, count_reused=False)[:, -1]
    return metrics.drop(values[0], values[1:])


def _named(which: str | Iterable[str] | None) -> list[str]:
    asked = [which] if isinstance(which, str) else [*(which or ())]
    return [one_of(name, [*GROUPS, *ALIASES], "group of metrics") for name in asked]


def _missing(group: str, model: Model, operator: str) -> str:
    """Why a group cannot be measured, or nothing."""
    if group == "divergence" and not isinstance(model, DivergenceModel):
        return f"{model.name} does not give whole next-token distributions"
    if group == "text" and operator not in masking.FROM_TEXT:
        return (
            f"answers to masked prompts need the operator {', '.join(masking.FROM_TEXT[:-1])} or "
            f"{masking.FROM_TEXT[-1]}, and the search used {operator!r}"
        )
    return ""
