"""What a reader does on a page, and what there is to be seen."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from .lab import Lab

SECONDS_TO_OPEN = 60
SECONDS_TO_RUN = 120
SECONDS_OF_QUIET = 5  # in which no cell begins to run: then none will
PICTURES = ":is(svg, img)"
# The drawing itself, without the number of the step in the picture's name.
DRAWN = (
    "svg => { svg = svg.cloneNode(true); svg.removeAttribute('aria-label'); return svg.outerHTML }"
)
# The beginnings of all text, code and outputs that are wider than their place on the page.
TOO_WIDE = """panel => [
  ...panel.querySelectorAll(".jp-RenderedMarkdown, .jp-OutputArea-output, .cm-scroller"),
  panel.querySelector(".jp-WindowedPanel-outer"),
].filter(box => box.scrollWidth > box.clientWidth + 1).map(box => box.innerText.slice(0, 40))"""


@dataclass(frozen=True)
class Look:
    """What a player shows at one moment."""

    sentence: str
    picture: str
    step: str


class NotebookPage:
    """One notebook, open in JupyterLab. Without a `kernel`, it has to be one that names none."""

    def __init__(self, lab: Lab, page: Page, path: str, *, kernel: bool = True) -> None:
        self.page = page
        self.file: Path = lab.folder / path
        self.notebook = page.locator(".jp-NotebookPanel:visible")
        # A workspace of its own, so that no tab of an earlier page comes back.
        workspace = re.sub(r"\W+", "-", path)
        page.goto(lab.address(f"/lab/workspaces/{workspace}/tree/{path}"))
        if kernel:
            self.wait_for_kernel()
        else:
            page.locator(".jp-Dialog .jp-mod-reject").click()  # no kernel, please

    def wait_for_kernel(self) -> None:
        status = self.page.locator("#jp-bottom-panel").get_by_text(re.compile(r"\| Idle$"))
        expect(status).to_be_visible(timeout=SECONDS_TO_OPEN * 1000)

    def choose(self, menu: str, item: str) -> None:
        """Choose something from the menu bar."""
        self.page.get_by_role("menubar").get_by_text(menu, exact=True).click()
        self.page.get_by_role("menuitem", name=item, exact=True).click()

    def clear(self) -> None:
        """Take away all outputs, so that whatever is seen afterwards was made just now."""
        self.choose("Edit", "Clear Outputs of All Cells")
        expect(self.notebook.locator(".jp-OutputArea-output")).to_have_count(0)

    def run_all(self) -> list[dict]:
        """Run > Run All Cells, wait, save; the cells as saved, outputs included.

        The notebook has to be one without outputs: by the numbers of the cells is seen what ran.
        """
        self.choose("Run", "Run All Cells")
        prompts = self.notebook.locator(".jp-CodeCell .jp-InputPrompt")
        have_run = prompts.filter(has_text=re.compile(r"\[\d+\]"))
        expect(have_run).not_to_have_count(0, timeout=SECONDS_TO_RUN * 1000)
        waiting = prompts.filter(has_text="[*]")
        blank = prompts.filter(has_text=re.compile(r"\[\s*\]"))
        expect(waiting).to_have_count(0, timeout=SECONDS_TO_RUN * 1000)
        # Between two cells nothing may be waiting for a moment; after an error the rest stays blank.
        quiet_until = time.monotonic() + SECONDS_OF_QUIET
        while blank.count() and time.monotonic() < quiet_until:
            if waiting.count():
                expect(waiting).to_have_count(0, timeout=SECONDS_TO_RUN * 1000)
                quiet_until = time.monotonic() + SECONDS_OF_QUIET
            self.page.wait_for_timeout(50)
        self.wait_for_kernel()
        return self.save()

    def save(self) -> list[dict]:
        """Save as a reader would; the cells as they are on disk then."""
        before = self.file.stat().st_mtime_ns
        self.page.keyboard.press("Control+s")
        deadline = time.monotonic() + SECONDS_TO_OPEN
        while time.monotonic() < deadline:
            self.page.wait_for_timeout(50)
            if self.file.stat().st_mtime_ns != before:
                try:
                    return json.loads(self.file.read_text(encoding="utf-8"))["cells"]
                except ValueError:
                    continue  # half of it: JupyterLab is writing
        raise AssertionError(f"{self.file.name} was not saved")

    def too_wide(self, width: int) -> list[str]:
        """What cannot be seen whole in a window of this width without scrolling sideways."""
        self.page.set_viewport_size({"width": width, "height": self.page.viewport_size["height"]})
        shown = f"window.innerWidth === {width}"
        self.page.wait_for_function(f"{shown} && new Promise(done => requestAnimationFrame(done))")
        return self.notebook.evaluate(TOO_WIDE)

    def pictures(self) -> Locator:
        return self.notebook.locator(f".jp-OutputArea-output {PICTURES}")

    def players(self) -> list[Player]:
        return [Player(root) for root in self.notebook.locator("[data-kind=player]").all()]


class Player:
    """The widget that steps through a recorded run."""

    def __init__(self, root: Locator) -> None:
        self.root = root
        self.slider = root.locator("input[type=range]")
        self.sentence = root.locator(".says")
        self.picture = root.locator("svg").first

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def rewind(self) -> Look:
        """Go to the first step, and see it. (At the first step there is no going to it.)"""
        expect(self.slider).to_be_visible()
        if self.slider.input_value() != "0":
            self.button("First").click()
        expect(self.slider).to_have_value("0")
        return self.look()

    def look(self) -> Look:
        return Look(
            sentence=self.sentence.inner_text(),
            picture=self.picture.evaluate(DRAWN),
            step=self.slider.input_value(),
        )

    def wait_for(self, look: Look) -> None:
        """Wait until the player shows just this."""
        expect(self.slider).to_have_value(look.step)
        expect(self.sentence).to_have_text(look.sentence, use_inner_text=True)
        assert self.look() == look

    def wait_for_change(self, before: Look) -> Look:
        """Wait until picture and sentence are others than before; what is shown then."""
        expect(self.slider).not_to_have_value(before.step)
        expect(self.sentence).not_to_have_text(before.sentence, use_inner_text=True)
        after = self.look()
        assert after.picture != before.picture, "the step changed, the picture did not"
        return after


def raised(cells: list[dict]) -> dict[int, str]:
    """By cell: the sentence of each error among its outputs."""
    return {
        number: f"{output['ename']}: {output['evalue']}"
        for number, cell in enumerate(cells)
        for output in cell.get("outputs", [])
        if output["output_type"] == "error"
    }


def left_out(cells: list[dict]) -> list[int]:
    """The cells that an error kept from running."""
    return [
        number
        for number, cell in enumerate(cells)
        if cell["cell_type"] == "code" and "".join(cell["source"]).strip()
        if cell["execution_count"] is None
    ]


def meant_to_raise(cells: list[dict]) -> set[int]:
    return {
        number
        for number, cell in enumerate(cells)
        if "raises-exception" in cell["metadata"].get("tags", [])
    }
