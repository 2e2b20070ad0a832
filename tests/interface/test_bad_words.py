"""Whatever is said on the line: an answer, or one line on standard error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import jupyter_xai as xai
from conftest import TRAVEL, ToyModel
from jupyter_xai import methods
from jupyter_xai.errors import XaiError
from jupyter_xai.game.ledger import SESSION
from jupyter_xai.interface.commands import arguments, cli
from jupyter_xai.models import load as loading

DIGITS, DEEP = "9" * 5_000, "[" * 100_000
WRONG = (
    *("x", "-1", "0", "nan", "inf", "1e999", DIGITS, "9" * 400, DEEP, "", "null", "[1]", "{}"),
    *("true", "1.5", '"x"'),
)


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> ToyModel:
    model = ToyModel()
    for name in ("toy", "tutor"):
        monkeypatch.setitem(loading._loaded, (name,), model)
    return model


def said(line: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit status, and the line on standard error."""
    code = cli.main(line)
    error = capsys.readouterr().err
    assert len(error) < 1_000
    assert error.count("\n") == (0 if code in (0, 130) else 1), error
    return code, error


EXPLAIN = ["explain", TRAVEL, "--model", "toy", "-p", "3"]


@pytest.mark.parametrize(
    "option",
    [
        *("--units", "--response-units", "--value", "--operator", "--distance", "-k", "-p"),
        *("--seed", "--targets", "--max-new-tokens", "--temperature", "--samples", "--language"),
        *("--max-forwards", "--max-seconds", "--max-tokens", "--max-cost", "--interpreter"),
    ],
)
def test_any_option_may_be_given_anything(
    option: str, toy: ToyModel, capsys: pytest.CaptureFixture[str]
) -> None:
    join = "=" if option.startswith("--") else ""
    codes = [said([*EXPLAIN, f"{option}{join}{wrong}"], capsys)[0] for wrong in WRONG]
    assert {1, 2} & {*codes} or option in ("--language", "--interpreter")


@pytest.mark.parametrize("method", methods.names())
def test_any_setting_may_be_given_anything(method: str) -> None:
    """Before any model is asked: what a method does not refuse it can take."""
    for name in [*methods.setting_names(method), "name", "self", "prompt", "checks"]:
        for text in WRONG:
            try:
                methods.get(method, **arguments.settings([f"{name}={text}"]))
            except XaiError as error:
                lines = str(error).count("\n") + 1
            else:
                lines = 1
            assert lines == 1
    for name in ("name", "self", "prompt"):
        with pytest.raises(XaiError, match=f"no setting '{name}'"):
            methods.get(method, **{name: "x"})


