"""The README's picture is what its example draws.

After a change to the pictures, `python -m tests.test_readme` draws it again.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

import autograd_core as torch
from autograd_core import picture, record

PICTURE = Path(__file__).parent.parent / ".github" / "zero_after_detach.svg"


def words(svg: str) -> list[str]:
    """All that the picture says, in the order of the file; where it stands is the renderer's affair."""
    texts = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    return ["".join(each.itertext()) for each in texts]


def drawn() -> str:
    """The picture of the README's example."""
    with suppress(RuntimeError), record() as trace:
        a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
        out = a.sigmoid()
        c = out.detach()
        c.zero_()
        out.sum().backward()
    return picture(trace).svg


def test_the_readmes_picture_says_what_the_example_draws_today() -> None:
    shown = words(PICTURE.read_text("utf-8"))
    assert "expects v0, is v1" in shown
    assert sorted(words(drawn())) == sorted(shown)


if __name__ == "__main__":
    PICTURE.write_text(drawn(), "utf-8")
