"""What is sent to a server of OpenAI's protocol about messages, and what its replies say.

Chats and plain completions differ only in this.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from jupyter_xai.errors import XaiError
from jupyter_xai.models.base import Message, Operator, Prompt, Sampling
from jupyter_xai.models.messages import as_text, extras_of
from jupyter_xai.models.server import text_logprobs
from jupyter_xai.models.server.client import Body, Endpoint, Reply
from jupyter_xai.models.substitution import stand_ins
from jupyter_xai.text.document import whole_characters

Entry = dict[str, Any]
"""What is kept of a reply."""

_OF_TEMPLATE, _OF_A_MESSAGE = 160, 16
"""At most so many tokens are added by a server's template, and for a message."""


def answer_body(endpoint: Endpoint, messages: Sequence[Message], sampling: Sampling) -> Body:
    """A request for an answer."""
    how: dict[str, Any] = {
        "max_tokens": sampling.max_new_tokens,
        "temperature": sampling.temperature,
    }
    if sampling.temperature > 0:
        # As for local models: of its own for every prompt, and for each answer to it.
        how["seed"] = sampling.seed_for(json.dumps(messages).encode())
    if endpoint == "completion":
        return {"prompt": _completed(messages), **how}
    # Servers want at least one message, and masks may remove all.
    return {"messages": list(messages) or [Message(role="user", content="")], **how}


def scoring_body(endpoint: Endpoint, messages: Sequence[Message], response: str) -> Body:
    """A request for the log-probabilities of a given response."""
    if endpoint == "completion":
        return text_logprobs.echo_body(_completed(messages), response)
    return text_logprobs.chat_body(messages, response)


def told(endpoint: Endpoint, reply: Reply) -> text_logprobs.Told | None:
    """The tokens with log-probabilities that a reply tells; None when it tells none."""
    read = text_logprobs.echoed if endpoint == "completion" else text_logprobs.prompt_logprobs
    return read(reply)


def said(message: Mapping[str, Any]) -> str:
    """What a server's message says: its text, thoughts between ``<think>`` and ``</think>``.

    Servers give the content as a text, or as a list of parts, of which some are thoughts.

    Examples
    --------
    >>> thought, text = {"type": "thinking", "thinking": "2 + 2?"}, {"type": "text", "text": "4"}
    >>> said({"content": [thought, text]})
    '<think>\\n2 + 2?\\n</think>\\n\\n4'
    """
    content = message.get("content")
    if not isinstance(content, list):
        return content or ""
    return "".join(_part(part) for part in content).rstrip("\n")


def _part(part: Any) -> str:
    """What one part of a content says; pictures and sounds say nothing."""
    if isinstance(part, str):
        return part
    if not isinstance(part, Mapping):
        return ""
    thoughts = part.get("thinking")
    if isinstance(thoughts, list):
        thoughts = "".join(_part(each) for each in thoughts)
    if thoughts:
        return f"<think>\n{thoughts}\n</think>\n\n"
    text = part.get("text")
    return text if isinstance(text, str) else ""


def answer_in(endpoint: Endpoint, reply: Reply, body: Body) -> Entry:
    """The answer in the reply to a request: its text, whether it is whole, and its tokens."""
    choice = reply["choices"][0]
    if endpoint == "completion":
        text = choice.get("text")
    else:
        message = choice.get("message") or {}
        text = said(message) or message.get("refusal")
    finished = choice.get("finish_reason") != "length"
    tokens, written = _paid(reply, body)
    return {
        "text": whole_characters(text or ""),
        "finished": finished,
        "tokens": tokens,
        "written": written,
    }


def scores_in(
    endpoint: Endpoint,
    reply: Reply,
    body: Body,
    *,
    messages: Sequence[Message],
    response: str,
    host: str,
) -> Entry:
    """The response's log-probabilities in the reply to a request: its tokens' places and theirs.

    Raises
    ------
    XaiError
        When the tokens do not spell the response.
    """
    found = told(endpoint, reply)
    if found is None:
        msg = f"{host} left out the log-probabilities of a given response"
        raise XaiError(msg)
    before = _completed(messages) if endpoint == "completion" else ""
    scores = text_logprobs.found(found, before, response, host=host)
    spans = [list(span) for span in scores.spans]
    tokens, _ = _paid(reply, body)
    return {"spans": spans, "logprobs": scores.logprobs.tolist(), "tokens": tokens}


def is_whole(entry: Entry, *, scores: bool) -> bool:
    """Whether what was kept of a reply is as it was written, for an answer or for scores."""
    if scores:
        spans, logprobs = entry.get("spans"), entry.get("logprobs")
        return (
            isinstance(spans, list)
            and isinstance(logprobs, list)
            and len(spans) == len(logprobs)
            and all(isinstance(each, list) and len(each) == 2 for each in spans)
            and all(isinstance(end, int) for span in spans for end in span)
            and all(isinstance(each, int | float) and isfinite(each) for each in logprobs)
        )
    return isinstance(entry.get("text"), str) and isinstance(entry.get("finished"), bool)


def most_read(prompt: Prompt, operator: Operator) -> int:
    """At most so many tokens are read for any mask: a token is a byte at least."""
    document = prompt.document
    others = iter(stand_ins(document, operator))
    read = _OF_TEMPLATE + sum(
        in_bytes(json.dumps(extras)) for each in prompt.messages if (extras := extras_of(each))
    )
    for unit in document.units:
        own = _OF_A_MESSAGE if unit.role == "template" else in_bytes(unit.text)
        read += own if unit.protected else max(own, in_bytes(next(others)))
    return read


def in_bytes(text: str) -> int:
    """Length of a text as it is sent."""
    return len(text.encode("utf-8", "surrogatepass"))


def _completed(messages: Sequence[Message]) -> str:
    # Something must stand before a response for its first token to have a probability.
    return as_text(messages) or "\n"


def _paid(reply: Reply, body: Body) -> tuple[int, int]:
    """Tokens that were paid for, and those of them that were written."""
    usage = reply.get("usage") or {}
    written = int(usage.get("completion_tokens") or 0)
    if usage.get("total_tokens"):
        return int(usage["total_tokens"]), written
    # A server that does not count is taken to have read and written the most that it may have.
    sent = body.get("prompt") or json.dumps(body.get("messages", ()), ensure_ascii=False)
    written = int(body["max_tokens"])
    return _OF_TEMPLATE + in_bytes(sent) + written, written
