"""What a person chose in JupyterLab's settings holds for the magics, until they say otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

import jupyter_xai as xai
from conftest import TRAVEL, ToyModel
from jupyter_xai.interface.commands import preferences
from jupyter_xai.interface.commands.magics import XaiMagics
from jupyter_xai.text.document import PROMPT_LEVELS

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "src" / "schema" / "plugin.json").read_text())["properties"]

Choose = Callable[[str], None]


@pytest.fixture
def choose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Choose:
    """Writes JupyterLab's settings, as its settings editor does."""
    monkeypatch.setenv("JUPYTERLAB_SETTINGS_DIR", str(tmp_path))

    def write(text: str) -> None:
        path = tmp_path / "jupyter-xai" / "plugin.jupyterlab-settings"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    return write


@pytest.fixture
def shell(toy: ToyModel) -> Iterator[InteractiveShell]:
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "jupyter_xai")
    shell.user_ns.update(net=toy)
    yield shell
    shell.run_line_magic("unload_ext", "jupyter_xai")
    shell.configurables.clear()


def explained(shell: InteractiveShell, line: str = "explain") -> xai.Explanation:
    return shell.run_cell_magic("xai", line, TRAVEL)


def made(e: xai.Explanation) -> tuple[str, str, str]:
    """Its model, method and units."""
    record = e.record
    return record["model"]["name"], record["method"]["name"], record["prompt"]["level"]


def test_the_magics_follow_the_settings(shell: InteractiveShell, choose: Choose) -> None:
    choose('{"model": "net", "method": "leave-one-out", "units": "word"} // chosen')
    e = explained(shell)
    assert made(e) == ("toy", "leave-one-out", "word")


def test_a_change_holds_from_the_next_run_on(shell: InteractiveShell, choose: Choose) -> None:
    choose('{"model": "net"}')
    assert made(explained(shell))[1] == "linear"
    choose('{"model": "net", "method": "shap"}')
    assert made(explained(shell))[1] == "shap"


def test_words_win_over_configuration_and_that_over_settings(
    shell: InteractiveShell, choose: Choose
) -> None:
    choose('{"model": "net", "method": "leave-one-out", "units": "word"}')
    shell.run_line_magic("config", "XaiMagics.method = 'shap'")
    e = explained(shell, "explain --units sentence")
    assert made(e)[1:] == ("shap", "sentence")
    # Said again, the value that is built in is still said.
    shell.run_line_magic("config", "XaiMagics.method = 'linear'")
    assert made(explained(shell))[1] == "linear"


def test_everything_in_force_says_where_it_comes_from(
    shell: InteractiveShell, choose: Choose, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_line_magic("xai", "settings")
    assert "none (they would be in" in capsys.readouterr().out
    choose('{"method": "shap", "units": "auto", "palette": "blue-red"}')
    shell.run_line_magic("config", "XaiMagics.seed = 7")
    capsys.readouterr()
    shell.run_line_magic("xai", "settings")
    said = capsys.readouterr().out
    lines = [re.split(r" {2,}", line) for line in said.splitlines()]
    assert ["method", "shap", preferences.FROM_LAB] in lines
    assert ["units", "as the method prefers", preferences.FROM_LAB] in lines
    assert ["seed", "7", preferences.FROM_CONFIG] in lines
    assert ["model", "tutor", preferences.BUILT_IN] in lines
    assert said.rstrip().endswith(str(preferences.settings_file()))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"method": "shapp"}', "unknown method in JupyterLab's settings 'shapp', did you mean"),
        ('{"units": "page"}', "unknown units in JupyterLab's settings 'page'"),
        ('{"model": 3}', "the model in JupyterLab's settings must be a name, not 3"),
        ("{", "is no JSON"),
        ("[1]", "holds no settings, but list"),
        ("null", "holds no settings, but NoneType"),
        ("[" * 20_000, "is no JSON"),
        ('{"model": ' + "[" * 20_000, "is no JSON"),
        ('{"method": ["shap"]}', "unknown method in JupyterLab's settings"),
        ('{"units": {"x": 1}}', "unknown units in JupyterLab's settings"),
        ('{"model": " "}', "must be a name"),
    ],
)
def test_settings_that_cannot_hold_are_refused(
    shell: InteractiveShell, choose: Choose, text: str, message: str
) -> None:
    choose(text)
    with pytest.raises(UsageError, match=message):
        explained(shell)


def test_a_file_that_cannot_be_read_is_told(
    shell: InteractiveShell, choose: Choose, tmp_path: Path
) -> None:
    choose("{}")
    path = tmp_path / "jupyter-xai" / "plugin.jupyterlab-settings"
    path.write_bytes(b"\xff\xfe{")
    with pytest.raises(UsageError, match="cannot read JupyterLab's settings in"):
        explained(shell)
    path.unlink()
    path.mkdir()
    with pytest.raises(UsageError, match="cannot read JupyterLab's settings in"):
        explained(shell)


def test_without_the_variable_the_file_is_where_jupyterlab_keeps_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from jupyterlab.commands import get_user_settings_dir

    monkeypatch.delenv("JUPYTERLAB_SETTINGS_DIR")
    assert preferences.settings_file().parents[1] == Path(get_user_settings_dir())


def test_the_settings_offer_what_there_is_and_begin_with_what_is_built_in() -> None:
    assert SCHEMA["method"]["enum"] == list(xai.methods.names())
    units = [each["const"] for each in SCHEMA["units"]["oneOf"]]
    assert units == ["auto", *PROMPT_LEVELS]
    built_in = {name: XaiMagics.class_traits()[name].default_value for name in ("model", "method")}
    assert {name: SCHEMA[name]["default"] for name in built_in} == built_in
    assert SCHEMA["units"]["default"] == "auto"
