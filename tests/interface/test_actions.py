"""``compare``, ``evaluate --data`` and ``study`` in a notebook and in a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

import conftest
from jupyter_xai import load_ipython_extension, studies, unload_ipython_extension
from jupyter_xai.evaluation.benchmark import Evaluation
from jupyter_xai.interface.commands import cli
from jupyter_xai.interface.comparison import Comparison


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    shell = InteractiveShell.instance()
    load_ipython_extension(shell)
    yield shell
    unload_ipython_extension(shell)
    InteractiveShell.clear_instance()


@pytest.fixture
def net(shell: InteractiveShell) -> conftest.ToyModel:
    toy = conftest.ToyModel(name="net")
    shell.push({"net": toy, "other": conftest.ToyModel("It is best.", "other")})
    return toy


def run(shell: InteractiveShell, line: str, cell: str | None = None) -> Any:
    if cell is None:
        return shell.run_line_magic("xai", line)
    return shell.run_cell_magic("xai", line, cell)


def test_methods_and_models_are_compared_by_magic(shell: InteractiveShell, net: Any) -> None:
    by_method = run(
        shell, f'compare "{conftest.TRAVEL}" --model net --methods shap,random -k 2 -o kept'
    )
    assert isinstance(by_method, Comparison)
    assert list(by_method.explanations) == ["shap", "random"]
    assert by_method.k == 2
    assert shell.user_ns["kept"] is by_method
    by_model = run(shell, "compare --models net,other --method shap", f"{conftest.TRAVEL}\n")
    assert by_model["other"].response == "It is best."


def test_wordings_are_compared_by_magic(shell: InteractiveShell, net: Any) -> None:
    line = 'compare --wording "Warm words." --wording "No words." --model net --method shap'
    assert run(shell, line).what == "prompts"
    with pytest.raises(UsageError, match="two or more"):
        run(shell, 'compare --wording "Warm words." --model net')
    with pytest.raises(UsageError, match="either --model or --models"):
        run(shell, 'compare "A." --model net --models net,other')


def test_data_is_evaluated_by_magic(shell: InteractiveShell, net: Any, tmp_path: Path) -> None:
    file = tmp_path / "prompts.jsonl"
    file.write_text(json.dumps({"prompt": conftest.TRAVEL, "truth": [1]}), encoding="utf-8")
    options = "--methods shap,random --models net --measures auroc,drop@1 -p 8,all"
    found = run(shell, f"evaluate --data {file} {options} --csv {tmp_path / 'all.csv'} -o kept")
    assert isinstance(found, Evaluation)
    assert shell.user_ns["kept"] is found
    assert {row["metric"] for row in found.rows} == {"auroc", "drop@1"}
    assert len(pd.read_csv(tmp_path / "all.csv")) == len(found.rows)
    shell.push({"frame": pd.DataFrame([{"prompt": conftest.TRAVEL}])})
    assert run(shell, f"evaluate --data frame {options}").frame()["case"].nunique() == 1
    with pytest.raises(UsageError, match="8,32,all"):
        run(shell, f"evaluate --data {file} --models net -p many")


def test_studies_are_listed_and_run_by_magic(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(shell, "study") is None
    printed = capsys.readouterr().out
    assert all(name in printed for name in studies.names())
    asked: list[Any] = []
    monkeypatch.setattr(studies, "study", lambda *said, **more: asked.append((said, more)))
    run(shell, "study gsmile-time --size full --seed 3")
    assert asked == [(("gsmile-time", None), {"size": "full", "seed": 3})]


def test_an_unknown_study_is_told_with_its_neighbour(shell: InteractiveShell) -> None:
    with pytest.raises(UsageError, match="did you mean 'gsmile-gender'"):
        run(shell, "study gsmile-genders")


def test_the_terminal_has_the_same_commands(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy = conftest.ToyModel(name="net")
    monkeypatch.setattr("jupyter_xai.models.load._named", lambda name, options: toy)
    assert cli.main(["study"]) == 0
    assert "xprompt-time" in capsys.readouterr().out
    said = ["compare", conftest.TRAVEL, "--methods", "shap,random"]
    assert cli.main(said) == 0
    assert "Kendall" in capsys.readouterr().out
    file = tmp_path / "prompts.jsonl"
    file.write_text(json.dumps({"prompt": conftest.TRAVEL}), encoding="utf-8")
    said = ["evaluate", "--data", str(file), "--methods", "shap", "--measures", "drop@1"]
    assert cli.main(said) == 0
    assert "drop@1" in capsys.readouterr().out
    assert cli.main(["evaluate"]) == 2
    assert "--data" in capsys.readouterr().err


def test_an_evaluation_that_is_stopped_says_so_and_keeps_what_it_has(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy = conftest.ToyModel(name="net")
    monkeypatch.setattr("jupyter_xai.models.load._named", lambda name, options: toy)
    file, table = tmp_path / "prompts.jsonl", tmp_path / "all.csv"
    prompts = [json.dumps({"prompt": text}) for text in (conftest.TRAVEL, "Warm. Cold. Quiet.")]
    file.write_text("\n".join(prompts), encoding="utf-8")
    said = ["evaluate", "--data", str(file), "--methods", "shap", "--measures", "drop@1"]
    assert cli.main([*said, "--csv", str(table)]) == 0
    whole = pd.read_csv(table)
    capsys.readouterr()

    toy.interrupt_after = 2 * toy.scored - 1
    assert cli.main([*said, "--csv", str(table)]) == 130
    assert "stopped before its end" in capsys.readouterr().out
    assert set(pd.read_csv(table)["case"]) == {0} < set(whole["case"])


@pytest.mark.parametrize(
    ("line", "expected"),
    [("study gsmile-ge", "gsmile-gender"), ("study --si", "--size"), ("compare --wo", "--wording")],
)
def test_completion_knows_the_commands(shell: InteractiveShell, line: str, expected: str) -> None:
    _, found = shell.complete(f"%xai {line}", f"%xai {line}", len(line) + 5)
    assert expected in found
