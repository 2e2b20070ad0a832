"""A real server on loopback: ``transformers serve`` with the tutor's folder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
import pytest

import jupyter_xai as xai
from jupyter_xai.cache import AnswerCache
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.models import tutor
from jupyter_xai.models.server.openai import OpenAIModel

# Here tokens are removed, at a server their text is, which is cut into tokens anew. That may change
# the first one, and with it an answer; in this prompt it changes none.
PROMPT = "I am tired. I want to rest by the sea. My budget is flexible."
PATIENCE = 120
"""Seconds for the server's start on a busy machine."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("serve") / "log"
    command = [
        *(str(Path(sys.executable).with_name("transformers")), "serve", str(tutor.FOLDER)),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--dtype", "float32", "--device", "cpu", "--log-level", "warning"),
    ]
    with log.open("w") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, env={**os.environ, "HF_HUB_OFFLINE": "1"}
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(PATIENCE * 4):
            assert process.poll() is None, log.read_text()
            try:
                urlopen(f"{address}/health", timeout=1).read()
                break
            except (URLError, OSError):
                time.sleep(0.25)
        yield f"{address}/v1"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture
def model(server: str, answers: AnswerCache) -> OpenAIModel:
    """The tutor behind the server."""
    return OpenAIModel(
        str(tutor.FOLDER), base_url=server, answers=answers, timeout=60.0, concurrency=2
    )


@pytest.fixture(autouse=True)
def own_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered from other tests."""
    monkeypatch.setattr("jupyter_xai.explainer.explainer.SESSION", Ledger())


def test_it_gives_answers_only_and_that_is_found_out(model: OpenAIModel) -> None:
    assert model.capabilities == {"text"}


@pytest.mark.parametrize("method", ["leave-one-out", "gsmile"])
def test_far_and_near_are_the_same(model: OpenAIModel, method: str) -> None:
    settings = {"method": method, "units": "sentence", "value": "text", "distance": "cosine"}
    far = xai.explain(PROMPT, model, **settings, progress=False)
    near = xai.explain(PROMPT, "tutor", **settings, progress=False)
    assert far.response == near.response
    np.testing.assert_allclose(far.scores, near.scores, atol=1e-9)
    np.testing.assert_allclose(far.total, near.total, atol=1e-9)
    assert far.record["model"]["kind"] == "openai"
    if method == "gsmile":
        assert far.record["method"]["details"] == near.record["method"]["details"]
        assert set(far.metrics()["metric"]) >= {f"drop, top {far.k}"}


def test_the_notebook_runs() -> None:
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    path = Path(__file__).parents[2] / "notebooks" / "servers.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(notebook, timeout=PATIENCE, kernel_name="python3").execute()
    said = [str(cell.get("outputs", "")) for cell in notebook.cells]
    assert any("to pay" in text for text in said)
    assert any("I want to rest somewhere warm." in text for text in said)
