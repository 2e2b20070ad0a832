"""Sizes of the energy network and the interpreter, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from jupyter_xai.errors import XaiError

Objective = Literal["likelihood", "answers", "fitted", "bounded", "difference"]
OBJECTIVES: tuple[Objective, ...] = get_args(Objective)
"""``difference``: the paper's (equation 3), ascended through relaxed choices. It has no bound, so
that a few prompts with large energies outweigh all others, and whatever raises the energy of what
is left is worth as much as what explains the response.
``bounded``: the same choices, and the log of the probability, by the two energies, that the chosen
sentences rather than the others led to the target. Once won, a prompt teaches no more.
``fitted``: sentences are chosen evenly at random, and the interpreter's logits are fitted so that
those of the chosen less those of the others give equation 3 for that choice, of bounded energies.
The choice that maximises what was fitted is the top k, for every k, and no gradient has to pass
through a choice.
``answers``: the energy network is passed by. What the model itself said to masked prompts
(equations 5 and 6) tells whether a sentence of its response needs what was masked, and the
interpreter's logits are the effects that make these answers most likely: an additive surrogate,
amortised over prompts.
``likelihood``: the same, from how likely the model's response is after masked prompts, for models
that tell. A query is a forward pass instead of an answer, and says of each sentence to what share
it depends on what was masked, given the sentences before it."""
TELL_EFFECTS = ("likelihood", "answers", "fitted")
"""Objectives by which logits are effects of sentences, rather than logits of a choice."""
ADD_UP = ("likelihood", "answers")
"""Objectives by which effects on several targets are the sum of those on each."""


@dataclass(frozen=True)
class EnergyConfig:
    """The shapes of an energy network and of the interpreter that it guides.

    Attributes
    ----------
    embedding_width : int
        Width of the frozen sentence embeddings.
    width : int
        Width of the concept space, a multiple of ``heads``.
    heads : int
    projection_blocks : int
        Self-attention blocks of each side.
    cross_blocks : int
        Blocks in which one side attends to the other.
    expansion : int
        How many times wider the feed-forward layers are.
    matching : bool
        Whether the networks are told how well sentences match, see
        `jupyter_xai.methods.energy.networks`. The paper's are not.
    """

    embedding_width: int
    width: int
    heads: int
    projection_blocks: int
    cross_blocks: int
    expansion: int = 4
    matching: bool = True

    def __post_init__(self) -> None:
        sizes = vars(self).copy()
        if not isinstance(matching := sizes.pop("matching"), bool):
            msg = f"matching={matching!r} is not allowed; give True or False"
            raise XaiError(msg)
        for name, value in sizes.items():
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                msg = f"{name}={value!r} is not allowed; give a whole number of at least 1"
                raise XaiError(msg)
        if self.width % self.heads:
            msg = f"width={self.width} is not a multiple of heads={self.heads}; choose one that is"
            raise XaiError(msg)


CONFIGS = {
    "tiny": EnergyConfig(384, 64, 4, 1, 1),
    "compact": EnergyConfig(384, 128, 8, 1, 1),
    "small": EnergyConfig(384, 128, 8, 2, 2),
    "paper-167m": EnergyConfig(768, 768, 8, 2, 4, matching=False),
    "paper-181m": EnergyConfig(768, 768, 8, 2, 6, matching=False),
}
"""``tiny``, ``compact``, which is what ships, and ``small`` take the bundled sentence encoder and
two cores. The paper's two take an encoder as large as mpnet-base, which their names count
(`jupyter_xai.training.counts`)."""


def config(name: str) -> EnergyConfig:
    """The configuration of a name.

    Raises
    ------
    XaiError
        When there is none; the message lists them.

    Examples
    --------
    >>> config("tiny").width
    64
    """
    if name not in CONFIGS:
        msg = f"unknown configuration {name!r}; choose one of {', '.join(CONFIGS)}"
        raise XaiError(msg)
    return CONFIGS[name]
