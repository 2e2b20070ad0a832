"""What an interpreter is trained on, from whatever holds prompts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jupyter_xai.errors import XaiError
from jupyter_xai.evaluation.benchmark.cases import read_cases
from jupyter_xai.training.pairs import Pair

_OTHERS = 1_000_000
# Added to seeds: `evaluate` shall not be asked about what was trained on.


@dataclass(frozen=True)
class Draft:
    """A prompt for a pair, with what is known of the answers to it.

    Attributes
    ----------
    prompt : str
    response : str or None
        The model's own answer; None where it has to be asked.
    human, other : str
        See `Pair`.
    of_tutor : bool
        Whether another model of the tutor's kind can answer it, too.
    """

    prompt: str
    response: str | None
    human: str = ""
    other: str = ""
    of_tutor: bool = False


def read_drafts(data: Any, *, n: int, seed: int) -> list[Draft]:
    """Prompts to train on.

    Parameters
    ----------
    data
        What `jupyter_xai.evaluation.benchmark.read_cases` reads, or a list of `Pair`. The tutor's
        own families come without responses, since it depends on the model what it answers.
    n, seed : int
        How many prompts of each of the tutor's families, and which: others than `evaluate` takes.

    Raises
    ------
    XaiError
        When nothing can be read, a row is damaged, or a prompt is a chat.

    Examples
    --------
    >>> read_drafts([{"prompt": "Be brief.", "human": "Sure!"}], n=1, seed=0)[0].human
    'Sure!'
    """
    found = dict.fromkeys(_drafts(data, n, seed + _OTHERS))
    if not found:
        msg = "there is no prompt to train on"
        raise XaiError(msg)
    return list(found)


def _drafts(data: Any, n: int, seed: int) -> Iterator[Draft]:
    if isinstance(data, list | tuple):
        if data and all(isinstance(each, Pair) for each in data):
            for pair in data:
                texts = ["".join(part) for part in vars(pair).values()]
                yield Draft(texts[0], texts[1], texts[2], texts[3])
            return
        if any(_is_tutor(each) for each in data):
            for each in data:
                yield from _drafts(each if _is_tutor(each) else [each], n, seed)
            return
    for place, case in enumerate(read_cases(data, n=n, seed=seed)):
        if not isinstance(case.prompt, str):
            msg = f"prompt {place} is a chat; interpreters are trained on texts"
            raise XaiError(msg)
        of_tutor = _is_tutor(data)
        response = None if of_tutor else case.response
        yield Draft(case.prompt, response, case.human, case.other, of_tutor)


def _is_tutor(data: Any) -> bool:
    return isinstance(data, str) and data.partition(":")[0] == "tutor"
