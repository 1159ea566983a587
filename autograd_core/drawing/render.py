"""DOT -> SVG, by whichever Graphviz is there.

`dot` from the PATH comes first. Where there is none, or it does not work, the command of the
package `graphviz-pure` does the same from inside the Python environment, so that no system package
is needed.
"""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

SECONDS = 60


class RendererNotFound(RuntimeError):
    """No Graphviz can run here; the message says what to install."""


def renderers() -> Iterator[str]:
    """The commands that might render, best first."""
    if dot := shutil.which("dot"):
        yield dot
    # An environment that is used without being activated has its scripts in no PATH.
    pure = shutil.which("graphviz-pure") or shutil.which(
        "graphviz-pure", path=sysconfig.get_path("scripts")
    )
    if pure:
        yield pure


@lru_cache(maxsize=64)
def render(source: str) -> str:
    """The SVG of a DOT source.

    Raises `RendererNotFound` where no renderer works.
    """
    said = ""
    for command in renderers():
        try:
            run = subprocess.run(
                [command, "-Tsvg"],
                input=source.encode(),
                capture_output=True,
                timeout=SECONDS,
                check=True,
            )
            return run.stdout.decode("utf-8")
        except (OSError, subprocess.SubprocessError) as error:
            words = (getattr(error, "stderr", b"") or b"").decode("utf-8", "replace").strip()
            said = f" ({Path(command).name} says: {words.splitlines()[0] if words else error})"
    raise RendererNotFound(
        f"No picture: Graphviz cannot run here{said}. Install it with `pip install graphviz-pure`, "
        "or install Graphviz itself, so that its `dot` is on the PATH."
    )
