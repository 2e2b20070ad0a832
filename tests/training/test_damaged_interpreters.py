"""Folders of interpreters that are damaged or made to harm: one line, and no memory taken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

import jupyter_xai as xai
from conftest import TRAVEL, ToyModel
from jupyter_xai.errors import XaiError
from jupyter_xai.methods.energy import checkpoint
from jupyter_xai.methods.energy.configs import config
from jupyter_xai.methods.energy.networks import Interpreter
from jupyter_xai.methods.energy.origin import Origin
from jupyter_xai.training.history import FILE, History
from jupyter_xai.training.settings import TrainingSettings
from spoiling import WRONG

ORIGIN = {"model": "m", "name": "n", "steps": 2, "of": 2, "k": None, "objective": "likelihood"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    interpreter = Interpreter(config("tiny"))
    interpreter.origin = Origin(**ORIGIN)
    checkpoint.save_interpreter(interpreter, tmp_path)
    return tmp_path


def explained(folder: Path) -> xai.Explanation:
    return xai.explain(
        TRAVEL, ToyModel(), method="energy", interpreter=str(folder), progress=False, checks=False
    )


def refused(folder: Path) -> str:
    with pytest.raises(XaiError) as caught:
        explained(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 700 or len(str(folder)) > 700
    return message


def with_facts(folder: Path, facts: Any) -> None:
    tensors, _ = checkpoint.load(folder / checkpoint.INTERPRETER)
    metadata = {} if facts is None else {"facts": facts}
    save_file(tensors, folder / checkpoint.INTERPRETER, metadata=metadata)


@pytest.mark.parametrize(
    "facts",
    [
        *('{"origin": {"x": 1}}', '{"origin": 5}', '{"origin": null}', "[1]", "5", "{", None),
        *("[" * 100_000, '{"origin": {"model": "m", "name": "n", "steps": ' + "9" * 5_000 + "}}"),
    ],
)
def test_facts_that_cannot_be_are_told(folder: Path, facts: str | None) -> None:
    with_facts(folder, facts)
    assert str(folder) in refused(folder)


@pytest.mark.parametrize("name", ORIGIN)
def test_every_field_of_an_origin_is_checked(folder: Path, name: str) -> None:
    for wrong in (5.5, [1], {"x": 1}, True, "many" if name in ("steps", "of", "k") else -1):
        with_facts(folder, json.dumps({"origin": {**ORIGIN, name: wrong}}))
        assert f"origin.{name} is" in refused(folder)


@pytest.mark.parametrize("size", [10**9, 10**18, 10**400])
@pytest.mark.parametrize(
    "name",
    ["embedding_width", "width", "heads", "projection_blocks", "cross_blocks", "expansion"],
)
def test_sizes_that_the_weights_do_not_have_are_refused_before_they_take_memory(
    folder: Path, name: str, size: int
) -> None:
    place = folder / checkpoint.CONFIG
    said = json.loads(place.read_text("utf-8"))
    sizes = {"width": size, "heads": size} if name == "heads" else {name: size}
    place.write_text(json.dumps({**said, **sizes}), encoding="utf-8")
    assert str(folder) in refused(folder)


@pytest.mark.parametrize("wrong", WRONG)
def test_no_field_of_a_configuration_may_be_of_another_kind(folder: Path, wrong: Any) -> None:
    place = folder / checkpoint.CONFIG
    said = json.loads(place.read_text("utf-8"))
    for name in said:
        if name == "matching" and wrong is True:
            continue
        place.write_text(json.dumps({**said, name: wrong}), encoding="utf-8")
        refused(folder)
    place.write_text(json.dumps(wrong), encoding="utf-8")
    refused(folder)


def test_infinite_weights_and_no_weights_are_told(folder: Path) -> None:
    tensors, _ = checkpoint.load(folder / checkpoint.INTERPRETER)
    spoilt = {name: torch.full_like(tensor, torch.inf) for name, tensor in tensors.items()}
    save_file(spoilt, folder / checkpoint.INTERPRETER, metadata={"facts": "{}"})
    assert "no numbers" in refused(folder)
    (folder / checkpoint.INTERPRETER).write_bytes(b"\xff" * 100)
    assert "no checkpoint" in refused(folder)


def test_a_history_of_another_kind_is_told(tmp_path: Path) -> None:
    for text in ("[1]", '{"total": "x", "steps": [], "measured": []}', "[" * 100_000, '{"total"'):
        (tmp_path / FILE).write_text(text, encoding="utf-8")
        with pytest.raises(XaiError, match="holds no history"):
            History.read(tmp_path)


@pytest.mark.parametrize("wrong", ["x", -1, 1.5, True, [1], 10**400, float("nan")])
def test_settings_of_training_are_of_their_kind(wrong: Any) -> None:
    names = ("energy_steps", "batch", "k", "subsets", "masked", "negatives", "asked", "seed")
    for name in (*names, "max_queries"):
        with pytest.raises(XaiError, match=f"{name}"):
            TrainingSettings(**{name: wrong})
    for name in ("rate", "temperature", "dropout"):
        if wrong != 1.5 or name == "dropout":
            with pytest.raises(XaiError, match=name):
                TrainingSettings(**{name: wrong})


def test_what_is_saved_through_a_link_replaces_its_target(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    for name in (checkpoint.INTERPRETER, checkpoint.CONFIG):
        (folder / name).rename(kept / name)
        (folder / name).symlink_to(kept / name)
    before = (kept / checkpoint.INTERPRETER).read_bytes()
    checkpoint.save_interpreter(Interpreter(config("tiny")), folder)
    History(3).write(folder)
    assert (folder / checkpoint.INTERPRETER).is_symlink()
    assert (folder / checkpoint.CONFIG).is_symlink()
    assert (kept / checkpoint.INTERPRETER).read_bytes() != before
    assert explained(folder).total.shape == (4,)


@pytest.mark.parametrize("name", ["9" * 5_000, "a\0b", "none/such", "\ud83d"])
def test_names_of_no_folder_are_told(name: str) -> None:
    refused(Path(name))
