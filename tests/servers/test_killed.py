"""A run that is killed does not pay twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from double import Reply, Seen, chat, refused, serving

CONCURRENCY = 4
RUN = """
import sys
import jupyter_xai as xai
words = " ".join(f"Say word{i}." for i in range(10))
model = xai.load("openai:parrot", base_url=sys.argv[1], concurrency=int(sys.argv[2]))
e = xai.explain(words, model, method="lime", perturbations=64, checks=False, progress=False)
print(e.record["cost"]["generations"], e.record["cost"]["reused"])
"""


def test_killed_in_the_middle_and_run_again(tmp_path: Path) -> None:
    def slow(body: dict[str, Any], number: int) -> Reply:
        if "prompt_logprobs" in body:
            return refused(400, "unknown field")
        reply = chat(body, number)
        reply.delay = 0.05
        return reply

    with serving(slow) as server:
        command = [sys.executable, "-c", RUN, server.url, str(CONCURRENCY)]
        first = subprocess.Popen(command, stdout=subprocess.PIPE)
        for _ in range(2400):
            if len(server.seen) > 30:
                break
            time.sleep(0.05)
        first.send_signal(signal.SIGKILL)
        first.communicate()
        time.sleep(1)  # what was on its way has arrived
        before = len(server.seen)
        again = subprocess.run(command, capture_output=True, text=True, check=True)
        first_run, second_run = answers(server.seen[:before]), answers(server.seen[before:])
    assert 25 < len(first_run) < 60
    assert len({*first_run, *second_run}) == 65  # 64 perturbations and the whole prompt
    # Only answers that were on their way when the process died were asked for again.
    assert len({*first_run} & {*second_run}) <= CONCURRENCY
    generations, reused = map(int, again.stdout.split())
    assert generations == len(second_run)
    assert reused >= len(first_run) - CONCURRENCY


def answers(seen: list[Seen]) -> list[str]:
    """The requests for an answer to (what is left of) the prompt, without those that probe."""
    sent = [each.body for each in seen if "prompt_logprobs" not in each.body]
    return [json.dumps(body["messages"]) for body in sent if "yes" not in str(body["messages"])]
