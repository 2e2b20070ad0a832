"""The sets of joint methods in words: what each is, and how sure it is that none is better."""

from __future__ import annotations

from jupyter_xai.explanation.result import Result
from jupyter_xai.text.formatting import signed


def set_lines(explanation: Result) -> list[str]:
    """One line for every k of which a set was found, in increasing order of k.

    Examples
    --------
    >>> from jupyter_xai import explain
    >>> e = explain("Be brief. Be kind. Be quick.", str.upper, method="joint", k=2)
    >>> set_lines(e)[1]
    'k = 2: 1 and 3, −0.386, the best of all 3 sets'
    """
    certificates = explanation.record["method"].get("details", {}).get("certificate") or {}
    lines = []
    for k, chosen in sorted((explanation.sets or {}).items()):
        told = certificates.get(str(k))
        if told is None:
            continue
        places = [str(i + 1) for i in chosen]
        named = " and ".join([", ".join(places[:-1]), places[-1]] if places[1:] else places)
        lines.append(f"k = {k}: {named}, {signed(-(told['drop'] or 0.0))}, {_sure(told)}")
    return lines


def _sure(told: dict[str, float]) -> str:
    sets, tried = f"{told['sets']:,}", f"{told['evaluated']:,}"
    if told["proven"]:
        return f"the best of all {sets} sets" if told["sets"] > 1 else "the only set"
    return f"the best of {tried} tried, of {sets} sets"
