"""Facts in context: a passage about invented people, and a question about one of its facts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from .family import pick_distinct, replaced
from .idle import idle_sentences
from .names import people, value
from .sample import Cue, Piece, Reply

NOT_SAID = "The text does not say it."
NO_QUESTION = "What would you like to know about it?"


@dataclass(frozen=True, slots=True)
class Relation:
    """A kind of fact: how it is stated, how it is asked for, and the words that carry it."""

    statements: tuple[tuple[str, str], ...]
    questions: tuple[tuple[str, str], ...]


RELATIONS: dict[str, Relation] = {
    "home": Relation(
        (("{who} lives in {what}.", "lives"), ("{who} has a house in {what}.", "house")),
        (
            ("Where does {who} live?", "live"),
            ("In which town does {who} live?", "live"),
            ("Tell me where {who} lives.", "lives"),
        ),
    ),
    "job": Relation(
        (("{who} works as a {what}.", "works"), ("{who} earns a living as a {what}.", "earns")),
        (
            ("What is the job of {who}?", "job"),
            ("Which job does {who} have?", "job"),
            ("Tell me the job of {who}.", "job"),
        ),
    ),
    "pet": Relation(
        (("{who} has a pet {what}.", "pet"), ("{who} keeps a {what}.", "keeps")),
        (
            ("Which pet does {who} have?", "pet"),
            ("What pet does {who} keep?", "pet"),
            ("Tell me the pet of {who}.", "pet"),
        ),
    ),
    "food": Relation(
        (("{who} likes to eat {what}.", "eat"), ("{who} loves to eat {what}.", "eat")),
        (
            ("What does {who} like to eat?", "eat"),
            ("Which food does {who} like?", "food"),
            ("Tell me what {who} eats.", "eats"),
        ),
    ),
    "colour": Relation(
        (("{who} always wears {what}.", "wears"), ("{who} often wears {what}.", "wears")),
        (
            ("Which colour does {who} wear?", "colour"),
            ("What colour does {who} wear?", "colour"),
            ("Tell me the colour of {who}.", "colour"),
        ),
    ),
    "instrument": Relation(
        (("{who} plays the {what}.", "plays"), ("{who} can play the {what}.", "play")),
        (
            ("What does {who} play?", "play"),
            ("Which instrument does {who} play?", "instrument"),
            ("Tell me what {who} plays.", "plays"),
        ),
    ),
}

IDLE = (
    "It was a quiet year.",
    "The harvest was good.",
    "Everybody knows everybody there.",
    "The winter was mild.",
    "They all met at a wedding.",
    "The weather was fine that day.",
    "A letter arrived on Monday.",
    "The road is being repaired.",
    "There was a market on Saturday.",
    "Nobody remembers who began it.",
    "The bells rang at noon.",
    "It rained in the evening.",
    "The old bridge is closed.",
    "The photograph was taken in June.",
    "They sat around a long table.",
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: who, which relation, what."""

    who: str
    relation: str
    what: str

    @property
    def slot(self) -> str:
        """The cue slot that this fact fills."""
        return f"fact:{self.who}:{self.relation}"


def statement(fact: Fact, wording: int = 0) -> str:
    """Write a fact as a sentence; wording 0 is the one that answers use."""
    template, _ = RELATIONS[fact.relation].statements[wording]
    text = template.format(who=fact.who, what=fact.what)
    for vowel in "aeiou":
        text = text.replace(f" a {vowel}", f" an {vowel}")
    return text


def fact_piece(fact: Fact, rng: random.Random) -> Piece:
    """Write a fact as a prompt sentence."""
    wordings = RELATIONS[fact.relation].statements
    wording = rng.randrange(len(wordings))
    words = (fact.who, wordings[wording][1], fact.what)
    return Piece(statement(fact, wording), (Cue(fact.slot, fact.what, words),))


def ask(who: str, relation: str, rng: random.Random) -> Piece:
    """Write a question about one fact."""
    template, verb = rng.choice(RELATIONS[relation].questions)
    return Piece(template.format(who=who), (Cue("ask", f"{who}:{relation}", (who, verb)),))


