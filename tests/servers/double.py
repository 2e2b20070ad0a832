"""A server of OpenAI's protocol on loopback, made for tests: it counts, and fails as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """What the server does with one request."""

    status: int = 200
    body: str | dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drops: bool = False
    """Close the connection in the middle of the body."""


Behaviour = Callable[[dict[str, Any], int], Reply]
"""From a request and its number (from 1) to what is done with it."""


@dataclass
class Seen:
    """One request."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class Double(ThreadingHTTPServer):
    """The server; `seen` holds what it was asked."""

    daemon_threads = True
    # Many clients come at once.
    request_queue_size = 128

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behaviour = behaviour
        self.seen: list[Seen] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that leave in the middle are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Or every answer would wait 40 ms for the client to confirm its head.
    disable_nagle_algorithm = True
    server: Double

    def do_GET(self) -> None:
        self._do({})

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        self._do(json.loads(self.rfile.read(length)))

    def _do(self, body: dict[str, Any]) -> None:
        with self.server.lock:
            self.server.seen.append(Seen(self.path, _lowered(self.headers), body))
            number = len(self.server.seen)
        reply = self.server.behaviour(body, number)
        if reply.delay:
            time.sleep(reply.delay)
        text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body or {})
        data = text.encode()
        self.send_response(reply.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data) + (100 if reply.drops else 0)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        if reply.drops:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Tests print what they need."""


def _lowered(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[Double]:
    """Run a double until the block ends."""
    server = Double(behaviour)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def parrot(text: str) -> str:
    """Say the last word of each sentence of a text."""
    words = [part.split()[-1] for part in text.replace("\n", " ").split(".") if part.split()]
    return " ".join(f"I say {word}." for word in words) or "Silence."


def chat(body: dict[str, Any], _: int = 0, **fields: Any) -> Reply:
    """An answer of the parrot to a chat."""
    text = parrot(" ".join(message["content"] for message in body["messages"]))
    message = {"role": "assistant", "content": text}
    return completion({"message": message, "finish_reason": "stop"}, **fields)


def completion(choice: dict[str, Any], **fields: Any) -> Reply:
    """A reply with one choice."""
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    return Reply(
        body={"id": "1", "object": "chat.completion", "created": 0, "model": "parrot-1"}
        | {"choices": [{"index": 0, **choice}], "usage": usage, **fields}
    )


def refused(status: int, message: str, **headers: str) -> Reply:
    """An error as OpenAI's servers write it."""
    return Reply(status, {"error": {"message": message, "type": "x", "code": None}}, headers)
