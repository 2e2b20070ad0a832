"""%xai evaluate, jupyter xai evaluate, and how what was measured is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

import jupyter_xai as xai
from conftest import HOSTILE, TRAVEL, ToyModel
from jupyter_xai.evaluation.checks.evidence import Evidence
from jupyter_xai.interface.commands import cli
from jupyter_xai.interface.explanation import Explanation


@pytest.fixture
def shell(toy: ToyModel) -> Iterator[InteractiveShell]:
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "jupyter_xai")
    shell.user_ns.update(net=toy, text=TRAVEL, number=3)
    yield shell
    shell.run_line_magic("unload_ext", "jupyter_xai")
    shell.configurables.clear()


def evaluate(shell: InteractiveShell, line: str = "") -> Evidence:
    return shell.run_line_magic("xai", f"evaluate {line}")


def explain(shell: InteractiveShell, line: str = "") -> Explanation:
    shell.run_line_magic("xai", f"explain --prompt text --model net --method shap -k 2 {line}")
    return shell.user_ns.get("e")  # type: ignore[return-value]


def test_the_last_explanation_is_evaluated(shell: InteractiveShell) -> None:
    explain(shell)
    found = evaluate(shell)
    assert found.verdict.startswith("Removing these two sentences lowers")
    assert "drop, top 2" in set(found.frame["metric"])
    # What was measured stays with it.
    evaluate(shell, "--which curves")
    assert any(
        each["name"] == "AOPC, deletion" for each in evaluate(shell).explanation.record["metrics"]
    )


def test_a_named_explanation_is_evaluated(shell: InteractiveShell) -> None:
    e = explain(shell, "-o e")
    found = evaluate(shell, "e --which removal,truth --truth 1,2,3 -k 3 -o measured")
    assert set(found.frame["metric"]) >= {"drop, top 3", "PR, top 3", "recall, top 3"}
    assert not any("LDS" in name or "top 2" in name for name in found.frame["metric"])
    assert shell.user_ns["measured"] is found.explanation
    assert shell.user_ns["e"] is e


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "there is no explanation yet"),
        ("nothing", "there is no variable of that name"),
        ("number", "that is no explanation, but int"),
        ("e --which curve", "did you mean 'curves'"),
        ("e --truth one", "takes places of prompt units"),
        ("e --truth 9", "counted from 0 to 3"),
        ("e -k 9", "k is 9, but the prompt has only 4 sentences"),
        ("e -o 9", "takes the name of a variable"),
    ],
)
def test_mistakes_give_one_line(shell: InteractiveShell, line: str, message: str) -> None:
    if line.startswith("e "):
        explain(shell, "-o e")
    with pytest.raises(UsageError, match=re.escape(message)):
        evaluate(shell, line)


def test_evidence_is_text_and_a_table(toy: ToyModel) -> None:
    e = xai.explain(TRAVEL, toy, method="shap", k=2)
    bundle = e.evidence()._repr_mimebundle_()
    text, page = bundle["text/plain"], bundle["text/html"]
    verdict = e.checks[0]["verdict"]
    assert text.splitlines()[0] == verdict
    for name in e.metrics()["metric"]:
        assert re.search(rf"^{re.escape(name)} ", text, re.MULTILINE)
        assert f'<th scope="row">{name}</th>' in page
    assert max(len(line) for line in text.splitlines()[2:]) < 200


def test_what_a_model_says_is_escaped(toy: ToyModel) -> None:
    e = xai.explain(HOSTILE, toy, method="leave-one-out", k=1)
    damaged = e.changed(checks=[{**e.checks[0], "verdict": HOSTILE}])
    page = Evidence(damaged)._repr_mimebundle_()["text/html"]
    assert "<script" not in page
    assert "<img" not in page


def test_unchecked_scores_say_so(toy: ToyModel) -> None:
    e = xai.explain(TRAVEL, toy, method="shap", checks=False)
    assert Evidence(e).verdict.startswith("These scores were not tested")


def test_the_terminal_tells_what_was_measured(
    toy: ToyModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    e = xai.explain(TRAVEL, toy, method="shap", k=2).measured(which="curves")
    path = str(e.save(tmp_path / "e.json"))
    assert cli.main(["evaluate", path]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Removing these two sentences lowers")
    assert "AOPC, deletion" in out
    assert cli.main(["evaluate", path, "-k", "3"]) == 0
    assert "not tested" in capsys.readouterr().out


def test_the_terminal_measures_what_it_explains(
    toy: ToyModel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("jupyter_xai.explainer.prepare.load", lambda name: toy)
    assert cli.main(["explain", TRAVEL, "--method", "shap", "--metrics", "curves"]) == 0
    assert "insertion - deletion" in capsys.readouterr().out
    assert cli.main(["explain", TRAVEL, "--method", "shap", "--metrics", "curve"]) == 1
    assert "did you mean 'curves'" in capsys.readouterr().err
