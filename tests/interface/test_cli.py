"""`jupyter xai` in a terminal."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import jupyter_xai as xai
from conftest import TRAVEL, ToyModel
from jupyter_xai.interface.commands import cli
from jupyter_xai.models import load as loading

SCHEMA = json.loads(
    (Path(xai.__file__).parent / "schema" / "explanation.schema.json").read_text("utf-8")
)


@pytest.fixture(autouse=True)
def _toy_by_name(toy: ToyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(loading._loaded, ("toy",), toy)
    monkeypatch.setitem(loading._loaded, ("tutor",), toy)


def test_explaining_prints_bars(capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["explain", TRAVEL, "--model", "toy", "--method", "leave-one-out", "-k", "2"])
    out, err = capsys.readouterr()
    assert code == 0
    assert err == ""
    assert "████████████      +3  Warm places please." in out
    assert "removing the top 2: −5" in out


def test_json_and_html_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = ["--json", str(tmp_path / "e.json"), "--html", str(tmp_path / "e.html")]
    assert cli.main(["explain", TRAVEL, "--method", "shap", *files]) == 0
    jsonschema.validate(json.loads((tmp_path / "e.json").read_text("utf-8")), SCHEMA)
    assert (tmp_path / "e.html").read_text("utf-8").startswith("<!doctype html>")
    shown = capsys.readouterr().out
    assert cli.main(["open", str(tmp_path / "e.json")]) == 0
    assert capsys.readouterr().out.splitlines()[1:8] == shown.splitlines()[1:8]


def test_json_on_standard_output_is_json_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", TRAVEL, "--method", "random", "--json", "-"]) == 0
    jsonschema.validate(json.loads(capsys.readouterr().out), SCHEMA)


@pytest.mark.parametrize("arguments", [["-"], ["--file", "-"]])
def test_the_prompt_is_read_from_standard_input(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Warm. {Cold}.\n"))
    assert cli.main(["explain", *arguments, "--json", "-"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert [unit["text"] for unit in made["prompt"]["units"]] == ["<s>", "Warm. ", "{Cold}."]


def test_the_prompt_is_read_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "prompt.txt"
    path.write_text("Warm.\r\n\r\nCold.\n", encoding="utf-8", newline="")
    assert cli.main(["explain", "-f", str(path), "--units", "paragraph", "--json", "-"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert "".join(unit["text"] for unit in made["prompt"]["units"]).startswith("<s>Warm.")


def test_lists_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, expected in [
        (["methods"], "leave-one-out"),
        (["models"], "tutor"),
        (["help"], "example:"),
        ([], "example:"),
        (["--help"], "example:"),
        (["explain", "--help"], "--html FILE"),
    ]:
        assert cli.main(arguments) == 0
        out, err = capsys.readouterr()
        assert expected in out
        assert err == ""


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["bogus"], 2, "there is no command 'bogus'"),
        (["explain"], 2, "there is no prompt"),
        (["explain", "hi", "-f", "x"], 2, "give the prompt once"),
        (["explain", "hi", "--prompt", "x"], 2, "unrecognized arguments: --prompt"),
        (["explain", "hi", "-k", "x"], 2, "invalid int value"),
        (["explain", ""], 2, "there is no prompt"),
        (["explain", " "], 1, "the prompt is empty"),
        (["explain", "hi", "--method", "shapp"], 1, "shap"),
        (["explain", "hi", "--units", "words"], 1, "did you mean 'word'?"),
        (["explain", "hi", "--max-seconds", "-1"], 1, "--max-seconds -1.0 is not allowed"),
        (["explain", "hi", "-k", "4"], 1, "k is 4, but the prompt has only 1 sentence"),
        (["explain", "-f", "none.txt"], 1, "cannot read 'none.txt': No such file"),
        (["open", "none.json"], 1, "cannot read"),
    ],
)
def test_mistakes_give_one_line_and_a_code(
    arguments: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.startswith("jupyter xai: ")
    assert err.count("\n") == 1


def test_ctrl_c_gives_a_partial_result(toy: ToyModel, capsys: pytest.CaptureFixture[str]) -> None:
    toy.interrupt_after = 6
    assert cli.main(["explain", TRAVEL]) == 130
    assert "partial" in capsys.readouterr().out.splitlines()[0]


def test_a_reader_who_stops_early_is_no_error() -> None:
    command = f"{sys.executable} -m jupyter_xai.interface.commands.cli explain --help | head -c 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60)
    assert done.stdout == "u"
    assert done.stderr == ""


def test_terminals_that_know_only_latin_are_served() -> None:
    code = (
        "import sys; from jupyter_xai.interface.commands import arguments, cli\n"
        "arguments.models_text = lambda: '█ 漢'\n"
        "sys.exit(cli.main(['models']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        timeout=60,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
    )
    assert (done.returncode, done.stdout.strip()) == (0, b"? ?")


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = "torch transformers pandas altair sklearn anywidget sentence_transformers scipy IPython"
    code = (
        "import sys, jupyter_xai\n"
        "jupyter_xai._jupyter_labextension_paths()\n"
        f"print([m for m in {heavy.split()} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_public_names() -> None:
    assert {"explain", "load", "open", "Explanation", "methods", "tutor"} <= set(dir(xai))
    assert callable(xai.explain)
    assert xai.methods.names()
    assert xai._jupyter_labextension_paths() == [{"src": "labextension", "dest": "jupyter-xai"}]
    with pytest.raises(AttributeError, match="has no attribute 'explian'"):
        xai.explian  # noqa: B018


def test_an_interpreter_is_trained_and_explains(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts = tmp_path / "prompts.jsonl"
    rows = [{"prompt": f"I am {i}. It rains. Help me."} for i in ("cold", "ill", "lost")]
    prompts.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    out = str(tmp_path / "mine")
    said = ["train", "--prompts", str(prompts), "--steps", "2", "--out", out, "-k", "1"]
    assert cli.main([*said, "--set", "batch=2"]) == 0
    assert "<interpreter of toy: 2 of 2 steps" in capsys.readouterr().out
    asked = ["explain", TRAVEL, "--method", "energy", "--interpreter", out, "--json", "-"]
    assert cli.main(asked) == 0
    e = json.loads(capsys.readouterr().out)
    assert e["method"]["settings"]["interpreter"] == out
    assert e["cost"]["forwards"] == 0
    assert cli.main(["explain", TRAVEL, "--method", "energy", "--estimate"]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "either --prompts FILE or --family NAME"),
        (["--family", "travel", "--prompts", "x.csv"], "either --prompts FILE or --family"),
        (["--family", "nothing"], "no family 'nothing'"),
        (["--prompts", "nowhere.csv"], "cannot read 'nowhere.csv'"),
        (["--prompts", "x.csv", "--set", "batch"], "--set takes key=value"),
    ],
)
def test_a_training_that_cannot_begin_says_why(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["train", *words]) in (1, 2)
    assert said in capsys.readouterr().err
