"""What the numbers of an explanation are called, and how it is said that a budget ended it."""

from __future__ import annotations

from jupyter_xai.explanation.record import Record, Stopped
from jupyter_xai.game.budget import Limit

_VALUES = {
    "logprob": "log-probability (nats)",
    "logit": "log-odds",
    "text": "closeness to the answer",
}
_LEADS = {
    "logprob": "lead over the other answer (nats)",
    "logit": "lead over the other answer (log-odds)",
    "text": "lead over the other answer (closeness)",
}
_SCORES = {
    "slope": "slope of the {value}",
    "sensitivity": "size of the slope of the {value}",
    "similarity": "likeness of meaning (−1 to 1)",
    "attention": "share of attention",
    "share": "share by the interpreter",
    "effect": "effect as the interpreter learned it",
    "chance": "random numbers",
}


def value_name(record: Record) -> str:
    """What masked prompts are judged by, and so the checks and the curve.

    Examples
    --------
    >>> value_name({"value": "logprob", "response": {}})
    'log-probability (nats)'
    """
    names = _LEADS if record["response"].get("foil") else _VALUES
    return names[record["value"]]


def score_name(record: Record) -> str:
    """What the scores are: differences of the value, unless the method gives something else.

    Examples
    --------
    >>> method = {"measure": "attention"}
    >>> score_name({"value": "logprob", "response": {}, "method": method})
    'share of attention'
    """
    measure = record["method"].get("measure")
    if measure is None:
        return value_name(record)
    return _SCORES[measure].format(value=_VALUES[record["value"]])


def stop_name(stopped: Stopped) -> str:
    """That a budget ended a run, as notes begin and status lines say.

    Examples
    --------
    >>> stop_name({"limit": "max_forwards", "most": 32})
    'stopped at max_forwards=32'
    """
    return f"stopped at {Limit(stopped['limit'], stopped['most'])}"


def score_noise(record: Record) -> float:
    """Scores smaller than this are noise: the noise floor, where scores are of the value's kind."""
    return 0.0 if record["method"].get("measure") else record["noise"] or 0.0
