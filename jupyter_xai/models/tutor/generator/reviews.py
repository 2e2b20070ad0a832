"""Film reviews: many weak causes add up to one verdict."""

from __future__ import annotations

import random
from collections.abc import Sequence

from .family import Family, pick_distinct, replaced
from .idle import idle_sentence, spoken
from .review_frames import (
    CONTRAST,
    DEEDS,
    DOUBLE,
    FIRST_NAMES,
    GENERAL,
    LAST_NAMES,
    LONG_FRAMES,
    NEUTRAL,
    NOUN_FRAMES,
    PARTS,
    PLOT_FRAMES,
    REQUESTS,
    ROLES,
    TOWNS,
    VERB_FRAMES,
)
from .review_opinions import ADJECTIVES, NOUNS, SPECIAL, VERBS
from .sample import Cue, Piece, Reply, marked

_SLOT = "opinion"
_MOODS: tuple[tuple[int, ...], ...] = (
    (2, 2, 1, 1),
    (-2, -2, -1, -1),
    (2, 1, 1, -1),
    (-2, -1, -1, 1),
    (2, 1, -1, -2),
    (1, 1, -1),
    (-1, -1, 1),
)


def opinion(strength: int, rng: random.Random) -> Piece:
    """Write one opinion of the given strength, from -2 to 2 without 0."""
    kind = rng.random()
    if kind < 0.35:
        return marked(spoken(rng.choice(SPECIAL[strength]), rng), _SLOT, str(strength))
    if kind < 0.45:
        word, frames = rng.choice(NOUNS[strength]), NOUN_FRAMES
    elif kind < 0.53:
        word, frames = rng.choice(VERBS[strength]), VERB_FRAMES
    else:
        word, frames = (
            rng.choice(ADJECTIVES[strength]),
            GENERAL if kind < 0.8 else LONG_FRAMES,
        )
    text = spoken(_filled(rng.choice(frames), rng, word), rng)
    return Piece(text, (Cue(_SLOT, str(strength), (_as_written(word, text),)),))


def plain(rng: random.Random) -> Piece:
    """Write a sentence without any opinion."""
    kind = rng.random()
    if kind < 0.4:
        return Piece(rng.choice(NEUTRAL))
    if kind < 0.5:
        return Piece(idle_sentence(rng))
    role, role2 = rng.sample(ROLES, 2)
    town, town2 = rng.sample(TOWNS, 2)
    text = rng.choice(PLOT_FRAMES).format(
        name=_name(rng),
        role=role,
        role2=role2,
        town=town,
        town2=town2,
        deed=rng.choice(DEEDS),
    )
    return Piece(_with_articles(text))


def _name(rng: random.Random) -> str:
    return f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"


def _two_opinions(first: int, second: int, rng: random.Random) -> Piece:
    pool = DOUBLE if first * second > 0 else CONTRAST
    one, two = rng.choice(ADJECTIVES[first]), rng.choice(ADJECTIVES[second])
    if one == two:
        return opinion(first, rng)
    text = _filled(rng.choice(pool), rng, one, two)
    cues = (
        Cue(_SLOT, str(first), (_as_written(one, text),)),
        Cue(_SLOT, str(second), (two,)),
    )
    return Piece(text, cues)


def _filled(template: str, rng: random.Random, word: str, second: str = "") -> str:
    part, part2 = rng.sample(PARTS, 2)
    return _with_articles(
        template.format(
            part=part,
            part2=part2,
            adj=word,
            adj2=second,
            cap=word.capitalize(),
            noun=word,
            verb=word,
            name=_name(rng),
        )
    )


def _with_articles(text: str) -> str:
    for vowel in "aeiou":
        text = text.replace(f" a {vowel}", f" an {vowel}").replace(f"A {vowel}", f"An {vowel}")
    return text


def _as_written(word: str, text: str) -> str:
    return word if word in text else word.capitalize()


def _opposite(strength: int, rng: random.Random) -> int:
    return rng.choice((-2, -1)) if strength > 0 else rng.choice((2, 1))


def _strengths(cues: Sequence[Cue]) -> list[int]:
    return [int(cue.value) for cue in cues if cue.slot == _SLOT]


class Reviews(Family):
    """Film reviews."""

    name = "reviews"

    def draft(self, rng: random.Random, held_out: bool) -> list[Piece]:
        """Write a review with a tendency, some opinions against it, and plain statements."""
        while True:
            drafted = self._draft(rng)
            if self.clear([cue for piece in drafted for cue in piece.cues]):
                return drafted

    def _draft(self, rng: random.Random) -> list[Piece]:
        mood = rng.choice(_MOODS)
        body: list[Piece] = []
        for _ in range(rng.choice((1, 2, 2, 3, 3, 4, 5))):
            if rng.random() < 0.2:
                body.append(_two_opinions(rng.choice(mood), rng.choice(mood), rng))
            else:
                body.append(opinion(rng.choice(mood), rng))
        body += [plain(rng) for _ in range(rng.choice((0, 0, 1, 1, 2, 3)))]
        body = list({piece.text: piece for piece in body}.values())
        rng.shuffle(body)
        if rng.random() < 0.3:
            request = Piece(rng.choice(REQUESTS))
            body = [request, *body] if rng.random() < 0.4 else [*body, request]
        return body

    def answer(self, cues: Sequence[Cue]) -> list[Reply]:
        """Weigh the opinions up: praise and blame that nearly balance make a mixed verdict."""
        strengths = _strengths(cues)
        total = sum(strengths)
        if not strengths:
            verdict = "neutral"
        elif min(strengths) < 0 < max(strengths) and abs(total) <= 2:
            verdict = "mixed"
        else:
            verdict = "positive" if total > 0 else "negative"
        text = f"Based on the given text, the review sentiment is {verdict}."
        return [Reply(text, (_SLOT,) if strengths else (), (verdict,))]

    def clear(self, cues: Sequence[Cue]) -> bool:
        """Tell whether praise and blame do not lie between a mixed and a plain verdict."""
        strengths = _strengths(cues)
        split = bool(strengths) and min(strengths) < 0 < max(strengths)
        return not (split and abs(sum(strengths)) == 2)

    def key(self, pieces: Sequence[Piece]) -> str | None:
        """Hold out combinations of two or more opinions."""
        opinions = sorted(p.text for p in pieces if any(c.slot == _SLOT for c in p.cues))
        return "reviews:" + "|".join(opinions) if len(opinions) >= 2 else None

    def changed(self, pieces: Sequence[Piece], index: int, rng: random.Random) -> list[Piece]:
        """Turn an opinion into its opposite, or a plain statement into another one."""
        while True:
            new = self._changed(pieces, index, rng)
            if self.clear([cue for piece in new for cue in piece.cues]):
                return new

    def _changed(self, pieces: Sequence[Piece], index: int, rng: random.Random) -> list[Piece]:
        piece = pieces[index]
        strengths = _strengths(piece.cues)
        if strengths:
            return replaced(pieces, index, opinion(_opposite(sum(strengths), rng), rng))
        pool = REQUESTS if piece.text in REQUESTS else NEUTRAL
        return replaced(pieces, index, Piece(pick_distinct(rng, pool, piece.text)))
