"""The command `autograd-core`: open the notebooks, explain a script's error, make a handout.

For `lab` it reads its own few options, makes sure that there is something to open and a port to open
it on, and then becomes JupyterLab, so that Ctrl+C and every other signal reach the server itself. For
`explain` see `recording.script`, for `handout` the module of that name.
"""

from __future__ import annotations

import argparse
import errno
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

from . import __version__
from .notebook_files import START, copy_notebooks, is_checkout, shipped_notebooks

FOLDER = "autograd-core-notebooks"
MISSING = "{} is not installed here. Bring all that the notebooks need with: pip install {}"


class Failure(Exception):
    """Something a reader can put right; its text is the one sentence they get to see."""


class Parser(argparse.ArgumentParser):
    """argparse, answering a wrong command line with one sentence and where to read on."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\nSee '{self.prog} --help'.\n")


def main(argv: list[str] | None = None) -> int:
    """Run the command line `argv`; the answer is the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    parser, commands = _parsers()
    if argv[:1] == ["explain"]:  # what follows the script's name is the script's own, `--` too
        return explain(commands["explain"], argv[1:])
    words, for_jupyter = _split(argv)
    command = next((word for word in words if not word.startswith("-")), None)
    if command is not None and command not in commands:
        parser.error(f"there is no command '{command}'. The commands are: {', '.join(commands)}.")
    options, unknown = parser.parse_known_args(words)
    if options.command is None and not unknown:
        parser.print_help()
        return 2
    if unknown:
        parser.error(
            f"cannot make sense of {' '.join(unknown)}. "
            "Options for JupyterLab itself come after --, as in: autograd-core lab -- --debug"
        )
    try:
        return handout(options) if options.command == "handout" else lab(options, for_jupyter)
    except Failure as failure:
        print(f"{parser.prog}: {failure}", file=sys.stderr)
        return 1


def explain(parser: argparse.ArgumentParser, words: list[str]) -> int:
    """Run a script as Python would, and tell the story of its first error of autograd."""
    own = 2 if words[:1] == ["-m"] else 1
    options = parser.parse_args(words[:own])
    from .recording.script import NoScript, explain_module, explain_script

    try:
        if options.module is not None:
            return explain_module(options.module, words[own:])
        if options.script is None:
            parser.error("which script? Give its path, as in: autograd-core explain script.py")
        return explain_script(options.script, words[own:])
    except NoScript as failure:
        print(f"{parser.prog}: {failure}", file=sys.stderr)
        return 2


def lab(options: argparse.Namespace, for_jupyter: list[str]) -> int:
    """Open JupyterLab on the start page. On POSIX this process becomes JupyterLab."""
    _check_installed()
    # 1. A port asked for by number is that port or nothing; JupyterLab would look for another.
    _check_address(options.ip, options.port)
    # 2. Notebooks to open: the checkout's own, or a copy that the reader may write in.
    folder = _prepare_folder(options.folder)
    # 3. Over to JupyterLab.
    command = [sys.executable, "-m", "jupyterlab"]
    command += [f"--ServerApp.root_dir={folder}", f"--LabApp.default_url=/lab/tree/{START}"]
    command += ["--LabApp.expose_app_in_browser=True"]  # so that a playground finds its kernel
    if options.port is not None:
        command += [f"--ServerApp.port={options.port}", "--ServerApp.port_retries=0"]
    if options.ip is not None:
        command += [f"--ServerApp.ip={options.ip}"]
    if options.no_browser:
        command += ["--no-browser"]
    if _is_root():  # as in most containers, where JupyterLab would refuse to start
        command += ["--allow-root"]
    return _become(command + for_jupyter)


def handout(options: argparse.Namespace) -> int:
    """Write the handout of a notebook beside it, or where it is told to."""
    _check_installed()
    from .handout import NoHandout, of_notebook

    source: Path = options.notebook
    target: Path = options.out or source.with_suffix(".html")
    try:
        text = of_notebook(source)
    except NoHandout as lacking:
        raise Failure(str(lacking)) from None
    except OSError as error:
        raise Failure(f"cannot read {source}: {error.strerror}.") from None
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failure(f"cannot write {target}: {error.strerror}.") from None
    print(f"Wrote {target} ({len(text.encode()) // 1000} kB): it opens in any browser, offline.")
    return 0


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    """Our words, and those after `--`, which are JupyterLab's."""
    if "--" not in argv:
        return argv, []
    at = argv.index("--")
    return argv[:at], argv[at + 1 :]