def passage(rng: random.Random, rare: bool) -> list[Fact]:
    """Draw the facts of a passage."""
    names = people(rng.choice((1, 2, 2, 3, 3, 4)), rng, rare)
    keys = [(who, relation) for who in names for relation in RELATIONS]
    count = rng.choice((1, 2, 3, 4, 5, 6, 7, 8))
    chosen = rng.sample(keys, min(count, len(keys)))
    used: dict[str, list[str]] = {relation: [] for relation in RELATIONS}
    facts = []
    for who, relation in chosen:
        what = value(relation, rng, rare, used[relation])
        used[relation].append(what)
        facts.append(Fact(who, relation, what))
    return facts


def asked(cues: Sequence[Cue]) -> tuple[str, str] | None:
    """Return the person and the relation that the prompt asks for, if any."""
    for cue in reversed(cues):
        if cue.slot == "ask":
            who, _, relation = cue.value.partition(":")
            return who, relation
    return None


def known(cues: Sequence[Cue], who: str, relation: str) -> Fact | None:
    """Return the fact that the prompt states, if it does."""
    slot = f"fact:{who}:{relation}"
    return next((Fact(who, relation, cue.value) for cue in cues if cue.slot == slot), None)


class Facts:
    """Facts in context."""

    name = "facts"
    parts = ()

    def draft(self, rng: random.Random, held_out: bool) -> list[Piece]:
        """Write a passage and a question about it."""
        return self.with_question(self.context(rng, held_out), rng, held_out)

    def context(self, rng: random.Random, rare: bool) -> list[Piece]:
        """Write a passage."""
        body = [fact_piece(fact, rng) for fact in passage(rng, rare)]
        for text in idle_sentences(IDLE, rng.choice((0, 0, 0, 1, 2, 3)), rng):
            body.insert(rng.randrange(len(body) + 1), Piece(text))
        return body

    def with_question(self, body: list[Piece], rng: random.Random, rare: bool) -> list[Piece]:
        """Append a question, mostly one that the passage answers."""
        return [*body, self.question(body, rng, rare)]

    def question(self, body: Sequence[Piece], rng: random.Random, rare: bool) -> Piece:
        """Write a question about a passage, mostly one that it answers."""
        slots = [cue.slot for piece in body for cue in piece.cues]
        slots = [slot for slot in slots if slot.split(":")[2] in RELATIONS]
        _, who, relation = rng.choice(slots).split(":")
        if rng.random() < 0.15:
            missing = [r for r in RELATIONS if f"fact:{who}:{r}" not in slots]
            if missing:
                relation = rng.choice(missing)
            else:
                who = people(1, rng, rare)[0]
        return ask(who, relation, rng)

    def answer(self, cues: Sequence[Cue]) -> list[Reply]:
        """Answer the question from the passage, or say that the passage does not."""
        question = asked(cues)
        if question is None:
            return [Reply(NO_QUESTION)]
        fact = known(cues, *question)
        if fact is None:
            return [Reply(NOT_SAID, ("ask",), ("not",))]
        return [Reply(f"The text says that {statement(fact)}", ("ask", fact.slot), (fact.what,))]

    def key(self, pieces: Sequence[Piece]) -> str | None:
        """Facts hold out names and values instead of combinations."""
        return None

    def changed(self, pieces: Sequence[Piece], index: int, rng: random.Random) -> list[Piece]:
        """Change a fact's value, ask for another fact, or exchange an idle sentence."""
        piece = pieces[index]
        if not piece.cues:
            return replaced(pieces, index, Piece(pick_distinct(rng, IDLE, piece.text)))
        cue = piece.cues[0]
        if cue.slot == "ask":
            who, _, relation = cue.value.partition(":")
            other = rng.choice([r for r in RELATIONS if r != relation])
            return replaced(pieces, index, ask(who, other, rng))
        _, who, relation = cue.slot.split(":")
        taken = [c.value for p in pieces for c in p.cues]
        return replaced(
            pieces, index, fact_piece(Fact(who, relation, value(relation, rng, True, taken)), rng)
        )
