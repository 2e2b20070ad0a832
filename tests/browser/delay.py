"""A line between page and kernel on which what widgets say can be held up."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Page, WebSocketRoute

_CHANNELS = re.compile(r"/api/kernels/[^/]+/channels")


Words = list[tuple[WebSocketRoute, str | bytes]]


class Line:
    """Kernels are heard at once; their widgets may be held, and are heard in order then.

    That a kernel is done with a message is never held: ipywidgets sends no other before.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._held: Words = []
        self._holds = False
        page.route_web_socket(_CHANNELS, self._connect)

    def hold(self) -> None:
        """Let no widget be heard from now on."""
        self._holds = True

    def wait_for(self, said: str, seconds: int = 40) -> None:
        """Wait until something that is held says this, a regular expression."""
        pattern = re.compile(said.encode())
        for _ in range(seconds * 20):
            if any(pattern.search(_bytes(message)) for _, message in self._held):
                return
            self._page.wait_for_timeout(50)
        msg = f"the kernel did not say {said!r}"
        raise AssertionError(msg)

    def take(self) -> Words:
        """What is held by now, to be delivered later."""
        taken, self._held = self._held, []
        return taken

    def deliver(self, words: Words) -> None:
        """Let the page hear this."""
        for socket, message in words:
            socket.send(message)

    def let_go(self) -> None:
        """Hold nothing any more."""
        self._holds = False
        self.deliver(self.take())

    def _connect(self, socket: WebSocketRoute) -> None:
        def heard(message: str | bytes) -> None:
            if self._holds and _kind(message) in ("comm_msg", "comm_info_reply"):
                self._held.append((socket, message))
            else:
                socket.send(message)

        socket.connect_to_server().on_message(heard)


def _bytes(message: str | bytes) -> bytes:
    return message.encode() if isinstance(message, str) else message


def _kind(message: str | bytes) -> str:
    """The type in the header, the second part of a message (v1.kernel.websocket.jupyter.org)."""
    data = _bytes(message)
    begin, end = (int.from_bytes(data[at : at + 8], "little") for at in (16, 24))
    return json.loads(data[begin:end])["msg_type"]
