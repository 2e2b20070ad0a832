"""Fixtures: models whose causes are known, and text that tries to break out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zlib import crc32

import numpy as np
import pytest
from hypothesis import settings

from jupyter_xai.game.ledger import SESSION
from jupyter_xai.masking import Masks
from jupyter_xai.models.base import (
    Answered,
    Capability,
    Message,
    Model,
    Operator,
    Prompt,
    Response,
    Sampling,
    Scored,
)
from jupyter_xai.text.document import Document, Segment, Span

# A busy machine is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

TRAVEL = "I am tired. Warm places please. No cities. Money is no matter."
ANSWER = "Go to a warm island. It is quiet there. Take the best hotel."

HOSTILE = (
    '<script>alert("x")</script><img src=x onerror=alert(1)></script><!-- </style> '
    "&amp; \u202eright to left\u202c שלום 漢字。e\u0301\t👩‍👩‍👧 {braces} $dollars %xai\n"
)

CAUSES = {"Warm": ("warm", 3.0), "cities": ("quiet", 2.0), "Money": ("best", 1.5)}
"""Word in a prompt unit -> the word of the answer that it makes likelier, and by how many nats."""

BASE = -4.0


class ToyModel:
    """Answers always the same; a word's log-probability is -4 plus what its causes give."""

    def __init__(self, answer: str = ANSWER, name: str = "toy", noisy: bool = False) -> None:
        self.name = name
        self.scored = 0
        self.answered = 0
        self.interrupt_after: int | None = None
        self.on_batch: Any = None
        self._answer = answer
        self._noise = 1e-3 if noisy else 0.0

    capabilities: frozenset[Capability] = frozenset({"text", "logprob"})

    def describe(self) -> Mapping[str, str | None]:
        return {
            "name": self.name,
            "kind": "transformers",
            "revision": "1",
            "dtype": "float32",
            "device": "cpu",
            "template": None,
        }

    def fingerprint(self) -> str:
        return f"{self.name}:{id(self)}"

    def prompt(
        self,
        prompt: str | Sequence[Message],
        *,
        units: str = "sentence",
        language: str = "en",
        system: str | None = None,
        explain_system: bool = False,
    ) -> Prompt:
        messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        segments = [Segment("<s>", role="template", protected=True)]
        if system is not None:
            segments.append(Segment(system, role="system", protected=not explain_system))
        segments += [Segment(each["content"], role=each["role"]) for each in messages]
        document = Document.from_segments(
            segments, units, language=language, token_spans=self.token_spans
        )
        return Prompt(document, ids=tuple(range(len(document))))

    def respond(self, prompt: Prompt, sampling: Sampling) -> Response:
        self.answered += 1
        return self._made(self._answer, supplied=False)

    def supplied(self, prompt: Prompt, text: str) -> Response:
        return self._made(text, supplied=True)

    def keys(self, prompt: Prompt, masks: Masks, operator: Operator) -> list[bytes]:
        head = hashlib.sha256(f"{prompt.document.text}|{operator}".encode()).digest()
        return [head + prompt.document.keep(row).encode() for row in masks.tolist()]

    def answer(
        self, prompt: Prompt, masks: Masks, operator: Operator, sampling: Sampling
    ) -> Iterator[Answered]:
        for index, row in enumerate(masks):
            self.answered += 1
            kept = self._answer if row.all() else self._answer.split(". ")[0]
            yield Answered(index, kept, tokens=1)

    def score(
        self, prompt: Prompt, masks: Masks, operator: Operator, response: Response
    ) -> Iterator[Scored]:
        words = [response.text[start:end] for start, end in response.spans or ()]
        for index, row in enumerate(masks):
            self.scored += 1
            if self.interrupt_after is not None and self.scored > self.interrupt_after:
                self.interrupt_after = None
                raise KeyboardInterrupt
            if self.on_batch is not None:
                self.on_batch()
            kept = prompt.document.keep(row.tolist())
            logprobs = [
                BASE
                + sum(by for cause, (made, by) in CAUSES.items() if cause in kept and made in w)
                for w in words
            ]
            batch = np.array([logprobs], dtype=np.float32) + self._noise * (len(masks) > 1)
            yield Scored(np.array([index]), batch, tokens=len(words))

    def token_spans(self, text: str) -> Sequence[Span]:
        return [(unit.start, unit.end) for unit in Document.cut(text, "word").units]

    def _made(self, text: str, supplied: bool) -> Response:
        spans = tuple(self.token_spans(text))
        ids = tuple(crc32(text[start:end].encode()) for start, end in spans)
        return Response(text, ids=ids, spans=spans, supplied=supplied)


@pytest.fixture(autouse=True, scope="session")
def _own_history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Shells that tests start write no history where whoever runs the tests has theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        yield


@pytest.fixture(autouse=True)
def _empty_ledger() -> Iterator[None]:
    SESSION.clear()
    yield
    SESSION.clear()


@pytest.fixture(autouse=True)
def _no_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's own JupyterLab settings decide what is tested."""
    monkeypatch.setenv("JUPYTERLAB_SETTINGS_DIR", str(tmp_path_factory.getbasetemp() / "settings"))


@pytest.fixture
def toy() -> ToyModel:
    return ToyModel()


@pytest.fixture(scope="session")
def smollm2() -> Model:
    """A real model; tests that ask for it are marked ``real``."""
    import jupyter_xai as xai

    try:
        return xai.load("smollm2")
    except xai.XaiError as error:
        if os.environ.get("CI"):
            pytest.fail(f"in CI the real model may not be missing: {error}")
        pytest.skip(str(error))


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """Tiny models are quickest on one thread; more only wait for each other."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
