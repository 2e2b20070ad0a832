"""Stability: whether the top units stay the same when the prompt is edited a little."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from numpy.typing import ArrayLike

from jupyter_xai.metrics.rankings import jaccard
from jupyter_xai.metrics.removal import top_k
from jupyter_xai.text.distance import words

APPENDED = " ##"
"""What stands for the token that gSMILE appends: its text has lost which one that was."""

_SHORT = {
    "do not": "don't",
    "does not": "doesn't",
    "is not": "isn't",
    "I am": "I'm",
    "I would": "I'd",
    "it is": "it's",
    "cannot": "can't",
}


def edits(prompt: str) -> dict[str, str]:
    """The prompt after small edits that leave its meaning alone.

    Returns
    -------
    dict
        From the edit's name to the edited prompt; edits that change nothing are left out.

        ``appended token``: gSMILE's (section 5.2.3), `APPENDED` at the end. ``spacing``: two spaces
        between sentences. ``short forms``: *I am* as *I'm*, or the other way round where there is
        nothing to shorten. ``thanks``: a closing *Thank you.*

    Examples
    --------
    >>> edits("I am tired. Rest?")["short forms"]
    "I'm tired. Rest?"
    """
    changed = {
        "appended token": prompt + APPENDED,
        "spacing": re.sub(r"(?<=[.!?]) (?=\S)", "  ", prompt),
        "short forms": _short_forms(prompt),
        "thanks": f"{prompt.rstrip()} Thank you.",
    }
    return {name: text for name, text in changed.items() if text != prompt}


def matching_units(before: Sequence[str], after: Sequence[str]) -> dict[int, int]:
    """Which unit of an edited prompt is which unit of the original.

    Units are matched in order (longest common blocks), by their words; where a block of equally
    many units was changed on both sides, they are matched one by one.

    Returns
    -------
    dict
        From positions in ``after`` to positions in ``before``; new units are not in it.

    Examples
    --------
    >>> matching_units(["I am tired. ", "Rest?"], ["I'm tired. ", "Rest?", "Thanks."])
    {0: 0, 1: 1}
    """
    one, two = ([" ".join(words(text)) for text in units] for units in (before, after))
    found = {}
    for kind, i, i_end, j, j_end in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if kind == "equal" or (kind == "replace" and i_end - i == j_end - j):
            found.update(zip(range(j, j_end), range(i, i_end), strict=True))
    return found


def stability(
    before: ArrayLike,
    after: ArrayLike,
    k: int,
    *,
    units_before: Sequence[str],
    units_after: Sequence[str],
) -> float:
    """Jaccard index of the top k before and after an edit of the prompt (gSMILE, equation 15).

    Parameters
    ----------
    before : float [n]
        Scores of the original prompt's units.
    after : float [n']
        Scores of the edited prompt's units.
    k : int
        At most n and n'.
    units_before, units_after : sequence of str
        Texts of the units, matched by `matching_units`; a unit that the edit added is nobody's.

    Returns
    -------
    float
        0 to 1; 1 when the top k are the same.

    Raises
    ------
    XaiError
        When k is out of range.

    Examples
    --------
    >>> stability([2.0, 1.0, 0.0], [2.0, 0.0, 1.0, 0.0], k=2, units_before=["a", "b", "c"],
    ...           units_after=["a", "b", "c", "##"])
    0.3333333333333333
    """
    same = matching_units(units_before, units_after)
    found = [same.get(unit, ("new", unit)) for unit in top_k(after, k).tolist()]
    return jaccard(top_k(before, k).tolist(), found)


def _short_forms(prompt: str) -> str:
    shortened = _replaced(prompt, _SHORT)
    if shortened != prompt:
        return shortened
    return _replaced(prompt, {short: long for long, short in _SHORT.items()})


def _replaced(text: str, table: Mapping[str, str]) -> str:
    pattern = "|".join(re.escape(form) for form in table)
    return re.sub(rf"\b({pattern})\b", lambda form: table[form.group()], text)
