"""What people install is complete, light to import and says one version."""

import json
import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted(
    path
    for folder in ("notebooks", "docs", "benchmarks")
    for path in (ROOT / folder).rglob("*.ipynb")
    if not {"executed", ".ipynb_checkpoints"} & set(path.parts)
)
HEAVY = (
    *("altair", "captum", "numpy", "ot", "pandas", "scipy", "sentence_transformers", "sklearn"),
    *("torch", "transformers"),
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel built from this tree, with its assets as `make build` left them."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    run = subprocess.run(build, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stdout + run.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def test_every_file_says_the_same_version() -> None:
    package = json.loads((ROOT / "package.json").read_text())["version"]
    lock = json.loads((ROOT / "package-lock.json").read_text())["version"]
    citation = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    assert citation is not None
    assert {lock, citation[1], version("jupyter-xai")} == {package}


@pytest.mark.parametrize(
    "name",
    [
        "jupyter_xai/py.typed",
        "jupyter_xai/schema/comparison.schema.json",
        "jupyter_xai/schema/explanation.schema.json",
        "jupyter_xai/static/loader.js",
        "jupyter_xai/static/view.js",
        "jupyter_xai/static/widget.css",
        "jupyter_xai/static/widget.js",
        "jupyter_xai/templates/xai-html/conf.json",
        "jupyter_xai/templates/xai-html/index.html.j2",
        "jupyter_xai/templates/xai-html/page.css",
    ],
)
def test_the_wheel_holds(wheel: set[str], name: str) -> None:
    assert name in wheel


def test_the_wheel_holds_the_tutor(wheel: set[str]) -> None:
    weights = ROOT / "jupyter_xai" / "models" / "tutor" / "weights"
    expected = {path.relative_to(ROOT).as_posix() for path in weights.rglob("*") if path.is_file()}
    assert any(name.endswith(".safetensors") for name in expected)
    assert expected <= wheel


def test_the_wheel_installs_the_lab_extension(wheel: set[str]) -> None:
    shared = "data/share/jupyter/labextensions/jupyter-xai/"
    files = {name.partition(shared)[2] for name in wheel if shared in name}
    assert {"install.json", "package.json", "schemas/jupyter-xai/plugin.json"} <= files
    assert any(name.startswith("static/remoteEntry.") for name in files)


def test_the_wheel_holds_every_tutorial_that_is_offered(wheel: set[str]) -> None:
    source = (ROOT / "src" / "lab" / "tutorials.ts").read_text()
    offered = set(re.findall(r"name: '([\w-]+)'", source))
    assert "quickstart" in offered
    shipped = {name.rpartition("/")[2] for name in wheel if name.endswith(".ipynb")}
    assert shipped == {f"{name}.ipynb" for name in offered}
    assert all("/labextensions/jupyter-xai/notebooks/" in n for n in wheel if n.endswith(".ipynb"))


def test_the_wheel_holds_nothing_else(wheel: set[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    assert {top for top in tops if not top.startswith("jupyter_xai")} == set()
    assert not {name for name in wheel if name.endswith((".ts", ".map", ".pyc"))}


def test_the_lab_extension_is_announced() -> None:
    import jupyter_xai

    assert jupyter_xai._jupyter_labextension_paths() == [
        {"src": "labextension", "dest": "jupyter-xai"}
    ]


@pytest.mark.parametrize(
    "statement", ["import jupyter_xai", "import jupyter_xai.interface.commands.cli"]
)
def test_importing_stays_light(statement: str) -> None:
    code = f"{statement}; import sys; print(sorted(set({HEAVY}) & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "[]"


def test_loading_the_magics_stays_light_and_prints_nothing() -> None:
    code = (
        "from IPython.core.interactiveshell import InteractiveShell as Shell\n"
        "Shell.instance().run_line_magic('load_ext', 'jupyter_xai')\n"
        f"import sys; print(sorted(set({HEAVY}) & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "[]"


def test_the_command_is_a_jupyter_subcommand() -> None:
    command = Path(sys.executable).with_name("jupyter")
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    run = subprocess.run(
        [command, "xai", "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PATH": path},
    )
    assert run.returncode == 0, run.stderr
    assert "explain" in run.stdout


def test_there_is_a_quickstart() -> None:
    assert ROOT / "notebooks" / "quickstart.ipynb" in NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_committed_notebooks_are_clean(path: Path) -> None:
    notebook = json.loads(path.read_text())
    # GitHub refuses to draw a notebook whose widget metadata it dislikes.
    assert "widgets" not in notebook["metadata"]
    outputs = json.dumps([cell.get("outputs", []) for cell in notebook["cells"]])
    for home in (str(ROOT), str(Path.home())):
        assert home not in outputs
