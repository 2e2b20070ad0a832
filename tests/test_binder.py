"""Binder builds the environment that this repository describes, in an order that works."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
REPO2DOCKER = Path(sys.executable).with_name("jupyter-repo2docker")


@pytest.fixture(scope="module")
def dockerfile() -> str:
    """The Dockerfile that repo2docker writes for this repository; no Docker is needed for that."""
    run = subprocess.run(
        [REPO2DOCKER, "--no-build", "--debug", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout + run.stderr


def test_the_repository_is_there_before_pip_installs_it(dockerfile: str) -> None:
    steps = [
        r"^COPY --chown=\S+ src/ \$\{REPO_DIR\}/$",
        r'^RUN \S+/pip install .*-r "binder/requirements.txt"$',
        r"^RUN \./binder/postBuild$",
    ]
    found = [re.search(step, dockerfile, re.MULTILINE) for step in steps]
    assert all(found), found
    positions = [match.start() for match in found if match]
    assert positions == sorted(positions)


def test_sessions_start_through_our_script(dockerfile: str) -> None:
    assert re.search(r'ENV R2D_ENTRYPOINT="\S*binder/start"', dockerfile)


def test_the_promised_python_is_used(dockerfile: str) -> None:
    assert "py-3.11" in dockerfile or "py-2d3-2e11" in dockerfile


@pytest.mark.parametrize("script", ["postBuild", "start"])
def test_scripts_are_executable_bash(script: str) -> None:
    path = ROOT / "binder" / script
    assert os.access(path, os.X_OK)
    subprocess.run(["bash", "-n", path], check=True)


def test_the_requirements_install_the_project_with_the_tested_versions() -> None:
    lines = (ROOT / "binder" / "requirements.txt").read_text().splitlines()
    assert "." in lines
    assert "-c ../constraints.txt" in lines
