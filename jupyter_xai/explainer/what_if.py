"""What if the prompt were another: the new answer beside the old one, and what it does to it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from operator import index
from time import perf_counter
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from jupyter_xai import masking
from jupyter_xai.errors import XaiError
from jupyter_xai.explanation.render.text import cost_line
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.game.responses import Responses
from jupyter_xai.models.base import Operator, Prompt, Response
from jupyter_xai.models.prices import a_call, prices_of
from jupyter_xai.progress import Watcher
from jupyter_xai.text.formatting import shortened, signed

ChangeKind = Literal["same", "removed", "added"]
Change = tuple[ChangeKind, str]

# A word with the white space before it. Chinese and Japanese have no spaces between words.
_WORD = re.compile(r"\s*(?:[\u3040-\u30ff\u3400-\u9fff]|[^\s\u3040-\u30ff\u3400-\u9fff]+)|\s+$")


@dataclass(frozen=True)
class WhatIf:
    """The answer to a changed prompt.

    Attributes
    ----------
    removed : tuple of int or None
        Sources that were removed; None where the prompt was edited.
    text : str or None
        The edited text; None where sources were removed.
    before : str
        The response that was explained.
    response : str or None
        The model's answer to the changed prompt; None where it cannot give one.
    changes : tuple of (str, str)
        Pieces of both answers, word by word, in order: ``same``, ``removed`` or ``added``, and the
        text.
    logprob_before, logprob : float or None
        Log-probability (nats) of the old response after the old and after the changed prompt; None
        for models that do not tell.
    logprob_response : float or None
        That of the new answer after the changed prompt.
    cost : mapping
        What this asked of the model, as in an explanation.
    notes : tuple of str
    """

    removed: tuple[int, ...] | None
    text: str | None
    before: str
    response: str | None
    changes: tuple[Change, ...]
    logprob_before: float | None
    logprob: float | None
    logprob_response: float | None
    cost: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            **asdict(self),
            "changes": [{"kind": kind, "text": text} for kind, text in self.changes],
        }

    def __str__(self) -> str:
        lines = [f"before: {shortened(self.before, 200)}"]
        if self.response is not None:
            lines.append(f"now:    {shortened(self.response, 200)}")
        if self.logprob is not None and self.logprob_before is not None:
            lines.append(
                f"log p of the old answer: {signed(self.logprob)} "
                f"({signed(self.logprob - self.logprob_before)})"
            )
        if self.logprob_response is not None:
            lines.append(f"log p of the new answer: {signed(self.logprob_response)}")
        return "\n".join([*lines, cost_line(self.cost), *self.notes])


def without(game: MaskingGame, removed: Sequence[int], watcher: Watcher) -> WhatIf:
    """What if some sources were removed, as somebody would who types what is left.

    Where the explanation deletes token ids and that makes a difference, a note says so. Other
    operators (those that put something in place, or hide) are used as they are.

    Parameters
    ----------
    game : MaskingGame
        Of the explanation; its ledger answers for what was evaluated before.
    removed : sequence of int
    watcher : Watcher
        Sees progress and may stop it.

    Raises
    ------
    XaiError
        When a source does not exist, or none or all of them are named; or the model fails.
    """
    chosen = _checked(removed, game.n, game.prompt.document.level)
    started = perf_counter()
    mask = masking.without(game.n, chosen)
    before = after = None
    notes: list[str] = []
    scored, game = game, game.typed()
    if "logprob" in game.model.capabilities:
        watcher.tell(0, 3, "scoring the old answer")
        masks = np.concatenate([np.ones((1, game.n), dtype=bool), mask])
        before, after = (float(each) for each in game.plain("logprob").values(masks)[:, -1])
        notes = _apart(scored, mask, after)
    if game.operator.name not in masking.FROM_TEXT:
        why = (
            f"with the operator {game.operator.name!r} no new answer can be written; "
            "explain with operator='delete' to read one"
        )
        return _made(game, started, (before, after), None, None, [why], removed=chosen)
    watcher.tell(1, 3, "answering")
    # Answers to the whole prompt are known; one to a masked prompt is remembered too.
    (text,) = game.plain("text").answer_texts(mask)
    new = None
    if after is not None and text.strip() and text != game.response.text:
        watcher.tell(2, 3, "scoring the new answer")
        response = game.model.supplied(game.prompt, text)
        new = float(game.instead(response=response).values(mask)[0, -1])
    elif text == game.response.text:
        new = after
    notes += _notes(game, text)
    return _made(game, started, (before, after), text, new, notes, removed=chosen)


def edited(game: MaskingGame, prompt: Prompt, text: str, watcher: Watcher) -> WhatIf:
    """What if the prompt's last text were another.

    Parameters
    ----------
    game : MaskingGame
        Of the explanation.
    prompt : Prompt
        The edited prompt.
    text : str
        Its last text.
    watcher : Watcher
        Sees progress and may stop it.

    Raises
    ------
    XaiError
        When the model fails.
    """
    started, model = perf_counter(), game.model
    full = np.ones((1, game.n), dtype=bool)
    whole = np.ones((1, len(prompt.document.sources)), dtype=bool)
    before = after = new = None
    scores = "logprob" in model.capabilities
    if scores:
        watcher.tell(0, 3, "scoring the old answer")
        before = float(game.plain("logprob").values(full)[0, -1])
        after = float(game.instead(prompt=prompt).values(whole)[0, -1])
    watcher.tell(1, 3, "answering")
    responses = Responses(model, given=None, foil=None, sampling=game.sampling, ledger=game.ledger)
    if responses.written(prompt) is None:
        game.budget.refuse_answer(a_call(model, prompt, Operator(), game.sampling, None))
    response = responses.response(prompt)
    if scores:
        watcher.tell(2, 3, "scoring the new answer")
        new = float(game.instead(prompt=prompt, response=response).values(whole)[0, -1])
    notes = _notes(game, response.text, response)
    spent = responses.take_spent()
    figures = (before, after)
    return _made(game, started, figures, response.text, new, notes, text=text, spent=spent)


def changes(before: str, after: str) -> tuple[Change, ...]:
    """Pieces of two texts, compared word by word, in order.

    The pieces that are not ``added`` joined are the first text, those that are not ``removed`` the
    second, but for white space around words.

    Examples
    --------
    >>> changes("Go north now.", "Go south now.")
    (('same', 'Go'), ('removed', ' north'), ('added', ' south'), ('same', ' now.'))
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    # White space alone makes no other word.
    matcher = SequenceMatcher(
        None, [word.strip() for word in old], [word.strip() for word in new], autojunk=False
    )
    found: list[Change] = []
    for tag, start, stop, first, last in matcher.get_opcodes():
        if tag == "equal":
            found.append(("same", "".join(new[first:last])))
            continue
        if start < stop:
            found.append(("removed", "".join(old[start:stop])))
        if first < last:
            found.append(("added", "".join(new[first:last])))
    return tuple(found)


