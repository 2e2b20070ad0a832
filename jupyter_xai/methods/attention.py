"""Attention: where the model looked. No evidence of what made it answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import Interrupted, Option, Worded, XaiError
from jupyter_xai.game.attention import attentions
from jupyter_xai.methods.base import Attribution, GameMethod, Measure, Need
from jupyter_xai.methods.counts import Counts
from jupyter_xai.methods.gradients.base import check_choice
from jupyter_xai.models.capabilities import Attended

if TYPE_CHECKING:
    from jupyter_xai.game.asker import Counting
    from jupyter_xai.game.masking_game import MaskingGame

Variant = Literal["rollout", "layer"]

CAVEAT = (
    "attention weights say where the model looked and are no evidence of faithfulness: they have "
    "no sign, and prompts of the same answer may be attended to differently"
)


@dataclass(frozen=True)
class Attention(GameMethod):
    """Mean attention of a unit's tokens to the tokens of each source, summed over those.

    A response token is taken to look from where it was predicted, which is one position earlier.
    What goes to tokens outside of all sources (templates, beginnings of sequence, earlier tokens of
    the response) is recorded as ``share outside sources`` and left out, so that sinks of attention
    hide nothing. Encoder-decoder models have cross-attention.

    Parameters
    ----------
    variant : str
        ``rollout`` follows attention back through all layers, each mixed with the path around it:
        the product of (A + I) / 2 (Abnar and Zuidema 2020, arXiv:2005.00928, section 3); for
        encoder-decoder models, the cross-attention of ``layer`` through the encoder.
        ``layer`` reads one layer.
    layer : int
        Which one, from 0, or from -1 backwards.

    Examples
    --------
    >>> from jupyter_xai import explain
    >>> e = explain("Mia has a red kite.", "tutor", response="Red.", units="word",
    ...             method="attention")
    >>> bool((e.total >= 0).all() and e.total.sum() <= 1)
    True
    """

    variant: Variant = "rollout"
    layer: int = -1

    name: ClassVar[str] = "attention"
    title: ClassVar[str] = "Attention"
    summary: ClassVar[str] = (
        "Where the model looked, in one pass. For teaching: attention is no evidence of what "
        "caused an answer, and has no sign."
    )
    needs: ClassVar[tuple[Need, ...]] = ("attentions",)
    formula: ClassVar[str] = "2 forwards"

    def __post_init__(self) -> None:
        check_choice(self.variant, get_args(Variant), "variant")
        if isinstance(self.layer, bool) or not isinstance(self.layer, int):
            msg = Worded(
                Option("layer", self.layer), " is not allowed; give a whole number, such as -1"
            )
            raise XaiError(msg)

    @property
    def measure(self) -> Measure:
        """Shares, which sum to 1 at most."""
        return "attention"

    def cost(self, n: int, m: int, perturbations: int | None = None) -> Counts:
        """One pass, whatever the sizes."""
        return Counts(masks=1, forwards=1)

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
        """Read attention once; see `GameMethod.play`."""
        shape = (game.n, game.m + 1)
        source = game.prompt.token_source
        assert source is not None
        try:
            on_progress(0, 1)
            weights = self._to_prompt(attentions(game), len(source))
            on_progress(1, 1)
        except (Interrupted, KeyboardInterrupt):
            return Attribution(np.full(shape, np.nan), notes=(CAVEAT,), stopped=True)
        if not np.isfinite(weights).all():
            msg = f"{game.model.name} returned NaN attention weights; load it in float32"
            raise XaiError(msg)
        means = [
            weights[tokens].mean(axis=0) if len(tokens) else 0 * source for tokens in game.columns
        ]
        scores = [[mean[source == i].sum() for mean in means] for i in range(game.n)]
        outside = [1 - float(mean[source >= 0].sum()) for mean in means]
        return Attribution(
            np.array(scores),
            exact=True,
            notes=(CAVEAT,),
            details={"share outside sources": outside},
        )

    def _to_prompt(self, found: Attended, tokens: int) -> NDArray[np.float64]:
        """From each response token to each token of the prompt: float64 [T, P]."""
        if found.cross is not None:
            cross = self._chosen(found.cross).astype(np.float64)
            return rolled(cross, found.own) if self.variant == "rollout" else cross
        assert found.rows is not None
        if self.variant == "layer":
            return self._chosen(found.own)[found.rows, :tokens].astype(np.float64)
        return rolled(np.eye(found.own.shape[1])[found.rows], found.own)[:, :tokens]

    def _chosen(self, layers: NDArray[np.float32]) -> NDArray[np.float32]:
        count = len(layers)
        if not -count <= self.layer < count:
            msg = Worded(
                Option("layer", self.layer),
                f" is not allowed: the model has {count}, from 0 to {count - 1}",
            )
            raise XaiError(msg)
        return layers[self.layer]


def rolled(looking: NDArray[np.float64], layers: NDArray[np.float32]) -> NDArray[np.float64]:
    """Follow rows of attention back through layers, the last one first.

    Parameters
    ----------
    looking : float64 [T, L]
        Where each of T places looks in what the last layer gave.
    layers : float32 [layers, L, L]

    Returns
    -------
    float64 [T, L]
        Where they look in what the first layer got.

    Examples
    --------
    >>> half = np.array([[[1.0, 0.0], [0.5, 0.5]]])
    >>> rolled(np.array([[0.0, 1.0]]), half).tolist()
    [[0.25, 0.75]]
    """
    for layer in layers[::-1]:
        looking = (looking @ layer.astype(np.float64) + looking) / 2
    return looking