@pytest.mark.parametrize("setting", ["alpha", "name", "checks", "prompt", "progress", "self"])
def test_any_setting_may_be_given_anything_on_the_line(
    setting: str, toy: ToyModel, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong in WRONG:
        said([*EXPLAIN, "--set", f"{setting}={wrong}"], capsys)
    assert said([*EXPLAIN, "--set", f"{setting}=x"], capsys)[0] in (1, 2)


@pytest.mark.parametrize("name", ["methods", "models", "prompts", "prompt", "model", "k", "name"])
def test_arguments_are_no_settings_of_what_is_compared(
    name: str, toy: ToyModel, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["compare", TRAVEL, "--methods", "shap,random", "--set", f"{name}=x"]
    code, error = said(line, capsys)
    assert code in (1, 2)
    assert "no setting" in error


@pytest.mark.parametrize("name", ["folder", "prompts", "model", "on_step", "device", "batch", "x"])
@pytest.mark.parametrize("wrong", ["x", "-1", DIGITS, DEEP, "[1]"])
def test_arguments_are_no_settings_of_training(
    name: str, wrong: str, tmp_path: Path, toy: ToyModel, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["train", "--family", "travel", "-n", "2", "--out", str(tmp_path / "never")]
    assert said([*line, "--set", f"{name}={wrong}"], capsys)[0] in (1, 2)
    assert not (tmp_path / "never").exists()


def test_the_long_word_is_shown_short(toy: ToyModel, capsys: pytest.CaptureFixture[str]) -> None:
    _, error = said([*EXPLAIN, "--set", f"alpha={DIGITS}"], capsys)
    assert "--set alpha takes a plain value, such as 0.02, not '999" in error
    assert "(5,000 characters)" in error
    _, error = said([*EXPLAIN, f"--units={DIGITS}"], capsys)
    assert error.rstrip().endswith("span")


@pytest.mark.parametrize("seed", [-1, "x", 1.5, True, 2**64, 10**400])
def test_seeds_that_no_generator_takes_are_refused(seed: object, toy: ToyModel) -> None:
    with pytest.raises(XaiError, match="the seed must be a whole number from 0"):
        xai.explain(TRAVEL, toy, seed=seed, progress=False)  # type: ignore[arg-type]


def test_ctrl_c_shows_what_there_is_and_says_so_by_its_status(
    toy: ToyModel, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    line = ["explain", TRAVEL, "--model", "toy", "--method", "shap", "-p", "14"]
    kept = tmp_path / "why.json"
    toy.interrupt_after = 6
    assert cli.main([*line, "--json", str(kept)]) == 130
    out = capsys.readouterr().out
    assert "partial" in out
    assert "Warm places please." in out
    assert json.loads(kept.read_text("utf-8"))["partial"] is True
    # The same again goes on, to the end.
    assert cli.main(line) == 0


def test_a_budget_that_ends_a_run_is_no_interrupt(
    toy: ToyModel, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["explain", TRAVEL, "--model", "toy", "--method", "shap", "--max-forwards", "5"]
    assert cli.main(line) == 0
    assert "stopped at" in capsys.readouterr().out


def test_ctrl_c_while_testing_keeps_the_scores(
    toy: ToyModel, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["explain", TRAVEL + " A dog. A cat. A fox.", "--model", "toy", "--method", "shap"]
    toy.scored = 0
    assert cli.main([*line, "-p", "10"]) == 0
    before = toy.scored
    capsys.readouterr()
    toy.interrupt_after = before + 2
    assert cli.main([*line, "-p", "10", "--metrics", "curves,lds"]) == 130
    assert "Warm places please." in capsys.readouterr().out


def test_ctrl_c_ends_a_comparison(toy: ToyModel, capsys: pytest.CaptureFixture[str]) -> None:
    line = ["compare", TRAVEL, "-p", "12", "--methods"]
    assert cli.main([*line, "leave-one-out,shap"]) == 0
    capsys.readouterr()
    SESSION.clear()
    # At the end of the second method, which keeps its scores; the third is not begun.
    toy.scored, toy.interrupt_after = 0, toy.scored - 2
    line.append("leave-one-out,shap,lime")
    assert cli.main(line) == 130
    out = capsys.readouterr().out
    assert "shap" in out
    assert "lime" not in out
    SESSION.clear()
    toy.scored, toy.interrupt_after = 0, 3
    assert cli.main(line) == 130
    assert "stopped before there was a result" in capsys.readouterr().err


@pytest.mark.parametrize("through", ["line", "pipe"])
def test_bytes_that_are_no_text_become_signs(through: str) -> None:
    prompt = b"Be brief\xff. Be kind."
    command = [
        sys.executable,
        "-m",
        "jupyter_xai.interface.commands.cli",
        "explain",
        "--method",
        "random",
    ]
    given = {"args": [*command, prompt]} if through == "line" else {"args": [*command, "-"]}
    environment = {**os.environ, "PYTHONUTF8": "1"}
    done = subprocess.run(
        **given,
        input=prompt if through == "pipe" else b"",
        capture_output=True,
        env=environment,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert "Be brief\ufffd." in done.stdout.decode()
