"""What a sample is: prompt sentences with cues, response sentences with causes.

A *cue* is a piece of information that a prompt sentence carries (``climate = warm``) together with
the words that carry it. A family's answer is a function of the cues alone, so the truth is known
for every prompt that deletion can make: drop a sentence or a decisive word and its cue is gone,
ask the same function again, and the proper answer to what is left comes out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

_DECISIVE = re.compile(r"\[([^\]]+)\]")
_EDGE_PUNCTUATION = " .,;:!?\"'“”‘’()…"


@dataclass(frozen=True, slots=True)
class Cue:
    """A piece of information in a prompt sentence and the words that carry it.

    Parameters
    ----------
    slot
        What the information is about, e.g. ``"climate"``.
    value
        What it says, e.g. ``"warm"``.
    words
        The words that carry it. All of them are needed: without one the cue is gone.
    optional
        Words of the value that it can do without: of a grey parrot without ``grey``, a parrot
        is left.
    """

    slot: str
    value: str
    words: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A prompt sentence with the cues it carries; one without cues is a distractor."""

    text: str
    cues: tuple[Cue, ...] = ()

    def words(self) -> tuple[str, ...]:
        """Return the sentence's words with the punctuation that clings to them."""
        return tuple(self.text.split(" "))


@dataclass(frozen=True, slots=True)
class Reply:
    """A response sentence, the slots that decide it, and the words in which that decision shows.

    ``any_of`` marks redundancy: each of the causing cues alone is enough for this sentence.
    ``part`` says which of the family's parts of an answer this is. ``through`` names those of the
    slots whose effect runs through the earlier sentences of the response: with these in place,
    they decide nothing any more.
    """

    text: str
    slots: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    any_of: bool = False
    part: str = ""
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """One cause-and-effect relation between prompt and response.

    Parameters
    ----------
    response
        Index of the response sentence.
    response_words
        The decisive words in it.
    sentences
        Indices of the prompt sentences that cause it.
    words
        The prompt words that cause it, as ``(sentence index, word)``.
    any_of
        Whether each cause alone is enough, so that only the joint removal has an effect.
    direct
        Those of ``sentences`` that decide the response sentence also when the sentences before it
        are given. The others act through what the response has already said.
    """

    response: int
    response_words: tuple[str, ...]
    sentences: tuple[int, ...]
    words: tuple[tuple[int, str], ...]
    any_of: bool = False
    direct: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """A prompt, its only right answer, and what in the prompt causes what in the answer."""

    family: str
    prompt: str
    response: str
    pieces: tuple[Piece, ...]
    replies: tuple[Reply, ...]
    links: tuple[Link, ...]
    system: str | None = None

    @property
    def prompt_sentences(self) -> tuple[str, ...]:
        """The prompt's sentences, in order."""
        return tuple(piece.text for piece in self.pieces)

    @property
    def response_sentences(self) -> tuple[str, ...]:
        """The response's sentences, in order."""
        return tuple(reply.text for reply in self.replies)

    def causes(self, response: int, *, fixed: bool = False) -> tuple[int, ...]:
        """Return the prompt sentences that cause one response sentence.

        Parameters
        ----------
        response
            Index of the response sentence.
        fixed
            Only those that still matter when the response sentences before it are fixed, as they
            are where a given response is scored.
        """
        chosen = [link for link in self.links if link.response == response]
        found = {i for link in chosen for i in (link.direct if fixed else link.sentences)}
        return tuple(sorted(found))

    @property
    def distractors(self) -> tuple[int, ...]:
        """The prompt sentences that cause nothing."""
        used = {i for link in self.links for i in link.sentences}
        return tuple(i for i in range(len(self.pieces)) if i not in used)


def core(word: str) -> str:
    """Return a word without the punctuation that clings to its edges."""
    return word.strip(_EDGE_PUNCTUATION)


def marked(template: str, slot: str, value: str) -> Piece:
    """Make a sentence with one cue from a template whose decisive words stand in brackets."""
    words = tuple(core(w) for group in _DECISIVE.findall(template) for w in group.split(" "))
    return Piece(_DECISIVE.sub(r"\1", template), (Cue(slot, value, words),))


def capitalised(text: str) -> str:
    """Return the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def surviving(piece: Piece, kept: Sequence[bool]) -> tuple[Cue, ...]:
    """Return the cues left in a sentence of which only the ``kept`` words remain."""
    lost = {core(w) for w, keep in zip(piece.words(), kept, strict=True) if not keep}
    return tuple(_without(cue, lost) for cue in piece.cues if not lost.intersection(cue.words))


def _without(cue: Cue, lost: set[str]) -> Cue:
    if not lost.intersection(cue.optional):
        return cue
    left = [word for word in cue.value.split(" ") if word not in lost]
    return replace(cue, value=" ".join(left), optional=())


def links(pieces: Sequence[Piece], replies: Sequence[Reply]) -> tuple[Link, ...]:
    """Work out which prompt sentences and words cause which response sentences."""
    found = []
    for index, reply in enumerate(replies):
        hits = [
            (i, cue)
            for i, piece in enumerate(pieces)
            for cue in piece.cues
            if cue.slot in reply.slots
        ]
        if hits:
            sentences = tuple(sorted({i for i, _ in hits}))
            carrying = [(i, word) for i, cue in hits for word in (*cue.words, *cue.optional)]
            words = tuple(dict.fromkeys(carrying))
            direct = tuple(sorted({i for i, cue in hits if cue.slot not in reply.through}))
            found.append(Link(index, reply.words, sentences, words, reply.any_of, direct))
    return tuple(found)


def prompt_text(pieces: Sequence[Piece]) -> str:
    """Join prompt sentences to the prompt's text."""
    return " ".join(piece.text for piece in pieces)


def response_text(replies: Sequence[Reply]) -> str:
    """Join response sentences to the response's text."""
    return " ".join(reply.text for reply in replies)


def make_sample(
    family: str,
    pieces: Sequence[Piece],
    replies: Sequence[Reply],
    system: str | None = None,
) -> Sample:
    """Assemble a sample from its sentences."""
    return Sample(
        family,
        prompt_text(pieces),
        response_text(replies),
        tuple(pieces),
        tuple(replies),
        links(pieces, replies),
        system,
    )
