"""What the values of a game may be, and what each of them needs."""

from __future__ import annotations

from typing import Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.models.base import Model, Operator, Prompt, Response, Sampling
from jupyter_xai.models.capabilities import ServedModel
from jupyter_xai.text.document import Document, check_level

Value = Literal["logprob", "logit", "text"]
VALUES: tuple[str, ...] = get_args(Value)


def checked_value(
    value: str,
    model: Model,
    sampling: Sampling,
    *,
    response: Response,
    foil: Response | None,
    targets: NDArray[np.bool_] | None,
) -> Value:
    """Return the value if a game can be played for it.

    Raises
    ------
    XaiError
        When it is unknown, or does not fit the model or what is explained.
    """
    if value not in VALUES:
        msg = f"unknown value {value!r}; choose one of {', '.join(VALUES)}"
        raise XaiError(msg)
    if value != "text" and "logprob" not in model.capabilities:
        msg = Worded(
            f"{model.name} gives text only, so {value!r} cannot be computed; use ",
            Option("value", "text"),
            ", or a model that gives log-probabilities",
        )
        raise XaiError(msg)
    is_plain_function = "logprob" not in model.capabilities and not isinstance(model, ServedModel)
    is_greedy = sampling.temperature == 0 and not is_plain_function
    if is_greedy and sampling.samples > 1:
        msg = Worded(
            Option("samples", sampling.samples),
            f" needs a temperature above 0: the greedy answers of {model.name} to one "
            "prompt are all the same",
        )
        raise XaiError(msg)
    if foil is not None and value == "logit":
        msg = Worded(
            "with a foil, the log-odds of the response against it are the difference "
            "of their log-probabilities; use ",
            Option("value", "logprob"),
        )
        raise XaiError(msg)
    if foil is not None and targets is not None:
        msg = "a foil is compared with the whole response; give either a foil or targets"
        raise XaiError(msg)
    if targets is not None and value == "text":
        msg = Worded(
            "targets are tokens of the response; they need ",
            Option("value", "logprob"),
            " or ",
            Option("value", "logit"),
        )
        raise XaiError(msg)
    if not response.text.strip():
        msg = "the response is blank, so there is nothing to explain; give another response"
        raise XaiError(msg)
    return cast(Value, value)


def operator_in_force(chosen: Operator | None, prompt: Prompt, value: str) -> Operator:
    """What removing a unit means, for one prompt and value.

    Answers to masked prompts are answers to *texts*: what is left is sent as if somebody had typed
    it. For the log-probabilities of one response token ids are dropped, so that nothing else
    changes. Models that read text only have no ids, so ``delete`` means ``text`` there.

    Parameters
    ----------
    chosen : Operator or None
        None takes ``text`` for ``text`` values and ``delete`` for others.
    prompt : Prompt
    value : str

    Raises
    ------
    XaiError
        When ``text`` was chosen, but the model cannot render its prompts anew.
    """
    if chosen is None:
        by_text = prompt.ids is None or (value == "text" and bool(prompt.messages))
        return Operator("text" if by_text else "delete")
    if chosen.name == "delete" and prompt.ids is None:
        return Operator("text")
    if chosen.name == "text" and prompt.ids is not None and not prompt.messages:
        msg = Worded(
            "this model cannot render what is left of a prompt anew; use ",
            Option("operator", "delete"),
        )
        raise XaiError(msg)
    return chosen


def cut_response(response: Response, units: str, model: Model, *, language: str = "en") -> Document:
    """The units of a response, one column of the values each.

    Raises
    ------
    XaiError
        When the units are unknown, or ``token`` for a model that gives no tokens.
    """
    level = check_level(units)
    spans = response.spans
    if level == "token" and spans is None:
        msg = f"{model.name} gives no tokens; use word or sentence response units"
        raise XaiError(msg)
    return Document.cut(response.text, level, language=language, token_spans=lambda _: spans or ())


def chosen_operator(name: str | None, replacement: str | None, seed: int = 0) -> Operator | None:
    """The operator of this name; None for that of the value.

    Raises
    ------
    XaiError
        When there is none of this name, or a replacement is given for none.
    """
    if name is not None:
        return Operator(name, replacement, seed)
    if replacement is not None:
        msg = Worded(
            Option("replacement", replacement),
            " needs an operator that puts it in; add ",
            Option("operator", "replace"),
            ", 'substitute' or 'mask-token'",
        )
        raise XaiError(msg)
    return None
