"""Servers on loopback, and a cache of its own for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_xai.cache import AnswerCache


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the keys nor the answers of whoever runs the tests."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUPYTER_XAI_CACHE", str(tmp_path))


@pytest.fixture
def answers(tmp_path: Path) -> AnswerCache:
    """A cache that nobody else uses."""
    return AnswerCache(tmp_path / "answers.sqlite3")
