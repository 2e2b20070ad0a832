"""Travel advice: wishes about climate, crowds, budget and more, each with its own effect."""

from __future__ import annotations

import random
from collections.abc import Sequence

from .family import Family, first_values, pick_distinct, replaced, reply_for, showing
from .idle import idle_sentences, spoken
from .sample import Cue, Piece, Reply, capitalised, marked
from .travel_answers import OPENING, PLACES, REPLIES
from .travel_extras import DISTRACTORS, EXTRA, REQUESTS
from .travel_wishes import ADJECTIVES, GENERAL, JOINT, SPECIAL

WORDINGS = SPECIAL | EXTRA
MAIN_SLOTS = ("mood", "goal", "climate", "crowd", "budget")
EXTRA_SLOTS = ("company", "interest", "season", "length", "food")
_PREFIXES = (
    "Also, ",
    "Ideally, ",
    "If possible, ",
    "For this trip, ",
    "To be honest, ",
)


def wish(slot: str, value: str, rng: random.Random) -> Piece:
    """Write one wish in one of its many wordings."""
    special = WORDINGS.get(slot, {}).get(value, ())
    adjectives = ADJECTIVES.get(slot, {}).get(value, ())
    choice = rng.randrange(len(special) + (len(GENERAL[slot]) if adjectives else 0))
    if choice < len(special):
        template = special[choice]
    else:
        template = GENERAL[slot][choice - len(special)]
        template = capitalised(template.format(f"[{rng.choice(adjectives)}]"))
    if template.startswith("I ") and rng.random() < 0.12:
        template = rng.choice(_PREFIXES) + template
    return marked(spoken(_grammatical(template), rng), slot, value)


def _grammatical(template: str) -> str:
    for vowel in "aeiou":
        template = template.replace(f" a [{vowel}", f" an [{vowel}")
    return template


def _joint_wish(values: dict[str, str], rng: random.Random) -> tuple[Piece, set[str]] | None:
    usable = [t for t in JOINT if all(s in values for s in _slots_in(t))]
    if not usable:
        return None
    template = rng.choice(usable)
    cues, text = [], template
    for slot in _slots_in(template):
        adjective = rng.choice(ADJECTIVES[slot][values[slot]])
        text = text.replace("{" + slot + "}", adjective)
        cues.append(Cue(slot, values[slot], (adjective,)))
    text = capitalised(text)
    for vowel in "aeiou":
        text = text.replace(f" a {vowel}", f" an {vowel}")
    return Piece(text, tuple(cues)), set(_slots_in(template))


def _slots_in(template: str) -> list[str]:
    return [slot for slot in ("climate", "crowd", "budget") if "{" + slot + "}" in template]


def _values(slot: str) -> list[str]:
    return list(ADJECTIVES.get(slot) or WORDINGS[slot])


class Travel(Family):
    """Travel advice."""

    name = "travel"
    parts = ("mood", "place", "goal", "climate", "crowd", "budget", *EXTRA_SLOTS)

    def draft(self, rng: random.Random, held_out: bool) -> list[Piece]:
        """Write a traveller's wishes, with sentences that do not matter among them."""
        slots = [s for s in MAIN_SLOTS if rng.random() < 0.72]
        slots += [s for s in EXTRA_SLOTS if rng.random() < 0.22]
        values = {slot: rng.choice(_values(slot)) for slot in slots}
        wishes: list[Piece] = []
        written: set[str] = set()
        joint = _joint_wish(values, rng) if rng.random() < 0.12 else None
        if joint:
            wishes.append(joint[0])
            written = joint[1]
        wishes += [wish(s, v, rng) for s, v in values.items() if s not in written]
        if wishes and rng.random() < 0.1:
            slot = rng.choice(list(values))
            wishes.append(wish(slot, values[slot], rng))
        idle = idle_sentences(DISTRACTORS, rng.choice((0, 0, 1, 1, 2, 3)), rng)
        extras = [Piece(text) for text in idle]
        body = list(dict.fromkeys(wishes + extras))
        if rng.random() < 0.7:
            rng.shuffle(body)
        request = [Piece(rng.choice(REQUESTS))] if rng.random() < 0.5 or not body else []
        return request + body if rng.random() < 0.4 else body + request

    def answer(self, cues: Sequence[Cue]) -> list[Reply]:
        """Answer wish by wish, in a fixed order; a missing main wish gets a neutral sentence."""
        values: dict[str, str] = first_values(cues)
        replies = [reply_for("mood", values.get("mood"), OPENING), self._place(values)]
        if "goal" in values:
            replies.append(reply_for("goal", values["goal"], REPLIES["goal"]))
        replies += [reply_for(s, values.get(s), REPLIES[s]) for s in ("climate", "crowd", "budget")]
        replies += [reply_for(s, values[s], REPLIES[s]) for s in EXTRA_SLOTS if s in values]
        return replies

    def _place(self, values: dict[str, str]) -> Reply:
        climate, crowd = values.get("climate"), values.get("crowd")
        slots = tuple(s for s in ("climate", "crowd") if s in values)
        place = PLACES[climate, crowd]
        return Reply(
            f"I would suggest {place}.",
            slots,
            showing(place, ()) if slots else (),
            part="place",
        )

    def key(self, pieces: Sequence[Piece]) -> str | None:
        """Hold out combinations of three or more wishes."""
        wishes = sorted({f"{cue.slot}={cue.value}" for p in pieces for cue in p.cues})
        return "travel:" + ",".join(wishes) if len(wishes) >= 3 else None

    def changed(self, pieces: Sequence[Piece], index: int, rng: random.Random) -> list[Piece]:
        """Exchange a wish for another of its kind, or an idle sentence for another idle one."""
        piece = pieces[index]
        if piece.cues:
            cue = rng.choice(piece.cues)
            return replaced(
                pieces,
                index,
                wish(cue.slot, pick_distinct(rng, _values(cue.slot), cue.value), rng),
            )
        pool = REQUESTS if piece.text in REQUESTS else DISTRACTORS
        return replaced(pieces, index, Piece(pick_distinct(rng, pool, piece.text)))
