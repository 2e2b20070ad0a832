"""Facts in context: passages about invented people, and a question about one of their facts.

Where two passages give different answers, the right answer is that they disagree.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .family import Family, pick_distinct, replaced
from .idle import idle_sentences
from .names import people, value
from .sample import Cue, Piece, Reply, capitalised

NOT_SAID = "The text does not say it."
NO_QUESTION = "What would you like to know about it?"
DISAGREE = "The texts disagree."
HEADINGS = (
    ("Here is the first text.", "Here is the second text."),
    ("This is one text.", "This is another text."),
    ("The first text follows.", "The second text follows."),
)


@dataclass(frozen=True, slots=True)
class Relation:
    """A kind of fact: how it is stated, how it is asked for, and the words that carry it."""

    statements: tuple[tuple[str, str], ...]
    questions: tuple[tuple[str, str], ...]


RELATIONS: dict[str, Relation] = {
    "home": Relation(
        (
            ("{who} lives in {what}.", "lives"),
            ("{who} has a house in {what}.", "house"),
        ),
        (
            ("Where does {who} live?", "live"),
            ("In which town does {who} live?", "live"),
            ("Tell me where {who} lives.", "lives"),
        ),
    ),
    "job": Relation(
        (
            ("{who} works as a {what}.", "works"),
            ("{who} earns a living as a {what}.", "earns"),
        ),
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
        (
            ("{who} always wears {what}.", "wears"),
            ("{who} often wears {what}.", "wears"),
        ),
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

LINKS: dict[str, Relation] = {
    "friend": Relation((("the best friend of {who} is {what}.", "friend"),), ()),
    "valley": Relation((("{who} lies in {what}.", "lies"),), ()),
}
"""Facts that lead from one to the next, for questions that need two of them."""

_ALL = RELATIONS | LINKS

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
    """One fact: who, which relation, what, and which of the relation's wordings says so."""

    who: str
    relation: str
    what: str
    wording: int = 0

    @property
    def slot(self) -> str:
        """The cue slot that this fact fills."""
        return f"fact:{self.who}:{self.relation}"


def statement(fact: Fact) -> str:
    """Write a fact as a sentence."""
    template, _ = _ALL[fact.relation].statements[fact.wording]
    text = template.format(who=fact.who, what=fact.what)
    for vowel in "aeiou":
        text = text.replace(f" a {vowel}", f" an {vowel}")
    return text


def fact_piece(fact: Fact, rng: random.Random) -> Piece:
    """Write a fact as a prompt sentence, in any wording."""
    wordings = _ALL[fact.relation].statements
    worded = replace(fact, wording=rng.randrange(len(wordings)))
    *modifiers, noun = fact.what.split(" ")
    words = (fact.who, wordings[worded.wording][1], noun)
    cue = Cue(fact.slot, fact.what, words, tuple(modifiers))
    return Piece(capitalised(statement(worded)), (cue,))


def ask(who: str, relation: str, rng: random.Random) -> Piece:
    """Write a question about one fact."""
    template, verb = rng.choice(RELATIONS[relation].questions)
    return Piece(template.format(who=who), (Cue("ask", f"{who}:{relation}", (who, verb)),))


def random_facts(rng: random.Random, rare: bool) -> list[Fact]:
    """Draw the facts of a passage."""
    relations = list(RELATIONS)
    if rng.random() < 0.6:
        # Several people and few kinds of fact: only who it is about tells one from another.
        relations = rng.sample(relations, rng.choice((1, 1, 2, 2, 3)))
        names = people(rng.choice((2, 3, 4, 5, 6)), rng, rare)
    else:
        names = people(rng.choice((1, 2, 2, 3, 3, 4)), rng, rare)
    keys = [(who, relation) for who in names for relation in relations]
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


def told(cues: Sequence[Cue], who: str, relation: str) -> list[Fact]:
    """Return all that the prompt states about one thing, in its order and in its wordings."""
    slot = f"fact:{who}:{relation}"
    return [
        Fact(who, relation, cue.value, _wording(cue, relation)) for cue in cues if cue.slot == slot
    ]


def _wording(cue: Cue, relation: str) -> int:
    wordings = _ALL[relation].statements
    return next(i for i, (_, word) in enumerate(wordings) if word in cue.words)


def known(cues: Sequence[Cue], who: str, relation: str) -> Fact | None:
    """Return the fact that the prompt states, if it does; the first one counts."""
    return next(iter(told(cues, who, relation)), None)


