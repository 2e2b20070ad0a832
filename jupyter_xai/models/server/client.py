"""Requests to one server: several at once, repeated where that may help, with readable failures.

The openai package does the talking: it repeats what may pass (429 with its Retry-After, 5xx,
time-outs, dropped connections) within a limit. Here its requests run on an event loop of their own,
beside the notebook's, and redirects are refused: keys must not follow them to another host.
"""

from __future__ import annotations

import asyncio
import json
import queue
import threading
import weakref
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from jupyter_xai.errors import Option, Worded, XaiError

Endpoint = Literal["chat", "completion"]
Body = Mapping[str, Any]
Reply = dict[str, Any]
"""What a server answered, as JSON."""

_MOST_SHOWN = 300
_MOST_SECONDS_TO_CLOSE = 2.0


@dataclass(frozen=True)
class Limits:
    """How hard a server may be asked.

    Attributes
    ----------
    concurrency : int
        Requests at once.
    timeout : float
        Seconds that one attempt may take.
    retries : int
        How often a request is repeated that may yet pass.
    """

    concurrency: int = 8
    timeout: float = 60.0
    retries: int = 4

    def __post_init__(self) -> None:
        for name, least in (("concurrency", 1), ("timeout", 0.001), ("retries", 0)):
            given = getattr(self, name)
            if isinstance(given, bool) or not isinstance(given, int | float) or given < least:
                msg = f"{name}={given!r} is not allowed; give a number of at least {least}"
                raise XaiError(msg)


class Refused(XaiError):
    """The server understood a request and will not serve it (a status from 400 to 499)."""

    def __init__(self, message: str, said: str) -> None:
        super().__init__(message)
        self.said = said


