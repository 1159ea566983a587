"""`autograd-core lab`: what is there when the browser opens, and that it ends when told to."""

from __future__ import annotations

import json
import os
import urllib.request

import pytest
from playwright.sync_api import expect

from .lab import running


def test_the_first_page_is_the_start_page_in_jupyterlab(lab, page):
    page.goto(lab.address("/"))
    start = page.locator(".jp-NotebookPanel:visible")
    expect(start.locator(".jp-Notebook")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("tab", name="00_start.ipynb")).to_be_visible()


def test_the_address_that_the_command_opens_is_the_start_page(lab):
    with urllib.request.urlopen(lab.address("/")) as answer:
        assert answer.url.startswith(f"http://127.0.0.1:{lab.port}/lab/tree/00_start.ipynb?")


@pytest.mark.skipif(os.name != "posix", reason="exec is a POSIX thing")
def test_the_process_that_was_started_is_jupyterlab_itself(lab):
    (about,) = lab.runtime.glob("jpserver-*.json")
    assert json.loads(about.read_text())["pid"] == lab.process.pid


def test_it_ends_when_told_to_and_leaves_nothing_running(tmp_path):
    with running(tmp_path) as lab:
        pass
    assert lab.process.returncode == 0
    assert list(lab.runtime.glob("jpserver-*.json")) == []
