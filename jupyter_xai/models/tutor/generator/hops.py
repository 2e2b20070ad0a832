"""Multi-hop questions: two facts have to be joined, and the thoughts are written out.

A prompt may bring thoughts of its own. The answer follows them, right or wrong: so it is known how
far a written-out thought, and not the passage, decides what comes after it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from .facts import IDLE, NO_QUESTION, Fact, fact_piece, known, other_idle, statement
from .family import Family, replaced
from .names import people, value
from .sample import Cue, Piece, Reply

NO_ANSWER = "So there is no answer."
_QUESTIONS = {
    "valley": (
        ("In which valley does {who} live?", "valley"),
        ("Tell me the valley where {who} lives.", "valley"),
    ),
    "home": (("Where does the best friend of {who} live?", "friend"),),
    "job": (("Which job does the best friend of {who} have?", "friend"),),
    "pet": (("Which pet does the best friend of {who} have?", "friend"),),
    "instrument": (("What does the best friend of {who} play?", "friend"),),
}


def _question(who: str, target: str, rng: random.Random) -> Piece:
    template, word = rng.choice(_QUESTIONS[target])
    return Piece(template.format(who=who), (Cue("ask", f"{who}:{target}", (who, word)),))


def _start(target: str) -> str:
    return "home" if target == "valley" else "friend"


def _steps(cues: Sequence[Cue], who: str, target: str) -> tuple[Fact | None, Fact | None]:
    """Return the fact that the question starts from and the one that this leads to."""
    first = known(cues, who, _start(target))
    return first, known(cues, first.what, target) if first else None


def _thought(step: str, fact: Fact) -> Piece:
    *modifiers, noun = fact.what.split(" ")
    cue = Cue(f"thought:{step}", fact.what, (step.capitalize(), noun), tuple(modifiers))
    return Piece(f"{step.capitalize()}, {statement(fact)}", (cue,))


class Hops(Family):
    """Multi-hop questions answered in written-out steps."""

    name = "hops"

    def draft(self, rng: random.Random, held_out: bool) -> list[Piece]:
        """Write two chains of facts, of which the question needs one."""
        body = self.passage(rng, held_out)
        return [*body, *self.question(body, rng, held_out)]

    def passage(self, rng: random.Random, rare: bool) -> list[Piece]:
        """Write one or two chains of facts of a kind."""
        body: list[Piece] = []
        names = people(4, rng, rare)
        target = rng.choice(list(_QUESTIONS))
        used: list[str] = []
        for who, friend in (names[:2], names[2:])[: rng.choice((1, 2, 2))]:
            if target == "valley":
                town, valley = (value(kind, rng, rare, used) for kind in ("home", "valley"))
                used += [town, valley]
                links = Fact(who, "home", town), Fact(town, "valley", valley)
            else:
                what = value(target, rng, rare, used)
                used.append(what)
                links = Fact(who, "friend", friend), Fact(friend, target, what)
            body += [fact_piece(fact, rng) for fact in links]
        if rng.random() < 0.3:
            body.append(Piece(rng.choice(IDLE)))
        rng.shuffle(body)
        return body

    def with_thoughts(
        self,
        pieces: Sequence[Piece],
        steps: int,
        misleading: bool,
        rng: random.Random,
        rare: bool,
    ) -> list[Piece]:
        """Return the prompt with the first one or two thoughts of its answer, right or wrong.

        A misleading last thought names somebody or something else.
        """
        cues = [cue for piece in pieces for cue in piece.cues]
        values = {cue.slot: cue.value for cue in cues}
        who, _, target = values["ask"].partition(":")
        first, second = _steps(cues, who, target)
        assert first
        if misleading and steps == 1:
            others = [v for s, v in values.items() if s.endswith(f":{first.relation}")]
            others = [other for other in others if other != first.what]
            kind = "home" if first.relation == "home" else "person"
            other = others[0] if others else value(kind, rng, rare, [*values.values(), who])
            first = replace(first, what=other)
        thoughts = [_thought("first", first)]
        if steps == 2:
            assert second
            if misleading:
                second = replace(second, what=value(target, rng, rare, [second.what]))
            thoughts.append(_thought("next", second))
        return [*pieces, *thoughts]

    def question(self, body: Sequence[Piece], rng: random.Random, rare: bool) -> list[Piece]:
        """Write a question that starts at one of the chains, sometimes with thoughts after it."""
        facts = [cue.slot.split(":")[1:] for piece in body for cue in piece.cues]
        relations = {relation for _, relation in facts}
        target = next(iter(relations - {"friend", "home"}), "home")
        start = "home" if target == "valley" else "friend"
        who = rng.choice([who for who, relation in facts if relation == start])
        asked = [_question(who, target, rng)]
        if rng.random() < 0.3:
            steps, misleading = rng.choice((1, 2)), rng.random() < 0.5
            asked = self.with_thoughts([*body, *asked], steps, misleading, rng, rare)[len(body) :]
        return asked

    def answer(self, cues: Sequence[Cue]) -> list[Reply]:
        """Write out the first step, the second and the conclusion."""
        question = next((cue.value for cue in reversed(cues) if cue.slot == "ask"), None)
        if question is None:
            return [Reply(NO_QUESTION)]
        who, _, target = question.partition(":")
        given = {cue.slot: cue.value for cue in cues if cue.slot.startswith("thought:")}
        if "thought:next" in given:
            end = given["thought:next"]
            return [Reply(f"So the answer is {end}.", ("ask", "thought:next"), (end,))]
        replies: list[Reply] = []
        if "thought:first" in given:
            bridge, source = given["thought:first"], "thought:first"
            second = known(cues, bridge, target)
        else:
            first, second = _steps(cues, who, target)
            if first is None:
                missing = Reply("First, the text does not say it.", ("ask",), ("not",))
                return [missing, Reply(NO_ANSWER)]
            source = first.slot
            replies.append(Reply(f"First, {statement(first)}", ("ask", source), (first.what,)))
        if second is None:
            missing = Reply("Next, the text does not say it.", ("ask", source), ("not",))
            return [*replies, missing, Reply(NO_ANSWER)]
        slots, shown = ("ask", source, second.slot), (second.what,)
        through = (source,) if replies else ()
        return [
            *replies,
            Reply(f"Next, {statement(second)}", slots, shown, through=through),
            Reply(f"So the answer is {second.what}.", slots, shown, through=slots),
        ]

    def changed(self, pieces: Sequence[Piece], index: int, rng: random.Random) -> list[Piece]:
        """Change the end of a chain, or exchange an idle sentence."""
        piece = pieces[index]
        if not piece.cues:
            return replaced(pieces, index, other_idle(piece, rng))
        cue = piece.cues[0]
        taken = [c.value for p in pieces for c in p.cues]
        if cue.slot == "ask":
            who, _, target = cue.value.partition(":")
            start = _start(target)
            slots = [c.slot.split(":") for p in pieces for c in p.cues if c.slot.endswith(start)]
            others = [slot[1] for slot in slots if slot[1] != who] or people(1, rng, True)
            return replaced(pieces, index, _question(rng.choice(others), target, rng))
        if cue.slot.startswith("thought:"):
            return self._other_thought(pieces, index, rng)
        _, who, relation = cue.slot.split(":")
        kind = "person" if relation == "friend" else relation
        fact = Fact(who, relation, value(kind, rng, True, [*taken, who]))
        return replaced(pieces, index, fact_piece(fact, rng))

    def _other_thought(
        self, pieces: Sequence[Piece], index: int, rng: random.Random
    ) -> list[Piece]:
        piece = pieces[index]
        (cue,) = piece.cues
        taken = [c.value for p in pieces for c in p.cues]
        target = next(v for v in taken if ":" in v).partition(":")[2]
        kind = target
        if cue.slot == "thought:first":
            kind = "home" if target == "valley" else "person"
        new = value(kind, rng, True, [*taken, *(v.partition(":")[0] for v in taken)])
        *modifiers, noun = new.split(" ")
        changed = Cue(cue.slot, new, (cue.words[0], noun), tuple(modifiers))
        return replaced(pieces, index, Piece(piece.text.replace(cue.value, new), (changed,)))
