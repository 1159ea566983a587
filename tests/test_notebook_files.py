"""Copying the shipped notebooks: up to date, never over the reader's work, never half a file."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from autograd_core.notebook_files import RECORD, copy_notebooks


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "shipped"
    (folder / "pictures").mkdir(parents=True)
    (folder / "00_start.ipynb").write_text("start, first edition")
    (folder / "01_normal.ipynb").write_text("normal, first edition")
    (folder / "pictures" / "cut.svg").write_text("<svg/>")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "reader" / "notebooks"


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_every_shipped_file_is_copied_into_a_new_folder(source, folder):
    copied = copy_notebooks(source, folder)
    assert copied.written == ["00_start.ipynb", "01_normal.ipynb", "pictures/cut.svg"]
    assert copied.kept == []
    assert names(folder) == {*copied.written, RECORD}
    assert (folder / "pictures" / "cut.svg").read_text() == "<svg/>"


def test_what_editors_and_jupyter_leave_behind_is_not_copied(source, folder):
    (source / ".ipynb_checkpoints").mkdir()
    (source / ".ipynb_checkpoints" / "00_start-checkpoint.ipynb").write_text("old")
    (source / "__pycache__").mkdir()
    (source / "__pycache__" / "x.pyc").write_text("old")
    copied = copy_notebooks(source, folder)
    assert copied.written == ["00_start.ipynb", "01_normal.ipynb", "pictures/cut.svg"]


def test_a_second_copy_writes_nothing(source, folder):
    copy_notebooks(source, folder)
    before = {name: (folder / name).stat().st_mtime_ns for name in names(folder)}
    copied = copy_notebooks(source, folder)
    assert (copied.written, copied.kept) == ([], [])
    assert {name: (folder / name).stat().st_mtime_ns for name in names(folder)} == before


def test_a_changed_file_is_kept_and_named_and_the_others_are_updated(source, folder):
    copy_notebooks(source, folder)
    (folder / "00_start.ipynb").write_text("my notes")
    (source / "00_start.ipynb").write_text("start, second edition")
    (source / "01_normal.ipynb").write_text("normal, second edition")
    for expected in (["01_normal.ipynb"], []):  # and it stays so the next time
        copied = copy_notebooks(source, folder)
        assert (copied.written, copied.kept) == (expected, ["00_start.ipynb"])
        assert (folder / "00_start.ipynb").read_text() == "my notes"
        assert (folder / "01_normal.ipynb").read_text() == "normal, second edition"


def test_a_change_that_was_undone_makes_the_file_ours_to_update_again(source, folder):
    copy_notebooks(source, folder)
    (folder / "00_start.ipynb").write_text("my notes")
    (source / "00_start.ipynb").write_text("start, second edition")
    copy_notebooks(source, folder)
    (folder / "00_start.ipynb").write_text("start, first edition")
    assert copy_notebooks(source, folder).written == ["00_start.ipynb"]
    assert (folder / "00_start.ipynb").read_text() == "start, second edition"


def test_a_deleted_file_comes_back_fresh(source, folder):
    copy_notebooks(source, folder)
    (folder / "01_normal.ipynb").unlink()
    assert copy_notebooks(source, folder).written == ["01_normal.ipynb"]


def test_a_file_that_was_there_before_is_the_readers(source, folder):
    folder.mkdir(parents=True)
    (folder / "00_start.ipynb").write_text("somebody's own")
    assert copy_notebooks(source, folder).kept == ["00_start.ipynb"]
    assert (folder / "00_start.ipynb").read_text() == "somebody's own"


@pytest.mark.parametrize("record", ["", "{", "[]", "null", '{"00_start.ipynb": 3}', "\x00\xff"])
def test_with_a_broken_record_nothing_of_the_readers_is_lost(source, folder, record):
    copy_notebooks(source, folder)
    (folder / RECORD).write_bytes(record.encode("latin-1"))
    (folder / "00_start.ipynb").write_text("my notes")
    (source / "01_normal.ipynb").write_text("normal, second edition")
    assert copy_notebooks(source, folder).kept == ["00_start.ipynb", "01_normal.ipynb"]
    assert (folder / "00_start.ipynb").read_text() == "my notes"


@pytest.mark.parametrize("failing", [0, 1, 2, 3])
def test_a_copy_that_is_cut_short_leaves_only_whole_files_and_can_be_finished(
    source, folder, monkeypatch, failing
):
    real, calls = os.replace, []

    def replace(old, new):
        calls.append(new)
        if len(calls) > failing:
            raise OSError(28, "No space left on device")
        real(old, new)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        with pytest.raises(OSError, match="No space left"):
            copy_notebooks(source, folder)
    done = ["00_start.ipynb", "01_normal.ipynb", "pictures/cut.svg"][:failing]
    assert names(folder) == set(done)
    assert all((folder / name).read_bytes() == (source / name).read_bytes() for name in done)

    assert copy_notebooks(source, folder).kept == []
    assert names(folder) == {*names(source), RECORD}


@pytest.mark.skipif(os.name != "posix", reason="permission bits are a POSIX thing")
def test_a_folder_that_cannot_be_written_raises_and_stays_as_it_was(source):
    with tempfile.TemporaryDirectory() as place:
        locked = Path(place) / "locked"
        shipped = Path(place) / "shipped"
        os.chmod(place, 0o755)
        shutil.move(source, shipped)
        locked.mkdir(mode=0o555)
        as_root = os.geteuid() == 0  # whom no permission bit stops
        if as_root:
            os.seteuid(65534)
        try:
            with pytest.raises(PermissionError):
                copy_notebooks(shipped, locked)
        finally:
            if as_root:
                os.seteuid(0)
        assert list(locked.iterdir()) == []
