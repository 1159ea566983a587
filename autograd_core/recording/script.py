"""Run a script as `python script.py` would, under the recorder, and tell its first error of autograd.

The surprising idea: the script has to be `__main__` itself, with its own `sys.argv` and `sys.path`, or
half of all scripts do nothing at all (`if __name__ == "__main__":`), and the other half cannot find the
modules beside them.
"""

from __future__ import annotations

import builtins
import importlib.util
import io
import os
import runpy
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType, TracebackType

from ..errors import SilentCorruption
from ..frames import is_ours
from ..tracebacks import without_ours
from .before import Program
from .both import record_both
from .repairs import repairs
from .story import Story

INTERRUPTED = 128 + signal.SIGINT


class NoScript(Exception):
    """There is nothing to run; the text is one sentence that says why."""


def explain_script(path: str, arguments: list[str]) -> int:
    """Run the script at `path`, then print the story of its first error of autograd.

    Returns 1 if there was one; else prints that there was none, and returns what Python would have
    exited with. Raises NoScript where there is no such script. What else goes wrong in the script, or
    in reading it as Python, is shown as Python shows it.
    """
    if os.path.isdir(path):
        folder, path = path, os.path.join(path, "__main__.py")
        if not os.path.isfile(path):
            raise NoScript(f"there is no __main__.py in the folder '{folder}'.")
    whole = os.path.abspath(path)  # as Python names it, in `__file__` and in tracebacks
    try:
        with io.open_code(whole) as file:
            source = file.read()
    except OSError as error:
        raise NoScript(f"cannot open the script '{path}': {error.strerror}.") from None
    sys.argv = [path, *arguments]
    sys.path[0] = os.path.dirname(os.path.realpath(path))
    names = _main_module(whole).__dict__
    program = Program(whole, source.decode(errors="replace"))
    return _run(lambda: exec(_compiled(source, whole), names), path, names=names, program=program)


def explain_module(name: str, arguments: list[str]) -> int:
    """The same for `python -m name`."""
    sys.path[0] = os.getcwd()
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        found = None
    if found is None:
        raise NoScript(f"there is no module named '{name}'.")
    sys.argv = [name, *arguments]

    def run() -> None:
        runpy.run_module(name, run_name="__main__", alter_sys=True)

    return _run(run, name, names={}, program=_program_of(found))


def _program_of(found: ModuleSpec) -> Program | None:
    """What `python -m` runs of a module, or of a package; None where its source cannot be had."""
    try:
        if found.submodule_search_locations is not None:
            found = importlib.util.find_spec(f"{found.name}.__main__")
        source = found.loader.get_source(found.name)
    except (ImportError, AttributeError, SyntaxError, UnicodeDecodeError):
        return None
    return Program(found.origin, source) if source and found.origin else None


def _main_module(path: str) -> ModuleType:
    module = ModuleType("__main__")
    module.__file__ = path
    module.__builtins__ = builtins
    module.__loader__ = SourceFileLoader("__main__", path)
    module.__cached__ = None
    sys.modules["__main__"] = module
    return module


def _compiled(source: bytes, path: str) -> CodeType:
    return compile(source, path, "exec", dont_inherit=True)


def _run(run: Callable[[], object], script: str, **recorded: object) -> int:
    """Run it under the recorder, show how it ended, and tell the story."""
    recording = record_both(**recorded)
    status = 0
    try:
        with warnings.catch_warnings():
            kept_back = _kept_back()
            with recording:
                run()
    except SystemExit as leaving:
        status = _status(leaving)
    except BaseException as error:
        story = getattr(error, "story", None)
        _show(error, story)
        status = INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
    sys.stdout.flush()
    for story, show in kept_back:
        if story != recording.story:
            show()
    if recording.story is not None:
        print(_told(recording.story))
        for trace in recording.traces:
            if trace.before is not None and (offered := repairs(trace)):
                print(f"\nRepairs:\n{offered}")
        return 1
    if recording.refusal:
        print(f"{script} uses PyTorch and was not recorded: {recording.refusal}.")
    else:
        print(f"{script} raised no error of autograd.")
    return status


def _kept_back() -> list[tuple[Story, Callable[[], None]]]:
    """From now on, the recorder's own warnings, each with how to show it: one of them is the story."""
    kept, show = [], warnings.showwarning

    def keep(message: Warning, *about: object) -> None:
        if isinstance(message, SilentCorruption):
            kept.append((message.story, lambda: show(message, *about)))
        else:
            show(message, *about)

    warnings.showwarning = keep
    return kept


def _told(story: Story) -> str:
    """The error's own sentence, unless the story begins with it, and the story."""
    return story.text if story.text.startswith(story.message) else f"{story.message}\n\n{story.text}"


def _status(leaving: SystemExit) -> int:
    if leaving.code is None or isinstance(leaving.code, int):
        return leaving.code or 0
    print(leaving.code, file=sys.stderr)
    return 1


def _show(error: BaseException, story: Story | None) -> None:
    """The traceback as Python shows it, without what led to the script.

    Of an error that has a story the user's own lines are shown; the story itself comes later.
    """
    step: TracebackType | None = error.__traceback__
    while step is not None and (is_ours(step.tb_frame) or step.tb_frame.f_globals is vars(runpy)):
        step = step.tb_next
    error.__traceback__ = step
    if story is not None:
        error.__traceback__ = without_ours(step)
        error.__notes__.remove(story.text)
    sys.stdout.flush()
    traceback.print_exception(error)
