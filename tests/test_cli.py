"""The command line: what it hands to JupyterLab, and the one sentence for everything wrong.

That JupyterLab really opens is seen in `browser/`.
"""

from __future__ import annotations

import importlib.metadata
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import autograd_core
from autograd_core import cli, notebook_files


@pytest.fixture
def jupyterlab(monkeypatch) -> list[list[str]]:
    """The command lines that JupyterLab would have been started with."""
    started: list[list[str]] = []

    def become(command: list[str]) -> int:
        started.append(command)
        return 0

    monkeypatch.setattr(cli, "_become", become)
    monkeypatch.setattr(cli, "_is_root", lambda: False)
    return started


@pytest.fixture
def shipped(tmp_path, monkeypatch) -> Path:
    """Notebooks as they lie in an installed wheel: no checkout around them."""
    folder = tmp_path / "site-packages" / "notebooks"
    folder.mkdir(parents=True)
    (folder / "00_start.ipynb").write_text("start")
    (folder / "01_normal.ipynb").write_text("normal")
    monkeypatch.setattr(cli, "shipped_notebooks", lambda: folder)
    (tmp_path / "reader").mkdir()
    monkeypatch.chdir(tmp_path / "reader")
    return folder


def run(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "autograd_core", *words],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
        timeout=60,
    )


@pytest.fixture
def busy_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


# --- what JupyterLab is started with -------------------------------------------------------------


def test_outside_a_checkout_the_notebooks_are_copied_and_the_start_page_opened(
    shipped, jupyterlab, capsys
):
    assert cli.main(["lab"]) == 0
    folder = Path.cwd() / "autograd-core-notebooks"
    assert (folder / "00_start.ipynb").read_text() == "start"
    assert jupyterlab == [
        [sys.executable, "-m", "jupyterlab"]
        + [f"--ServerApp.root_dir={folder}", "--LabApp.default_url=/lab/tree/00_start.ipynb"]
        + ["--LabApp.expose_app_in_browser=True"]
    ]
    assert capsys.readouterr().out == f"Copied into {folder}: 00_start.ipynb, 01_normal.ipynb\n"


def test_a_notebook_that_the_reader_changed_is_kept_and_said(shipped, jupyterlab, capsys):
    cli.main(["lab", "lesson"])
    Path("lesson/01_normal.ipynb").write_text("my notes")
    (shipped / "01_normal.ipynb").write_text("normal, second edition")
    capsys.readouterr()
    assert cli.main(["lab", "lesson"]) == 0
    assert Path("lesson/01_normal.ipynb").read_text() == "my notes"
    assert "Kept as you changed them: 01_normal.ipynb." in capsys.readouterr().out


def test_in_a_checkout_the_notebooks_are_opened_in_place(shipped, jupyterlab, capsys):
    (shipped.parent / "pyproject.toml").touch()
    assert cli.main(["lab"]) == 0
    assert f"--ServerApp.root_dir={shipped}" in jupyterlab[0]
    assert list(Path.cwd().iterdir()) == []
    assert capsys.readouterr().out == ""


def test_in_a_checkout_a_folder_that_is_named_gets_a_copy(shipped, jupyterlab):
    (shipped.parent / "pyproject.toml").touch()
    assert cli.main(["lab", "lesson"]) == 0
    assert f"--ServerApp.root_dir={Path.cwd() / 'lesson'}" in jupyterlab[0]
    assert Path("lesson/00_start.ipynb").read_text() == "start"


def test_port_address_browser_and_everything_after_the_dashes_are_passed_on(shipped, jupyterlab):
    port = free_port()
    words = ["lab", "--port", str(port), "--ip", "127.0.0.1", "--no-browser"]
    assert cli.main([*words, "--", "--debug", "--", "lab"]) == 0
    assert jupyterlab[0][6:] == [
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.ip=127.0.0.1",
        "--no-browser",
        "--debug",
        "--",
        "lab",
    ]


@pytest.mark.parametrize("root", [False, True])
def test_jupyterlab_is_allowed_to_run_as_root_where_we_do(root, shipped, jupyterlab, monkeypatch):
    monkeypatch.setattr(cli, "_is_root", lambda: root)
    assert cli.main(["lab"]) == 0
    assert ("--allow-root" in jupyterlab[0]) is root


