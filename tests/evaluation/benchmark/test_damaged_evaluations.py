"""Stores and data that are damaged, and evaluations of which nothing came."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from conftest import TRAVEL, ToyModel
from jupyter_xai import evaluate
from jupyter_xai.errors import XaiError
from jupyter_xai.evaluation.benchmark import read_cases
from jupyter_xai.evaluation.benchmark.store import FILE
from jupyter_xai.interface.commands import cli
from jupyter_xai.models import load as loading

ASKED: dict[str, Any] = {"metrics": ["drop@1"], "progress": False}


def evaluated(folder: Path, prompts: list[str] | None = None) -> Any:
    return evaluate(
        prompts or ["Be brief. Be kind.", "A cat. A dog."],
        ["leave-one-out"],
        {"m": str.upper},
        folder=folder,
        **ASKED,
    )


def spoil(folder: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(folder / FILE) as base:
        base.execute(statement, values)
    base.close()


@pytest.mark.parametrize(
    "wrong",
    [
        *("{", "[1]", "5", "null", '{"used": "x", "metrics": {}}', '{"used": 1, "metrics": [1]}'),
        *('{"used": 1, "metrics": {"drop@1": "much"}}', "[" * 100_000, b"\xff\xfe", None, 7),
    ],
)
def test_a_cell_of_a_wrong_type_says_which(tmp_path: Path, wrong: Any) -> None:
    evaluated(tmp_path)
    spoil(tmp_path, "UPDATE cells SET results = ? WHERE settings NOT LIKE '%shape%'", wrong)
    found = evaluated(tmp_path)
    assert [(f.case, f.method) for f in found.failures] == [
        (0, "leave-one-out"),
        (1, "leave-one-out"),
    ]
    message = found.failures[0].message
    assert f"{FILE!s}' is damaged (the results of a cell are" in message
    assert "\n" not in message
    assert len(message) < 600


def test_a_shape_and_an_answer_of_a_wrong_type_say_which(tmp_path: Path) -> None:
    evaluated(tmp_path)
    wrong = '{"n": 0, "m": []}'
    spoil(tmp_path, "UPDATE cells SET results = ? WHERE settings LIKE '%shape%'", wrong)
    assert "is damaged" in evaluated(tmp_path).failures[0].message
    evaluated(tmp_path / "other")
    spoil(tmp_path / "other", "DELETE FROM cells")
    spoil(tmp_path / "other", "UPDATE said SET kind = 'array', entry = x'00'")
    found = evaluated(tmp_path / "other")
    assert "what a model said cannot be read" in found.failures[0].message


def test_a_damaged_page_says_which_file(tmp_path: Path) -> None:
    prompts = [f"Be brief {i}. Be kind {i}." for i in range(40)]
    evaluated(tmp_path, prompts)
    spoil(tmp_path, "PRAGMA wal_checkpoint(TRUNCATE)")
    file = tmp_path / FILE
    data = bytearray(file.read_bytes())
    # The first page, which lists the tables, is whole.
    data[4096:] = b"\xff" * (len(data) - 4096)
    file.write_bytes(data)
    found = evaluated(tmp_path, prompts)
    assert len(found.failures) == len(prompts)
    assert f"kept in {str(file)!r} is damaged" in found.failures[0].message
    file.write_bytes(b"\xff" * len(data))
    with pytest.raises(XaiError, match="cannot keep the evaluation"):
        evaluated(tmp_path, prompts)


def test_nothing_but_failures_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken(ToyModel):
        def respond(self, *_: Any) -> Any:
            msg = "out of order"
            raise XaiError(msg)

    monkeypatch.setitem(loading._loaded, ("toy",), Broken())
    file = tmp_path / "prompts.jsonl"
    file.write_text(json.dumps({"prompt": TRAVEL}), encoding="utf-8")
    said = ["evaluate", "--data", str(file), "--methods", "shap", "--measures", "drop@1"]
    assert cli.main([*said, "--models", "toy"]) == 1
    assert "failed: prompt 0, toy: out of order" in capsys.readouterr().out
    # One that worked is a result.
    rows = [{"prompt": TRAVEL, "response": "Go to a warm island."}, {"prompt": TRAVEL}]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert cli.main([*said, "--models", "toy"]) == 0


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[" * 100_000, "row 1 is no JSON that can be read"),
        ('{"prompt": ' + "9" * 5_000 + "}", "row 1 is no JSON that can be read"),
        ('{"prompt"', "row 1 is no JSON that can be read"),
        ("[1]", "row 1 is no object"),
        ('{"prompt": 5}', "row 1"),
        ('{"prompt": "A.", "response": 5}', "row 1: the response must be a text"),
        ('{"prompt": "A.", "truth": [Infinity]}', "row 1: the truth must list"),
        ('{"prompt": "A.", "truth": {"x": [1]}}', "row 1: the truth must list"),
        ('{"prompt": "A.", "truth": "' + "[" * 5_000 + '"}', "row 1: the truth must be JSON"),
        ('{"prompt": "A.", "human": 5}', "row 1: human must be a text"),
    ],
)
def test_a_damaged_line_says_which(tmp_path: Path, line: str, message: str) -> None:
    file = tmp_path / "prompts.jsonl"
    file.write_text('{"prompt": "Be brief."}\n' + line, encoding="utf-8")
    with pytest.raises(XaiError, match=message) as caught:
        read_cases(file)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_line_breaks_within_texts_end_no_line(tmp_path: Path) -> None:
    file = tmp_path / "prompts.jsonl"
    text = "One\u2028two\x85three."
    file.write_text(json.dumps({"prompt": text}, ensure_ascii=False), encoding="utf-8")
    assert read_cases(file)[0].prompt == text


def test_a_table_is_written_through_a_link(tmp_path: Path) -> None:
    found = evaluated(tmp_path / "kept")
    target, link = tmp_path / "real.csv", tmp_path / "link.csv"
    target.write_text("old", encoding="utf-8")
    link.symlink_to(target)
    found.save(link)
    assert link.is_symlink()
    assert target.read_text("utf-8").startswith("case,")
