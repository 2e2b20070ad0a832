"""The record of an explanation: all that its schema has, but the numbers per unit.

Made from ``schema/explanation.schema.json`` by ``npm run protocol``; change that instead. Of what
text is one of a few, the schema names the choices.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict


class Model(TypedDict):
    name: str
    kind: str
    revision: str
    dtype: str | None
    device: str | None
    template: str | None
    """SHA-256 of the chat template, if one was applied."""


class Method(TypedDict):
    name: str
    exact: bool
    """True when no score was sampled."""
    settings: Mapping[str, Any]
    measure: NotRequired[str]
    """What the scores are, where they are no differences of the value: slopes of the value or their
    size, likeness of meaning, shares of attention, shares or effects as an interpreter learned
    them, or chance.
    """
    details: NotRequired[Mapping[str, Any]]
    """What the method chose or found out on its way, such as kernel widths and fidelity."""


class PromptUnit(TypedDict):
    text: str
    role: str
    protected: bool
    """Shown but never removed; has no row in the scores."""


class Prompt(TypedDict):
    level: str
    units: Sequence[PromptUnit]
    """All units in order; joined they are the prompt as the model saw it."""


class ResponseUnit(TypedDict):
    text: str
    targets: NotRequired[Sequence[str]]
    """The pieces of the unit that are explained, where not all of the response is; none for a unit
    that is left out and scores 0.
    """


class Foil(TypedDict):
    """What the response is contrasted with: every value is that of the response minus that of the
    foil.
    """

    text: str
    supplied: bool
    """False for the model's own next-best response."""
    unit: int | None
    """Response unit in which the foil first differs: units before it score 0, in it the first
    differing tokens are compared, units behind it have no scores. null: only the whole texts are
    compared.
    """


class Targets(TypedDict):
    """Present when only some tokens of the response are explained."""

    kind: str
    """How they were chosen: by their dependence on the prompt, or by the user."""
    spans: Sequence[Sequence[int]]
    """In characters (code points) of the response."""


class Response(TypedDict):
    level: str
    units: Sequence[ResponseUnit]
    supplied: bool
    """True when the user gave the response instead of the model."""
    foil: NotRequired[Foil]
    targets: NotRequired[Targets]


class Perturbations(TypedDict):
    asked: int | None
    """null: the method needs a fixed number."""
    used: int
    """Masked prompts that the scores rest on; the whole prompt is not counted."""
    most: int | None
    """As many different masks exist (at most 1,048,576 is told); null: the number cannot be chosen.
    """


class Stopped(TypedDict):
    """The limit of the budget that ended the run; left out where none did."""

    limit: str
    most: float
    """What was allowed."""


class Chance(TypedDict):
    """Drops for other choices of k: by chance, or all of them."""

    mean: float | None
    low: float | None
    """5th percentile over the choices."""
    high: float | None
    """95th percentile over the choices."""
    draws: int


class Rival(TypedDict):
    """Leave-one-out's choice of k."""

    removed: Sequence[int]
    drop: float | None


class PartCheck(TypedDict):
    """A check of one response unit, by the top k of its own scores."""

    unit: int
    """Index of the response unit."""
    removed: Sequence[int]
    drop: float | None
    random: Chance
    rank: int | None
    leave_one_out: Rival
    verdict: str


class Check(TypedDict):
    """What removing k units at once does to the whole response, for the method's choice and for its
    rivals.
    """

    k: int
    rank: NotRequired[int | None]
    parts: NotRequired[Sequence[PartCheck]]
    """The same for parts of the response, each with its own top k; left out or empty where only the
    whole was checked.
    """
    removed: Sequence[int]
    """Source indices of the method's top k."""
    drop: float | None
    """Value of the whole response before minus after."""
    random: Chance
    leave_one_out: Rival
    verdict: str
    """The check in one or two plain sentences."""


class Spread(TypedDict):
    mean: float | None
    low: float | None
    """5th percentile."""
    high: float | None
    """95th percentile."""


class Lds(TypedDict):
    value: float | None
    """Spearman correlation of predicted and true values over masks that were not in the fit."""
    kind: str
    masks: int
    low: NotRequired[float | None]
    """Ends of its 90 % interval, for fresh masks."""
    high: NotRequired[float | None]
    random: NotRequired[Spread]
    """LDS of the same scores, shuffled."""
    leave_one_out: NotRequired[float | None]
    """LDS of leave-one-out's scores."""


class Metric(TypedDict):
    """A figure beside the same figure of random choices and of leave-one-out's choice."""

    name: str
    kind: NotRequired[str]
    """What was measured, such as stability."""
    on: NotRequired[str | None]
    """On what, where there are several of a kind: the edit of the prompt."""
    k: int | None
    """Number of units that it is about, if it is about a number of them."""
    value: float | None
    low: float | None
    high: float | None
    random: Spread | None
    leave_one_out: float | None
    better: str
    meaning: str


class CurvesRandom(TypedDict):
    """[K] without so many by chance: mean, 5th and 95th percentile over the draws."""

    mean: Sequence[float | None]
    low: Sequence[float | None]
    high: Sequence[float | None]
    draws: int


class Curves(TypedDict):
    """Values of the whole response while units are removed along a ranking. Present once they were
    asked for.
    """

    order: Sequence[int]
    """[n] source indices, the most important first."""
    sizes: Sequence[int]
    """[K] numbers of units, from 0 to n."""
    deletion: Sequence[float | None]
    """[K] without the first so many of the order."""
    insertion: Sequence[float | None]
    """[K] with nothing but the first so many of the order."""
    random: CurvesRandom
    """[K] without so many by chance: mean, 5th and 95th percentile over the draws."""


class Cost(TypedDict):
    forwards: int
    """Masked prompts scored by the model."""
    backwards: int
    generations: int
    """Answers that the model wrote."""
    tokens: int
    """Prompt and response tokens that went through the model."""
    reused: int
    """Masks answered from the ledger without a model call."""
    seconds: float
    money: NotRequired[float]
    """What was paid, where the model has prices; in the currency of these."""


class Record(TypedDict):
    """Which parts of a prompt caused a model's response, with everything needed to draw, check and
    repeat it. n = unprotected prompt units, m = response units.
    """

    schema: int
    created: str
    model: Model
    method: Method
    value: str
    """What the scores measure: a difference of log-probabilities in nats, of their logits, or of
    text distances.
    """
    operator: str
    """What removing a unit means: text tokenises what is left anew, delete drops token ids."""
    seed: int
    k: int
    """How many top units were asked for."""
    prompt: Prompt
    response: Response
    sets: Mapping[str, Sequence[int]] | None
    perturbations: Perturbations
    partial: bool
    """True when the run was cancelled or interrupted."""
    stopped: NotRequired[Stopped]
    noise: float | None
    """Scores smaller than this cannot be told from noise: numerical, or of drawn answers."""
    checks: Sequence[Check]
    lds: Lds | None
    metrics: Sequence[Metric]
    """What else was measured; one entry for each name and k."""
    curves: NotRequired[Curves]
    cost: Cost
    versions: Mapping[str, str]
    notes: Sequence[str]
    """Short remarks for the reader."""
    confidence: float
    """Of the intervals."""
