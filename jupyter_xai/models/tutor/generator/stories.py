"""Stories with built-in redundancy: either of two related words is enough to imply the other.

Removing one of them changes nothing, removing both changes everything: the case that methods
which remove one unit at a time cannot see.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from .family import Family, pick_distinct, replaced, showing
from .idle import idle_sentences
from .sample import Cue, Piece, Reply
from .story_words import (
    DISTRACTORS,
    HERO_FRAMES,
    LONE_FRAMES,
    MOOD_FRAMES,
    MOODS,
    OPENERS,
    PAIRS,
    PLACE_FRAMES,
    PLACES,
    SEPARATE,
    STRANGERS,
)

DEEDS = {role: deed for pair in PAIRS for role, deed in pair}
PARTNER = {a: b for (a, _), (b, _) in PAIRS} | {b: a for (a, _), (b, _) in PAIRS}
_RANK = {role: rank for rank, role in enumerate(DEEDS)}


def article(noun: str) -> str:
    """Return the noun with its indefinite article."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _hero(role: str) -> Cue:
    return Cue(f"hero:{role}", role, (role,))


def _place_piece(place: str, rng: random.Random) -> Piece:
    text = rng.choice(PLACE_FRAMES).format(PLACES[place][0])
    return Piece(text, (Cue("place", place, (place,)),))


def _mood_piece(mood: str, rng: random.Random) -> Piece:
    word = rng.choice(MOODS[mood][0])
    return Piece(rng.choice(MOOD_FRAMES).format(word), (Cue("mood", mood, (word,)),))


