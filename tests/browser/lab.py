"""A JupyterLab to test in: started by `autograd-core lab`, apart from whatever else is there."""

from __future__ import annotations

import itertools
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import nbformat
from nbformat.sign import NotebookNotary

from autograd_core.notebook_files import copy_notebooks, shipped_notebooks

SECONDS_TO_START = 60
SECONDS_TO_STOP = 20


@dataclass
class Lab:
    """A running server, and the folder it serves."""

    process: subprocess.Popen
    folder: Path
    runtime: Path
    port: int
    token: str
    _copies: Iterator[int] = field(default_factory=itertools.count)

    def address(self, path: str = "") -> str:
        """The address of a page, token included."""
        return f"http://127.0.0.1:{self.port}{quote(path)}?token={self.token}"

    def fresh_copy(self, name: str) -> str:
        """A copy of all notebooks that no other test has run; the path of `name` among them."""
        copy = f"copy-{next(self._copies)}"
        copy_notebooks(shipped_notebooks(), self.folder / copy)
        return f"{copy}/{name}"

    def put(self, name: str, notebook: nbformat.NotebookNode, *, trusted: bool = False) -> str:
        """A notebook of the test's own, trusted as one that was run here; its path."""
        path = self.folder / name
        nbformat.write(notebook, path)
        if trusted:
            notary = NotebookNotary(data_dir=str(self.runtime.parent / "data"))
            notary.sign(nbformat.read(path, as_version=4))
            notary.store.close()
        return name

    def without_outputs(self, path: str) -> str:
        """The same notebook with no cell run, so that whatever is seen was made just now."""
        notebook = nbformat.read(self.folder / path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.update(outputs=[], execution_count=None)
        nbformat.write(notebook, self.folder / path)
        return path


@contextmanager
def running(place: Path, theme: str = "JupyterLab Light") -> Iterator[Lab]:
    """Start JupyterLab on a copy of the notebooks in `place`; stop it at the end.

    RuntimeError, with what the server said, where it does not come up.
    """
    settings = {
        "apputils-extension/themes": {"theme": theme},
        # Only the cells in view are in the page otherwise, and a test looks at all of them.
        "notebook-extension/tracker": {"windowingMode": "none", "scrollPastEnd": False},
    }
    for name, values in settings.items():
        _write(place / f"config/lab/user-settings/@jupyterlab/{name}.jupyterlab-settings", values)
    news = "@jupyterlab/apputils-extension:announcements"  # a question about news, at every start
    _write(place / "config/labconfig/page_config.json", {"disabledExtensions": {news: True}})

    lab = _start(place)
    try:
        yield lab
    finally:
        _stop(lab.process)


def _start(place: Path) -> Lab:
    port, token = _free_port(), secrets.token_hex(16)
    folder, log = place / "notebooks", place / "jupyterlab.log"
    command = [sys.executable, "-m", "autograd_core", "lab", str(folder), "--no-browser"]
    command += ["--port", str(port), "--ip", "127.0.0.1"]
    command += ["--", f"--IdentityProvider.token={token}"]
    here = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "IPYTHONDIR": "ipython"}
    here["JUPYTER_RUNTIME_DIR"] = "runtime"
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **{name: str(place / part) for name, part in here.items()}},
        )
    lab = Lab(process, folder, place / "runtime", port, token)
    deadline = time.monotonic() + SECONDS_TO_START
    while not _answers(lab):
        if process.poll() is not None or time.monotonic() > deadline:
            _stop(process)
            raise RuntimeError(f"JupyterLab did not start. It said:\n{log.read_text()}")
        time.sleep(0.1)
    return lab


def _answers(lab: Lab) -> bool:
    try:
        with urllib.request.urlopen(lab.address("/api/status"), timeout=5):
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _stop(process: subprocess.Popen) -> None:
    """Ask JupyterLab to end, its kernels with it; insist after a while."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def _write(path: Path, values: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values), encoding="utf-8")
