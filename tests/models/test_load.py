"""load(): names, folders and objects become models, once a session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import jupyter_xai as xai
from conftest import ToyModel
from jupyter_xai.errors import XaiError
from jupyter_xai.models import load as loading
from jupyter_xai.models import tutor
from jupyter_xai.models.local.transformers import TransformersModel


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Stands in for loading from disk and remembers what was loaded."""
    asked: list[tuple[str, dict[str, Any]]] = []

    def load(name: str, **options: Any) -> ToyModel:
        if "dtyp" in options:
            msg = "got an unexpected keyword argument 'dtyp'"
            raise TypeError(msg)
        asked.append((name, options))
        return ToyModel()

    monkeypatch.setattr(TransformersModel, "load", load)
    monkeypatch.setattr(loading, "_loaded", {})
    return asked


def test_a_model_is_loaded_once_for_each_name_and_options(loads: list[Any]) -> None:
    first = xai.load("some/model", revision="a")
    assert xai.load("some/model", revision="a") is first
    assert xai.load("some/model", revision="b") is not first
    assert xai.load(Path("some/model")) is xai.load(" some/model ")
    assert [options.get("revision") for _, options in loads] == ["a", "b", None]


def test_options_that_cannot_be_remembered_are_passed_on(loads: list[Any]) -> None:
    assert xai.load("some/model", quantization_config={}) is not None
    assert loads[0][1]["quantization_config"] == {}


def test_the_tutor_is_a_name(loads: list[Any]) -> None:
    assert xai.load() is xai.load("tutor")
    ((folder, options),) = loads
    assert folder == str(tutor.FOLDER)
    assert options == {"kind": "tutor", "display_name": "tutor"}


def test_unknown_options_give_one_line(loads: list[Any]) -> None:
    with pytest.raises(XaiError, match="cannot load the model 'some/model' with these options"):
        xai.load("some/model", dtyp=3)


def test_objects_of_transformers_need_their_tokenizer() -> None:
    class Config:
        _name_or_path = "mine"

    class Net:
        config = Config()

        def forward(self) -> None: ...

        def __call__(self) -> None: ...

    with pytest.raises(XaiError, match="needs its tokenizer"):
        xai.load(Net())


def test_a_model_is_handed_back(toy: ToyModel) -> None:
    assert xai.load(toy) is toy


@pytest.mark.parametrize("what", [3, None, b"tutor", ["tutor"]])
def test_what_is_no_model_is_refused(what: object) -> None:
    with pytest.raises(XaiError, match="cannot explain"):
        xai.load(what)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(XaiError, match=r"there is no folder .*nowhere") as caught:
        xai.load(str(tmp_path / "nowhere"))
    assert "repo" not in str(caught.value).lower()
