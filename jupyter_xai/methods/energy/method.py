"""The concept-level energy interpreter: explains without asking the model anything."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from jupyter_xai.errors import Interrupted, Option, Worded, XaiError
from jupyter_xai.methods.base import Attribution, GameMethod, Measure, Need
from jupyter_xai.methods.counts import Counts

if TYPE_CHECKING:
    from jupyter_xai.game.masking_game import Counting, MaskingGame
    from jupyter_xai.methods.energy.networks import Interpreter

_TOO_SMALL = ("token", "word")


@dataclass(frozen=True)
class Energy(GameMethod):
    """Importance by an interpreter that was trained beforehand, at no call of the model.

    "A concept level energy-based framework for interpreting black-box large language model
    responses", section 3.3: an interpreter, trained once by `jupyter_xai.train_interpreter`, reads
    the sentences of prompt and response and says which of the former count for which of the latter.
    Scores are signed, as far as the interpreter learned them: without some sentences of the prompt,
    the log-odds that the model still says a response sentence fall by the sum of their scores.
    Those for the whole response are the sum over its sentences. Of an interpreter that was trained
    by the paper's objective scores are shares: those for one response sentence sum to 1, and none
    is below 0.

    Parameters
    ----------
    interpreter : str, Path or object, optional
        The folder of a trained interpreter, or what `jupyter_xai.train_interpreter` returned; the
        one that was trained on the tutor, and comes with the package, unless given.
    embeddings : str, optional
        Folder or id of the sentence-transformers model that the interpreter was trained with; what
        the interpreter says by itself unless given.

    Examples
    --------
    >>> from jupyter_xai import explain
    >>> e = explain("I am tired. It rains.", str.upper, response="GO TO BED.", method="energy")
    >>> e.record["cost"]["generations"]
    0
    >>> e.scores.shape
    (2, 1)
    """

    interpreter: Any = None
    embeddings: str | None = None

    name: ClassVar[str] = "energy"
    title: ClassVar[str] = "Energy interpreter"
    summary: ClassVar[str] = (
        "A trained interpreter, which asks the model nothing: for closed models and many prompts, "
        "over sentences. The one that ships is fitted to likelihoods, without the energy. Train "
        "one for your model; another model's may mislead."
    )
    needs: ClassVar[tuple[Need, ...]] = ("interpreter",)
    asks_model: ClassVar[bool] = False
    formula: ClassVar[str] = "no call"

    def __post_init__(self) -> None:
        if self._is_network or isinstance(self.interpreter, str | Path | None):
            return
        folder = getattr(self.interpreter, "folder", None)
        if not isinstance(folder, Path):
            msg = Worded(
                Option("interpreter", self.interpreter),
                " is not allowed; give the folder of a trained interpreter, or what "
                "train_interpreter returned",
            )
            raise XaiError(msg)
        object.__setattr__(self, "interpreter", folder)

    def cost(self, n: int, m: int, perturbations: int | None = None) -> Counts:
        """Nothing, whatever the sizes."""
        return Counts()

    def settings(self) -> Mapping[str, Any]:
        """The folder, and a digest of the weights."""
        from jupyter_xai.methods.energy.importance import digest

        given = self.interpreter
        named = "shipped" if given is None else "given" if self._is_network else str(given)
        found = {"interpreter": named, "weights": digest(self._loaded())}
        return found if self.embeddings is None else {**found, "embeddings": self.embeddings}

    @property
    def measure(self) -> Measure:
        """Signed effects, or shares by an interpreter that the paper's objective trained."""
        origin = self._loaded().origin
        return "effect" if origin is not None and origin.tells_effects else "share"

    def check_units(self, units: str, response_units: str) -> None:
        """Refuse units that an interpreter of sentences cannot read."""
        for what, level in (("units", units), ("response_units", response_units)):
            if level in _TOO_SMALL:
                msg = Worded(
                    "energy explains sentences, so ",
                    Option(what, level),
                    " is not allowed; give ",
                    Option(what, "sentence"),
                    ", or another method such as linear",
                )
                raise XaiError(msg)

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
        """Ask the interpreter once; see `GameMethod.play`."""
        from jupyter_xai.methods.energy.importance import importance
        from jupyter_xai.text.embeddings import embed

        self.check_units(game.prompt.document.level, game.response_document.level)
        interpreter = self._loaded()
        encoder = self.embeddings or getattr(interpreter.origin, "embeddings", None)
        try:
            on_progress(0, 1)
            scores = importance(
                interpreter,
                [unit.text for unit in game.prompt.document.sources],
                [unit.text for unit in game.response_document.units],
                self._asked_about(game),
                encode=partial(embed, model=encoder),
            )
            on_progress(1, 1)
        except (Interrupted, KeyboardInterrupt):
            return Attribution(np.full((game.n, game.m + 1), np.nan), stopped=True)
        order = np.argsort(-scores[:, -1], kind="stable").tolist()
        return Attribution(
            scores,
            notes=self._notes(interpreter, game),
            sets={size: sorted(order[:size]) for size in range(1, game.n + 1)},
        )

    @staticmethod
    def _asked_about(game: MaskingGame) -> list[bool]:
        """Which units of the response count: with targets, those that hold some of them."""
        if game.targets is None:
            return [True] * game.m
        return [len(tokens) > 0 for tokens in game.columns[:-1]]

    @property
    def _is_network(self) -> bool:
        # Without importing torch for a name.
        networks = sys.modules.get("jupyter_xai.methods.energy.networks")
        return networks is not None and isinstance(self.interpreter, networks.Interpreter)

    def _loaded(self) -> Interpreter:
        from jupyter_xai.methods.energy.importance import SHIPPED, load_once

        given = self.interpreter
        return given if self._is_network else load_once(SHIPPED if given is None else Path(given))

    def _notes(self, interpreter: Interpreter, game: MaskingGame) -> tuple[str, ...]:
        """What a reader must know of where the scores come from."""
        from jupyter_xai.methods.energy.origin import identity

        origin, found = interpreter.origin, ["the scores cost no call of the model"]
        if origin is None:
            found.append("the interpreter does not say which model it was trained on")
        elif origin.model != identity(game.model):
            found.append(
                f"the interpreter was trained on {origin.name}, not on this {game.model.name}: it "
                "tells what counted there; train_interpreter(model, prompts) trains one for this"
            )
        if origin is not None and origin.steps < origin.of:
            found.append(
                f"the interpreter was trained for {origin.steps} of {origin.of} steps only"
            )
        if origin is not None and origin.adds_up:
            found.append(
                "the interpreter was fitted to what responses become after masked prompts; no "
                "energy takes part in its scores"
            )
        levels = {game.prompt.document.level, game.response_document.level}
        if levels != {"sentence"}:
            found.append("the interpreter was trained on sentences; other units may mislead it")
        effects = origin is not None and origin.tells_effects
        if game.n == 1 and not effects:
            found.append("of one prompt unit the share is 1, whatever the interpreter says")
        if game.foil is not None:
            found.append("the foil plays no part in these scores")
        return tuple(found)
