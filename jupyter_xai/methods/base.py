"""What every attribution method looks like.

A mask method says which masks it wants (`MaskMethod.plan`) and turns masks and values into scores
(`MaskMethod.solve`). It never calls a model: whoever runs it evaluates the plan in order, so
refining (a longer plan), interrupting (a shorter one) and progress need nothing from the method.
A game method (`GameMethod`) decides as it goes, or reads more from the model than values.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.masking import Masks, Values
from jupyter_xai.methods.counts import Counts

if TYPE_CHECKING:
    from jupyter_xai.game.asker import Counting
    from jupyter_xai.game.masking_game import MaskingGame

Need = Literal["logprob", "text", "gradients", "attentions", "interpreter"]
Measure = Literal["slope", "sensitivity", "similarity", "attention", "share", "effect", "chance"]


@dataclass(frozen=True)
class Attribution:
    """Scores of n prompt units for m response units.

    Attributes
    ----------
    scores : float64 [n, m + 1]
        Signed; positive supports the response. The last column is the whole response. NaN marks a
        score whose masks were not evaluated yet.
    low, high : float64 [n, m + 1], optional
        Ends of the 90 % intervals; None for methods that do not sample.
    exact : bool
        True when nothing was sampled.
    notes : tuple of str
        Short remarks for the reader.
    details : mapping
        What the method chose or found out on its way, to be recorded: plain numbers and words.
    sets : mapping of int to sequence of int, optional
        For joint methods: for every k from 1 on the sources that matter most when all of them are
        removed together.
    used : int, optional
        How many perturbations the scores rest on, where no plan tells it; the whole prompt is not
        counted.
    stopped : bool
        True when the method was interrupted and this is what it had.
    """

    scores: Values
    low: Values | None = None
    high: Values | None = None
    exact: bool = False
    notes: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    sets: Mapping[int, Sequence[int]] | None = None
    used: int | None = None
    stopped: bool = False


@dataclass(frozen=True)
class Method(ABC):
    """Base of all methods: a name, what it needs and a line on when to use it.

    Settings of a method are its dataclass fields, so `settings` records them by itself.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    needs: ClassVar[tuple[Need, ...]]
    """Any one of these is enough; an empty tuple means nothing is needed."""
    default_value: ClassVar[str] = "logprob"
    default_distance: ClassVar[str] = "cosine"
    """How texts are compared, for ``text`` values."""
    default_units: ClassVar[str] = "sentence"
    """How the prompt is cut."""
    needs_foil: ClassVar[bool] = False
    """Whether the response is always contrasted with another one."""
    asks_model: ClassVar[bool] = True
    """Whether a run asks the model about the whole prompt, if nothing more; where it does not,
    noise and checks are measured only on demand."""

    formula: ClassVar[str] = "1 prompt"
    """What `cost` counts, in words: n prompt units, m response units, p perturbations."""

    def cost(self, n: int, m: int, perturbations: int | None = None) -> Counts:
        """What the method asks for at most, for n prompt units and m response units.

        The whole prompt is scored or answered, unless the method asks nothing. Checks are not
        counted.
        """
        return Counts(masks=1)

    @property
    def measure(self) -> Measure | None:
        """What the scores are, where they are no differences of the game's value."""
        return None

    def check_units(self, units: str, response_units: str) -> None:  # noqa: B027
        """Refuse units that the method cannot explain.

        Raises
        ------
        XaiError
            Names those that it can.
        """

    def settings(self) -> Mapping[str, Any]:
        """The settings to record in an explanation."""
        return {key: value for key, value in vars(self).items() if not key.startswith("_")}

    def most(self, n: int) -> int | None:
        """As many perturbations as exist; None when their number cannot be chosen."""
        return None

    def default_perturbations(self, n: int) -> int | None:
        """Number of perturbations when the user names none; None when it cannot be chosen."""
        return None


class Texts(Protocol):
    """The texts behind masks, as the game of one prompt and one response knows them."""

    @property
    def response_text(self) -> str:
        """The response that is explained."""
        ...

    @property
    def draws(self) -> int:
        """How many answers are drawn for each mask; 0 where none is drawn by chance."""
        ...

    def prompt_texts(self, masks: Masks) -> list[str]:
        """What is left of the prompt for each mask."""
        ...

    @property
    def has_answers(self) -> bool:
        """Whether values rest on answers of the model."""
        ...

    def answer_texts(self, masks: Masks) -> list[str]:
        """The model's answer for each evaluated mask, where it has answers."""
        ...

    def answer_samples(self, masks: Masks) -> list[tuple[str, ...]]:
        """All answers for each evaluated mask, where several are drawn."""
        ...

    def value_errors(self, masks: Masks) -> Values | None:
        """Standard errors of values, [R, m + 1], by the spread of answers; None without one."""
        ...


