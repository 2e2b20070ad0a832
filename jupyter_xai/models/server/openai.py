"""Models behind servers that speak OpenAI's protocol: OpenAI, vLLM, llama.cpp, Ollama, ..."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from jupyter_xai import cache
from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.masking import Masks
from jupyter_xai.models.base import (
    Answered,
    Capability,
    Message,
    Operator,
    Prompt,
    Response,
    Sampling,
    Scored,
)
from jupyter_xai.models.bounds import within_bounds
from jupyter_xai.models.messages import MessageModel, check_operator, kept_messages
from jupyter_xai.models.prices import Prices, checked_prices
from jupyter_xai.models.server import payload
from jupyter_xai.models.server.client import Body, Endpoint, Limits, Refused, Reply, Server
from jupyter_xai.models.server.payload import Entry
from jupyter_xai.models.server.text_logprobs import TokenScores
from jupyter_xai.text.document import check_characters

OFFICIAL = "https://api.openai.com/v1"


class OpenAIModel(MessageModel):
    """A model behind a server of OpenAI's protocol.

    What the server can do is asked, not guessed from its name: answers always, log-probabilities
    of a given response where it scores given texts. Answers are kept on disk by what was asked
    (`jupyter_xai.cache`), so that none is paid for twice.

    Parameters
    ----------
    model : str
        As the server calls it.
    base_url : str, optional
        ``OPENAI_BASE_URL`` from the environment unless given, else OpenAI's own server.
    api_key : str, optional
        ``OPENAI_API_KEY`` from the environment, which goes to the server of the environment only:
        another ``base_url`` gets the key that is given here, or none.
    endpoint : str
        ``chat``, or ``completion`` for plain continuation of a text.
    concurrency, timeout, retries
        See `Limits`.
    extra : mapping, optional
        More fields of every request, such as ``{"top_k": 20}`` for vLLM.
    prices : (float, float), optional
        Money for a million tokens read, and written, in any currency: then what is paid is told,
        and ``max_cost`` can be kept.
    answers : AnswerCache, optional
        The shared one unless given.

    Raises
    ------
    XaiError
        When the address or the key is missing. Later: when the server cannot serve a request.

    Examples
    --------
    >>> OpenAIModel("llama", base_url="http://localhost:8000/v1", api_key="secret")
    OpenAIModel('llama', 'http://localhost:8000/v1')
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        endpoint: Endpoint = "chat",
        concurrency: int = 8,
        timeout: float = 60.0,
        retries: int = 4,
        extra: Mapping[str, Any] | None = None,
        prices: tuple[float, float] | None = None,
        answers: cache.AnswerCache | None = None,
    ) -> None:
        if endpoint not in ("chat", "completion"):
            msg = f"unknown endpoint {endpoint!r}; choose chat or completion"
            raise XaiError(msg)
        if not model.strip():
            msg = "the model's name is missing; write openai:NAME, as the server calls it"
            raise XaiError(msg)
        usual = os.environ.get("OPENAI_BASE_URL") or OFFICIAL
        base_url = base_url or usual
        if api_key is None and base_url == usual:
            api_key = os.environ.get("OPENAI_API_KEY")
        if api_key is None and base_url == OFFICIAL:
            msg = Worded(
                "OpenAI's server needs a key: set OPENAI_API_KEY, or give api_key=; for another "
                "server give ",
                Option("base_url", ...),
            )
            raise XaiError(msg)
        self._name = model.strip()
        self._server = Server(base_url, api_key, Limits(concurrency, timeout, retries))
        self._endpoint: Endpoint = endpoint
        self._extra = dict(extra or {})
        self._prices = checked_prices(prices)
        self._answers = answers or cache.shared()
        # The server's ways, learnt from what it refuses.
        self._served: set[frozenset[str]] = set()  # the fields of requests that it served
        self._length_name = "max_tokens"
        self._left_out: set[str] = set()
        self._revision = ""
        self._repetition = 0

    def __repr__(self) -> str:
        return f"OpenAIModel({self._name!r}, {self._server.base_url!r})"

    @property
    def name(self) -> str:
        """The model's name at its server."""
        return self._name

    @property
    def host(self) -> str:
        """The server's name."""
        return self._server.host

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Answers, and log-probabilities where the server scores given texts; asked once."""
        return self._capabilities

    @cached_property
    def _capabilities(self) -> frozenset[Capability]:
        return frozenset({"text", "logprob"} if self._scores_given_text() else {"text"})

    @property
    def prices(self) -> Prices | None:
        """See `ServedModel.prices`."""
        return self._prices

    def most_tokens(
        self, prompt: Prompt, operator: Operator, sampling: Sampling, response: Response | None
    ) -> tuple[int, int]:
        """See `ServedModel.most_tokens`."""
        read = payload.most_read(prompt, operator)
        if response is None:
            return read, sampling.max_new_tokens
        return read + payload.in_bytes(response.text), 1

    def describe(self) -> Mapping[str, str | None]:
        """The ``model`` block of an explanation; the revision is what the server says it ran."""
        return {
            "name": self._name,
            "kind": "openai",
            "revision": self._revision or self._server.host,
            "dtype": None,
            "device": None,
            "template": None,
        }

    def fingerprint(self) -> str:
        """Server, model and the fields that go with every request."""
        extra = json.dumps(self._extra, sort_keys=True, default=str)
        name = f"openai:{self._server.base_url}:{self._name}:{self._endpoint}:{extra}"
        return f"{name}:repetition {self._repetition}" if self._repetition else name

    def repetition(self, number: int) -> OpenAIModel:
        """See `ServedModel.repetition`."""
        again = copy(self)
        again._repetition = number
        return again

    def respond(self, prompt: Prompt, sampling: Sampling) -> Response:
        """See `Model.respond`."""
        (messages,) = self._kept(prompt, _whole(prompt), Operator("text"))
        body = payload.answer_body(self._endpoint, messages, sampling)
        entries = self._entries([body], lambda _, reply: self._answer_of(reply, body))
        _, entry, asked = next(entries)
        if not entry["text"].strip():
            msg = Worded(
                f"{self._name} answered the prompt with nothing, so there is nothing to "
                "explain; raise ",
                Option("max_new_tokens"),
                ", or ask otherwise",
            )
            raise XaiError(msg)
        response = Response(
            entry["text"],
            finished=entry["finished"],
            asked=asked,
            tokens=entry["tokens"] if asked else 0,
            written=entry["written"] if asked else 0,
        )
        return self._with_tokens(prompt, response)

    def supplied(self, prompt: Prompt, text: str) -> Response:
        """See `Model.supplied`."""
        check_characters(text, "the response")
        return self._with_tokens(prompt, Response(text, supplied=True))

    def keys(self, prompt: Prompt, masks: Masks, operator: Operator) -> list[bytes]:
        """The messages that would be sent."""
        return [json.dumps(kept).encode() for kept in self._kept(prompt, masks, operator)]

    def answer(
        self, prompt: Prompt, masks: Masks, operator: Operator, sampling: Sampling
    ) -> Iterator[Answered]:
        """See `Model.answer`. Answers that the cache holds come first, and cost nothing."""
        bodies = [
            payload.answer_body(self._endpoint, kept, sampling)
            for kept in self._kept(prompt, masks, operator)
        ]
        entries = self._entries(bodies, lambda row, reply: self._answer_of(reply, bodies[row]))
        for row, entry, asked in entries:
            text, tokens, written = entry["text"], 0, 0
            if asked:
                tokens, written = entry["tokens"], entry["written"]
            yield Answered(row, text, tokens, asked=asked, written=written)

    def score(
        self, prompt: Prompt, masks: Masks, operator: Operator, response: Response
    ) -> Iterator[Scored]:
        """See `ScoringModel.score`."""
        for row, scores, tokens in self._scores(prompt, masks, operator, response.text):
            logprobs = scores.on(response.spans or ())[None]
            asked = tokens is not None
            yield Scored(np.array([row]), logprobs, tokens or 0, asked=asked, written=int(asked))

    @property
    def takes_text_only(self) -> bool:
        """Whether prompts are sent as one text."""
        return self._endpoint == "completion"

    def _kept(self, prompt: Prompt, masks: Masks, operator: Operator) -> list[list[Message]]:
        """The messages that are sent for each mask."""
        check_operator(operator, self._name)
        return [
            kept_messages(prompt.document, row, operator, prompt.messages) for row in masks.tolist()
        ]

    def _scores(
        self, prompt: Prompt, masks: Masks, operator: Operator, response: str
    ) -> Iterator[tuple[int, TokenScores, int | None]]:
        """Scores of the response's tokens by mask; tokens that were paid for, None if cached."""
        kept = self._kept(prompt, masks, operator)
        bodies = [payload.scoring_body(self._endpoint, each, response) for each in kept]

        def condensed(row: int, reply: Reply) -> Entry:
            return payload.scores_in(
                self._endpoint,
                reply,
                bodies[row],
                messages=kept[row],
                response=response,
                host=self._server.host,
            )

        for row, entry, asked in self._entries(bodies, condensed, scores=True):
            spans = tuple((start, end) for start, end in entry["spans"])
            scores = TokenScores(spans, np.array(entry["logprobs"], dtype=float))
            yield row, scores, entry["tokens"] if asked else None

    def _with_tokens(self, prompt: Prompt, response: Response) -> Response:
        """The response with its tokens, where the server tells them."""
        if "logprob" not in self.capabilities:
            return response
        told = self._scores(prompt, _whole(prompt), Operator("text"), response.text)
        _, scores, tokens = next(told)
        return replace(
            response,
            spans=scores.spans,
            tokens=(response.tokens or 0) + (tokens or 0),
            written=response.written + (tokens is not None),
        )

    def _scores_given_text(self) -> bool:
        """Ask the server for the log-probabilities of a given text, once."""
        trial = [Message(role="user", content="Say yes.")]
        body = payload.scoring_body(self._endpoint, trial, "Yes.")
        try:
            return bool(payload.told(self._endpoint, self._ask(body)))
        except Refused:
            # It refuses these fields, or everything: an answer is asked for to find out which.
            if not self._served:
                self._ask(payload.answer_body(self._endpoint, trial, Sampling(1)))
            return False

    def _answer_of(self, reply: Reply, body: Body) -> Entry:
        self._revision = str(reply.get("model") or "")
        entry = payload.answer_in(self._endpoint, reply, body)
        within_bounds(entry["text"], self._server.host, "answered with")
        return entry

    def _entries(
        self,
        bodies: Sequence[Body],
        condensed: Callable[[int, Reply], Entry],
        *,
        scores: bool = False,
    ) -> Iterator[tuple[int, Entry, bool]]:
        """What is to be known of each request, and whether the server was asked for it."""
        keys = [self._key(body) for body in bodies]
        wanted = []
        for row, key in enumerate(keys):
            entry = self._answers.get(key)
            if entry is None or not payload.is_whole(entry, scores=scores):
                wanted.append(row)
            else:
                yield row, entry, False
        if wanted and frozenset(bodies[wanted[0]]) not in self._served:
            row = wanted.pop(0)
            entry = condensed(row, self._ask(bodies[row]))
            self._answers.put(keys[row], entry)
            yield row, entry, True
        arrived: dict[int, Entry] = {}

        def keep(index: int, reply: Reply) -> None:
            row = wanted[index]
            arrived[row] = condensed(row, reply)
            self._answers.put(keys[row], arrived[row])

        sent = [self._wire(bodies[row]) for row in wanted]
        for index, _ in self._server.ask_all(self._endpoint, sent, keep):
            yield wanted[index], arrived.pop(wanted[index]), True

    def _ask(self, body: Body) -> Reply:
        """Send one request, and learn the server's ways from what it refuses."""
        while True:
            try:
                reply = self._server.ask(self._endpoint, self._wire(body))
            except Refused as refused:
                if not self._learnt_from(refused.said, body):
                    raise
            else:
                self._served.add(frozenset(body))
                return reply

    def _learnt_from(self, said: str, body: Body) -> bool:
        if self._length_name == "max_tokens" and "max_completion_tokens" in said:
            self._length_name = "max_completion_tokens"
            return True
        # Some models answer in their own way only; that is what greedy requests then get. Where no
        # seed is taken, answers are drawn all the same, and each is kept by its own.
        for name, may_go in (("temperature", body.get("temperature") == 0), ("seed", True)):
            if name in said and name in body and may_go and name not in self._left_out:
                self._left_out.add(name)
                return True
        return False

    def _wire(self, body: Body) -> Body:
        """A request in the server's own words."""
        wire = {"model": self._name, **body}
        wire[self._length_name] = wire.pop("max_tokens")
        for name in self._left_out:
            if name == "seed" or wire.get(name) == 0:
                wire.pop(name, None)
        if self._extra:
            wire["extra_body"] = {**self._extra, **wire.get("extra_body", {})}
        return wire

    def _key(self, body: Body) -> bytes:
        return cache.key_of(model=self.fingerprint(), body=dict(body))


def _whole(prompt: Prompt) -> Masks:
    """The mask that keeps everything."""
    return np.ones((1, len(prompt.document.sources)), dtype=bool)
