"""Find a Chromium and drive it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "No Chromium was found, and the browser tests need one. Install the package chromium of your "
    "system (Debian and Ubuntu: apt-get install chromium), or run: uv run playwright install "
    "chromium"
)
# A browser that asks nothing of the world outside, and needs no graphics card.
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


class NoChromium(Exception):
    """There is none; the text says how to get one."""


def find(playwright: Playwright) -> str:
    """The system's Chromium or Chrome, else the one that Playwright installed."""
    for command in COMMANDS:
        if path := shutil.which(command):
            return path
    if Path(playwright.chromium.executable_path).exists():
        return playwright.chromium.executable_path
    raise NoChromium(MISSING)


@contextmanager
def launched() -> Iterator[Browser]:
    """A headless Chromium, closed at the end together with Playwright's event loop."""
    with sync_playwright() as playwright:
        as_root = os.name == "posix" and os.geteuid() == 0  # whom Chromium gives no sandbox
        browser = playwright.chromium.launch(
            executable_path=find(playwright),
            args=QUIET + (["--no-sandbox"] if as_root else []),
        )
        try:
            yield browser
        finally:
            browser.close()
