"""Prompts with what was answered to them, cut into sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jupyter_xai.methods.energy.embedded import Sentences
from jupyter_xai.text.document import Document


@dataclass(frozen=True)
class Pair:
    """A prompt and what the model answered, with answers that are not the model's where given.

    Attributes
    ----------
    prompt, response : tuple of str
        At least one sentence each.
    human, other : tuple of str
        A human's and another model's answer; empty where there is none.
    """

    prompt: Sentences
    response: Sentences
    human: Sentences = ()
    other: Sentences = ()

    @classmethod
    def of(cls, prompt: str, response: str, *, human: str = "", other: str = "") -> Pair:
        """Cut texts into sentences.

        Examples
        --------
        >>> Pair.of("It is cold. Help me.", "Light a fire.").prompt
        ('It is cold. ', 'Help me.')
        """
        return cls(*(cut(text) for text in (prompt, response, human, other)))


def cut(text: str) -> Sentences:
    """Sentences of a text; none when it is blank."""
    return tuple(unit.text for unit in Document.cut(text).units) if text.strip() else ()


def words(sentences: Iterable[str]) -> str:
    """A text without regard to white space, to tell whether two are the same.

    Examples
    --------
    >>> words(("One. ", "Two.")) == words(("One.  ", "Two. "))
    True
    """
    return " ".join("".join(sentences).split())


def is_authentic(own: Sentences, response: Sentences, *, part: bool) -> bool:
    """Whether a response, or a part of one, is what the model itself answers.

    Parameters
    ----------
    own : tuple of str
        The model's own answer to a prompt.
    response : tuple of str
    part : bool
        Whether the response is a part: then it is authentic when the model says all its sentences.

    Examples
    --------
    >>> is_authentic(("One. ", "Two."), ("Two.",), part=True)
    True
    >>> is_authentic(("One. ", "Two."), ("Two.",), part=False)
    False
    """
    if not part:
        return words(own) == words(response)
    said = {words((sentence,)) for sentence in own}
    return all(words((sentence,)) in said for sentence in response)
