"""Answers on disk: by two processes at once, when damaged, full or beyond their bound."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from jupyter_xai import cache
from jupyter_xai.cache import AnswerCache

WRITER = """
import sys
from pathlib import Path
from jupyter_xai.cache import AnswerCache
answers = AnswerCache(Path(sys.argv[1]))
for i in range(200):
    answers.put(f"{i % 150}".encode(), {"text": f"{i % 150}"})
    answers.put(f"{sys.argv[2]}:{i}".encode(), {"text": sys.argv[2] * 50})
print(sum(answers.get(f"{sys.argv[2]}:{i}".encode()) is not None for i in range(200)))
"""


def test_two_processes_at_once_lose_nothing(answers: AnswerCache) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", WRITER, str(answers.path), name],
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "ab"
    ]
    assert [writer.communicate()[0].strip() for writer in writers] == ["200", "200"]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert answers.info().answers == 150 + 400
    with sqlite3.connect(answers.path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_it_is_its_owners_alone(answers: AnswerCache) -> None:
    answers.put(b"key", {"text": "Yes."})
    assert answers.path.stat().st_mode & 0o077 == 0


def test_damage_is_set_aside_and_work_goes_on(answers: AnswerCache) -> None:
    answers.path.write_bytes(b"this is no database, however long one looks at it" * 100)
    with pytest.warns(RuntimeWarning, match="was damaged .* set aside as .*damaged-"):
        answers.put(b"key", {"text": "Yes."})
    assert answers.get(b"key") == {"text": "Yes."}
    assert len([path for path in answers.path.parent.iterdir() if "damaged" in path.name]) == 1


def test_damage_in_the_middle_is_set_aside_too(answers: AnswerCache) -> None:
    for i in range(400):
        answers.put(b"%d" % i, {"text": "x" * 200})
    answers.close()
    data = bytearray(answers.path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    answers.path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for i in range(400):
            answers.get(b"%d" % i)
            answers.put(b"new%d" % i, {"text": "y"})
    assert answers.get(b"new399") == {"text": "y"}


def fill(answers: AnswerCache) -> None:
    """Put more than fits."""
    for i in range(50):
        answers.put(b"%d" % i, {"text": "x" * 5000})


def test_a_full_disk_is_told_once_and_work_goes_on(answers: AnswerCache) -> None:
    answers.put(b"key", {"text": "Yes."})
    assert answers._connection is not None
    # The file may not grow any more: what SQLite says is what it says of a full disk.
    pages = answers._connection.execute("PRAGMA page_count").fetchone()[0]
    answers._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.warns(RuntimeWarning, match="cannot be used .*full") as told:
        fill(answers)
    assert len(told) == 1
    assert answers.get(b"0") is None


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    answers = AnswerCache(tmp_path / "file" / "answers.sqlite3")
    with pytest.warns(RuntimeWarning, match="cannot be used"):
        answers.put(b"key", {"text": "Yes."})
    assert answers.get(b"key") is None


def test_the_oldest_answers_go_when_there_are_too_many(tmp_path: Path) -> None:
    answers = AnswerCache(tmp_path / "answers.sqlite3", most_bytes=20_000)
    for i in range(300):
        answers.put(b"%d" % i, {"text": "x" * 500})
    info = answers.info()
    assert info.bytes <= 20_000 + 64 * 520
    assert answers.get(b"0") is None
    assert answers.get(b"299") is not None


def test_the_public_functions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JUPYTER_XAI_CACHE", str(tmp_path / "elsewhere"))
    cache.shared().put(b"key", {"text": "Yes."})
    assert cache.path() == tmp_path / "elsewhere" / "answers.sqlite3"
    assert (cache.info().answers, cache.info().path) == (1, cache.path())
    assert cache.clear() == 1
    assert cache.info().answers == 0
