"""What a reply of OpenAI's protocol may hold: checked once, when it arrives.

Only the fields that are read are checked. What comes behind this door can be read without asking
again what it is.

OpenAI's chats: https://platform.openai.com/docs/api-reference/chat/object; echoed log-probabilities
of plain completions: https://platform.openai.com/docs/api-reference/completions/object; vLLM's
``prompt_logprobs``: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StrictStr, ValidationError

_MOST_TOKENS = 2**53
_MOST_LOGPROB = 0.01
"""Log-probabilities are at most 0, but for rounding."""
_MOST_SHOWN = 60
_NEEDED = {
    "model_type": "an object is needed",
    "dict_type": "an object is needed",
    "list_type": "a list is needed",
    "string_type": "a text is needed",
    "finite_number": "a finite number is needed",
    "int_from_float": "a whole number is needed",
    "greater_than_equal": "a number of at least 0 is needed",
    "less_than_equal": "the number is too large",
    "missing": "it is missing",
}
"""By pydantic's names of faults; its own words speak of Python."""


def _number(given: Any) -> Any:
    # Neither "3" nor true is a number, though Python could make one of either.
    if given is not None and (isinstance(given, bool) or not isinstance(given, int | float)):
        msg = "a number is needed"
        raise ValueError(msg)
    return given


def _content(given: Any) -> Any:
    """A text, nothing, or a list of parts, each a text or an object with its kind."""
    if given is None or isinstance(given, str):
        return given
    if isinstance(given, list):
        for part in given:
            named = {"text": part} if isinstance(part, str) else part
            if not isinstance(named, dict) or not all(
                isinstance(named.get(name, ""), str | None) for name in ("type", "text")
            ):
                msg = "every part must be a text, or an object with type and text"
                raise ValueError(msg)
        return given
    msg = "a text is needed"
    raise ValueError(msg)


_Count = Annotated[int, Field(ge=0, le=_MOST_TOKENS), BeforeValidator(_number)]
_LogProb = Annotated[float, Field(le=_MOST_LOGPROB, allow_inf_nan=False), BeforeValidator(_number)]
_Content = Annotated[Any, AfterValidator(_content)]


class _Usage(BaseModel):
    prompt_tokens: _Count | None = None
    completion_tokens: _Count | None = None
    total_tokens: _Count | None = None


class _Message(BaseModel):
    content: _Content = None
    refusal: StrictStr | None = None


class _LogProbs(BaseModel):
    tokens: list[StrictStr] | None = None
    token_logprobs: list[_LogProb | None] | None = None


class _Token(BaseModel):
    logprob: _LogProb
    decoded_token: StrictStr | None = None


_Told = list[dict[str, _Token] | None]


class _Choice(BaseModel):
    finish_reason: StrictStr | None = None
    text: StrictStr | None = None
    message: _Message | None = None
    logprobs: _LogProbs | None = None
    prompt_logprobs: _Told | None = None


class _Reply(BaseModel):
    model: StrictStr | None = None
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None
    prompt_logprobs: _Told | None = None


def fault(reply: Any) -> str | None:
    """What is wrong with a reply: the first field that is not as the protocol has it, and why.

    Examples
    --------
    >>> fault({"choices": [{"message": {"content": "Yes."}}], "usage": {"total_tokens": 9}})
    >>> fault({"choices": [{"message": {"content": 5}}]})
    'choices[0].message.content is 5: a text is needed'
    >>> fault({"choices": [{"text": "Yes."}], "usage": {"total_tokens": -1}})
    'usage.total_tokens is -1: a number of at least 0 is needed'
    """
    try:
        _Reply.model_validate(reply)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        said = _NEEDED.get(first["type"], first["msg"].removeprefix("Value error, "))
        # Values and their fields may be long: they come from another machine.
        shown = f"{first['input']!r:.{_MOST_SHOWN}}"
        return f"{_path(first['loc'])} is {shown}: {said}"
    return None


def _path(places: tuple[int | str, ...]) -> str:
    """Where a field is, such as ``choices[0].message.content``."""
    path = ""
    for place in places:
        name = str(place)[:_MOST_SHOWN]
        path += f"[{place}]" if isinstance(place, int) else f".{name}" if path else name
    return path or "the reply"