def _made(
    game: MaskingGame,
    started: float,
    figures: tuple[float | None, float | None],
    answer: str | None,
    new: float | None,
    notes: Sequence[str],
    *,
    removed: tuple[int, ...] | None = None,
    text: str | None = None,
    spent: Mapping[str, float] | None = None,
) -> WhatIf:
    cost = asdict(game.cost)
    for name, number in (spent or {}).items():
        cost[name] += number
    cost["seconds"] = perf_counter() - started
    if prices_of(game.model) is None:
        del cost["money"]
    before = game.response.text
    return WhatIf(
        removed=removed,
        text=text,
        before=before,
        response=answer,
        changes=() if answer is None else changes(before, answer),
        logprob_before=figures[0],
        logprob=figures[1],
        logprob_response=new,
        cost=cost,
        notes=tuple(notes),
    )


def _apart(game: MaskingGame, mask: NDArray[np.bool_], typed: float) -> list[str]:
    """What to say where deleting token ids leaves another likelihood than typing the rest."""
    if game.operator.name != "delete" or not game.prompt.messages:
        return []
    by_ids = game.plain("logprob")
    found = float(by_ids.values(mask)[0, -1])
    if found == typed or abs(found - typed) <= (by_ids.noise() or 0.0):
        return []
    return [
        f"the scores delete token ids, by which log p of the old answer is {signed(found)}; here "
        "what is left was tokenised anew, as if somebody had typed it"
    ]


def _notes(game: MaskingGame, text: str, response: Response | None = None) -> list[str]:
    notes = []
    if not text.strip():
        notes.append("the model answered with nothing")
    if game.sampling.is_drawn:
        notes.append("the model draws its answers, so a part of the change may be chance")
    if game.response.supplied:
        notes.append("the old answer was given, not written by the model")
    if response is not None and not response.finished:
        notes.append("the new answer stopped at its length limit; raise max_new_tokens")
    return notes


def _checked(removed: Sequence[int], n: int, level: str) -> tuple[int, ...]:
    try:
        chosen = tuple(sorted({index(each) for each in removed}))
    except TypeError:
        msg = f"removed={removed!r:.80} is not understood; give numbers of units, such as [0, 2]"
        raise XaiError(msg) from None
    if not chosen:
        msg = "nothing is switched off, so the answer stays as it is; name at least one unit"
        raise XaiError(msg)
    if chosen[0] < 0 or chosen[-1] >= n:
        msg = f"removed={list(chosen)!r:.80}: the {n} {level}s are counted from 0 to {n - 1}"
        raise XaiError(msg)
    if len(chosen) == n:
        msg = f"all {n} {level}s are switched off, so nothing is left to answer; keep at least one"
        raise XaiError(msg)
    return chosen
