"""Multiple choice over a passage, and instructions that set the form of the answer."""

from __future__ import annotations

import random
from collections.abc import Sequence

from .facts import (
    NO_QUESTION,
    NOT_SAID,
    RELATIONS,
    Fact,
    ask,
    asked,
    fact_piece,
    known,
    other_idle,
    random_facts,
    statement,
)
from .family import Family, pick_distinct, replaced
from .names import value
from .sample import Cue, Piece, Reply

LETTERS = "ABCD"
FORMS: dict[str, tuple[tuple[str, str], ...]] = {
    "formal": (
        ("Answer in a formal way.", "formal"),
        ("Please use formal language.", "formal"),
    ),
    "cheerful": (
        ("Answer in a cheerful way.", "cheerful"),
        ("Please sound cheerful.", "cheerful"),
    ),
    "short": (("Please be brief.", "brief"), ("Keep it short.", "short")),
}
NOT_LISTED = "not listed"


def _option(letter: str, what: str) -> Piece:
    *modifiers, noun = what.split(" ")
    cue = Cue(f"option:{letter}", what, (letter, noun), tuple(modifiers))
    return Piece(f"Is it {what} ({letter})?", (cue,))


class Choice(Family):
    """Multiple choice and forms of answer."""

    name = "choice"

    def draft(self, rng: random.Random, held_out: bool) -> list[Piece]:
        """Write a short passage, a question, and either options or an instruction on the form."""
        body = self.passage(rng, held_out)
        return [*body, *self.question(body, rng, held_out)]

    def passage(self, rng: random.Random, rare: bool) -> list[Piece]:
        """Write a short passage."""
        return [fact_piece(fact, rng) for fact in random_facts(rng, rare)[:4]]

    def question(self, body: Sequence[Piece], rng: random.Random, rare: bool) -> list[Piece]:
        """Ask for a fact, with options or with an instruction on the form of the answer."""
        cue = rng.choice([cue for piece in body for cue in piece.cues])
        _, who, relation = cue.slot.split(":")
        fact = Fact(who, relation, cue.value)
        question = ask(who, relation, rng)
        if rng.random() < 0.65:
            right = rng.random() < 0.88
            options = [fact.what if right else value(relation, rng, rare, [fact.what])]
            while len(options) < 4:
                options.append(value(fact.relation, rng, rare, options))
            rng.shuffle(options)
            listed = [_option(x, what) for x, what in zip(LETTERS, options, strict=True)]
            return [question, *listed]
        form = rng.choice(list(FORMS))
        text, word = rng.choice(FORMS[form])
        return [question, Piece(text, (Cue("form", form, (word,)),))]

    def answer(self, cues: Sequence[Cue]) -> list[Reply]:
        """Name the option that the passage supports, or answer in the form that was asked for."""
        question = asked(cues)
        if question is None:
            return [Reply(NO_QUESTION)]
        fact = known(cues, *question)
        if fact is None:
            return [Reply(NOT_SAID, ("ask",), ("not",))]
        options = {cue.slot[-1]: cue.value for cue in cues if cue.slot.startswith("option:")}
        if options:
            said = Reply(
                f"The text says that {statement(fact)}",
                ("ask", fact.slot),
                (fact.what,),
            )
            letter = next((x for x, what in options.items() if what == fact.what), None)
            slots = ("ask", fact.slot, *([f"option:{letter}"] if letter else ()))
            text = f"So the answer is {fact.what} ({letter or NOT_LISTED})."
            return [
                said,
                Reply(text, slots, (letter or NOT_LISTED,), through=slots[:2]),
            ]
        return [self._in_form(fact, next((c.value for c in cues if c.slot == "form"), None))]

    def _in_form(self, fact: Fact, form: str | None) -> Reply:
        slots = ("ask", fact.slot, "form")
        if form == "formal":
            text = f"According to the passage provided, {statement(fact)}"
            return Reply(text, slots, (fact.what, "According"))
        if form == "cheerful":
            return Reply(
                f"With the greatest pleasure: {statement(fact)[:-1]}!",
                slots,
                (fact.what, "pleasure"),
            )
        if form == "short":
            return Reply(f"Briefly: {statement(fact)}", slots, (fact.what, "Briefly"))
        return Reply(f"The text says that {statement(fact)}", slots[:2], (fact.what,))

    def changed(self, pieces: Sequence[Piece], index: int, rng: random.Random) -> list[Piece]:
        """Change a fact to another of the options, the options' order, the form or the question."""
        piece = pieces[index]
        if not piece.cues:
            return replaced(pieces, index, other_idle(piece, rng))
        cue = piece.cues[0]
        if cue.slot == "form":
            form = pick_distinct(rng, list(FORMS), cue.value)
            text, word = rng.choice(FORMS[form])
            return replaced(pieces, index, Piece(text, (Cue("form", form, (word,)),)))
        if cue.slot.startswith("option:"):
            return replaced(pieces, index, _option(cue.slot[-1], self._new_option(pieces, rng)))
        if cue.slot == "ask":
            who, _, relation = cue.value.partition(":")
            other = rng.choice([r for r in RELATIONS if r != relation])
            return replaced(pieces, index, ask(who, other, rng))
        _, who, relation = cue.slot.split(":")
        options = [c.value for p in pieces for c in p.cues if c.slot.startswith("option:")]
        others = [o for o in options if o != cue.value] or [value(relation, rng, True, [cue.value])]
        if relation != self._asked_relation(pieces):
            others = [value(relation, rng, True, [cue.value])]
        return replaced(pieces, index, fact_piece(Fact(who, relation, rng.choice(others)), rng))

    def _new_option(self, pieces: Sequence[Piece], rng: random.Random) -> str:
        taken = [c.value for p in pieces for c in p.cues]
        return value(self._asked_relation(pieces) or "home", rng, True, taken)

    def _asked_relation(self, pieces: Sequence[Piece]) -> str | None:
        question = asked([cue for piece in pieces for cue in piece.cues])
        return question[1] if question else None
