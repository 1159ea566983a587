"""`autograd-core explain` runs a script as Python would, and names the culprit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

E4 = """\
import autograd_core as torch
a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
out = a.sigmoid()
c = out.detach()
c.zero_()
out.sum().backward()
"""
STORY = (
    "`c.zero_()` (line 5) wrote the storage that `out` shares with `c = out.detach()` (line 4); "
    "Sigmoid saved `out` at version 0 (line 3), and it is now at version 1. "
    "Fix: `c = out.detach().clone()`."
)
TELL = """\
import sys, os
print(sys.argv, __name__, os.path.isabs(__file__), os.path.basename(__file__))
print(sys.path[0] == os.path.dirname(os.path.realpath(__file__)))
print(__doc__, __package__, __spec__, __cached__, __builtins__.__name__)
print(sys.modules["__main__"].__dict__ is globals())
"""


def run(cwd: Path, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, cwd=cwd, check=False, timeout=60
    )


def explain(cwd: Path, *words: str) -> subprocess.CompletedProcess:
    return run(cwd, "-m", "autograd_core", "explain", *words)


@pytest.fixture
def script(tmp_path):
    def write(text: str, name: str = "script.py") -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_the_story_of_an_uncaught_error_is_printed(script):
    done = explain(script(E4), "script.py")
    assert done.returncode == 1
    message, nothing, story, *repairs = done.stdout.splitlines()
    assert message.startswith("one of the variables needed") and nothing == "" and story == STORY
    assert repairs[:3] == [
        "",
        "Repairs:",
        "1. clone the alias (line 4: `c = out.detach().clone()`): right: finite differences confirm "
        "it; `a.grad` is [0.1779, 0.0313, 0.0037], of a result of `2.7325`.",
    ]


def test_the_traceback_shows_the_users_lines_alone_with_the_path_that_python_would_give(script):
    folder = script(E4)
    done = explain(folder, "script.py")
    first, *lines, last = done.stderr.splitlines()
    assert first == "Traceback (most recent call last):" and last.startswith("RuntimeError: one of")
    lines = [line for line in lines if line.strip(" ~^")]  # newer Pythons underline
    assert lines == [f'  File "{folder / "script.py"}", line 6, in <module>', "    out.sum().backward()"]


def test_a_script_without_an_error_says_so_and_exits_with_0(script):
    text = "import autograd_core as t\nt.ones(1, requires_grad=True).exp().backward()\nprint('hi')"
    done = explain(script(text), "script.py")
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout == "hi\nscript.py raised no error of autograd.\n"


def test_an_error_that_the_script_catches_is_told_at_the_end(script):
    text = E4.replace("out.sum", "try: out.sum") + "except RuntimeError: print('caught')\nprint('end')"
    done = explain(script(text), "script.py")
    assert done.returncode == 1 and done.stderr == ""
    assert done.stdout.startswith("caught\nend\n") and STORY in done.stdout.splitlines()
    assert "1. clone the alias (line 4: `c = out.detach().clone()`): right" in done.stdout


def test_an_error_in_a_recording_of_the_scripts_own_is_told(script):
    text = E4.replace("a = torch", "recording = torch.record()\nrecording.__enter__()\na = torch")
    done = explain(script(text), "script.py")
    assert done.returncode == 1 and "(line 7) wrote the storage" in done.stdout


def test_a_recording_of_the_scripts_own_works(script):
    text = "import autograd_core as t\nwith t.record() as trace: t.ones(1)\nprint(len(trace) > 0)"
    done = explain(script(text), "script.py")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "True")


@pytest.mark.parametrize("words", [(), ("--flag", "--", "-m", "x", "--help")])
def test_the_script_finds_the_world_as_python_gives_it(script, words):
    text = '"""Doc."""\n' + TELL
    folder = script(text, "sub/script.py")
    plain, explained = run(folder, "sub/script.py", *words), explain(folder, "sub/script.py", *words)
    assert plain.stderr == explained.stderr == ""
    assert explained.stdout == plain.stdout + "sub/script.py raised no error of autograd.\n"


def test_modules_beside_the_script_are_found(script):
    script("name = 'beside'", "sub/beside.py")
    folder = script("import beside\nprint(beside.name)", "sub/script.py")
    assert explain(folder, "sub/script.py").stdout.startswith("beside\n")


def test_a_module_is_run_by_its_name(script):
    script("", "pack/__init__.py")
    folder = script(E4, "pack/mod.py")
    done = explain(folder, "-m", "pack.mod")
    assert done.returncode == 1 and STORY in done.stdout.splitlines()
    assert 'mod.py", line 6, in <module>' in done.stderr and "runpy" not in done.stderr


def test_a_folder_with_a_main_is_run(script):
    folder = script(TELL, "app/__main__.py")
    assert explain(folder, "app", "x").stdout.startswith("['app/__main__.py', 'x'] __main__")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("1 / 0", 1),
        ("x = = 1", 1),
        ("import nothing_of_that_name", 1),
        ("import sys; sys.exit(3)", 3),
        ("import sys; sys.exit('bye')", 1),
        ("raise SystemExit", 0),
        ("def f():\n    raise ValueError('é')\ntry:\n    f()\nexcept ValueError as e:\n    raise KeyError from e", 1),
        ("raise ExceptionGroup('two', [ValueError(1), TypeError(2)])", 1),
    ],
)
def test_what_else_goes_wrong_is_shown_as_python_shows_it(script, text, status):
    folder = script(text)
    plain, explained = run(folder, "script.py"), explain(folder, "script.py")
    assert explained.returncode == plain.returncode == status
    assert explained.stderr == plain.stderr
    assert explained.stdout == plain.stdout + "script.py raised no error of autograd.\n"


def test_an_interrupted_script_exits_as_a_shell_would_say(script):
    done = explain(script("raise KeyboardInterrupt"), "script.py")
    assert done.returncode == 130 and done.stderr.splitlines()[-1] == "KeyboardInterrupt"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nothing.py",), "cannot open the script 'nothing.py': No such file or directory."),
        (("-m", "nothing.at.all"), "there is no module named 'nothing.at.all'."),
        ((".",), "there is no __main__.py in the folder '.'."),
        ((), "which script? Give its path, as in: autograd-core explain script.py"),
        (("--bogus", "x.py"), "unrecognized arguments: --bogus"),
    ],
)
def test_where_there_is_no_script_one_sentence_says_so(tmp_path, words, says):
    done = explain(tmp_path, *words)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.splitlines()[0] == f"autograd-core explain: {says}"


def test_the_help_is_the_commands_own(tmp_path):
    done = explain(tmp_path, "--help")
    assert done.returncode == 0 and "SCRIPT" in done.stdout


def test_a_script_that_is_not_utf8_says_so_itself(tmp_path):
    (tmp_path / "script.py").write_bytes("# coding: latin-1\nprint('\xe9' == chr(233))".encode("latin-1"))
    assert explain(tmp_path, "script.py").stdout.startswith("True\n")


def test_a_silent_corruption_has_its_headline_once(script):
    done = explain(script(E4.replace("detach()", "data")), "script.py")
    assert done.stdout.count("`a.grad` is wrong, and no version counter tells.") == 1
    assert done.stdout.startswith("`a.grad` is wrong") and done.returncode == 1
    assert done.stderr == ""  # the recorder's warning is that same story


def test_of_two_silent_corruptions_the_second_is_warned_of(script):
    once = E4.replace("detach()", "data")
    again = once.replace("a = ", "b = ").replace("a.sig", "b.sig")
    done = explain(script(once + again), "script.py")
    assert "`a.grad` is wrong" in done.stdout and "`b.grad`" not in done.stdout
    assert "SilentCorruption: `b.grad` is wrong" in done.stderr and "`a.grad`" not in done.stderr


@pytest.mark.parametrize(
    ("name", "file"), [("mod", "mod.py"), ("pack.mod", "pack/mod.py"), ("pack", "pack/__main__.py")]
)
def test_repairs_are_offered_for_a_module_too(script, name, file):
    folder = script(E4, file)
    (folder / file).parent.joinpath("__init__.py").touch()
    done = explain(folder, "-m", name)
    assert STORY in done.stdout
    assert "1. clone the alias (line 4: `c = out.detach().clone()`): right" in done.stdout
