"""A second set of answers, which training never shows: the part of a human author."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..generator import facts, family, question_words, story_words, travel_answers
from . import travel, words


def reworded(sentences: Iterable[str]) -> str:
    """Return an answer of the tutor's, sentence by sentence, in the words of a person."""
    return " ".join(_reworded(sentence) for sentence in sentences)


def _reworded(sentence: str) -> str:
    if sentence in _SENTENCES:
        return _SENTENCES[sentence]
    for pattern, wording in _PATTERNS:
        found = pattern.fullmatch(sentence)
        if found:
            return wording.format(*found.groups())
    msg = f"no human wording for {sentence!r}"
    raise LookupError(msg)


def _sentences() -> dict[str, str]:
    found = {
        family.EMPTY[0].text: words.EMPTY,
        facts.NOT_SAID: words.NOT_SAID,
        facts.NO_QUESTION: words.NO_QUESTION,
        facts.DISAGREE: words.DISAGREE,
        question_words.UNKNOWN: words.UNKNOWN,
    }
    found |= {text: travel.OPENING[key] for key, text in travel_answers.OPENING.items()}
    for slot, replies in travel_answers.REPLIES.items():
        found |= {text: travel.REPLIES[slot][key] for key, text in replies.items()}
    for key, pair in question_words.CONCEPTS.items():
        found |= dict(zip(pair, words.CONCEPTS[key], strict=True))
    found |= dict(zip(question_words.NO_CONCEPT, words.NO_CONCEPT, strict=True))
    found |= {text: words.VIEWS[key] for key, (_, text) in question_words.VIEWS.items()}
    found |= {text: words.DEEDS[role] for pair in story_words.PAIRS for role, text in pair}
    found |= dict(zip(story_words.STRANGERS, words.STRANGERS, strict=True))
    found |= {text: words.PLACES[key] for key, (_, text) in story_words.PLACES.items()}
    found |= {text: words.MOODS[key] for key, (_, text) in story_words.MOODS.items()}
    for verdict, text in words.VERDICTS.items():
        found[f"Based on the given text, the review sentiment is {verdict}."] = text
    return found


def _patterns() -> list[tuple[re.Pattern[str], str]]:
    found = [(re.compile(r"I would suggest (.+)\."), travel.PLACE)]
    for aspect, text in question_words.ASPECTS.items():
        pattern = re.escape(text).replace(r"\{\}", "(.+)")
        found.append((re.compile(pattern), words.ASPECTS[aspect]))
    return found + [(re.compile(pattern), wording) for pattern, wording in words.PATTERNS]


_SENTENCES = _sentences()
_PATTERNS = _patterns()
