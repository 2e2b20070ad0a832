"""Open questions: a few key words decide the answer, whatever form the question takes."""

from __future__ import annotations

import random
from collections.abc import Sequence

from .family import Family, first_values, pick_distinct, replaced, showing
from .idle import idle_sentences, spoken
from .question_words import (
    ASPECTS,
    CONCEPT_FRAMES,
    CONCEPTS,
    DISTRACTORS,
    FRAMES,
    NO_CONCEPT,
    UNKNOWN,
    VIEW_FORMS,
    VIEWS,
)
from .sample import Cue, Piece, Reply

_NAMED_ASPECTS = [aspect for aspect in ASPECTS if aspect]


def question(aspect: str | None, concept: str, view: str | None, rng: random.Random) -> Piece:
    """Write a question in one of its many forms."""
    cues = [Cue("concept", concept, (concept,))]
    if aspect:
        cues.insert(0, Cue("aspect", aspect, (aspect,)))
    view_text = ""
    if view:
        straight, curly, plain = VIEWS[view][0]
        possessive = straight if rng.random() < 0.6 else curly
        form = rng.choice(VIEW_FORMS)
        view_text = " " + form.format(poss=possessive, plain=plain)
        word = possessive if "{poss}" in form else plain
        cues.append(Cue("view", view, (word.rstrip("’'"),)))
    frame = rng.choice(FRAMES if aspect else CONCEPT_FRAMES)
    text = frame.format(aspect=aspect, concept=concept, view=view_text)
    return Piece(spoken(text, rng), tuple(cues))


class Questions(Family):
    """Open questions."""

    name = "questions"
    parts = ("opening", "concept", "view", "close")

    def draft(self, rng: random.Random, held_out: bool) -> list[Piece]:
        """Write a question, sometimes with a sentence that does not matter beside it."""
        aspect = rng.choice(_NAMED_ASPECTS) if rng.random() < 0.9 else None
        view = rng.choice(list(VIEWS)) if rng.random() < 0.45 else None
        pieces = [question(aspect, rng.choice(list(CONCEPTS)), view, rng)]
        for text in idle_sentences(DISTRACTORS, rng.choice((0, 0, 0, 1, 1, 2)), rng):
            pieces.insert(rng.randrange(len(pieces) + 1), Piece(text))
        return pieces

    def answer(self, cues: Sequence[Cue]) -> list[Reply]:
        """Answer with a sentence on the aspect, two on the concept and one on the view."""
        values: dict[str, str] = first_values(cues)
        aspect, concept, view = (values.get(slot) for slot in ("aspect", "concept", "view"))
        replies = [self._opening(aspect, concept)]
        first, second = CONCEPTS[concept] if concept else NO_CONCEPT
        slots = ("concept",) if concept else ()
        replies.append(Reply(first, slots, showing(first, ()), part="concept"))
        if view:
            text = VIEWS[view][1]
            replies.append(Reply(text, ("view",), showing(text, ()), part="view"))
        replies.append(Reply(second, slots, showing(second, ()), part="close"))
        return replies

    def _opening(self, aspect: str | None, concept: str | None) -> Reply:
        if not (aspect or concept):
            return Reply(UNKNOWN, part="opening")
        slots = tuple(s for s, v in (("aspect", aspect), ("concept", concept)) if v)
        words = tuple(word for word in (aspect, concept) if word)
        return Reply(ASPECTS[aspect].format(concept or "anything"), slots, words, part="opening")

    def key(self, pieces: Sequence[Piece]) -> str | None:
        """Hold out pairs of aspect and concept, but for the best-known question."""
        values = first_values([cue for piece in pieces for cue in piece.cues])
        pair = (values.get("aspect"), values.get("concept"))
        return (
            None if None in pair or pair == ("meaning", "life") else "questions:{}:{}".format(*pair)
        )

    def changed(self, pieces: Sequence[Piece], index: int, rng: random.Random) -> list[Piece]:
        """Ask about something else in the same form, or exchange an idle sentence."""
        piece = pieces[index]
        if not piece.cues:
            return replaced(pieces, index, Piece(pick_distinct(rng, DISTRACTORS, piece.text)))
        cue = rng.choice([c for c in piece.cues if c.slot in ("aspect", "concept")])
        pool = _NAMED_ASPECTS if cue.slot == "aspect" else list(CONCEPTS)
        value = pick_distinct(rng, pool, cue.value)
        cues = tuple(Cue(c.slot, value, (value,)) if c == cue else c for c in piece.cues)
        return replaced(pieces, index, Piece(piece.text.replace(cue.value, value), cues))
