"""Every option of an explanation, once: its default, what it means, and what can be chosen.

`jupyter_xai.explain` has them as arguments, the parser of magics and terminal as options, the
magics as defaults that people set, and the live view as what its readers change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

Choices = Callable[[], Sequence[str]]
"""Gives the names that can be chosen; called when somebody wants to see them."""


@dataclass(frozen=True)
class About:
    """What is told of an option.

    Attributes
    ----------
    help : str
        One line for the terminal; ``{choices}`` stands for the names that can be chosen.
    kind : type
        Of its value, where it is one word: ``str``, ``int``, ``float``; ``bool`` for a flag.
    metavar : str, optional
        What stands for the value in help; its name unless given.
    short : str, optional
        A shorter name, such as ``-k``.
    choices : callable, optional
        What can be chosen.
    said : str, optional
        For a notebook's settings: what the default is, in a sentence. None for options that have
        no default of a person's own.
    live : bool
        Whether a reader of the live view can change it.
    """

    help: str
    kind: type = str
    metavar: str | None = None
    short: str | None = None
    choices: Choices | None = None
    said: str | None = None
    live: bool = False


def _about(help_text: str, kind: type = str, **about: Any) -> dict[str, About]:
    return {"about": About(help_text, kind, **about)}


def _methods() -> Sequence[str]:
    from jupyter_xai import methods

    return methods.names()


def _units() -> Sequence[str]:
    from jupyter_xai.text.document import PROMPT_LEVELS

    return PROMPT_LEVELS


def _response_units() -> Sequence[str]:
    from jupyter_xai.text.document import RESPONSE_LEVELS

    return RESPONSE_LEVELS


def _values() -> Sequence[str]:
    from jupyter_xai.game.values import VALUES

    return VALUES


def _operators() -> Sequence[str]:
    from jupyter_xai.masking import OPERATORS

    return OPERATORS


def _distances() -> Sequence[str]:
    from jupyter_xai.text.distance import DISTANCES

    return (*DISTANCES, "wmd-P")


def _targets() -> Sequence[str]:
    from jupyter_xai.game.targets import CONTEXT_DEPENDENT

    return (CONTEXT_DEPENDENT,)


@dataclass(frozen=True, kw_only=True, eq=False)
class Options:
    """The options of one explanation, as they were given; see `jupyter_xai.explain`."""

    method: str = field(
        default="linear",
        metadata=_about(
            "how to explain it, see the command methods (default: linear)",
            metavar="NAME",
            choices=_methods,
            said="How to explain it; see %xai methods.",
            live=True,
        ),
    )
    units: Any = field(
        default=None,
        metadata=_about(
            "pieces of the prompt: {choices} (default: the method's)",
            choices=_units,
            said="How the prompt is cut; None leaves it to the method.",
            live=True,
        ),
    )
    response_units: str = field(
        default="sentence",
        metadata=_about(
            "pieces of the answer: {choices} (default: sentence)",
            metavar="UNITS",
            choices=_response_units,
            said="How the answer is cut.",
            live=True,
        ),
    )
    value: str | None = field(
        default=None,
        metadata=_about(
            "what scores measure: {choices} (default: the method's)", choices=_values, live=True
        ),
    )
    operator: str | None = field(
        default=None,
        metadata=_about(
            "what removing means: {choices} "
            "(default: text for answers, delete for log-probabilities)",
            metavar="NAME",
            choices=_operators,
        ),
    )
    replacement: str | None = field(
        default=None, metadata=_about("what to put in, for replace and substitute", metavar="TEXT")
    )
    distance: str | None = field(
        default=None,
        metadata=_about("for --value text: {choices}", metavar="NAME", choices=_distances),
    )
    k: int | None = field(
        default=None,
        metadata=_about(
            "how many top units to remove together as a check (default: 3, at most half)",
            int,
            metavar="K",
            short="-k",
            said="How many top units to check.",
            live=True,
        ),
    )
    perturbations: int | None = field(
        default=None,
        metadata=_about(
            "masked prompts to evaluate (default: the method's)",
            int,
            metavar="N",
            short="-p",
            said="How many masked prompts to evaluate.",
            live=True,
        ),
    )
    seed: int = field(
        default=0,
        metadata=_about(
            "seed of all draws (default: 0)", int, metavar="SEED", said="Seed of all draws."
        ),
    )
    response: str | None = field(
        default=None,
        metadata=_about("explain this text instead of the model's answer", metavar="TEXT"),
    )
    foil: str | None = field(
        default=None, metadata=_about("say why the answer is not this text", metavar="TEXT")
    )
    targets: Any = field(
        default=None,
        metadata=_about(
            "explain only: {choices}, or characters of the answer such as 0:12,30:44",
            metavar="WHICH",
            choices=_targets,
            live=True,
        ),
    )
    system: str | None = field(
        default=None, metadata=_about("a system message to put before the prompt", metavar="TEXT")
    )
    explain_system: bool = field(
        default=False, metadata=_about("let system text be removed, too", bool)
    )
    max_new_tokens: int = field(
        default=256,
        metadata=_about(
            "length limit of the answer (default: 256)",
            int,
            metavar="N",
            said="Length limit of the answer.",
        ),
    )
    temperature: float = field(
        default=0.0, metadata=_about("0 answers greedily (default)", float, metavar="T")
    )
    samples: int = field(
        default=1,
        metadata=_about(
            "answers drawn for each masked prompt, with --temperature (default: 1)",
            int,
            metavar="N",
        ),
    )
    language: str = field(
        default="en",
        metadata=_about("of the prompt, for cutting sentences (default: en)", metavar="CODE"),
    )
    max_forwards: int | None = field(
        default=None, metadata=_about("ask the model at most so often", int, metavar="N")
    )
    max_seconds: float | None = field(
        default=None,
        metadata=_about("ask it nothing more after so many seconds", float, metavar="S"),
    )
    max_tokens: int | None = field(
        default=None, metadata=_about("read and write at most so many tokens", int, metavar="N")
    )
    max_cost: float | None = field(
        default=None,
        metadata=_about("pay at most so much, to priced models", float, metavar="MONEY"),
    )


ABOUT: dict[str, About] = {each.name: each.metadata["about"] for each in fields(Options)}
"""What is told of each option, in the order in which help lists them."""

LIVE = tuple(name for name, about in ABOUT.items() if about.live)
"""What a reader of the live view can change."""
