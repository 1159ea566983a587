"""See the notebooks as a reader sees them: `python -m tests.browser.screenshots OUT NOTEBOOK...`

Opens each notebook in JupyterLab, runs it all, and writes one tall picture of the whole page into
the folder OUT; with `--steps` also one of every step of every player. With `--theme dark` all of it
in JupyterLab's dark theme.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from .chromium import launched
from .lab import Lab, running
from .pages import NotebookPage

WIDTH, HEIGHT = 1280, 1000
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots")
    parser.add_argument("out", type=Path, help="the folder for the pictures")
    parser.add_argument("notebooks", nargs="+", metavar="notebook", help="as in 01_normal.ipynb")
    parser.add_argument("--theme", choices=THEMES, default="light")
    parser.add_argument("--width", type=int, default=WIDTH)
    parser.add_argument("--steps", action="store_true", help="every step of every player too")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as place,
        running(Path(place), THEMES[options.theme]) as lab,
        launched() as browser,
    ):
        for path in options.notebooks:
            page = browser.new_page(viewport={"width": options.width, "height": HEIGHT})
            for picture in photograph(lab, page, Path(path).name, options):
                print(picture)
            page.close()


def photograph(lab: Lab, page: Page, name: str, options: argparse.Namespace) -> list[Path]:
    notebook = NotebookPage(lab, page, lab.without_outputs(lab.fresh_copy(name)))
    notebook.run_all()
    stem = f"{options.out}/{Path(name).stem}-{options.theme}"
    pictures = [Path(f"{stem}.png")]
    # JupyterLab scrolls inside its own panel, so a window as tall as the notebook shows it all.
    panel = notebook.notebook.locator(".jp-WindowedPanel-outer")
    hidden = panel.evaluate("panel => panel.scrollHeight - panel.clientHeight")
    page.set_viewport_size({"width": options.width, "height": HEIGHT + hidden + 40})
    page.screenshot(path=pictures[0])
    for number, player in enumerate(notebook.players() if options.steps else []):
        for step in range(int(player.slider.get_attribute("max")) + 1):
            player.slider.fill(str(step))
            pictures.append(Path(f"{stem}-player{number}-step{step:02}.png"))
            player.root.screenshot(path=pictures[-1])
    return pictures


if __name__ == "__main__":
    main()
