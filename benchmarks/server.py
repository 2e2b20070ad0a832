"""What asking a server costs beside the server: our time a mask over the bare openai client.

The server is a process of its own that answers at once. Both send the same requests, as many at a
time, in turns; ours also cuts the prompts, looks into the cache on disk and keeps every answer.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
from support.report import Table, Target, arguments, finish

from jupyter_xai.cache import AnswerCache
from jupyter_xai.game.asker import Asker
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.models.base import Message, Operator, Sampling
from jupyter_xai.models.messages import kept_messages
from jupyter_xai.models.server.openai import OpenAIModel

MASKS = 256
CONCURRENCY = 8
PROMPT = " ".join(f"This is sentence number {i} of the prompt." for i in range(12))

_SERVER = """
import asyncio, json
choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Yes."}}
usage = {"prompt_tokens": 50, "completion_tokens": 2, "total_tokens": 52}
reply = {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
body = json.dumps({**reply, "usage": usage}).encode()
head = b"HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\ncontent-length: %d\\r\\n\\r\\n"
said = head % len(body)
async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            lines = head.lower().split(b"\\r\\n")
            length = next(int(l.split(b":")[1]) for l in lines if l.startswith(b"content-length"))
            await reader.readexactly(length)
            writer.write(said + body)
    except asyncio.IncompleteReadError:
        writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


@contextmanager
def answering() -> Iterator[str]:
    """Address of a server that answers at once."""
    process = subprocess.Popen([sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
    finally:
        process.terminate()
        process.wait()


async def bare_seconds(address: str, asked: list[list[Message]]) -> float:
    """Seconds that the openai package takes by itself."""
    import openai

    async with openai.AsyncOpenAI(api_key="none", base_url=address) as client:
        slots = asyncio.Semaphore(CONCURRENCY)

        async def one(messages: list[Message]) -> None:
            async with slots:
                await client.chat.completions.create(
                    model="m",
                    messages=messages,  # type: ignore[arg-type]
                    max_tokens=256,
                    temperature=0.0,
                )

        await one(asked[0])  # connects
        started = perf_counter()
        await asyncio.gather(*map(one, asked))
        return perf_counter() - started


def our_seconds(address: str, masks: np.ndarray) -> float:
    """Seconds that answers take which are asked for, counted and kept."""
    with tempfile.TemporaryDirectory() as folder:
        answers = AnswerCache(Path(folder) / "answers.sqlite3")
        model = OpenAIModel("m", base_url=address, concurrency=CONCURRENCY, answers=answers)
        prompt = model.prompt(PROMPT)
        model.respond(prompt, Sampling())  # connects
        started = perf_counter()
        found = Asker(model, prompt, Operator(), Sampling(), Ledger()).answers(masks)
        took = perf_counter() - started
        assert len(found) == len(masks)
        answers.close()
    return took


def distinct_masks(n: int) -> np.ndarray:
    """As many masks as are asked for, none twice, none of everything."""
    numbers = np.random.default_rng(0).choice(2**n - 1, MASKS, replace=False)
    return (numbers[:, None] >> np.arange(n)) % 2 == 1


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--repetitions", type=int, default=15, help="pairs, and one that warms up")
    options = parser.parse_args()
    table = Table(
        f"{MASKS} masks, {CONCURRENCY} at a time, ms a mask", ("", "openai alone", "ours", "more")
    )
    more = []
    with answering() as address:
        document = OpenAIModel("m", base_url=address).prompt(PROMPT).document
        masks = distinct_masks(len(document.sources))
        asked = [kept_messages(document, row, Operator()) for row in masks.tolist()]
        asked = [messages or [Message(role="user", content="")] for messages in asked]
        for turn in range(options.repetitions + 1):
            bare = asyncio.run(bare_seconds(address, asked))
            ours = our_seconds(address, masks)
            each = [1000 * took / MASKS for took in (bare, ours, ours - bare)]
            if turn:
                more.append(each[2])
                table.add(f"pair {turn}", *(f"{ms:.2f}" for ms in each))
    targets = [Target("server: ours more, median of pairs", median(more), 2, "ms", least=False)]
    return finish("server", [table], targets, options.json)


if __name__ == "__main__":
    sys.exit(main())
