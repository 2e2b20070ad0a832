"""A real JupyterLab for browser tests: loopback only, no token, none of the user's settings."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self
from urllib.error import URLError
from urllib.request import urlopen

STARTS_WITHIN = 180

# JupyterLab asks a server of the project about news, and its prompt covers the page's corner.
NO_NEWS = {
    "@jupyterlab/apputils-extension:notification": {"checkForUpdates": False, "fetchNews": "false"}
}

CONFIG = """
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port = {port}
c.ServerApp.port_retries = 0
c.ServerApp.open_browser = False
c.ServerApp.allow_root = True
c.ServerApp.disable_check_xsrf = True
c.ServerApp.root_dir = {root!r}
c.IdentityProvider.token = ""
c.LabApp.expose_app_in_browser = True
c.JupyterNotebookApp.expose_app_in_browser = True
c.LabServerApp.app_settings_dir = {settings!r}
"""


class LabServer:
    """JupyterLab over the notebooks in `root`. Started again, it still trusts what it ran."""

    def __init__(self, home: Path, settings: dict[str, Any] | None = None) -> None:
        self._settings = NO_NEWS | (settings or {})
        self.root = home / "notebooks"
        self.root.mkdir()
        self._home = home
        self._log = home / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        self.port = _free_port()
        settings = self._home / "app-settings"
        settings.mkdir(exist_ok=True)
        (settings / "overrides.json").write_text(json.dumps(self._settings))
        config = self._home / "jupyter_lab_config.py"
        config.write_text(
            CONFIG.format(port=self.port, root=str(self.root), settings=str(settings))
        )
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", "--config", config],
                cwd=self.root,
                env=os.environ | self._environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait()
        return self

    def stop(self) -> None:
        """End the server and, through it, its kernels."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _environment(self) -> dict[str, str]:
        folders = {
            "IPYTHONDIR": "ipython",
            "JUPYTERLAB_SETTINGS_DIR": "lab-settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
        }
        places = {name: str(self._home / folder) for name, folder in folders.items()}
        return places | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}

    def _wait(self) -> None:
        assert self._process is not None
        end = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < end and self._process.poll() is None:
            try:
                with urlopen(f"{self.url}/api/status", timeout=5):
                    return
            except (URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        msg = f"JupyterLab did not start:\n{self._log.read_text()}"
        raise RuntimeError(msg)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
