"""Multiple choice over a passage, and instructions that set the form of the answer."""

from __future__ import annotations

import random
from collections.abc import Sequence

from .facts import (
    IDLE,
    NO_QUESTION,
    NOT_SAID,
    RELATIONS,
    Fact,
    ask,
    asked,
    fact_piece,
    known,
    passage,
    statement,
)
from .family import pick_distinct, replaced
from .names import value
from .sample import Cue, Piece, Reply

LETTERS = "ABCD"
FORMS: dict[str, tuple[tuple[str, str], ...]] = {
    "formal": (("Answer in a formal way.", "formal"), ("Please use formal language.", "formal")),
    "cheerful": (("Answer in a cheerful way.", "cheerful"), ("Please sound cheerful.", "cheerful")),
    "short": (("Answer in one word.", "one"), ("Give a one-word answer.", "one-word")),
}
NO_OPTION = "None of the options is right."


def _option(letter: str, what: str) -> Piece:
    return Piece(f"Option {letter} is {what}.", (Cue(f"option:{letter}", what, (letter, what)),))


class Choice:
    """Multiple choice and forms of answer."""

    name = "choice"
    parts = ()

    def draft(self, rng: random.Random, held_out: bool) -> list[Piece]:
        """Write a short passage, a question, and either options or an instruction on the form."""
        facts = passage(rng, held_out)[:4]
        target = rng.choice(facts)
        body = [fact_piece(fact, rng) for fact in facts]
        question = ask(target.who, target.relation, rng)
        if rng.random() < 0.6:
            options = [target.what]
            while len(options) < 4:
                options.append(value(target.relation, rng, held_out, options))
            rng.shuffle(options)
            listed = [_option(x, what) for x, what in zip(LETTERS, options, strict=True)]
            return [*body, question, *listed]
        form = rng.choice(list(FORMS))
        text, word = rng.choice(FORMS[form])
        return [*body, question, Piece(text, (Cue("form", form, (word,)),))]

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
            letter = next((x for x, what in options.items() if what == fact.what), None)
            if letter is None:
                return [Reply(NO_OPTION, ("ask", fact.slot), ("None",))]
            return [
                Reply(f"The answer is {letter}.", ("ask", fact.slot, f"option:{letter}"), (letter,))
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
            return Reply(f"In short: {fact.what}.", slots, (fact.what, "short"))
        return Reply(f"The text says that {statement(fact)}", slots[:2], (fact.what,))

    def key(self, pieces: Sequence[Piece]) -> str | None:
        """Multiple choice holds out names and values instead of combinations."""
        return None

    def changed(self, pieces: Sequence[Piece], index: int, rng: random.Random) -> list[Piece]:
        """Change a fact to another of the options, the options' order, the form or the question."""
        piece = pieces[index]
        if not piece.cues:
            return replaced(pieces, index, Piece(pick_distinct(rng, IDLE, piece.text)))
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