class Stories(Family):
    """Stories about two characters."""

    name = "stories"
    parts = ("opening", "first", "second", "scene", "ending")

    def draft(self, rng: random.Random, held_out: bool) -> list[Piece]:
        """Ask for a story, mostly about a pair of related roles."""
        first = rng.choice(list(DEEDS))
        second = PARTNER[first] if rng.random() < 0.65 else pick_distinct(rng, list(DEEDS), first)
        place = rng.choice([p for p in PLACES if p]) if rng.random() < 0.35 else None
        mood = rng.choice([m for m in MOODS if m]) if rng.random() < 0.35 else None
        pieces = self._heroes(first, second, rng)
        extras: list[Piece] = []
        if place and len(pieces) == 1 and pieces[0].text.endswith(".") and rng.random() < 0.4:
            head = pieces[0]
            text = f"{head.text[:-1]} {PLACES[place][0]}."
            pieces = [Piece(text, (*head.cues, Cue("place", place, (place,))))]
        elif place:
            extras.append(_place_piece(place, rng))
        if mood:
            extras.append(_mood_piece(mood, rng))
        idle = idle_sentences(DISTRACTORS, rng.choice((0, 0, 0, 1, 1, 2)), rng)
        extras += [Piece(text) for text in idle]
        rng.shuffle(extras)
        return pieces + extras if rng.random() < 0.8 else extras + pieces

    def _heroes(self, first: str, second: str, rng: random.Random) -> list[Piece]:
        cues = (_hero(first), _hero(second))
        kind = rng.random()
        if kind < 0.6:
            possessive = rng.choice(("his", "her", "the"))
            b = f"{possessive} {second}" if rng.random() < 0.5 else article(second)
            a = article(first) if rng.random() < 0.9 else f"the {first}"
            return [Piece(rng.choice(HERO_FRAMES).format(a=a, b=b), cues)]
        if kind < 0.7:
            return [Piece(rng.choice(LONE_FRAMES).format(a=article(first)), cues[:1])]
        one, two = rng.sample(SEPARATE, 2)
        return [
            Piece(rng.choice(OPENERS)),
            Piece(one.format(a=article(first)), cues[:1]),
            Piece(two.format(a=article(second)), cues[1:]),
        ]

    def answer(self, cues: Sequence[Cue]) -> list[Reply]:
        """Tell the story of the characters that are named or implied."""
        values = {cue.slot: cue.value for cue in cues if cue.slot in ("place", "mood")}
        replies = self._characters(cues)
        place, mood = values.get("place"), values.get("mood")
        scene, ending = PLACES[place][1], MOODS[mood][1]
        replies.append(Reply(scene, ("place",) if place else (), showing(scene, ()), part="scene"))
        replies.append(Reply(ending, ("mood",) if mood else (), showing(ending, ()), part="ending"))
        return replies

    def _characters(self, cues: Sequence[Cue]) -> list[Reply]:
        named = list(dict.fromkeys(c.value for c in cues if c.slot.startswith("hero:")))[:2]
        if not named:
            return [Reply(t, part=p) for t, p in zip(STRANGERS, self.parts, strict=False)]
        pair = named if len(named) == 2 else [named[0], PARTNER[named[0]]]
        related = PARTNER[pair[0]] == pair[1]
        if related:
            pair.sort(key=_RANK.__getitem__)
        a, b = pair
        both = tuple(f"hero:{role}" for role in pair)
        redundant = related and len(named) == 2
        opening = f"This is the story of {article(a)} and {article(b)}."
        replies = [Reply(opening, both, (a, b), redundant, "opening")]
        for role, part in zip(pair, ("first", "second"), strict=True):
            slots = both if related else (f"hero:{role}",)
            replies.append(Reply(DEEDS[role], slots, showing(DEEDS[role], ()), redundant, part))
        return replies

    def key(self, pieces: Sequence[Piece]) -> str | None:
        """Hold out combinations of characters, place and mood, but no related pair by itself."""
        cues = [cue for piece in pieces for cue in piece.cues]
        heroes = sorted(cue.value for cue in cues if cue.slot.startswith("hero:"))
        rest = sorted(f"{c.slot}={c.value}" for c in cues if c.slot in ("place", "mood"))
        related = len(heroes) == 2 and PARTNER[heroes[0]] == heroes[1]
        if len(heroes) + len(rest) < 2 or (related and not rest):
            return None
        return "stories:" + ",".join(heroes + rest)

    def changed(self, pieces: Sequence[Piece], index: int, rng: random.Random) -> list[Piece]:
        """Bring in other characters, another place or mood, or another idle sentence."""
        piece = pieces[index]
        if not piece.cues:
            pool = OPENERS if piece.text in OPENERS else DISTRACTORS
            return replaced(pieces, index, Piece(pick_distinct(rng, pool, piece.text)))
        cue = piece.cues[0]
        if cue.slot == "place":
            place = pick_distinct(rng, [p for p in PLACES if p], cue.value)
            return replaced(pieces, index, _place_piece(place, rng))
        if cue.slot == "mood":
            mood = pick_distinct(rng, [m for m in MOODS if m], cue.value)
            return replaced(pieces, index, _mood_piece(mood, rng))
        return self._other_heroes(pieces, index, rng)

    def _other_heroes(self, pieces: Sequence[Piece], index: int, rng: random.Random) -> list[Piece]:
        present = {c.value for p in pieces for c in p.cues if c.slot.startswith("hero:")}
        taken = present | {PARTNER[role] for role in present}
        role = rng.choice([role for role in DEEDS if role not in taken])
        piece = pieces[index]
        heroes = [c for c in piece.cues if c.slot.startswith("hero:")]
        new = [role, PARTNER[role]][: len(heroes)]
        frames = HERO_FRAMES if len(new) == 2 else SEPARATE
        text = rng.choice(frames).format(a=article(new[0]), b=article(new[-1]))
        cues = [_hero(r) for r in new]
        for cue in piece.cues:
            if cue.slot == "place":
                text = f"{text.rstrip('.?')} {PLACES[cue.value][0]}."
                cues.append(cue)
        return replaced(pieces, index, Piece(text, tuple(cues)))
