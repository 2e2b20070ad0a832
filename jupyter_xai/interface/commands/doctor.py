"""What is installed here, what is missing and how to get it."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_xai import __version__
from jupyter_xai.text.html_table import cell, row_name, table

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_SHOWN = (
    *("torch", "transformers", "tokenizers", "sentence-transformers", "gguf", "numpy", "captum"),
    *("jupyterlab", "notebook", "ipykernel", "ipywidgets", "anywidget", "altair"),
)
_GIB = 2**30


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes
    ----------
    what : str
        What was looked at.
    found : str
        What is there.
    remedy : str
        What to do, where something is missing.
    needed : bool
        Whether jupyter-xai does not work without it.
    """

    what: str
    found: str
    remedy: str = ""
    needed: bool = False


@dataclass(frozen=True)
class Report:
    """What `examine` found; it shows itself as text, in a notebook as a table.

    Attributes
    ----------
    findings : tuple of Finding
    """

    findings: tuple[Finding, ...]

    @property
    def is_well(self) -> bool:
        """Whether nothing is missing that is needed."""
        return not any(finding.needed and finding.remedy for finding in self.findings)

    def __str__(self) -> str:
        width = max(len(finding.what) for finding in self.findings) + 2
        lines = [f"{each.what.ljust(width)}{each.found}" for each in self.findings]
        return "\n".join([*lines, "", *self._remedies()])

    def __repr__(self) -> str:
        return f"<Report: {'well' if self.is_well else 'something is missing'}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        left = {"style": "text-align:left"}
        rows = ([row_name(each.what, **left), cell(each.found, **left)] for each in self.findings)
        said = "".join(f"<p>{escape(line)}</p>" for line in self._remedies())
        return {"text/html": f"{table([], rows)}{said}", "text/plain": str(self)}

    def _remedies(self) -> list[str]:
        missing = [each for each in self.findings if each.remedy]
        lines = [
            f"{'NEEDED' if each.needed else 'optional'}: {each.what}: {each.remedy}"
            for each in sorted(missing, key=lambda each: not each.needed)
        ]
        return lines if not self.is_well else [*lines, "Everything that is needed is here."]


def examine() -> Report:
    """Look at versions, device, front end, models and settings of this machine.

    Keys and addresses are never shown, only whether there are any.

    Examples
    --------
    >>> report = examine()
    >>> [finding.found for finding in report.findings if finding.what == "tutor"]
    ['embedded, works offline']
    """
    parts = (_host(), _packages(), _device(), _front_end(), _models(), _network())
    return Report(tuple(finding for part in parts for finding in part))


def _host() -> Iterator[Finding]:
    yield Finding("jupyter-xai", f"{__version__} in {_short(Path(__file__).parents[2])}")
    yield Finding("Python", f"{platform.python_version()} ({_short(Path(sys.executable))})")
    yield Finding("system", platform.platform())
    yield Finding("host", _where())


def _short(path: Path) -> str:
    """A path without the name of whoever is at home there: reports are shown to others."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def _where() -> str:
    from jupyter_xai.environment import in_kernel, in_marimo, shell

    hosts = {
        "VSCODE_PID": "VS Code",
        "COLAB_RELEASE_TAG": "Colab",
        "BINDER_SERVICE_HOST": "Binder",
        "JUPYTERHUB_USER": "JupyterHub",
    }
    named = [name for variable, name in hosts.items() if variable in os.environ]
    kind = "marimo" if in_marimo() else "a Jupyter kernel" if in_kernel() else "a terminal"
    if shell() is not None and kind == "a terminal":
        kind = "IPython in a terminal"
    return ", ".join([kind, *named])


def _packages() -> Iterator[Finding]:
    for name in _SHOWN:
        found = _version(name)
        if found is not None:
            yield Finding(name, found)
    for wanted in _required():
        found = _version(wanted.name)
        remedy = f'pip install "{wanted.name}{wanted.specifier}"'
        if found is None:
            yield Finding(wanted.name, "not installed", remedy, needed=True)
        elif not wanted.specifier.contains(found, prereleases=True):
            said = f"{found}, but {wanted.specifier} is needed"
            yield Finding(wanted.name, said, remedy, needed=True)


def _required() -> list[Requirement]:
    """What jupyter-xai asks for, extras left out."""
    from packaging.requirements import Requirement

    try:
        lines = requires("jupyter-xai") or []
    except PackageNotFoundError:  # used from a folder that nobody installed
        return []
    found = [Requirement(line) for line in lines]
    return [each for each in found if each.marker is None or each.marker.evaluate()]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _device() -> Iterator[Finding]:
    cores = f"{os.cpu_count()} CPU cores"
    memory = _memory()
    if memory is not None:
        cores += f", {memory / _GIB:.0f} GiB of memory"
    yield Finding("machine", cores)
    if find_spec("torch") is None:
        return
    import torch

    if torch.cuda.is_available():
        for number in range(torch.cuda.device_count()):
            about = torch.cuda.get_device_properties(number)
            yield Finding("device", f"{about.name}, {about.total_memory / _GIB:.0f} GiB")
    elif torch.backends.mps.is_available():
        yield Finding("device", "Apple GPU (mps)")
    else:
        threads = torch.get_num_threads()
        plural = "" if threads == 1 else "s"
        yield Finding("device", f"CPU, {threads} thread{plural}; no GPU that torch can use")


def _memory() -> int | None:
    """Bytes of this machine's memory, where the system tells."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _front_end() -> Iterator[Finding]:
    from jupyter_core.paths import jupyter_path

    from jupyter_xai.files import FOLDER

    built = all((FOLDER / name).is_file() for name in ("view.js", "widget.js", "widget.css"))
    yield Finding(
        "live view",
        "built" if built else "not built",
        "" if built else "run pip install . in the source folder",
        needed=True,
    )
    places = [Path(path) / "jupyter-xai" for path in jupyter_path("labextensions")]
    found = next((path for path in places if (path / "package.json").is_file()), None)
    yield Finding(
        "JupyterLab extension",
        f"installed in {_short(found)}" if found else "not installed",
        "" if found else "pip install jupyter-xai in the environment that JupyterLab runs in",
    )


def _models() -> Iterator[Finding]:
    from jupyter_xai.models.downloads import DOWNLOADS, models_folder

    yield Finding("tutor", "embedded, works offline")
    yield Finding("model folder", _short(models_folder()))
    for name, download in DOWNLOADS.items():
        here = download.is_here
        found = _short(download.path) if here else "not on this machine"
        yield Finding(name, found, "" if here else download.how)
    yield Finding("Hugging Face cache", _hub_cache())


def _hub_cache() -> str:
    from huggingface_hub.constants import HF_HUB_CACHE

    folder = Path(HF_HUB_CACHE)
    kept = len(list(folder.glob("models--*"))) if folder.is_dir() else 0
    return f"{_short(folder)} ({kept} model{'' if kept == 1 else 's'})"


def _network() -> Iterator[Finding]:
    offline = os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on")
    yield Finding("model hub", "switched off by HF_HUB_OFFLINE" if offline else "may be asked")
    key = "a key is set" if os.environ.get("OPENAI_API_KEY") else "no key is set"
    address = "an address of its own" if os.environ.get("OPENAI_BASE_URL") else "the usual address"
    yield Finding("OpenAI-compatible server", f"{key} (OPENAI_API_KEY), {address}")