def _second_text(facts: Sequence[Fact], rng: random.Random, rare: bool) -> list[Fact]:
    """Write what another text says of the same people, often against the first one."""
    rest = _more(facts, rng, rare)
    if rng.random() < 0.7:
        for fact in rng.sample(facts, min(len(facts), rng.choice((1, 1, 2)))):
            avoid = [f.what for f in (*facts, *rest)]
            against = Fact(fact.who, fact.relation, value(fact.relation, rng, rare, avoid))
            rest.insert(rng.randrange(len(rest) + 1), against)
    return rest


def _more(facts: Sequence[Fact], rng: random.Random, rare: bool) -> list[Fact]:
    told_already = {fact.slot for fact in facts}
    used = [fact.what for fact in facts]
    found = []
    for who in dict.fromkeys(fact.who for fact in facts):
        relation = rng.choice(list(RELATIONS))
        fact = Fact(who, relation, value(relation, rng, rare, used))
        if fact.slot not in told_already:
            used.append(fact.what)
            found.append(fact)
    return found[:3]


def other_idle(piece: Piece, rng: random.Random) -> Piece:
    """Return another sentence of the same kind that carries no fact."""
    for places in zip(*HEADINGS, strict=True):
        if piece.text in places:
            return Piece(pick_distinct(rng, places, piece.text))
    return Piece(pick_distinct(rng, IDLE, piece.text))


class Facts(Family):
    """Facts in context."""

    name = "facts"

    def draft(self, rng: random.Random, held_out: bool) -> list[Piece]:
        """Write a passage and a question about it."""
        body = self.passage(rng, held_out)
        return [*body, *self.question(body, rng, held_out)]

    def passage(self, rng: random.Random, rare: bool) -> list[Piece]:
        """Write a passage, or two of them, which may disagree."""
        facts = random_facts(rng, rare)
        body = [fact_piece(fact, rng) for fact in facts]
        if len(facts) <= 4 and rng.random() < 0.4:
            one, other = rng.choice(HEADINGS)
            second = [fact_piece(fact, rng) for fact in _second_text(facts, rng, rare)]
            body = [Piece(one), *body, Piece(other), *second]
        for text in idle_sentences(IDLE, rng.choice((0, 0, 0, 1, 2, 3)), rng):
            body.insert(rng.randrange(len(body) + 1), Piece(text))
        return body

    def question(self, body: Sequence[Piece], rng: random.Random, rare: bool) -> list[Piece]:
        """Write a question about a passage, mostly one that it answers."""
        slots = [cue.slot for piece in body for cue in piece.cues]
        slots = [slot for slot in slots if slot.split(":")[2] in RELATIONS]
        twice = [slot for slot in slots if slots.count(slot) > 1]
        slot = rng.choice(twice) if twice and rng.random() < 0.5 else rng.choice(slots)
        _, who, relation = slot.split(":")
        if rng.random() < 0.15:
            missing = [r for r in RELATIONS if f"fact:{who}:{r}" not in slots]
            if missing:
                relation = rng.choice(missing)
            else:
                who = people(1, rng, rare)[0]
        return [ask(who, relation, rng)]

    def answer(self, cues: Sequence[Cue]) -> list[Reply]:
        """Answer the question from the passage, or say that the passage does not."""
        question = asked(cues)
        if question is None:
            return [Reply(NO_QUESTION)]
        fact = known(cues, *question)
        if fact is None:
            return [Reply(NOT_SAID, ("ask",), ("not",))]
        if len({other.what for other in told(cues, *question)}) > 1:
            return [Reply(DISAGREE, ("ask", fact.slot), ("disagree",))]
        return [
            Reply(
                f"The text says that {statement(fact)}",
                ("ask", fact.slot),
                (fact.what,),
            )
        ]

    def changed(self, pieces: Sequence[Piece], index: int, rng: random.Random) -> list[Piece]:
        """Change a fact's value, ask for another fact, or exchange an idle sentence."""
        piece = pieces[index]
        if not piece.cues:
            return replaced(pieces, index, other_idle(piece, rng))
        cue = piece.cues[0]
        if cue.slot == "ask":
            who, _, relation = cue.value.partition(":")
            other = rng.choice([r for r in RELATIONS if r != relation])
            return replaced(pieces, index, ask(who, other, rng))
        _, who, relation = cue.slot.split(":")
        taken = [c.value for p in pieces for c in p.cues]
        return replaced(
            pieces,
            index,
            fact_piece(Fact(who, relation, value(relation, rng, True, taken)), rng),
        )