def _parsers() -> tuple[Parser, dict[str, argparse.ArgumentParser]]:
    parser = Parser(
        prog="autograd-core",
        description="See what PyTorch's autograd really does when you detach, alias and write "
        "in place.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"autograd-core {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    lab = commands.add_parser(
        "lab",
        help="open the notebooks in JupyterLab",
        description="Open the notebooks in JupyterLab, on the start page. In a source checkout "
        f"they open in place. Elsewhere they are first copied into ./{FOLDER}, never over a file "
        "that you changed.",
        epilog="Whatever follows -- goes to JupyterLab as it is, as in: "
        "autograd-core lab -- --debug",
        allow_abbrev=False,
    )
    lab.add_argument(
        "folder",
        nargs="?",
        type=Path,
        help="copy the notebooks into this folder, and open them there",
    )
    lab.add_argument("--port", type=_port, metavar="N", help="serve on this port and no other")
    lab.add_argument("--ip", metavar="ADDRESS", help="serve on this address instead of localhost")
    lab.add_argument("--no-browser", action="store_true", help="do not open a browser")
    explain = commands.add_parser(
        "explain",
        usage="autograd-core explain [-h] (SCRIPT | -m MODULE) [ARGUMENTS...]",
        help="run a script, and tell who is to blame for its first error of autograd",
        description="Run a script as python would, and print the story of its first error of "
        "autograd: which line wrote a saved tensor and through which alias, which backward let go of "
        "it, or where its history was cut, and how to mend it. The exit status is 1 then; else it is "
        "the script's own.",
        epilog="What follows the script is given to the script as it is.",
        allow_abbrev=False,
    )
    explain.add_argument("script", nargs="?", metavar="SCRIPT", help="the script to run")
    explain.add_argument("-m", dest="module", metavar="MODULE", help="run a module, as python -m")
    handout = commands.add_parser(
        "handout",
        help="make one HTML file of a notebook, to mail, to project or to print",
        description="Write a notebook as one HTML file with its players in it. It needs no Python "
        "and no network. Outputs go in as they were saved; nothing is run.",
        allow_abbrev=False,
    )
    handout.add_argument("notebook", type=Path, help="a notebook that was run and saved")
    handout.add_argument(
        "-o", "--out", type=Path, metavar="FILE", help="write here instead of beside the notebook"
    )
    return parser, commands.choices


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port: give a number from 1 to 65535")
    return int(text)


def _check_installed() -> None:
    for module, name in [
        ("jupyterlab", "JupyterLab"),
        ("ipywidgets", "ipywidgets"),
        ("graphviz", "The Python package graphviz"),
        ("latex2mathml", "latex2mathml"),
    ]:
        if importlib.util.find_spec(module) is None:
            raise Failure(MISSING.format(name, "'autograd-core[lab]'"))


def _check_address(ip: str | None, port: int | None) -> None:
    """Ask for the very sockets that the server will ask for, and give them back."""
    from tornado.netutil import bind_sockets  # comes with JupyterLab

    where = ip or "localhost"
    try:
        sockets = bind_sockets(port or 0, where)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Failure(
                f"port {port} is already in use. Give --port another number, or leave it out and "
                "a free one is chosen."
            ) from None
        if error.errno == errno.EACCES:
            raise Failure(f"port {port} is not open to you: numbers from 1024 up are.") from None
        raise Failure(f"cannot serve on '{where}': {error.strerror}.") from None
    for socket in sockets:
        socket.close()


def _prepare_folder(asked: Path | None) -> Path:
    """The folder to open, with every notebook in it."""
    try:
        source = shipped_notebooks()
    except FileNotFoundError as error:
        raise Failure(str(error)) from None
    if asked is None and is_checkout(source):
        return source
    folder = (asked or Path(FOLDER)).absolute()
    try:
        copied = copy_notebooks(source, folder)
    except OSError as error:
        raise Failure(
            f"cannot put the notebooks into {folder}: {error.strerror}. "
            "Give a folder that you can write to, as in: autograd-core lab FOLDER"
        ) from None
    if copied.written:
        print(f"Copied into {folder}: {', '.join(copied.written)}", flush=True)
    if copied.kept:
        kept = ", ".join(copied.kept)
        print(f"Kept as you changed them: {kept}. Delete one to get a fresh copy.", flush=True)
    return folder


def _become(command: list[str]) -> int:
    if os.name == "posix":
        os.execv(command[0], command)
    # Windows has no exec: wait, and leave Ctrl+C to JupyterLab, which gets it too.
    with subprocess.Popen(command) as server:
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:
                continue
