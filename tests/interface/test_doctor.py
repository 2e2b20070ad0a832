"""`%xai doctor` says what is here, what is missing and how to get it, and gives no secret away."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from jupyter_xai.interface.commands import cli, doctor


def found(report: doctor.Report) -> dict[str, str]:
    return {finding.what: finding.found for finding in report.findings}


def test_it_tells_versions_device_models_and_host() -> None:
    told = found(doctor.examine())
    for name in ("torch", "transformers", "jupyterlab", "anywidget"):
        assert told[name] == version(name)
    assert "CPU cores" in told["machine"]
    assert told["host"] == "a terminal"
    assert told["live view"] == "built"
    assert {"device", "smollm2", "model folder", "JupyterLab extension"} <= set(told)


def test_what_is_missing_has_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_XAI_MODELS", str(tmp_path))
    report = doctor.examine()
    assert report.is_well
    assert "optional: smollm2: run %xai get smollm2" in str(report)
    assert "Everything that is needed is here." in str(report)


def test_what_is_needed_and_missing_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        doctor, "requires", lambda _: ["no-such-thing>=2", "torch>=99", 'other; extra == "test"']
    )
    report = doctor.examine()
    assert not report.is_well
    assert 'NEEDED: no-such-thing: pip install "no-such-thing>=2"' in str(report)
    assert 'NEEDED: torch: pip install "torch>=99"' in str(report)
    assert "other" not in found(report)
    assert "Everything that is needed" not in str(report)
    assert cli.main(["doctor"]) == 1
    assert "no-such-thing" in capsys.readouterr().out


def test_secrets_and_homes_stay_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://somebody.internal/v1")
    monkeypatch.setenv("HOME", str(tmp_path / "somebody"))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("JUPYTER_XAI_MODELS", raising=False)
    report = doctor.examine()
    assert found(report)["OpenAI-compatible server"] == (
        "a key is set (OPENAI_API_KEY), an address of its own"
    )
    shown = str(report) + report._repr_mimebundle_()["text/html"]
    for secret in ("sk-secret", "somebody"):
        assert secret not in shown
    assert "~/" in found(report)["model folder"]


def test_a_notebook_shows_it_as_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_where", lambda: "<b>bold</b>")
    page = doctor.examine()._repr_mimebundle_()["text/html"]
    assert "<table>" in page
    assert "&lt;b&gt;bold" in page
