"""Multi-hop questions: two facts have to be joined, and the thoughts are written out."""

from __future__ import annotations

import random
from collections.abc import Sequence

from .facts import IDLE, NO_QUESTION, RELATIONS, Fact, fact_piece, known, statement
from .family import pick_distinct, replaced
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


def _friend_piece(who: str, friend: str) -> Piece:
    cue = Cue(f"fact:{who}:friend", friend, (who, "friend", friend))
    return Piece(f"The best friend of {who} is {friend}.", (cue,))


def _valley_piece(town: str, valley: str) -> Piece:
    return Piece(
        f"{town} lies in {valley}.", (Cue(f"fact:{town}:valley", valley, (town, "lies", valley)),)
    )


def _question(who: str, target: str, rng: random.Random) -> Piece:
    template, word = rng.choice(_QUESTIONS[target])
    return Piece(template.format(who=who), (Cue("ask", f"{who}:{target}", (who, word)),))


class Hops:
    """Multi-hop questions answered in written-out steps."""

    name = "hops"
    parts = ()

    def draft(self, rng: random.Random, held_out: bool) -> list[Piece]:
        """Write two chains of facts, of which the question needs one."""
        body: list[Piece] = []
        names = people(4, rng, held_out)
        target = rng.choice(list(_QUESTIONS))
        used: list[str] = []
        for who, friend in (names[:2], names[2:])[: rng.choice((1, 2, 2))]:
            if target == "valley":
                town, valley = (value(kind, rng, held_out, used) for kind in ("home", "valley"))
                used += [town, valley]
                body += [fact_piece(Fact(who, "home", town), rng), _valley_piece(town, valley)]
            else:
                what = value(target, rng, held_out, used)
                used.append(what)
                body += [_friend_piece(who, friend), fact_piece(Fact(friend, target, what), rng)]
        if rng.random() < 0.3:
            body.append(Piece(rng.choice(IDLE)))
        rng.shuffle(body)
        return [*body, self.question(body, rng)]

    def question(self, body: Sequence[Piece], rng: random.Random) -> Piece:
        """Write a question that starts at one of the chains of a passage."""
        facts = [cue.slot.split(":")[1:] for piece in body for cue in piece.cues]
        relations = {relation for _, relation in facts}
        target = next(iter(relations - {"friend", "home"}), "home")
        start = "home" if target == "valley" else "friend"
        return _question(
            rng.choice([who for who, relation in facts if relation == start]), target, rng
        )

    def answer(self, cues: Sequence[Cue]) -> list[Reply]:
        """Write out the first step, the second and the conclusion."""
        question = next((cue.value for cue in reversed(cues) if cue.slot == "ask"), None)
        if question is None:
            return [Reply(NO_QUESTION)]
        who, _, target = question.partition(":")
        facts = {cue.slot: cue.value for cue in cues}
        bridge_slot = f"fact:{who}:{'home' if target == 'valley' else 'friend'}"
        bridge = facts.get(bridge_slot)
        if bridge is None:
            return [Reply("First, the text does not say it.", ("ask",), ("not",)), Reply(NO_ANSWER)]
        first = (
            f"{who} lives in {bridge}."
            if target == "valley"
            else f"the best friend of {who} is {bridge}."
        )
        replies = [Reply(f"First, {first}", ("ask", bridge_slot), (bridge,))]
        end = facts.get(f"fact:{bridge}:{target}")
        if end is None:
            return [
                *replies,
                Reply("Next, the text does not say it.", ("ask",), ("not",)),
                Reply(NO_ANSWER),
            ]
        fact = known(cues, bridge, target) if target in RELATIONS else None
        second = statement(fact) if fact else f"{bridge} lies in {end}."
        slots = ("ask", bridge_slot, f"fact:{bridge}:{target}")
        return [
            *replies,
            Reply(f"Next, {second}", slots, (end,)),
            Reply(f"So the answer is {end}.", slots, (end,)),
        ]

    def key(self, pieces: Sequence[Piece]) -> str | None:
        """Multi-hop questions hold out names and values instead of combinations."""
        return None

    def changed(self, pieces: Sequence[Piece], index: int, rng: random.Random) -> list[Piece]:
        """Change the end of a chain, or exchange an idle sentence."""
        piece = pieces[index]
        if not piece.cues:
            return replaced(pieces, index, Piece(pick_distinct(rng, IDLE, piece.text)))
        cue = piece.cues[0]
        taken = [c.value for p in pieces for c in p.cues]
        if cue.slot == "ask":
            others = [c.slot.split(":")[1] for p in pieces for c in p.cues if c.slot != "ask"]
            who, _, target = cue.value.partition(":")
            return replaced(
                pieces, index, _question(pick_distinct(rng, [*others, who + "o"], who), target, rng)
            )
        _, who, relation = cue.slot.split(":")
        if relation == "friend":
            return replaced(pieces, index, _friend_piece(who, people(1, rng, True)[0]))
        new = value(relation, rng, True, taken)
        if relation == "valley":
            return replaced(pieces, index, _valley_piece(who, new))
        return replaced(pieces, index, fact_piece(Fact(who, relation, new), rng))