@dataclass(frozen=True)
class MaskMethod(Method):
    """A method that plays the masking game."""

    needs: ClassVar[tuple[Need, ...]] = ("logprob", "text")
    formula: ClassVar[str] = "p + 1 prompts"

    def cost(self, n: int, m: int, perturbations: int | None = None) -> Counts:
        """As many masks as are planned."""
        return Counts(masks=len(self.plan(n, perturbations, 0)))

    @abstractmethod
    def plan(self, n: int, perturbations: int | None, seed: int) -> Masks:
        """The masks to evaluate, in order.

        Parameters
        ----------
        n : int
            Number of sources, at least 1.
        perturbations : int or None
            How many masks are wanted besides the full one; None takes `default_perturbations`.
            Methods of a fixed cost ignore it.
        seed : int
            Plans of one seed are nested: a longer plan begins with the shorter one.

        Returns
        -------
        bool [R, n]
            Distinct rows; True keeps a source. Row 0 keeps everything.

        Raises
        ------
        XaiError
            When ``n`` or ``perturbations`` is less than 1.
        """

    @abstractmethod
    def solve(
        self,
        masks: Masks,
        values: Values,
        *,
        lengths: Sequence[int],
        seed: int,
        intervals: bool = True,
    ) -> Attribution:
        """Turn evaluated masks into scores.

        Every column is solved on its own, so any choice of columns may be given.

        Parameters
        ----------
        masks : bool [R, n]
            A beginning of a plan, at least its first row. For cross-fitting some of its other
            rows may be left out, pairs of complements together.
        values : float64 [R, m + 1]
            What the game gave for them; the last column is the whole response. A column that is
            not finite throughout has no scores (NaN) from methods that use all of it.
        lengths : sequence of int, length m + 1
            Response tokens (or 1 for text values) behind each column.
        seed : int
            Seeds the bootstrap.
        intervals : bool
            Whether intervals are wanted; without them solving is quicker.
        """

    def reading(self, texts: Texts) -> Self:
        """The same method for one game, where it needs the texts behind masks to `solve` them.

        Raises
        ------
        XaiError
            When the game cannot give what the method's settings need.
        """
        return self


@dataclass(frozen=True)
class GameMethod(Method):
    """A method that plays the game itself: it searches, or reads gradients or attention."""

    formula: ClassVar[str] = "p + 1 prompts"

    def cost(self, n: int, m: int, perturbations: int | None = None) -> Counts:
        """As many masks as may be evaluated; methods that read more say so themselves."""
        wanted = perturbations or self.default_perturbations(n) or 0
        return Counts(masks=1 + wanted)

    @abstractmethod
    def play(
        self,
        game: MaskingGame,
        *,
        k: int,
        perturbations: int | None,
        seed: int,
        on_progress: Counting,
        on_scores: Callable[[Attribution], None] | None = None,
    ) -> Attribution:
        """Play, and score all sources.

        Parameters
        ----------
        game : MaskingGame
            Remembers what it evaluated, so that playing on with more perturbations costs only
            what is new, as long as a longer game begins like a shorter one.
        k : int
            The largest set that is asked for, where the method looks for sets.
        perturbations : int or None
            How many masks may be evaluated besides the full one; None takes
            `default_perturbations`. Methods of a fixed cost ignore it.
        seed : int
        on_progress : callable
            To be told ``(done, total)`` now and then. It raises `Interrupted` to stop; so may the
            kernel's interrupt. The method then returns what it has, ``stopped``, with NaN for
            scores that it has not.
        on_scores : callable, optional
            To be told better scores on the way, where somebody wants to see them.

        Raises
        ------
        XaiError
            When the game cannot give what the method needs.
        """


@dataclass(frozen=True)
class TextMethod(Method):
    """A method that looks at the texts only and never at the model."""

    needs: ClassVar[tuple[Need, ...]] = ()

    @abstractmethod
    def score(self, sources: Sequence[str], targets: Sequence[str], *, seed: int) -> Attribution:
        """Score prompt units by their text.

        Parameters
        ----------
        sources : sequence of str, length n
            Texts of the prompt units.
        targets : sequence of str, length m
            Texts of the response units; joined they are the whole response.
        seed : int
            Seeds methods that draw.
        """


def between_ends(drawn: Masks, *, complete: bool) -> Masks:
    """A plan: the full mask, the drawn ones, and the empty one last if all others are there."""
    everything = np.ones((1, drawn.shape[1]), np.bool_)
    return np.concatenate([everything, drawn, *([~everything] if complete else [])])


def full_row(masks: Masks) -> int:
    """Position of the mask that keeps everything; every plan begins with it."""
    rows = np.flatnonzero(masks.all(axis=1))
    if not len(rows):
        msg = "the masks must hold the one that keeps everything: the first row of every plan"
        raise ValueError(msg)
    return int(rows[0])


def finite_columns(values: Values) -> NDArray[np.bool_]:
    """Which columns of values hold no NaN and no infinity: bool [m + 1]."""
    return np.atleast_1d(np.isfinite(values).all(axis=0))


def check_perturbations(perturbations: int | None, *, default: int) -> int:
    """The number of perturbations asked for, or the default.

    Raises
    ------
    XaiError
        When it is less than 1.
    """
    if perturbations is None:
        return default
    if perturbations < 1:
        msg = Worded(
            Option("perturbations", perturbations),
            " is not allowed; give a whole number of at least 1",
        )
        raise XaiError(msg)
    return int(perturbations)
