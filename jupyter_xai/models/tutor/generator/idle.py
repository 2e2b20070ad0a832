"""Plain statements that matter to no answer, in such number that the model learns to ignore any."""

from __future__ import annotations

import random

_SUBJECTS = (
    "My neighbour",
    "The postman",
    "My cousin",
    "A colleague",
    "The woman next door",
    "My landlord",
    "The man at the counter",
    "My niece",
    "An old schoolmate",
    "The caretaker",
    "My dentist",
    "The clerk",
    "Our neighbour",
    "Somebody",
    "My nephew",
    "The girl upstairs",
    "A stranger",
    "My tutor",
    "The plumber",
    "My roommate",
    "The hairdresser",
    "My manager",
    "The secretary",
    "Our electrician",
    "My flatmate",
)
_ACTIONS = (
    "bought",
    "sold",
    "repaired",
    "lost",
    "found",
    "painted",
    "borrowed",
    "cleaned",
    "broke",
    "counted",
    "wrapped",
    "moved",
    "dropped",
    "carried",
    "folded",
    "measured",
    "noticed",
    "forgot",
    "returned",
    "hid",
    "polished",
    "packed",
    "ordered",
    "opened",
    "closed",
    "labelled",
    "mentioned",
    "copied",
    "washed",
    "collected",
)
_OBJECTS = (
    "a wooden table",
    "three letters",
    "an old radio",
    "the blue curtain",
    "a pair of gloves",
    "a clock",
    "the ladder",
    "some paper",
    "a cardboard box",
    "the doorbell",
    "a green lamp",
    "two chairs",
    "a bucket",
    "the mailbox",
    "a calendar",
    "seven pencils",
    "a heavy drawer",
    "the carpet",
    "a spoon",
    "an empty bottle",
    "the broken window",
    "a roll of tape",
    "the spare key",
    "a shirt",
    "a notebook",
    "the printer",
    "an envelope",
    "a hammer",
    "the mirror",
    "a stapler",
)
_ENDINGS = (
    "",
    "",
    "",
    " on Tuesday",
    " last week",
    " in the hallway",
    " this morning",
    " for a friend",
    " after lunch",
    " by mistake",
    " at the office",
    " in the cellar",
    " before noon",
    " without a word",
    " near the station",
    " as usual",
    " some time ago",
    " behind the shed",
)
_LEADS = ("", "", "", "", "By the way, ", "Apparently, ", "As it happens, ", "I hear that ")


def idle_sentence(rng: random.Random) -> str:
    """Write a plain statement about nothing in particular."""
    lead, subject = rng.choice(_LEADS), rng.choice(_SUBJECTS)
    if lead:
        subject = subject[0].lower() + subject[1:]
    return f"{lead}{subject} {rng.choice(_ACTIONS)} {rng.choice(_OBJECTS)}{rng.choice(_ENDINGS)}."


def idle_sentences(written: tuple[str, ...], count: int, rng: random.Random) -> list[str]:
    """Draw idle sentences, some from a family's own list and some made up."""
    chosen = [
        rng.choice(written) if rng.random() < 0.6 else idle_sentence(rng) for _ in range(count)
    ]
    return list(dict.fromkeys(chosen))


_SPOKEN = (
    ("I am ", "I'm "),
    ("I would ", "I'd "),
    ("I have been ", "I've been "),
    ("I will ", "I'll "),
    ("We are ", "We're "),
    ("It is ", "It's "),
    ("We have two", "We've got two"),
    ("I have a ", "I've got a "),
    ("What is ", "What's "),
    ("Let us ", "Let's "),
)


def spoken(text: str, rng: random.Random) -> str:
    """Sometimes write the short forms of everyday speech."""
    if rng.random() < 0.4:
        for full, short in _SPOKEN:
            text = text.replace(full, short)
    return text