class Server:
    """One server that speaks OpenAI's protocol.

    Parameters
    ----------
    base_url : str
        Such as ``http://localhost:8000/v1``.
    api_key : str, optional
        Never shown, and sent to this host only.
    limits : Limits, optional
    """

    def __init__(self, base_url: str, api_key: str | None, limits: Limits | None = None) -> None:
        address = urlsplit(base_url)
        if address.scheme not in ("http", "https") or not address.netloc:
            msg = Worded(
                Option("base_url", base_url),
                " is no address; give one such as http://localhost:8000/v1",
            )
            raise XaiError(msg)
        if "@" in address.netloc or address.query:
            # Addresses are shown; what opens a server must not be.
            msg = Worded(
                Option("base_url"),
                " must be an address alone, without user, password or query; give a key as "
                "api_key=",
            )
            raise XaiError(msg)
        self.base_url = base_url.rstrip("/")
        self.host = address.netloc
        self.limits = limits or Limits()
        self._api_key = api_key
        self._client: Any = None
        self._slots: asyncio.Semaphore | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting = threading.Lock()

    def __repr__(self) -> str:
        return f"Server({self.base_url!r})"

    def ask(self, endpoint: Endpoint, body: Body) -> Reply:
        """Send one request.

        Raises
        ------
        Refused
            For a status from 400 to 499.
        XaiError
            When there is no usable answer within the limits.
        """
        return self._run(self._post(endpoint, body))

    def models(self) -> list[str]:
        """Names of the server's models; none where it does not tell."""

        async def names() -> list[str]:
            return [model.id async for model in self._client.models.list()]

        try:
            return self._run(names())
        except Exception:
            return []

    def ask_all(
        self, endpoint: Endpoint, bodies: Sequence[Body], keep: Callable[[int, Reply], None]
    ) -> Iterator[tuple[int, Reply]]:
        """Send many requests, several at once, and yield answers as they come.

        Parameters
        ----------
        endpoint : str
        bodies : sequence of mapping
        keep : callable
            Told each answer, with its position, as soon as it is there: also those that arrive
            after the reader has gone. What was sent is paid for.

        Raises
        ------
        XaiError
            For the first request that fails for good; no more are sent then.
        """
        arrived: queue.SimpleQueue[tuple[int, Reply | BaseException]] = queue.SimpleQueue()
        left = threading.Event()

        async def one(index: int, body: Body) -> None:
            assert self._slots is not None
            async with self._slots:
                if left.is_set():
                    return
                try:
                    reply = await self._post(endpoint, body)
                    keep(index, reply)
                except BaseException as error:  # handed to the reader, who raises it
                    left.set()
                    arrived.put((index, error))
                    return
            arrived.put((index, reply))

        async def every() -> None:
            await asyncio.gather(*(one(index, body) for index, body in enumerate(bodies)))

        asyncio.run_coroutine_threadsafe(every(), self._started())
        try:
            for _ in bodies:
                index, reply = arrived.get()
                if isinstance(reply, BaseException):
                    raise reply
                yield index, reply
        finally:
            left.set()

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                name = f"jupyter-xai {self.host}"
                thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
                thread.start()
                asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()
                # The client must not wait for the end of the process: its sockets are closed with
                # the last model that uses them.
                weakref.finalize(self, _close, self._loop, thread, self._client)
            return self._loop

    async def _open(self) -> None:
        import openai

        limits = self.limits
        self._slots = asyncio.Semaphore(int(limits.concurrency))
        self._client = openai.AsyncOpenAI(
            # Local servers want no key, the package does.
            api_key=self._api_key or "none",
            base_url=self.base_url,
            timeout=limits.timeout,
            max_retries=int(limits.retries),
            http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False),
        )

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._started()).result()

    async def _post(self, endpoint: Endpoint, body: Body) -> Reply:
        import openai

        from jupyter_xai.models.server.replies import fault

        place = self._client.chat.completions if endpoint == "chat" else self._client.completions
        try:
            # A server that sends a byte now and then must not hold the run for ever.
            async with asyncio.timeout(self.limits.timeout * (self.limits.retries + 2) + 240):
                raw = await place.with_raw_response.create(**body)
                text = raw.http_response.text
        except (openai.OpenAIError, TimeoutError) as error:
            raise self._explained(error, body) from None
        try:
            reply = json.loads(text)
        except (ValueError, RecursionError) as error:
            # Python refuses numbers of thousands of digits, and what nests a thousand deep.
            what = "no JSON" if isinstance(error, json.JSONDecodeError) else "no usable JSON"
            msg = f"{self.host} answered with something that is {what}: {self._shown(text)}"
            raise XaiError(msg) from None
        if not isinstance(reply, dict) or not reply.get("choices"):
            msg = f"{self.host} answered without any choice: {self._shown(text)}"
            raise XaiError(msg)
        if (wrong := fault(reply)) is not None:
            msg = (
                f"{self.host} answered with a damaged reply: {self._shown(wrong)}; nothing of it "
                "was used, see whether it is a server of OpenAI's protocol"
            )
            raise XaiError(msg)
        return reply

    def _explained(self, error: Exception, body: Body) -> XaiError:
        """One readable line, without the key."""
        import openai

        tries = int(self.limits.retries) + 1
        kept = "answers that were given are kept"
        if isinstance(error, openai.APITimeoutError | TimeoutError):
            return XaiError(
                f"{self.host} did not answer within {self.limits.timeout:g} s, {tries} times; "
                f"raise timeout=, or lower concurrency= ({kept})"
            )
        if not isinstance(error, openai.APIStatusError):
            return XaiError(
                f"cannot reach {self.host} ({self._shown(str(error.__cause__ or error))}); "
                f"is the server running at {self.base_url}? ({kept})"
            )
        status, said = error.status_code, self._shown(_said(error))
        if 300 <= status < 400:
            other = error.response.headers.get("location", "another address")
            return XaiError(
                Worded(
                    f"{self.host} redirects to {self._shown(other)}; keys do not follow "
                    "redirects: give that address as ",
                    Option("base_url", ...),
                    " if it is to be trusted",
                )
            )
        if status == 401:
            return Refused(
                f"{self.host} does not take the API key ({said}); give api_key=, or set "
                "OPENAI_API_KEY together with OPENAI_BASE_URL",
                said,
            )
        if status == 404:
            return Refused(
                Worded(
                    f"{self.host} has no model {body.get('model')!r}, or not this service "
                    f"({said}); check the model's name and ",
                    Option("base_url", ...),
                ),
                said,
            )
        if status == 429:
            return Refused(
                f"{self.host} still had too many requests after {tries} tries ({said}); "
                f"lower concurrency=, or wait and run again: {kept}",
                said,
            )
        if status < 500:
            return Refused(f"{self.host} refused the request ({status}): {said}", said)
        return XaiError(f"{self.host} failed {tries} times ({status}: {said}); {kept}")

    def _shown(self, text: str) -> str:
        """Text of a server on one line, cut, and without the key."""
        line = " ".join(text.split())
        if self._api_key:
            line = line.replace(self._api_key, "[key]")
        return line if len(line) <= _MOST_SHOWN else line[: _MOST_SHOWN - 1] + "…"


def _close(loop: asyncio.AbstractEventLoop, thread: threading.Thread, client: Any) -> None:
    """Close a client's sockets and end its loop, from whatever thread."""

    async def end() -> None:
        try:
            await client.close()
        finally:
            loop.stop()

    if not thread.is_alive():
        return
    asyncio.run_coroutine_threadsafe(end(), loop)
    if threading.current_thread() is not thread:
        thread.join(_MOST_SECONDS_TO_CLOSE)
        if not thread.is_alive():
            loop.close()


def _said(error: Any) -> str:
    """What the server itself said about an error."""
    body = error.body
    if isinstance(body, Mapping):
        inner = body.get("error", body)
        if isinstance(inner, Mapping):
            for name in ("message", "detail"):
                if isinstance(inner.get(name), str):
                    return inner[name]
        if isinstance(inner, str):
            return inner
    return str(error.message)