def test_this_checkout_has_a_start_page_to_open():
    folder = notebook_files.shipped_notebooks()
    assert notebook_files.is_checkout(folder)
    assert folder == Path(__file__).resolve().parent.parent / "notebooks"


# --- what goes wrong, in one sentence ------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["lob"],
            "autograd-core: there is no command 'lob'. The commands are: lab, explain, handout.",
        ),
        (["--lab"], "autograd-core: cannot make sense of --lab."),
        (["lab", "--prot", "8888"], "autograd-core: cannot make sense of --prot."),
        (["lab", "a", "b"], "autograd-core: cannot make sense of b."),
        (["lab", "--port"], "autograd-core lab: argument --port: expected one argument"),
        (["lab", "--port", "http"], "'http' is not a port: give a number from 1 to 65535"),
        (["lab", "--port", "0"], "'0' is not a port: give a number from 1 to 65535"),
        (["lab", "--port", "65536"], "'65536' is not a port: give a number from 1 to 65535"),
        (["lab", "--port", "-1"], "--port"),
    ],
)
def test_a_wrong_command_line_gets_one_sentence_and_where_to_read_on(words, sentence):
    done = run(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert done.stderr.endswith("--help'.\n")


def test_a_busy_port_is_said_and_no_other_is_taken(busy_port, tmp_path):
    done = run("lab", "--port", str(busy_port), "--ip", "127.0.0.1", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        f"autograd-core: port {busy_port} is already in use. Give --port another number, or leave "
        "it out and a free one is chosen.\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_is_not_of_this_machine_is_said(tmp_path):
    done = run("lab", "--ip", "192.0.2.1", cwd=tmp_path)  # an address set aside for documentation
    assert done.returncode == 1
    assert done.stderr.startswith("autograd-core: cannot serve on '192.0.2.1': ")
    assert len(done.stderr.splitlines()) == 1


def test_a_folder_that_cannot_be_written_is_said(shipped, jupyterlab, capsys, monkeypatch):
    def copy_notebooks(source: Path, folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(cli, "copy_notebooks", copy_notebooks)
    assert cli.main(["lab"]) == 1
    assert capsys.readouterr().err == (
        f"autograd-core: cannot put the notebooks into {Path.cwd() / 'autograd-core-notebooks'}: "
        "Permission denied. Give a folder that you can write to, as in: autograd-core lab FOLDER\n"
    )
    assert jupyterlab == []


def test_a_file_in_the_place_of_the_folder_is_said_and_left_alone(shipped, jupyterlab, capsys):
    Path("autograd-core-notebooks").write_text("a file")
    assert cli.main(["lab"]) == 1
    assert "cannot put the notebooks into" in capsys.readouterr().err
    assert Path("autograd-core-notebooks").read_text() == "a file"
    assert jupyterlab == []


@pytest.mark.parametrize("module", ["jupyterlab", "ipywidgets", "graphviz"])
def test_without_the_lab_extra_the_sentence_says_what_to_install(
    module, shipped, jupyterlab, capsys, monkeypatch
):
    monkeypatch.setitem(sys.modules, module, None)
    assert cli.main(["lab"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.endswith("with: pip install 'autograd-core[lab]'\n")
    assert jupyterlab == [] and list(Path.cwd().iterdir()) == []


# --- and the rest --------------------------------------------------------------------------------


def test_without_a_command_the_help_is_shown():
    done = run()
    assert done.returncode == 2
    assert "lab" in done.stdout


def test_help_tells_of_the_dashes():
    done = run("lab", "--help")
    assert done.returncode == 0
    assert "autograd-core lab -- --debug" in " ".join(done.stdout.split())


def test_the_version_is_the_packages():
    assert run("--version").stdout == f"autograd-core {autograd_core.__version__}\n"
    assert importlib.metadata.version("autograd-core") == autograd_core.__version__


@pytest.mark.skipif(os.name != "posix", reason="exec is a POSIX thing")
def test_the_process_becomes_the_command_so_that_signals_reach_it():
    program = "import os; print(os.getpid())"
    code = (
        f"from autograd_core.cli import _become; import sys; "
        f"_become([sys.executable, '-c', {program!r}])"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as done:
        assert int(done.stdout.read()) == done.pid
