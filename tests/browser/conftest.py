"""A browser, a JupyterLab and a page; a picture of the page when a test fails."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from . import chromium
from .lab import Lab, running

FAILED = pytest.StashKey[bool]()
WINDOW = {"width": 1280, "height": 1000}

expect.set_options(timeout=20_000)  # milliseconds; a busy machine is no failure


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


# Playwright keeps an event loop running in this thread for as long as it is there, and the kernels
# of the notebook tests want one of their own. So it never outlives a module of browser tests.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        with chromium.launched() as browser:
            yield browser
    except chromium.NoChromium as missing:
        if os.environ.get("AUTOGRAD_CORE_REQUIRE_BROWSER") == "1":
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """A page in a browser profile of its own. No script on it may fail."""
    context = browser.new_context(viewport=WINDOW)
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    if request.node.stash.get(FAILED, False) or failures:
        picture = tmp_path / "screenshots" / "failed.png"
        page.screenshot(path=picture)
        print(f"What the page looked like: {picture}")
    context.close()
    assert failures == [], "a script on the page failed"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report
